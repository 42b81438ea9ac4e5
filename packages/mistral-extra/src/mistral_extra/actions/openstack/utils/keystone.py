# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Keystone for actions and plug-ins: clients, sessions, endpoints, on the process's one cache.

Made for use from outside: each function takes the action's ``context``, and without it works for
the request that a Mistral server set in this thread. What comes back shares its session with the
actions, so none of these functions logs in where an action did.

>>> format_url("https://swift.example/v1/AUTH_$(project_id)s", {"project_id": "p-1"})
'https://swift.example/v1/AUTH_p-1'
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from mistral_extra.actions.openstack import access, client_cache, credentials, identity
from mistral_extra.actions.openstack.utils import exceptions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keystoneauth1.session import Session
    from keystoneclient.service_catalog import ServiceCatalog
    from keystoneclient.v3.client import Client

__all__ = [
    "client",
    "client_for_admin",
    "client_for_trusts",
    "format_url",
    "get_admin_session",
    "get_endpoint_for_project",
    "get_keystone_endpoint",
    "get_keystone_url",
    "get_session_and_auth",
    "is_token_trust_scoped",
    "obtain_service_catalog",
]


def client(context: Any = None) -> Client:
    """Return a Keystone client of the user that the action runs for.

    :raises UnauthorizedException: the context has no token, or one that ended.
    """
    return _client(identity.identify(context))


def client_for_admin() -> Client:
    """Return a Keystone client of the server's own user, from ``[keystone_authtoken]``.

    :raises MistralKeystoneException: there are no such credentials here, as on a laptop.
    """
    return _client(identity.own())


def client_for_trusts(trust_id: str) -> Client:
    """Return a Keystone client of the server's own user, scoped to a trust that it was given.

    :raises MistralKeystoneException: likewise.
    """
    return _client(identity.own(trust_id))


def get_admin_session() -> Session:
    """Return a session of the server's own user, which gets a new token when one ends.

    :raises MistralKeystoneException: likewise.
    """
    return client_cache.default.session_of(identity.own())


def get_session_and_auth(ctx: Any, **kwargs: Any) -> dict[str, Any]:
    """Return ``{"session": ..., "auth": ...}`` for a client of a service.

    ``session`` is the keystoneauth session of the user, ``auth`` a plug-in that is bound to the
    service: ``auth.endpoint`` is its URL, ``auth.token`` the user's token.

    :param ctx: the action's context; None for the request that this thread works for.
    :param kwargs: which service, as for :func:`get_endpoint_for_project`.
    """
    from mistral_extra.actions.openstack import authentication

    endpoint = get_endpoint_for_project(context=ctx, **kwargs)
    session = client_cache.default.session(ctx)
    project = session.get_project_id()
    url = format_url(endpoint.url, {"tenant_id": project, "project_id": project})
    return {"session": session, "auth": authentication.BoundPlugin(url, session)}


def get_endpoint_for_project(
    service_name: str | None = None,
    service_type: str | None = None,
    region_name: str | None = None,
    *,
    context: Any = None,
) -> access.Endpoint:
    """Return an endpoint from the catalogue of the user's token; it has ``url`` and ``region``.

    The interface is that of ``[openstack_actions] os_actions_endpoint_type``.

    :param service_name: what the catalogue calls the service: ``"nova"``.
    :param service_type: its type, ``"compute"``; given both, both must fit.
    :param region_name: by default the context's region, or the configured one.
    :param context: the action's context; None for the request that this thread works for.
    :raises MistralKeystoneException: there is none.
    """
    if service_name is None and service_type is None:
        raise exceptions.MistralKeystoneException(
            "Which endpoint? Give service_name or service_type"
        )
    who = identity.identify(context)
    settings = who.services.get(service_type or "", {})
    region, interface = client_cache.place(
        who, region_name or settings.get("region"), settings.get("interface")
    )
    if "endpoint" in settings:
        return access.Endpoint(
            settings["endpoint"], region, interface, str(service_type), service_name, None
        )
    types = (service_type,) if service_type else ()
    return access.find(_catalog(who), types, region, interface, service_name)


def obtain_service_catalog(ctx: Any = None) -> ServiceCatalog:
    """Return the catalogue of the user's token, as keystoneclient's class.

    :param ctx: the action's context; None for the request that this thread works for.
    :raises UnauthorizedException: it is empty, or the context has no token.
    """
    from keystoneclient.service_catalog import ServiceCatalog

    who = identity.identify(ctx)
    found = _catalog(who)
    if not found:
        raise exceptions.UnauthorizedException(
            "The token of the action's context has no catalogue: it is not scoped to a project"
        )
    # By its methods, keystoneclient tells a body of API v3.
    return ServiceCatalog.factory({"methods": ["token"], **(who.body or {}), "catalog": found})


def get_keystone_endpoint(context: Any = None) -> access.Endpoint:
    """Return Keystone's endpoint from the catalogue of the user's token."""
    return get_endpoint_for_project(service_type="identity", context=context)


def get_keystone_url(context: Any = None) -> str:
    """Return the URL of Keystone from the catalogue of the user's token."""
    return get_keystone_endpoint(context).url


def format_url(url_template: str, values: Mapping[str, Any]) -> str:
    """Fill in a URL of a catalogue, where ``$(name)s`` and ``%(name)s`` stand for values.

    :raises MistralKeystoneException: a value is missing.
    """

    def value(match: re.Match[str]) -> str:
        try:
            return str(values[match[1]])
        except KeyError as e:
            raise exceptions.MistralKeystoneException(
                f"The URL {url_template} needs {match[1]}; there are {', '.join(sorted(values))}"
            ) from e

    return re.sub(r"[$%]\((\w+)\)s", value, url_template)


def is_token_trust_scoped(auth_token: str, context: Any = None) -> bool:
    """Return whether a token came from a trust.

    The server's own user asks Keystone; where there is none, the token asks for itself.

    :param context: tells where Keystone is, where no ``[keystone_authtoken]`` does.
    """
    headers = {"Accept": "application/json", "X-Subject-Token": auth_token}
    if not credentials.available():
        headers["X-Auth-Token"] = auth_token
    who = identity.own() if credentials.available() else identity.identify(context)
    answer = client_cache.default.session_of(who).get(
        f"{_keystone(who)}/auth/tokens",
        headers=headers,
        authenticated="X-Auth-Token" not in headers,
        log=False,
    )
    return "OS-TRUST:trust" in answer.json()["token"]


def _catalog(who: identity.Identity) -> list[dict[str, Any]]:
    session = client_cache.default.session_of(who)
    found: list[dict[str, Any]] = session.auth.get_access(session).service_catalog.catalog  # type: ignore[union-attr]
    return found


def _client(who: identity.Identity) -> Client:
    found: Client = client_cache.default.client_of(who, _KeystoneAt(_keystone(who)))
    return found


def _keystone(who: identity.Identity) -> str:
    """Return the URL of Keystone's API for an identity."""
    if who.auth_url is None:
        return identity.versioned(access.find(_catalog(who), ("identity",), None, "public").url)
    return identity.versioned(who.auth_url)


class _KeystoneAt(NamedTuple):
    """Keystone at a known URL, so that it is found without a catalogue too."""

    url: str
    name: str = "keystone, by its URL"
    types: tuple[str, ...] = ("identity",)
    per_thread: bool = False

    def create(self, way: access.Access, version: str | None, microversion: str | None) -> Client:
        from keystoneclient.v3.client import Client

        return Client(session=way.session, endpoint_override=self.url)
