# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Clients that send requests of their own and only borrow token, endpoint and CA."""

from __future__ import annotations

import functools
import types
from typing import TYPE_CHECKING, Any

from mistral_extra.actions.openstack.services import construction, urls

if TYPE_CHECKING:
    from keystoneauth1.session import Session

    from mistral_extra.actions.openstack.access import Access

__all__ = ["freezer", "gnocchi", "mistral", "take_definitions_as_they_are", "tls_options"]

_MANAGERS = "freezerclient.v2.managers."


def tls_options(access: Access | Session) -> dict[str, Any]:
    """Return a session's way of verifying certificates as ``cacert`` and ``insecure``."""
    verify = access.verify
    return {"cacert": verify if isinstance(verify, str) else None, "insecure": verify is False}


def freezer(access: Access, version: str | None, microversion: str | None) -> Any:
    """Return freezerclient; it asks the session for the token with each request."""
    from mistral_extra.actions.openstack import transport

    client = construction.load("freezerclient.v2.client:Client")(
        session=access.session, endpoint=urls.of(access, ""), **tls_options(access)
    )
    sender = transport.OneRequestSessions(transport.guard_of(access.session))
    for manager in (v for v in vars(client).values() if type(v).__module__.startswith(_MANAGERS)):
        _send_through(manager, sender)
    return client


def _send_through(manager: Any, sender: Any) -> None:
    """Have a manager of freezerclient, which calls functions of requests, call ``sender``'s.

    Its methods see another module ``requests``: replaced in their own, it would be the same for the
    clients of all clouds.
    """
    cls = type(manager)
    methods = {}
    for name, method in vars(cls).items():
        if isinstance(method, types.FunctionType):
            seen = {**method.__globals__, "requests": sender}
            copy = types.FunctionType(method.__code__, seen, name, method.__defaults__)
            methods[name] = functools.update_wrapper(copy, method)
    manager.__class__ = type(cls.__name__, (cls,), {**methods, "__module__": cls.__module__})


def gnocchi(access: Access, version: str | None, microversion: str | None) -> Any:
    """Return gnocchiclient, which takes the adapter's options as one parameter."""
    options = construction.adapter_options(access)
    session = options.pop("session")
    options["endpoint_override"] = urls.of(access, "")
    return construction.load("gnocchiclient.v1.client:Client")(session, adapter_options=options)


def mistral(access: Access, version: str | None, microversion: str | None) -> Any:
    """Return mistralclient on the session; without ``auth_url`` it makes none of its own."""
    client = construction.load("mistralclient.api.v2.client:Client")(
        session=access.session,
        mistral_url=urls.of(access, "v2"),
        # It tells the session how to verify, instead of leaving it to the session.
        **tls_options(access),
    )
    take_definitions_as_they_are(client)
    return client


def take_definitions_as_they_are(client: Any) -> None:
    """Have a mistralclient open no file and no URL that a definition looks like."""
    for manager in vars(client).values():
        if hasattr(manager, "get_contents_if_file"):
            manager.get_contents_if_file = _as_it_is


def _as_it_is(content: Any) -> Any:
    return content
