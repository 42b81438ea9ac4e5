# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Manila: API, scheduler and a share service with a driver that only pretends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.sandbox import configuration, serving, sqlite
from tools.sandbox.cloud import LOOPBACK
from tools.sandbox.service import Endpoint, Service

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

    from tools.sandbox.cloud import Cloud

__all__ = ["MANILA"]

_BACKEND = "dummy"
_LOGIN = "middleware"
_OTHERS = ("cinder", "neutron", "nova")
_DRIVER = "manila.tests.share.drivers.dummy.DummyDriver"
_QUOTAS = ("gigabytes", "share_networks", "shares", "snapshot_gigabytes", "snapshots")


def configure(cloud: Cloud) -> None:
    sections: configuration.Sections = {
        "DEFAULT": {
            "host": "sandbox",
            "my_ip": LOOPBACK,
            "enabled_share_backends": _BACKEND,
            "enabled_share_protocols": "NFS,CIFS",
            "default_share_type": "default",
            "api_paste_config": configuration.shipped("manila/api-paste.ini"),
            "rootwrap_config": configuration.shipped("manila/rootwrap.conf"),
        },
        "quota": dict.fromkeys(_QUOTAS, -1),
        _BACKEND: {
            "share_driver": _DRIVER,
            "share_backend_name": _BACKEND,
            "driver_handles_share_servers": False,
        },
        # The share service declares auth_url in the usual section, otherwise than the middleware of
        # the API does, and both are in one process.
        "keystone_authtoken": {"auth_section": _LOGIN},
        "coordination": {"backend_url": f"file://{cloud.folder / 'state'}"},
    }
    configuration.write(
        cloud.config("manila"),
        configuration.merged(
            configuration.shared(cloud, "manila"),
            configuration.credentials(cloud, "keystone_authtoken", _LOGIN, *_OTHERS),
            sections,
        ),
    )


def _arguments(cloud: Cloud) -> list[str]:
    return ["--config-file", str(cloud.config("manila"))]


def prepare(cloud: Cloud) -> None:
    from manila.cmd import manage
    from manila.db.sqlalchemy import models

    # Its migrations fail on SQLite.
    sqlite.create(cloud, "manila")
    sqlite.create_tables(cloud, "manila", models.BASE.metadata)
    serving.command(manage.main, "manila-manage", *_arguments(cloud), "db", "stamp", "head")


def serve(cloud: Cloud, sockets: Sequence[socket.socket]) -> None:
    from keystoneauth1 import loading
    from oslo_config import cfg

    # The middleware forgets to, in a section that isn't the usual.
    loading.register_auth_conf_options(cfg.CONF, _LOGIN)
    serving.name_program("manila-api", *_arguments(cloud))
    from manila.wsgi import api

    workers = _start_workers()
    serving.serve(api.application, sockets)
    del workers


def _start_workers() -> list[object]:
    """Start what answers the API's messages, in threads: messages don't leave this process."""
    from manila import service
    from oslo_config import cfg

    workers = [
        service.Service.create(binary="manila-scheduler", coordination=True),
        service.Service.create(
            host=f"{cfg.CONF.host}@{_BACKEND}",
            service_name=_BACKEND,
            binary="manila-share",
            coordination=True,
        ),
    ]
    for worker in workers:
        worker.start()
    return workers


MANILA = Service(
    name="manila",
    packages=("manila",),
    endpoints=(
        Endpoint("sharev2", "/v2"),
        Endpoint("shared-file-system", "/v2"),
    ),
    configure=configure,
    prepare=prepare,
    serve=serve,
)
