# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The shape that most clients' constructors share: a session, an endpoint, a region.

The endpoint is always the service's own, as the catalogue has it: looked up once, so that no
client looks it up (or discovers versions behind it) again.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from mistral_extra.actions.openstack.services import urls

if TYPE_CHECKING:
    from mistral_extra.actions.openstack.access import Access
    from mistral_extra.actions.openstack.services.declaration import Factory

__all__ = ["adapter_options", "from_session", "load"]


def load(path: str) -> Any:
    """Import ``module:name`` and return what it names.

    :raises ImportError: the package is not installed, or broken.
    """
    module, _, name = path.partition(":")
    return getattr(import_module(module), name)


def adapter_options(access: Access) -> dict[str, Any]:
    """Return what keystoneauth's Adapter takes, and most clients hand on to it."""
    return {
        "session": access.session,
        "endpoint_override": access.endpoint,
        "service_type": access.service_type,
        "region_name": access.region,
        "interface": access.interface,
    }


def from_session(
    path: str,
    *,
    version_first: bool = False,
    url_as: str = "endpoint_override",
    interface_as: str = "interface",
    microversion_as: str | None = None,
    url_version: str | None = None,
    url_with_project: bool = False,
    leaves_out: tuple[str, ...] = (),
) -> Factory:
    """Return a factory for a client whose constructor takes a session and adapter options.

    :param path: ``module:name`` of the constructor.
    :param version_first: its first parameter is the version.
    :param url_as: what it calls the endpoint's URL.
    :param interface_as: what it calls the interface.
    :param microversion_as: what it calls the microversion; None when it takes none.
    :param url_version: the version, as in ``v2``, that it expects in the URL's end; ``""`` when it
        adds the version itself; None when it takes what the catalogue has.
    :param url_with_project: it expects the project behind the version.
    :param leaves_out: options that it does not take, by their usual names.
    """

    def create(access: Access, version: str | None, microversion: str | None) -> Any:
        constructor = load(path)
        options = adapter_options(access)
        del options["endpoint_override"]
        options[url_as] = urls.of(access, url_version, with_project=url_with_project)
        options[interface_as] = options.pop("interface")
        for name in leaves_out:
            del options[name]
        if microversion_as is not None and microversion is not None:
            options[microversion_as] = microversion
        return constructor(version, **options) if version_first else constructor(**options)

    return create
