# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Clients that speak the latest microversion that both sides know: Nova, Cinder, Manila, Zun.

The client's own ``discover_version`` asks the server, once for each client made; a microversion
that somebody asked for is taken at their word.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from mistral_extra.actions.openstack.services import construction, urls

if TYPE_CHECKING:
    from mistral_extra.actions.openstack.access import Access
    from mistral_extra.actions.openstack.services.declaration import Factory

__all__ = ["LATEST", "negotiating"]

LATEST = "latest"


def negotiating(
    package: str,
    *,
    first: str,
    url_version: str,
    latest: str | None = None,
    url_as: str = "endpoint_override",
    interface_as: str = "interface",
) -> Factory:
    """Return a factory for a client with modules ``client`` and ``api_versions``.

    :param package: import name of the client.
    :param first: version that the client asks the server with.
    :param url_version: the version, as in ``v1``, that it expects in the URL.
    :param latest: how it calls the latest version; None where it wants its own latest by number.
    :param url_as: what the constructor calls the endpoint's URL.
    :param interface_as: what it calls the interface.
    """

    def create(access: Access, version: str | None, microversion: str | None) -> Any:
        api_versions = import_module(f"{package}.api_versions")
        constructor = construction.load(f"{package}.client:Client")
        options = construction.adapter_options(access)
        del options["endpoint_override"]
        options[url_as] = urls.of(access, url_version)
        options[interface_as] = options.pop("interface")
        if microversion == LATEST:
            asking = constructor(first, **options)
            wanted = api_versions.APIVersion(latest or api_versions.MAX_VERSION)
            speaking = api_versions.discover_version(asking, wanted)
        else:
            speaking = api_versions.APIVersion(microversion or version)
        return constructor(speaking, **options)

    return create
