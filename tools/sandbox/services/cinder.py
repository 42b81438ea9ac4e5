# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Cinder: API, scheduler and a volume service with a driver that only notes what it is told."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from tools.sandbox import configuration, serving, sqlite
from tools.sandbox.cloud import LOOPBACK
from tools.sandbox.service import Endpoint, Service

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

    from tools.sandbox.cloud import Cloud

__all__ = ["CINDER"]

_BACKEND = "fake"
_QUOTAS = ("backup_gigabytes", "backups", "gigabytes", "groups", "snapshots", "volumes")


def configure(cloud: Cloud) -> None:
    quotas = {f"quota_{name}": -1 for name in _QUOTAS}
    sections: configuration.Sections = {
        "DEFAULT": quotas
        | {
            "host": "sandbox",
            "my_ip": LOOPBACK,
            "enabled_backends": _BACKEND,
            "default_volume_type": "__DEFAULT__",
            "glance_api_servers": cloud.url("glance") if "glance" in cloud.services else "",
            "api_paste_config": configuration.shipped("cinder/api-paste.ini"),
            "resource_query_filters_file": configuration.shipped("cinder/resource_filters.json"),
            "rootwrap_config": configuration.shipped("cinder/rootwrap.conf"),
            "volume_clear": "none",
            # It waits 60 s for other hosts to report otherwise.
            "scheduler_driver_init_wait_time": 1,
        },
        # FakeGateDriver, the other one, wants lvm.
        _BACKEND: {
            "volume_driver": "cinder.tests.fake_driver.FakeLoggingVolumeDriver",
            "volume_backend_name": _BACKEND,
        },
        "coordination": {"backend_url": f"file://{cloud.folder / 'state'}"},
    }
    configuration.write(
        cloud.config("cinder"),
        configuration.merged(
            configuration.shared(cloud, "cinder"),
            configuration.credentials(cloud, "keystone_authtoken", "nova"),
            sections,
        ),
    )


def _arguments(cloud: Cloud) -> list[str]:
    return ["--config-file", str(cloud.config("cinder"))]


def prepare(cloud: Cloud) -> None:
    from cinder import objects

    objects.register_all()
    from cinder.cmd import manage

    sqlite.create(cloud, "cinder")
    serving.command(manage.main, "cinder-manage", *_arguments(cloud), "db", "sync")


def serve(cloud: Cloud, sockets: Sequence[socket.socket]) -> None:
    from cinder import objects

    objects.register_all()
    # They register options of the command line, which has to be before it is read.
    for name in ("scheduler", "volume"):
        importlib.import_module(f"cinder.cmd.{name}")
    serving.name_program("cinder-api", *_arguments(cloud))
    from cinder.wsgi import api

    workers = _start_workers()
    serving.serve(api.application, sockets)
    del workers


def _start_workers() -> list[object]:
    """Start what answers the API's messages, in threads: messages don't leave this process."""
    import os_brick
    from cinder import service
    from cinder.cmd import volume
    from cinder.common import constants
    from oslo_config import cfg

    os_brick.setup(cfg.CONF)
    cfg.CONF.register_opt(volume.host_opt, group=_BACKEND)
    workers = [
        service.Service.create(binary="cinder-scheduler"),
        service.Service.create(
            host=f"{cfg.CONF.host}@{_BACKEND}",
            service_name=_BACKEND,
            binary=constants.VOLUME_BINARY,
            coordination=True,
        ),
    ]
    for worker in workers:
        worker.start()
    return workers


CINDER = Service(
    name="cinder",
    packages=("cinder",),
    # It goes by two types: clients look for the older, the service types authority has the newer.
    endpoints=(
        Endpoint("volumev3", "/v3/%(project_id)s"),
        Endpoint("block-storage", "/v3/%(project_id)s"),
    ),
    configure=configure,
    prepare=prepare,
    serve=serve,
)
