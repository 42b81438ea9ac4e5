# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Where the result of a long-running action goes, and as whom.

The server names the place by a path (``/v2/action_executions/ID``); the rest of the URL comes from
``base_url``, the environment variable ``OS_MISTRAL_URL`` or the catalogue's workflow endpoint, in
this order. The token is sent there and nowhere else:

- A path can't leave its host: ``//other/x``, backslashes and dot segments are refused.
- A complete callback URL must be of the base's origin (scheme, host, port).
- Under the identity of a target cloud (``context.security.is_target``) neither the token nor the
  catalogue is this server's: the catalogue isn't asked, and the token stays out of the handle.
- Where no base is known, a complete ``http(s)`` callback URL is taken as it is: it arrived in the
  same message as the token, so whoever could forge the one already has the other.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from mistral_lib import exceptions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any
    from urllib.parse import SplitResult

    from mistral_lib.actions.context import ActionContext

__all__ = ["CompletionError", "CompletionHandle", "callback_address", "join"]

#: Service types that an endpoint of the v2 API is registered under, the better one first.
SERVICE_TYPES = ("workflowv2", "workflow")
BASE_URL_VARIABLE = "OS_MISTRAL_URL"


class CompletionError(exceptions.ActionException):
    """A result that could not be delivered.

    :param url: where to; None when that could not be found out.
    :param status: HTTP status of the server's last answer; None without one.

    ``error_code`` is one of

    - before anything was sent: ``NO_CALLBACK_URL``, ``NO_BASE_URL``, ``BAD_URL``, ``BAD_HANDLE``;
    - ``retryable``: ``UNREACHABLE``, ``SERVER_ERROR``;
    - final: ``UNTRUSTED_SERVER``, ``REDIRECTED``, ``UNAUTHORIZED``, ``REJECTED``,
      ``UNKNOWN_ACTION_EXECUTION``, ``ALREADY_COMPLETED``, ``NOT_RECORDED``.
    """

    message = "The result of the action could not be delivered"
    error_code = "COMPLETION_FAILED"

    def __init__(
        self,
        message: str | None = None,
        error_code: str | None = None,
        retryable: bool | None = None,
        retry_after: float | None = None,
        url: str | None = None,
        status: int | None = None,
    ) -> None:
        details = {"url": url, "status": status}
        super().__init__(message, error_code, retryable, retry_after, details)
        self.url = url
        self.status = status


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class CompletionHandle:
    """All that another process needs to deliver the result: small, plain and *private*.

    It holds the token, so keep what :meth:`to_json` gives as you would keep a password: in a file
    of mode 0600 or a queue that others can't read. Its ``repr`` is masked.

    :param url: complete URL of the action execution.
    :param token: sent as ``X-Auth-Token``; None for a server without authentication.
    :param cacert: path of a CA bundle or directory on the host that delivers; None for the
        system's.
    :param insecure: don't verify the server's certificate (urllib3 warns of it at each request).
    :raises CompletionError: ``BAD_URL`` or ``BAD_HANDLE``, for values that can't be used.
    """

    url: str
    token: str | None = None
    cacert: str | None = None
    insecure: bool = False

    def __post_init__(self) -> None:
        for field, expected in _FIELDS.items():
            value = getattr(self, field)
            if not isinstance(value, expected):
                # By type only: the value may be a token in the wrong place.
                raise _bad_handle(f"{field} is of type {type(value).__name__}")
        _split(self.url, "The handle's URL")
        if self.token is not None and not (self.token.isascii() and self.token.isprintable()):
            # http.client would quote the token in its own error.
            raise _bad_handle("token holds characters that a header can't carry")

    def __repr__(self) -> str:
        token = None if self.token is None else "***"
        return (
            f"{type(self).__name__}(url={self.url!r}, token={token!r}, "
            f"cacert={self.cacert!r}, insecure={self.insecure!r})"
        )

    def with_token(self, token: str | None) -> CompletionHandle:
        """Return a copy with a fresh token, for a job that outlived the first one."""
        return dataclasses.replace(self, token=token)

    def to_dict(self) -> dict[str, Any]:
        """Return ``{"url", "token", "cacert", "insecure"}``, JSON-ready. It holds the token."""
        return dataclasses.asdict(self)

    def to_json(self) -> str:
        """Return :meth:`to_dict` as JSON. It holds the token."""
        import json

        return json.dumps(self.to_dict())

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> CompletionHandle:
        """Read what :meth:`to_dict` gave; keys that a newer version added are left out.

        :raises CompletionError: ``BAD_HANDLE`` or ``BAD_URL``; the text doesn't show the token.
        """
        if "url" not in data:
            raise _bad_handle("it has no 'url'")
        return cls(**{field: data[field] for field in _FIELDS if field in data})

    @classmethod
    def from_json(cls, text: str | bytes) -> CompletionHandle:
        """Read what :meth:`to_json` gave. Errors are those of :meth:`from_dict`."""
        import json

        try:
            data = json.loads(text)
        except ValueError:
            # Not raised from here: the decoder's error carries the whole text, and so the token.
            data = None
        if not isinstance(data, dict):
            raise _bad_handle("it is no JSON object")
        return cls.from_dict(data)


_FIELDS: dict[str, type | tuple[type, ...]] = {
    "url": str,
    "token": (str, type(None)),
    "cacert": (str, type(None)),
    "insecure": bool,
}


def _bad_handle(reason: str) -> CompletionError:
    return CompletionError(
        f"Not a usable completion handle: {reason}. Make one by completion.handle(context) and "
        "pass on what its to_json() or to_dict() gives, unchanged",
        "BAD_HANDLE",
    )


def callback_address(
    context: ActionContext, base_url: str | None = None, interface: str = "public"
) -> str:
    """Return the complete URL that takes the result of the action running under ``context``.

    :param base_url: the API's URL, with or without ``/v2``; see the module for what else is tried.
    :param interface: which endpoint of the catalogue: public, internal or admin.
    :raises CompletionError: ``NO_CALLBACK_URL``, ``NO_BASE_URL`` or ``BAD_URL``.
    """
    callback = getattr(getattr(context, "execution", None), "callback_url", None)
    if not callback or not isinstance(callback, str):
        raise CompletionError(
            "The context has no callback_url, so no result can be delivered later. A Mistral "
            "server gives one to each action it runs; elsewhere return the result from run, or "
            "set callback_url in the context",
            "NO_CALLBACK_URL",
        )
    base, source = _base(getattr(context, "security", None), base_url, interface)
    if _is_complete(callback):
        return _trusted(callback, base, source)
    if base is None:
        raise CompletionError(
            f"No URL to join the callback path {callback!r} to: pass base_url, set "
            f"{BASE_URL_VARIABLE}, or use a context with {source}",
            "NO_BASE_URL",
        )
    return join(base, callback)


def join(base: str, path: str) -> str:
    """Join the API's URL and a callback path, neither doubling nor dropping ``/v2`` or a prefix.

    >>> join("https://cloud.example/workflow/v2", "/v2/action_executions/1")
    'https://cloud.example/workflow/v2/action_executions/1'

    :raises CompletionError: ``BAD_URL``.
    """
    import re
    from urllib.parse import unquote

    parts = _split(base, "The base URL")
    path = path if path.startswith("/") else f"/{path}"
    segments = path.split("/")
    if path.startswith("//") or any(unquote(s) in (".", "..") for s in segments):
        raise _bad_url(f"The callback path {path!r} would leave the API's place")
    _refuse_odd_characters(path, "The callback path")
    prefix = parts.path.rstrip("/")
    if re.fullmatch(r"v\d+(\.\d+)?", segments[1]):
        prefix = re.sub(r"/v\d+(\.\d+)?$", "", prefix)
    if prefix and path.startswith(f"{prefix}/"):
        prefix = ""
    return f"{parts.scheme}://{parts.netloc}{prefix}{path}"


def _base(security: Any, base_url: str | None, interface: str) -> tuple[str | None, str]:
    """Return the API's URL, if known, and in words where it comes from (or what was missing)."""
    import os

    if base_url:
        return base_url, "base_url"
    if url := os.environ.get(BASE_URL_VARIABLE):
        return url, BASE_URL_VARIABLE
    if getattr(security, "is_target", None):
        return None, "an identity of its own cloud (this one is a target cloud's)"
    region = getattr(security, "region_name", None)
    wanted = f"a service catalogue with a {interface} endpoint of type "
    wanted += " or ".join(SERVICE_TYPES) + (f" in region {region!r}" if region else "")
    catalog = getattr(security, "service_catalog", None)
    return next(_endpoint_urls(catalog, interface, region), None), wanted


def _endpoint_urls(catalog: Any, interface: str, region: str | None) -> Iterator[str]:
    """Yield the workflow endpoints of a token body (or of its bare ``catalog`` list)."""
    services = catalog.get("catalog") if isinstance(catalog, dict) else catalog
    if not isinstance(services, (list, tuple)):
        return
    for service_type in SERVICE_TYPES:
        for service in services:
            if service.get("type") != service_type:
                continue
            for endpoint in service.get("endpoints") or ():
                # Another region's server doesn't know this action execution.
                regions = (None, endpoint.get("region"), endpoint.get("region_id"))
                if endpoint.get("interface") == interface and (region or None) in regions:
                    yield endpoint["url"]


def _is_complete(callback: str) -> bool:
    import re

    return re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", callback) is not None


def _trusted(callback: str, base: str | None, source: str) -> str:
    """Return a complete callback URL unless the base says the API is elsewhere."""
    parts = _split(callback, "The callback URL")
    if base is not None:
        expected = _split(base, "The base URL")
        if _origin(parts) != _origin(expected):
            raise _bad_url(
                f"The callback URL leads to {parts.scheme}://{parts.netloc}, but the API is at "
                f"{expected.scheme}://{expected.netloc} ({source}). The token is sent to no other "
                "host: if the first is right, pass it as base_url"
            )
    return callback


def _split(url: str, what: str) -> SplitResult:
    """Split an absolute http(s) URL that has a host and nothing beyond its path."""
    from urllib.parse import urlsplit

    _refuse_odd_characters(url, what)
    try:
        parts = urlsplit(url)
        port_is_valid = parts.port != 0
    except ValueError as exc:
        raise _bad_url(f"{what} can't be parsed: {exc}") from exc
    if "@" in parts.netloc:
        # Not shown: it may be a password.
        raise _bad_url(f"{what} holds a user name or password: it must name the host alone")
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_valid:
        raise _bad_url(f"{what} is {url!r}: expected http(s)://HOST[:PORT][/PATH]")
    if parts.query or parts.fragment:
        raise _bad_url(f"{what} ends in a query or fragment: expected http(s)://HOST[:PORT][/PATH]")
    return parts


def _refuse_odd_characters(text: str, what: str) -> None:
    if "\\" in text or not (text.isascii() and text.isprintable()) or " " in text:
        # A text with "@" may hold a password.
        shown = "" if "@" in text else f": {text!r}"
        raise _bad_url(f"{what} holds a space, backslash, control or non-ASCII character{shown}")


def _origin(parts: SplitResult) -> tuple[str, str | None, int]:
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}[parts.scheme]


def _bad_url(message: str) -> CompletionError:
    return CompletionError(message, "BAD_URL")
