# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Neutron: the API over ML2, with a driver that binds every port and an empty data plane."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from tools.sandbox import configuration, serving, sqlite
from tools.sandbox.service import Endpoint, Service

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence
    from pathlib import Path

    from tools.sandbox.cloud import Cloud

__all__ = ["NEUTRON"]

_DRIVER = "sandbox"
_QUOTAS = ("floatingip", "network", "port", "router", "security_group", "security_group_rule")


def configure(cloud: Cloud) -> None:
    sections: configuration.Sections = {
        "DEFAULT": {
            "core_plugin": "ml2",
            "service_plugins": "router",
            "api_paste_config": configuration.shipped("neutron/api-paste.ini"),
            "auth_strategy": "keystone",
            "notify_nova_on_port_status_changes": False,
            "notify_nova_on_port_data_changes": False,
            "dhcp_agent_notification": False,
            "rpc_workers": 0,
        },
        "ml2": {
            "type_drivers": "local,flat,vxlan",
            "project_network_types": "vxlan",
            "mechanism_drivers": _DRIVER,
            "extension_drivers": "port_security",
        },
        "ml2_type_vxlan": {"vni_ranges": "1:5000"},
        "ml2_type_flat": {"flat_networks": "*"},
        "quotas": {f"quota_{name}": -1 for name in (*_QUOTAS, "subnet")},
        "securitygroup": {"enable_security_group": True},
    }
    configuration.write(
        cloud.config("neutron"),
        configuration.merged(
            configuration.shared(cloud, "neutron"),
            configuration.credentials(cloud, "keystone_authtoken", "placement"),
            sections,
        ),
    )
    configuration.announce(
        _plugins(cloud),
        {
            "neutron.ml2.mechanism_drivers": {
                _DRIVER: "tools.sandbox.services.neutron_driver:BindAll"
            }
        },
    )


def _plugins(cloud: Cloud) -> Path:
    return cloud.folder / "etc" / "neutron" / "plugins"


def prepare(cloud: Cloud) -> None:
    from neutron.db.migration import cli
    from neutron.db.migration.models import head

    # Its migrations fail on SQLite.
    sqlite.create(cloud, "neutron")
    sqlite.create_tables(cloud, "neutron", head.get_metadata())
    config = ["--config-file", str(cloud.config("neutron"))]
    serving.command(cli.main, "neutron-db-manage", *config, "stamp", "heads")


def serve(cloud: Cloud, sockets: Sequence[socket.socket]) -> None:
    sys.path.append(str(_plugins(cloud)))
    os.environ["OS_NEUTRON_CONFIG_DIR"] = str(cloud.config("neutron").parent)
    os.environ["OS_NEUTRON_CONFIG_FILES"] = "neutron.conf"
    serving.name_program("neutron-api")
    from neutron.wsgi import api

    serving.serve(api.application, sockets)


NEUTRON = Service(
    name="neutron",
    packages=("neutron",),
    endpoints=(Endpoint("network"),),
    configure=configure,
    prepare=prepare,
    serve=serve,
)
