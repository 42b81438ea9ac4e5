# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Clients that send requests of their own and only borrow token, endpoint and CA."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from mistral_extra.actions.openstack.services import construction, urls

if TYPE_CHECKING:
    from keystoneauth1.session import Session

    from mistral_extra.actions.openstack.access import Access

__all__ = ["freezer", "gnocchi", "mistral", "tls_options"]


def tls_options(access: Access | Session) -> dict[str, Any]:
    """Return a session's way of verifying certificates as ``cacert`` and ``insecure``."""
    verify = access.verify
    return {"cacert": verify if isinstance(verify, str) else None, "insecure": verify is False}


def freezer(access: Access, version: str | None, microversion: str | None) -> Any:
    """Return freezerclient; it asks the session for the token with each request."""
    from mistral_extra.actions.openstack import transport

    for name in ("actions", "backups", "clients", "jobs", "sessions"):
        # They call functions of requests, which know of no limit.
        module: Any = import_module(f"freezerclient.v2.managers.{name}")
        module.requests = transport.OneRequestSessions()
    return construction.load("freezerclient.v2.client:Client")(
        session=access.session, endpoint=access.endpoint, **tls_options(access)
    )


def gnocchi(access: Access, version: str | None, microversion: str | None) -> Any:
    """Return gnocchiclient, which takes the adapter's options as one parameter."""
    options = construction.adapter_options(access)
    session = options.pop("session")
    options["endpoint_override"] = urls.for_version(options["endpoint_override"], "")
    return construction.load("gnocchiclient.v1.client:Client")(session, adapter_options=options)


def mistral(access: Access, version: str | None, microversion: str | None) -> Any:
    """Return mistralclient on the session; without ``auth_url`` it makes none of its own."""
    return construction.load("mistralclient.api.v2.client:Client")(
        session=access.session,
        mistral_url=urls.for_version(access.endpoint, "v2"),
        # It tells the session how to verify, instead of leaving it to the session.
        **tls_options(access),
    )
