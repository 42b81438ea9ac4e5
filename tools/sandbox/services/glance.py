# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Glance: images, as files in the sandbox's folder."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tools.sandbox import configuration, serving, sqlite
from tools.sandbox.service import Endpoint, Service

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence
    from pathlib import Path

    from tools.sandbox.cloud import Cloud

__all__ = ["GLANCE"]


def configure(cloud: Cloud) -> None:
    stores = {name: cloud.folder / "state" / f"images-{name}" for name in ("kept", "stage", "task")}
    sections: configuration.Sections = {
        "DEFAULT": {
            "enabled_backends": "kept:file",
            "worker_self_reference_url": cloud.url("glance"),
        },
        "glance_store": {"default_backend": "kept"},
        "kept": {"filesystem_store_datadir": stores["kept"]},
        "os_glance_staging_store": {"filesystem_store_datadir": stores["stage"]},
        "os_glance_tasks_store": {"filesystem_store_datadir": stores["task"]},
        "paste_deploy": {
            "flavor": "keystone",
            "config_file": configuration.shipped("glance/glance-api-paste.ini"),
        },
    }
    for store in stores.values():
        store.mkdir()
    configuration.write(
        _config(cloud),
        configuration.merged(
            configuration.shared(cloud, "glance"),
            configuration.credentials(cloud, "keystone_authtoken"),
            sections,
        ),
    )


def _config(cloud: Cloud) -> Path:
    return cloud.config("glance").with_name("glance-api.conf")


def prepare(cloud: Cloud) -> None:
    from glance.cmd import manage

    sqlite.create(cloud, "glance")
    serving.command(manage.main, "glance-manage", "--config-file", str(_config(cloud)), "db_sync")


def serve(cloud: Cloud, sockets: Sequence[socket.socket]) -> None:
    os.environ["OS_GLANCE_CONFIG_DIR"] = str(_config(cloud).parent)
    serving.name_program("glance-api")
    from glance.wsgi import api

    serving.serve(api.application, sockets)


GLANCE = Service(
    name="glance",
    packages=("glance",),
    endpoints=(Endpoint("image"),),
    configure=configure,
    prepare=prepare,
    serve=serve,
)
