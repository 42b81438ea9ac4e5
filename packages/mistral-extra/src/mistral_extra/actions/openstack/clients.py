# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Clients that any action can borrow: by name, from the process's cache."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mistral_extra.actions.openstack import client_cache, failures, services
from mistral_extra.actions.openstack.utils import exceptions
from mistral_lib import actions
from mistral_lib import exceptions as lib_exceptions

if TYPE_CHECKING:
    from keystoneauth1.session import Session

    from mistral_extra.actions.openstack.access import Access

__all__ = [
    "Client",
    "clear_cache",
    "client",
    "connection",
    "forget",
    "session",
    "statistics",
]


def client(
    service: str,
    context: Any = None,
    *,
    region: str | None = None,
    interface: str | None = None,
    version: str | None = None,
    microversion: str | None = None,
) -> Any:
    """Return a service's client, as the user that the action runs for.

    It is the same object for all threads and actions of that user, so leave its settings alone. The
    first call of a service imports its package; no call authenticates.

    :param service: what the names of its actions begin with: ``"nova"``, ``"neutron"``.
    :param context: the action's context; None for the request that this thread works for.
    :param region: the context's or, if it has none, ``[openstack_actions] default_region``.
    :param interface: ``public``, ``internal`` or ``admin``; by default
        ``[openstack_actions] os_actions_endpoint_type``.
    :param version: API version, where the client has more than one.
    :param microversion: as the service counts them, ``"2.79"``; by default what its actions use.
    :raises ActionException: there is no such service, its package is not installed, or no client of
        that version can be made.
    :raises UnauthorizedException: the context has no token, or one that ended.
    :raises MistralKeystoneException: the catalogue has no such endpoint.
    """
    known = services.get(service)
    try:
        return client_cache.default.client(
            known,
            context,
            region=region,
            interface=interface,
            version=version,
            microversion=microversion,
        )
    except lib_exceptions.ActionException:
        raise
    except Exception as e:
        raise failures.of(e, failures.Call("openstack", "client", known)) from e


def session(context: Any = None) -> Session:
    """Return the keystoneauth session of the user that the action runs for.

    For a client, or a service, that is not known here:
    ``session(context).get("/things", endpoint_filter={"service_type": "thing"})``.

    :param context: the action's context; None for the request that this thread works for.
    :raises UnauthorizedException: the context has no token, or one that ended.
    """
    return client_cache.default.session(context)


def connection(
    context: Any = None, *, region: str | None = None, interface: str | None = None
) -> Any:
    """Return openstacksdk's ``Connection`` on the session of the user that the action runs for.

    Each thread has its own, since openstacksdk's are not made to be shared; the session is.

    :param context: the action's context; None for the request that this thread works for.
    :param region: as for :func:`client`.
    :param interface: likewise.
    :raises ActionException: openstacksdk is not installed.
    :raises UnauthorizedException: the context has no token, or one that ended.
    """
    return client_cache.default.client(_Sdk(), context, region=region, interface=interface)


def Client(  # noqa: N802 - reads as the marker it makes, like Param and Inject
    service: str,
    *,
    region: str | None = None,
    interface: str | None = None,
    version: str | None = None,
    microversion: str | None = None,
) -> actions.Inject:
    """Have a parameter filled in with a service's client, as :func:`client` returns it.

    ``nova: Annotated[Any, Client("nova")]``: no workflow passes it, no schema shows it, and a test
    passes whatever it likes.

    :param service: the service's name; a wrong one is told at once.
    :param region: as for :func:`client`. Likewise ``interface``, ``version``, ``microversion``.
    :raises ActionException: there is no such service.
    """
    services.get(service)

    def borrowed(context: actions.ActionContext) -> Any:
        return client(
            service,
            context,
            region=region,
            interface=interface,
            version=version,
            microversion=microversion,
        )

    return actions.Inject(borrowed)


def forget(context: Any = None) -> None:
    """Give up the session and clients of a user; who asks next gets new ones."""
    client_cache.default.forget(context)


def clear_cache() -> None:
    """Give up all sessions and clients."""
    client_cache.default.clear()


def statistics() -> client_cache.Statistics:
    """Return what the process's cache did, and what it holds."""
    return client_cache.default.statistics()


class _Sdk:
    """openstacksdk, as the cache sees a service."""

    name = "openstacksdk"
    types = ("identity",)
    per_thread = True

    def create(self, access: Access, version: str | None, microversion: str | None) -> Any:
        try:
            from openstack.connection import Connection
        except ImportError as e:
            raise exceptions.ActionException(
                "A connection needs the package openstacksdk: pip install 'mistral-extra[sdk]'",
                error_code="CLIENT_MISSING",
            ) from e
        return Connection(
            session=access.session, region_name=access.region, interface=access.interface
        )
