# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Swift: proxy, account, container and object servers over one folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tools.sandbox import configuration
from tools.sandbox.cloud import LOOPBACK, all_addresses
from tools.sandbox.service import Endpoint, Service
from tools.supervision import processes

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence
    from pathlib import Path

    from tools.sandbox.cloud import Cloud

__all__ = ["STORES", "SWIFT", "proxy_file"]

#: What the proxy stores in, each behind a port of its own.
STORES = ("account", "container", "object")
#: The accounts of the second region: the same servers, other contents.
_SECOND = "TWO"
_DEVICE = "device"
_PIPELINE = (
    "catch_errors gatekeeper healthcheck proxy-logging authtoken keystoneauth copy dlo slo "
    "proxy-server"
)
_EGGS = {
    "catch_errors": "catch_errors",
    "gatekeeper": "gatekeeper",
    "healthcheck": "healthcheck",
    "proxy-logging": "proxy_logging",
    "copy": "copy",
    "dlo": "dlo",
    "slo": "slo",
    "keystoneauth": "keystoneauth",
}


def configure(cloud: Cloud) -> None:
    folder = _folder(cloud)
    (cloud.folder / "state" / "swift" / _DEVICE).mkdir(parents=True)
    configuration.write(
        folder / "swift.conf",
        {
            "swift-hash": {
                "swift_hash_path_suffix": "sandbox",
                "swift_hash_path_prefix": "sandbox",
            },
            "storage-policy:0": {"name": "gold", "default": "yes"},
        },
    )
    for name in STORES:
        sections = _server(cloud, f"swift-{name}")
        sections["pipeline:main"] = {"pipeline": f"{name}-server"}
        sections[f"app:{name}-server"] = {"use": f"egg:swift#{name}"}
        configuration.write(folder / f"{name}.conf", sections)
    for number, address in enumerate(all_addresses()):
        configuration.write(folder / proxy_file(number), _proxy(cloud, address))


def proxy_file(number: int) -> str:
    """Return the configuration of the proxy for one of the addresses: each listens on one."""
    return f"proxy-{number}.conf"


def _folder(cloud: Cloud) -> Path:
    return cloud.config("swift").parent


def _server(cloud: Cloud, port: str, address: str = LOOPBACK) -> configuration.Sections:
    options: dict[str, Any] = {
        "bind_ip": address,
        "bind_port": cloud.ports[port],
        # None beside the server itself.
        "workers": 0,
        "swift_dir": _folder(cloud),
        "devices": cloud.folder / "state" / "swift",
        "mount_check": False,
        "disable_fallocate": True,
        "fallocate_reserve": 0,
        "log_level": "WARNING",
        "log_address": "/dev/null",
    }
    return {"DEFAULT": options}


def _proxy(cloud: Cloud, address: str) -> configuration.Sections:
    filters = {f"filter:{name}": {"use": f"egg:swift#{egg}"} for name, egg in _EGGS.items()}
    login = configuration.credentials(cloud, "filter:authtoken")
    return configuration.merged(
        _server(cloud, "swift", address),
        {
            "pipeline:main": {"pipeline": _PIPELINE},
            "app:proxy-server": {"use": "egg:swift#proxy", "account_autocreate": True},
        },
        filters,
        login,
        {
            "filter:authtoken": {
                "paste.filter_factory": "keystonemiddleware.auth_token:filter_factory",
                "delay_auth_decision": True,
            },
            "filter:keystoneauth": {
                "reseller_prefix": f"AUTH, {_SECOND}",
                "operator_roles": "admin, member",
                f"{_SECOND}_operator_roles": "admin, member",
                "reseller_admin_role": "ResellerAdmin",
            },
        },
    )


def prepare(cloud: Cloud) -> None:
    from swift.common.ring import RingBuilder

    for name in STORES:
        # 2**4 partitions, one replica, no pause between changes.
        ring = RingBuilder(4, 1, 1)
        place = {"ip": LOOPBACK, "port": cloud.ports[f"swift-{name}"], "device": _DEVICE}
        ring.add_dev({"id": 0, "region": 1, "zone": 1, "weight": 1.0} | place)
        ring.rebalance()
        ring.get_ring().save(str(_folder(cloud) / f"{name}.ring.gz"))


def serve(cloud: Cloud, sockets: Sequence[socket.socket]) -> None:
    processes.become("tools.sandbox.services.swift_servers", str(_folder(cloud)))


SWIFT = Service(
    name="swift",
    packages=("swift",),
    endpoints=(
        Endpoint("object-store", "/v1/AUTH_%(project_id)s", f"/v1/{_SECOND}_%(project_id)s"),
    ),
    configure=configure,
    prepare=prepare,
    serve=serve,
    more_ports=tuple(f"swift-{name}" for name in STORES),
    binds=True,
)
