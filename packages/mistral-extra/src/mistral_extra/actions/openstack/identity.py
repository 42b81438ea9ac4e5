# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Who an action runs as, read from its context.

A context has no user id. What stands for the user is the token's fingerprint or, where the server
can renew the token, the trust: see :attr:`Identity.key`.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mistral_extra.actions.openstack import credentials
from mistral_extra.actions.openstack.utils import context as thread_context
from mistral_extra.actions.openstack.utils import exceptions

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

__all__ = ["Identity", "identify", "own", "timestamp", "versioned"]

_WITHOUT_TOKEN = (
    "The action's context has no token, so there is nobody to be in OpenStack: a Mistral server "
    "sets context.security.auth_token; on a laptop run 'mistral-action run NAME --os-cloud CLOUD'"
)


@dataclass(frozen=True, slots=True, eq=False)
class Identity:
    """One user in one project of one cloud.

    :param auth_url: URL of Keystone, without a slash at the end; None where none is known.
    :param verify: path of a CA bundle, or whether certificates are checked.
    :param region: the context's own region.
    :param interface: likewise; a Mistral server sends none.
    :param is_target: the cloud is not the server's own.
    :param token: what the context brought; None for credentials of the server's own.
    :param trust_id: the trust that the server renews the token with; None where it does not.
    :param project_id: None where the context does not say.
    :param body: the token's body, ``{"catalog": [...], ...}``; None where the context has none.
    :param expires_at: ISO 8601 time; None where the context does not say.
    :param services: how to reach services, by their usual type, other than the catalogue says:
        ``endpoint``, ``microversion``, ``interface``, ``region``; a Mistral server sends none.
    """

    auth_url: str | None
    verify: bool | str
    region: str | None = None
    interface: str | None = None
    is_target: bool = False
    token: str | None = field(default=None, repr=False)
    trust_id: str | None = None
    project_id: str | None = None
    body: Mapping[str, Any] | None = field(default=None, repr=False)
    expires_at: str | None = None
    services: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def renewable(self) -> bool:
        """Whether a new token can be had when the present one ends."""
        return self.token is None

    @property
    def cloud(self) -> tuple[str | None, bool | str, bool]:
        """What identities must share to share connections and discovered versions."""
        return (self.auth_url, self.verify, self.is_target)

    @property
    def key(self) -> Hashable:
        """Equal for the same identity, and for no other; holds no secret."""
        user: tuple[Any, ...]
        if self.token is None:
            user = ("trust", self.trust_id) if self.trust_id else ("own",)
        else:
            user = ("token", _digest(self.token), self.body is not None)
            if self.is_target and self.body is not None:
                # The catalogue of a target cloud is whatever the caller sent with the token.
                user += (_digest(json.dumps(self.body, sort_keys=True, default=repr)),)
        if self.services:
            user += (_digest(json.dumps(self.services, sort_keys=True)),)
        return (*user, *self.cloud, self.project_id)

    @property
    def ends_at(self) -> float | None:
        """When the token ends, in seconds since the epoch; None where it can't be told."""
        return None if self.renewable else timestamp(self.expires_at)

    def __str__(self) -> str:
        if self.token is None:
            who = f"trust {self.trust_id}" if self.trust_id else "the server's own user"
        else:
            who = f"token {_digest(self.token)[:8]}"
        return f"{who} at {self.auth_url or 'an unknown Keystone'}"


def identify(context: Any = None) -> Identity:
    """Return the identity of an action's context.

    :param context: an :class:`~mistral_lib.actions.ActionContext`, its ``security``, a server's own
        context object, or None for the context of the request this thread works for.
    :raises ApplicationContextNotFoundException: it is None, and the thread has no context.
    :raises UnauthorizedException: there is no token in it.
    """
    if context is None:
        context = thread_context.ctx()
    # A server's own context object is flat.
    security = getattr(context, "security", None)
    read = _Reader(context if security is None else security)
    is_target = read.flag("is_target")
    trust_id = read.text("trust_id")
    if trust_id and read.flag("is_trust_scoped") and not is_target and credentials.available():
        return _of_trust(read, trust_id)
    token = read.text("auth_token")
    if token is None:
        raise exceptions.UnauthorizedException(_WITHOUT_TOKEN)
    body = _body(read)
    return Identity(
        auth_url=_url(read.text("auth_uri") or (None if is_target else credentials.auth_url())),
        verify=_verify(read),
        region=read.text("region_name"),
        interface=read.text("interface"),
        is_target=is_target,
        token=token,
        project_id=read.text("project_id"),
        body=body,
        expires_at=read.text("expires_at") or _text((body or {}).get("expires_at")),
        services=_services(read),
    )


def own(trust_id: str | None = None, region: str | None = None) -> Identity:
    """Return the identity of the server's own user, or of a trust that this user was given."""
    return Identity(
        auth_url=_url(credentials.auth_url()),
        verify=credentials.verify(),
        region=region,
        trust_id=trust_id,
    )


def timestamp(text: str | None) -> float | None:
    """Return an ISO 8601 time, UTC unless it says otherwise, in seconds since the epoch."""
    if text is None:
        return None
    try:
        time = datetime.datetime.fromisoformat(text)
    except ValueError:
        return None
    return (time if time.tzinfo else time.replace(tzinfo=datetime.UTC)).timestamp()


def versioned(auth_url: str) -> str:
    """Return the URL of Keystone's API v3, whichever form of the URL is given.

    >>> versioned("https://keystone.example:5000/")
    'https://keystone.example:5000/v3'
    """
    url = auth_url.rstrip("/").removesuffix("/v2.0")
    return url if url.endswith("/v3") else f"{url}/v3"


def _of_trust(read: _Reader, trust_id: str) -> Identity:
    verify = _verify(read)
    return Identity(
        # Where the credentials are valid, whatever the context says.
        auth_url=_url(credentials.auth_url() or read.text("auth_uri")),
        verify=credentials.verify() if verify is True else verify,
        region=read.text("region_name"),
        interface=read.text("interface"),
        trust_id=trust_id,
        project_id=read.text("project_id"),
    )


class _Reader:
    """Reads fields tolerantly: what has the wrong type, as a mock's have, is not there."""

    __slots__ = ("_source",)

    def __init__(self, source: Any) -> None:
        self._source = source

    def __getitem__(self, name: str) -> Any:
        return getattr(self._source, name, None)

    def text(self, name: str) -> str | None:
        return _text(self[name])

    def flag(self, name: str) -> bool:
        return self[name] is True


def _services(read: _Reader) -> dict[str, dict[str, str]]:
    found = read["services"]
    if not isinstance(found, dict):
        return {}
    return {
        name: {key: value for key, value in settings.items() if isinstance(value, str)}
        for name, settings in found.items()
        if isinstance(settings, dict)
    }


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _url(url: str | None) -> str | None:
    return None if url is None else url.rstrip("/")


def _verify(read: _Reader) -> bool | str:
    return False if read.flag("insecure") else read.text("auth_cacert") or True


def _body(read: _Reader) -> Mapping[str, Any] | None:
    """Return the token's body with a catalogue in it; None when there is no catalogue."""
    found = read["service_catalog"]
    if isinstance(found, list):
        found = {"catalog": found}
    if isinstance(found, dict) and isinstance(found.get("token"), dict):
        found = found["token"]
    if not isinstance(found, dict) or not found.get("catalog"):
        return None
    project = read.text("project_id")
    if "project" not in found and project is not None:
        # A target cloud's catalogue may come alone; clients ask for the project.
        found = {**found, "project": {"id": project, "name": read["project_name"]}}
    return found


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
