# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Mistral itself: API, engine, notifier and an executor in one process."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from tools.sandbox import configuration, serving, sqlite
from tools.sandbox.service import Endpoint, Service

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

    from tools.sandbox.cloud import Cloud

__all__ = ["MISTRAL"]


def configure(cloud: Cloud) -> None:
    sections: configuration.Sections = {
        "DEFAULT": {"rpc_response_timeout": 30},
        "pecan": {"auth_enable": True},
        "cron_trigger": {"enabled": False},
    }
    configuration.write(
        cloud.config("mistral"),
        configuration.merged(
            configuration.shared(cloud, "mistral"),
            configuration.credentials(cloud, "keystone_authtoken"),
            {"keystone_authtoken": {"username": "mistral", "password": cloud.passwords["mistral"]}},
            sections,
        ),
    )


def _set_up(cloud: Cloud) -> None:
    # First of all, or stevedore drops all std.* actions: their import comes round in a circle.
    importlib.import_module("mistral.api.app")
    from mistral import config
    from oslo_config import cfg
    from oslo_log import log

    config.parse_args(["--config-file", str(cloud.config("mistral"))])
    log.setup(cfg.CONF, "mistral")


def prepare(cloud: Cloud) -> None:
    sqlite.create(cloud, "mistral")
    serving.command(lambda: _fill(cloud), "mistral-db-manage")


def _fill(cloud: Cloud) -> None:
    _set_up(cloud)
    from mistral.db.v2 import api
    from mistral.services import action_manager, workflows

    # Its migrations fail on SQLite.
    api.setup_db()
    action_manager.sync_db()
    workflows.sync_db()


def serve(cloud: Cloud, sockets: Sequence[socket.socket]) -> None:
    serving.name_program("mistral-server")
    _set_up(cloud)
    from mistral.api import app
    from mistral.engine import engine_server
    from mistral.executors import executor_server
    from mistral.notifiers import notification_server

    workers = [
        server.get_oslo_service(setup_profiler=False)
        for server in (engine_server, executor_server, notification_server)
    ]
    for worker in workers:
        worker.start()
    serving.serve(app.setup_app(), sockets)


MISTRAL = Service(
    name="mistral",
    packages=("mistral",),
    endpoints=(Endpoint("workflowv2", "/v2"),),
    configure=configure,
    prepare=prepare,
    serve=serve,
)
