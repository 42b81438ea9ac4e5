# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Zaqar: queues, with the messages in swift."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.sandbox import configuration, serving, sqlite
from tools.sandbox.service import Endpoint, Service

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

    from tools.sandbox.cloud import Cloud

__all__ = ["ZAQAR"]


def configure(cloud: Cloud) -> None:
    login = configuration.credentials(cloud, "keystone_authtoken")
    store = f"swift://service:{cloud.passwords['service']}@/service"
    sections: configuration.Sections = {
        "DEFAULT": {"pooling": False, "admin_mode": False},
        "drivers": {"management_store": "sqlalchemy", "message_store": "swift"},
        "drivers:management_store:sqlalchemy": {"uri": cloud.database("zaqar")},
        "drivers:message_store:swift": {
            "auth_url": cloud.auth_url,
            "uri": store,
            "project_domain_id": "default",
            "user_domain_id": "default",
            "region_name": login["keystone_authtoken"]["region_name"],
        },
    }
    config = cloud.config("zaqar")
    configuration.write(config, configuration.merged(configuration.shared(cloud), login, sections))


def prepare(cloud: Cloud) -> None:
    from zaqar.storage.sqlalchemy import tables

    # Its migrations fail on SQLite.
    sqlite.create(cloud, "zaqar")
    sqlite.create_tables(cloud, "zaqar", tables.metadata)


def serve(cloud: Cloud, sockets: Sequence[socket.socket]) -> None:
    serving.name_program("zaqar-server")
    from oslo_config import cfg
    from oslo_log import log
    from zaqar import bootstrap

    log.register_options(cfg.CONF)
    cfg.CONF(["--config-file", str(cloud.config("zaqar"))], project="zaqar")
    log.setup(cfg.CONF, "zaqar")
    serving.serve(bootstrap.Bootstrap(cfg.CONF).transport.app, sockets)


ZAQAR = Service(
    name="zaqar",
    packages=("zaqar",),
    endpoints=(Endpoint("messaging"),),
    configure=configure,
    prepare=prepare,
    serve=serve,
    needs=("keystone", "swift"),
)
