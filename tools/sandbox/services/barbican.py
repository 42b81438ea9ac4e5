# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Barbican: secrets, encrypted with a key in its configuration."""

from __future__ import annotations

import base64
import importlib
import secrets
from typing import TYPE_CHECKING

from tools.sandbox import configuration, serving, sqlite
from tools.sandbox.service import Endpoint, Service

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

    from tools.sandbox.cloud import Cloud

__all__ = ["BARBICAN"]


def configure(cloud: Cloud) -> None:
    sections: configuration.Sections = {
        # References are made of the address that was asked.
        "DEFAULT": {"host_href": "", "db_auto_create": True},
        "queue": {"enable": False},
        "secretstore": {"enabled_secretstore_plugins": "store_crypto"},
        "crypto": {"enabled_crypto_plugins": "simple_crypto"},
        "simple_crypto_plugin": {
            "kek": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        },
    }
    config = cloud.config("barbican")
    configuration.write(
        config,
        configuration.merged(
            configuration.shared(cloud, "barbican"),
            configuration.credentials(cloud, "keystone_authtoken"),
            sections,
        ),
    )
    # It reads its files when it is imported, from the home folder, which is the sandbox's own.
    (cloud.folder / ".barbican").symlink_to(config.parent)


def prepare(cloud: Cloud) -> None:
    # The tables it makes itself.
    sqlite.create(cloud, "barbican")


def serve(cloud: Cloud, sockets: Sequence[socket.socket]) -> None:
    serving.name_program("barbican-api")
    importlib.import_module("barbican.api.app")
    _declare_middleware_options()
    from paste import deploy

    paste = configuration.shipped("barbican/barbican-api-paste.ini")
    serving.serve(deploy.loadapp(f"config:{paste}"), sockets)


def _declare_middleware_options() -> None:
    """Declare again what oslo.config's global options knew before Barbican put its own there."""
    import oslo_cache
    from keystonemiddleware import opts
    from oslo_config import cfg

    oslo_cache.configure(cfg.CONF)
    for group, options in opts.list_auth_token_opts():
        cfg.CONF.register_opts(options, group=group)


BARBICAN = Service(
    name="barbican",
    packages=("barbican",),
    endpoints=(Endpoint("key-manager"),),
    configure=configure,
    prepare=prepare,
    serve=serve,
)
