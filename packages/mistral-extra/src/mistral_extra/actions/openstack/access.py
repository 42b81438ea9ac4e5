# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What a client is made from."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from mistral_extra.actions.openstack.utils import exceptions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keystoneauth1.identity.base import BaseIdentityPlugin
    from keystoneauth1.session import Session

__all__ = ["Access", "Endpoint", "endpoints", "find"]


class Endpoint(NamedTuple):
    """One line of a catalogue."""

    url: str
    region: str | None
    interface: str
    service_type: str
    service_name: str | None
    id: str | None


class Access:
    """An identity's way to one service.

    :ivar session: the identity's keystoneauth session, shared by all its clients and all threads.
    :ivar auth: the plug-in in it.
    :ivar region: where to look; None is any.
    :ivar interface: ``public``, ``internal`` or ``admin``.
    :ivar types: service types that the service may have in a catalogue, the usual one first.
    :ivar context: the action's context; None for one of the server's own identities.
    """

    def __init__(
        self,
        session: Session,
        types: tuple[str, ...],
        region: str | None,
        interface: str,
        context: Any = None,
        url: str | None = None,
    ) -> None:
        self.session = session
        self.types = types
        self.region = region
        self.interface = interface
        self.context = context
        self._url = url

    @property
    def auth(self) -> BaseIdentityPlugin:
        """The session's plug-in."""
        plugin: BaseIdentityPlugin = self.session.auth  # type: ignore[assignment]
        return plugin

    @property
    def verify(self) -> bool | str:
        """Path of a CA bundle, or whether certificates are checked."""
        verify: bool | str = self.session.verify  # type: ignore[assignment]
        return verify

    @property
    def endpoint(self) -> str:
        """URL of the service, as the catalogue has it.

        :raises MistralKeystoneException: the catalogue has none for this region and interface.
        """
        return self.found.url

    @property
    def project_id(self) -> str | None:
        """The identity's project; None for one that is not scoped to a project."""
        project: str | None = self.auth.get_access(self.session).project_id
        return project

    @property
    def service_type(self) -> str:
        """The first of :attr:`types` that has an endpoint.

        :raises MistralKeystoneException: likewise.
        """
        return self.found.service_type

    @cached_property
    def found(self) -> Endpoint:
        """The endpoint with what is known of it; asks Keystone when the identity has no catalogue.

        :raises MistralKeystoneException: the catalogue has none for this region and interface.
        """
        if self._url is not None:
            return Endpoint(self._url, self.region, self.interface, self.types[0], None, None)
        catalog = self.auth.get_access(self.session).service_catalog.catalog
        return find(catalog, self.types, self.region, self.interface)


def find(
    catalog: Iterable[dict[str, Any]],
    types: tuple[str, ...],
    region: str | None,
    interface: str,
    service_name: str | None = None,
) -> Endpoint:
    """Return the first endpoint in a token's catalogue that fits.

    :param types: service types, the preferred first; any type when there are none.
    :param region: None is any.
    :param service_name: the service's name in the catalogue; None is any.
    :raises MistralKeystoneException: there is none.
    """
    known = list(endpoints(catalog))
    named = [e for e in known if service_name in (None, e.service_name)]
    of_type = [e for name in types for e in named if e.service_type == name] if types else named
    of_type = of_type or _of_alias(types, named)
    for endpoint in of_type:
        if endpoint.interface == interface and region in (None, endpoint.region):
            return endpoint
    wanted = " ".join(f"'{name}'" for name in (*types[:1], service_name) if name)
    where = f" in region {region}" if region else ""
    raise exceptions.MistralKeystoneException(
        f"The catalogue has no {interface} endpoint of the service {wanted}{where}: "
        f"{_what_there_is(known, of_type)}",
        error_code="ENDPOINT_NOT_FOUND",
    )


def endpoints(catalog: Iterable[dict[str, Any]]) -> Iterable[Endpoint]:
    """Iterate over the endpoints of a token's catalogue, in its order."""
    for service in catalog:
        for found in service.get("endpoints", ()):
            if found.get("url"):
                yield Endpoint(
                    url=found["url"],
                    region=found.get("region_id") or found.get("region"),
                    interface=str(found.get("interface", "")).removesuffix("URL"),
                    service_type=service.get("type", ""),
                    service_name=service.get("name"),
                    id=found.get("id"),
                )


def _of_alias(types: tuple[str, ...], known: list[Endpoint]) -> list[Endpoint]:
    """Return those whose service type is another name of one of ``types``."""
    import os_service_types

    aliases = os_service_types.ServiceTypes()
    names = [alias for name in types for alias in aliases.get_all_types(name)]
    return [e for name in names for e in known if e.service_type == name]


def _what_there_is(known: list[Endpoint], of_service: list[Endpoint]) -> str:
    if of_service:
        places = sorted({f"{e.interface} in {e.region}" for e in of_service})
        return f"it has {', '.join(places)}"
    if known:
        return f"its service types are {', '.join(sorted({e.service_type for e in known}))}"
    return "it is empty, since the token is not scoped to a project"
