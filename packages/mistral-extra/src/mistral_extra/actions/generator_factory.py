# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""One generator for each service that upstream had one for.

Services that came later are known to :mod:`mistral_extra.actions.openstack.provider` alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mistral_extra.actions.openstack.action_generator.base import OpenStackActionGenerator

__all__ = ["SUPPORTED_MODULES", "all_generators"]

#: Without spaces, what the action classes' names begin with; with underscores and in lower case,
#: what the actions' names do.
SUPPORTED_MODULES = [
    "Nova",
    "Glance",
    "Keystone",
    "Heat",
    "Neutron",
    "Cinder",
    "Trove",
    "Ironic",
    "Baremetal Introspection",
    "Swift",
    "SwiftService",
    "Zaqar",
    "Mistral",
    "Designate",
    "Magnum",
    "Aodh",
    "Gnocchi",
    "Zun",
    "Manila",
]


def all_generators() -> Iterator[type[OpenStackActionGenerator]]:
    """Yield a generator class for each service."""
    from mistral_extra.actions.openstack import actions
    from mistral_extra.actions.openstack.action_generator import base

    for module in SUPPORTED_MODULES:
        prefix = module.replace(" ", "")
        yield type(
            f"{prefix}ActionGenerator",
            (base.OpenStackActionGenerator,),
            {
                "action_namespace": module.lower().replace(" ", "_"),
                "base_action_class": getattr(actions, f"{prefix}Action"),
                "__module__": __name__,
                "__doc__": f"Makes the action classes of {module}.",
            },
        )
