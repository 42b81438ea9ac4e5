# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What an operator configured about the actions there are.

oslo.config takes longer to import than everything else that a listing needs. A process that has
not imported it has read no configuration file either: there the defaults hold.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import mistral_extra

__all__ = [
    "DEFAULT_MAPPING",
    "DEFAULT_REGION_SERVICES",
    "is_enabled",
    "mapping_path",
    "region_services",
]

#: Default of ``[DEFAULT] openstack_actions_mapping_path``.
DEFAULT_MAPPING = "actions/openstack/mapping.json"

#: Default of ``[openstack_actions] modules_support_region``.
DEFAULT_REGION_SERVICES = (
    "nova",
    "glance",
    "heat",
    "neutron",
    "cinder",
    "trove",
    "ironic",
    "designate",
    "tacker",
    "aodh",
    "gnocchi",
)

#: ``[group] option`` of the server.
_SERVERS_GROUP, _SERVERS_OPTION = "legacy_action_provider", "load_action_generators"


def mapping_path() -> str:
    """Return the absolute path of the mapping: a relative one starts at the installed package."""
    conf = _configuration()
    said = DEFAULT_MAPPING if conf is None else conf.openstack_actions_mapping_path
    return os.path.join(os.path.dirname(mistral_extra.__file__), said)


def region_services() -> tuple[str, ...]:
    """Return the services whose actions take ``action_region``."""
    conf = _configuration()
    if conf is None:
        return DEFAULT_REGION_SERVICES
    return tuple(conf.openstack_actions.modules_support_region)


def is_enabled() -> bool:
    """Tell whether there are to be OpenStack actions.

    Servers have an option that used to say so of upstream's actions, ``[legacy_action_provider]
    load_action_generators``; it is obeyed where a server registered it.
    """
    conf = _configuration()
    if conf is None or _SERVERS_GROUP not in conf or _SERVERS_OPTION not in conf[_SERVERS_GROUP]:
        return True
    return bool(conf[_SERVERS_GROUP][_SERVERS_OPTION])


def _configuration() -> Any | None:
    if "oslo_config.cfg" not in sys.modules:
        return None
    from mistral_extra import config

    return config.CONF
