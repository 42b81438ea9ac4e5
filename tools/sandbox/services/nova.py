# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Nova: API, conductor, scheduler and a compute host with the fake driver, in one process."""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING

from tools.sandbox import configuration, serving, sqlite
from tools.sandbox.cloud import LOOPBACK, REGIONS
from tools.sandbox.service import Endpoint, Service

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

    from tools.sandbox.cloud import Cloud

__all__ = ["NOVA"]

_QUOTAS = ("cores", "injected_files", "instances", "key_pairs", "ram", "server_groups")


def configure(cloud: Cloud) -> None:
    sections: configuration.Sections = {
        "DEFAULT": {
            "host": "sandbox",
            "my_ip": LOOPBACK,
            "compute_driver": "fake.FakeDriver",
            "instances_path": cloud.folder / "state" / "instances",
            "vif_plugging_is_fatal": False,
            "vif_plugging_timeout": 0,
            "allow_resize_to_same_host": True,
        },
        "api_database": configuration.database_of(cloud, "nova_api"),
        "api": {"auth_strategy": "keystone"},
        "conductor": {"workers": 1},
        "scheduler": {"workers": 1, "discover_hosts_in_cells_interval": -1},
        "filter_scheduler": {"enabled_filters": "ComputeFilter,ComputeCapabilitiesFilter"},
        "cache": {"enabled": True, "backend": "oslo_cache.dict"},
        "quota": dict.fromkeys(_QUOTAS, -1),
        "vnc": {"enabled": False},
        "glance": {"api_servers": cloud.url("glance")},
        "cinder": {"catalog_info": "volumev3::publicURL", "os_region_name": REGIONS[0]},
        # Heat deletes a server with a user's token, which neutron alone would refuse with
        # "403 rule:delete_port".
        "service_user": {"send_service_user_token": True},
    }
    logins = ("keystone_authtoken", "placement", "neutron", "service_user")
    configuration.write(
        cloud.config("nova"),
        configuration.merged(
            configuration.shared(cloud, "nova_cell1"),
            configuration.credentials(cloud, *logins),
            sections,
        ),
    )
    # Looked for beside the configuration, and nowhere else.
    paste = configuration.shipped("nova/api-paste.ini")
    cloud.config("nova").with_name(paste.name).symlink_to(paste)


def prepare(cloud: Cloud) -> None:
    from nova.cmd import manage

    sqlite.create(cloud, "nova_api", "nova_cell0", "nova_cell1")
    cells = {n: ["--database_connection", cloud.database(f"nova_cell{n}")] for n in (0, 1)}
    for arguments in (
        ["api_db", "sync"],
        ["cell_v2", "map_cell0", *cells[0]],
        ["db", "sync"],
        ["cell_v2", "create_cell", "--name", "cell1", *cells[1], "--transport-url", "fake://"],
    ):
        serving.command(manage.main, "nova-manage", *_arguments(cloud), *arguments)


def _arguments(cloud: Cloud) -> list[str]:
    return ["--config-file", str(cloud.config("nova"))]


def serve(cloud: Cloud, sockets: Sequence[socket.socket]) -> None:
    os.environ["OS_NOVA_CONFIG_DIR"] = str(cloud.config("nova").parent)
    # It registers options, which has to be before they are read.
    importlib.import_module("nova.compute.manager")
    serving.name_program("nova-api", *_arguments(cloud))
    from nova.wsgi import osapi_compute

    # Held while the API serves.
    workers = _start_workers()
    serving.serve(osapi_compute.application, sockets)
    del workers


def _start_workers() -> list[object]:
    """Start what answers the API's messages, in threads: messages don't leave this process."""
    import os_brick
    import os_vif
    from nova import context, objects, service
    from nova.compute import rpcapi as compute
    from nova.conductor import rpcapi as conductor
    from nova.objects import host_mapping
    from nova.scheduler import rpcapi as scheduler
    from oslo_config import cfg

    os_brick.setup(cfg.CONF)
    os_vif.initialize()
    objects.register_all()
    workers = [
        service.Service.create(binary="nova-conductor", topic=conductor.RPC_TOPIC),
        service.Service.create(binary="nova-scheduler", topic=scheduler.RPC_TOPIC),
        service.Service.create(
            binary="nova-compute", topic=compute.RPC_TOPIC, topic_alt=compute.RPC_TOPIC_ALT
        ),
    ]
    for worker in workers:
        worker.start()
    # The host is known to its cell only once somebody looks.
    host_mapping.discover_hosts(context.get_admin_context())
    return workers


NOVA = Service(
    name="nova",
    packages=("nova",),
    endpoints=(Endpoint("compute", "/v2.1"),),
    configure=configure,
    prepare=prepare,
    serve=serve,
    # A server can't be made without a network.
    needs=("keystone", "glance", "placement", "neutron"),
)
