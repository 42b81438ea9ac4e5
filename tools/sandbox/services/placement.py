# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Placement: what nova's scheduler asks for room."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tools.sandbox import configuration, serving, sqlite
from tools.sandbox.service import Endpoint, Service

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

    from tools.sandbox.cloud import Cloud

__all__ = ["PLACEMENT"]


def configure(cloud: Cloud) -> None:
    sections: configuration.Sections = {
        "DEFAULT": {"use_stderr": True},
        "placement_database": configuration.database_of(cloud, "placement"),
        "api": {"auth_strategy": "keystone"},
    }
    login = configuration.credentials(cloud, "keystone_authtoken")
    configuration.write(cloud.config("placement"), configuration.merged(sections, login))


def prepare(cloud: Cloud) -> None:
    from placement.cmd import manage

    sqlite.create(cloud, "placement")
    config = ["--config-file", str(cloud.config("placement"))]
    serving.command(manage.main, "placement-manage", *config, "db", "sync")


def serve(cloud: Cloud, sockets: Sequence[socket.socket]) -> None:
    os.environ["OS_PLACEMENT_CONFIG_DIR"] = str(cloud.config("placement").parent)
    serving.name_program("placement")
    from placement.wsgi import api

    serving.serve(api.application, sockets)


PLACEMENT = Service(
    name="placement",
    packages=("openstack-placement",),
    endpoints=(Endpoint("placement"),),
    configure=configure,
    prepare=prepare,
    serve=serve,
)
