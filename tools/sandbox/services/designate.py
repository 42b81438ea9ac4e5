# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Designate: API, central, worker, and a name server that answers from its database."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from tools.sandbox import configuration, serving, sqlite
from tools.sandbox.cloud import LOOPBACK
from tools.sandbox.service import Endpoint, Service

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

    from tools.sandbox.cloud import Cloud

__all__ = ["DESIGNATE"]

_NAMES = "designate-names"


def configure(cloud: Cloud) -> None:
    sections: configuration.Sections = {
        "service:api": {"auth_strategy": "keystone", "enable_host_header": True},
        "service:mdns": {"listen": f"{LOOPBACK}:{cloud.ports[_NAMES]}"},
        "service:worker": {"poll_delay": 0, "poll_retry_interval": 1, "serial_timeout": 5},
        "storage:sqlalchemy": configuration.database_of(cloud, "designate"),
        "coordination": {"backend_url": f"file://{cloud.folder / 'state'}"},
    }
    config = cloud.config("designate")
    configuration.write(
        config,
        configuration.merged(
            configuration.shared(cloud),
            configuration.credentials(cloud, "keystone_authtoken"),
            sections,
        ),
    )
    # Looked for beside the configuration, and nowhere else.
    paste = configuration.shipped("designate/api-paste.ini")
    config.with_name(paste.name).symlink_to(paste)
    config.with_name("pools.yaml").write_text(_pools(cloud.ports[_NAMES]))


def _pools(port: int) -> str:
    """Return the pool of name servers: none is told of a zone, our own is asked for it."""
    pool = {
        "name": "default",
        "description": "the sandbox's",
        "attributes": {},
        "ns_records": [{"hostname": "ns1.sandbox.test.", "priority": 1}],
        "nameservers": [{"host": LOOPBACK, "port": port}],
        "targets": [
            {
                "type": "fake",
                "description": "",
                "masters": [{"host": LOOPBACK, "port": port}],
                "options": {"host": LOOPBACK, "port": port},
            }
        ],
    }
    # JSON is YAML.
    return json.dumps([pool])


def _arguments(cloud: Cloud) -> list[str]:
    return ["--config-file", str(cloud.config("designate"))]


def prepare(cloud: Cloud) -> None:
    from designate.cmd import manage

    sqlite.create(cloud, "designate")
    serving.command(manage.main, "designate-manage", *_arguments(cloud), "database", "sync")


def serve(cloud: Cloud, sockets: Sequence[socket.socket]) -> None:
    os.environ["OS_DESIGNATE_CONFIG_DIR"] = str(cloud.config("designate").parent)
    serving.name_program("designate-api")
    from designate.wsgi import api

    workers = _start_workers(cloud)
    serving.serve(api.application, sockets)
    del workers


def _start_workers(cloud: Cloud) -> list[object]:
    """Start what answers the API's messages, in threads: messages don't leave this process."""
    from designate.central import service as central
    from designate.manage import pool
    from designate.mdns import service as mdns
    from designate.worker import service as worker

    workers = [module.Service() for module in (central, worker, mdns)]
    for each in workers:
        each.start()
    pools = cloud.config("designate").with_name("pools.yaml")
    pool.PoolCommands().update(str(pools), delete=False)
    return workers


DESIGNATE = Service(
    name="designate",
    packages=("designate",),
    endpoints=(Endpoint("dns"),),
    configure=configure,
    prepare=prepare,
    serve=serve,
    more_ports=(_NAMES,),
)
