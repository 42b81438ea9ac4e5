# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Ironic: API and conductor in one process, with hardware that is fake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.sandbox import configuration, serving, sqlite
from tools.sandbox.cloud import LOOPBACK
from tools.sandbox.service import Endpoint, Service

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

    from tools.sandbox.cloud import Cloud

__all__ = ["IRONIC"]

_INTERFACES = {
    "bios": "no-bios",
    "boot": "fake",
    "console": "no-console",
    "deploy": "fake",
    "firmware": "no-firmware",
    "inspect": "no-inspect",
    "management": "fake",
    "network": "noop",
    "power": "fake",
    "raid": "no-raid",
    "rescue": "no-rescue",
    "storage": "noop",
    "vendor": "no-vendor",
}


def configure(cloud: Cloud) -> None:
    interfaces = {f"enabled_{kind}_interfaces": name for kind, name in _INTERFACES.items()}
    sections: configuration.Sections = {
        "DEFAULT": interfaces
        | {
            "host": "sandbox",
            "my_ip": LOOPBACK,
            "auth_strategy": "keystone",
            "enabled_hardware_types": "fake-hardware",
            # The API calls the conductor: they are one process.
            "rpc_transport": "none",
        },
        "dhcp": {"dhcp_provider": "none"},
        "deploy": {"http_root": cloud.folder / "state" / "ironic-http"},
        "pxe": {"tftp_root": cloud.folder / "state" / "ironic-tftp"},
    }
    configuration.write(
        cloud.config("ironic"),
        configuration.merged(
            configuration.shared(cloud, "ironic"),
            configuration.credentials(cloud, "keystone_authtoken", "service_catalog"),
            sections,
        ),
    )


def _arguments(cloud: Cloud) -> list[str]:
    return ["--config-file", str(cloud.config("ironic"))]


def prepare(cloud: Cloud) -> None:
    from ironic.command import dbsync

    sqlite.create(cloud, "ironic")
    serving.command(dbsync.main, "ironic-dbsync", *_arguments(cloud), "create_schema")


def serve(cloud: Cloud, sockets: Sequence[socket.socket]) -> None:
    serving.name_program("ironic", *_arguments(cloud))
    from ironic.common import service
    from oslo_config import cfg

    service.prepare_service("ironic", ["ironic", *_arguments(cloud)])
    from ironic.conductor import rpc_service

    conductor = rpc_service.RPCService(
        cfg.CONF.host, "ironic.conductor.manager", "ConductorManager"
    )
    conductor.start()
    from ironic.api import app

    serving.serve(app.VersionSelectorApplication(), sockets)


IRONIC = Service(
    name="ironic",
    packages=("ironic",),
    endpoints=(Endpoint("baremetal"),),
    configure=configure,
    prepare=prepare,
    serve=serve,
)
