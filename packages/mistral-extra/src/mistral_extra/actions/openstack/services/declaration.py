# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What is known about a service without importing its client, and how that client is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from mistral_extra.actions.openstack import refusals

if TYPE_CHECKING:
    from mistral_extra.actions.openstack.access import Access

__all__ = ["Factory", "Service"]


class Factory(Protocol):
    """Makes a client; imports the client's package when called, and no sooner."""

    def __call__(self, access: Access, version: str | None, microversion: str | None) -> Any:
        """Return a client that talks to ``access.endpoint`` through ``access.session``."""


class Service(NamedTuple):
    """One OpenStack service and its Python client.

    :param name: prefix of its actions' names, key in the mapping: ``"nova"``.
    :param title: for people: ``"Compute service (Nova)"``.
    :param types: service types to look for in the token's catalogue, in this order.
    :param distribution: what pip installs: ``"python-novaclient"``.
    :param package: what Python imports: ``"novaclient"``.
    :param factory: makes the client.
    :param extra: ``pip install mistral-extra[EXTRA]`` brings the client; None when it always comes.
    :param version: major version of the API that the client speaks unless told otherwise.
    :param microversion: likewise; ``"latest"`` is the latest that both sides know, None leaves the
        choice to the client.
    :param per_thread: the client must not be shared between threads.
    :param until: methods that newer microversions of the API lack, each with the last that has it.
    """

    name: str
    title: str
    types: tuple[str, ...]
    distribution: str
    package: str
    factory: Factory
    extra: str | None = None
    version: str | None = None
    microversion: str | None = None
    per_thread: bool = False
    until: tuple[tuple[str, str], ...] = ()

    def create(
        self, access: Access, version: str | None = None, microversion: str | None = None
    ) -> Any:
        """Return a new client for one identity.

        :param access: the identity's session and the service's endpoint.
        :param version: other than the declared one.
        :param microversion: likewise.
        :raises ImportError: the client is not installed.
        """
        refusals.watch(access.session)
        return self.factory(access, version or self.version, microversion or self.microversion)
