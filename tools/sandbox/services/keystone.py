# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Keystone: identity. It alone makes a sandbox that one can log in to."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tools.sandbox import configuration, serving, sqlite
from tools.sandbox.service import Endpoint, Service

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

    from tools.sandbox.cloud import Cloud

__all__ = ["KEYSTONE"]


def configure(cloud: Cloud) -> None:
    folder = cloud.folder
    keys = {name: folder / "etc" / "keystone" / name for name in ("fernet", "credential")}
    sections: configuration.Sections = {
        "token": {"provider": "fernet"},
        "fernet_tokens": {"key_repository": keys["fernet"]},
        "fernet_receipts": {"key_repository": keys["fernet"]},
        "credential": {"key_repository": keys["credential"]},
        # Half a second a token without it.
        "cache": {"enabled": True, "backend": "oslo_cache.dict", "expiration_time": 600},
        # The least that bcrypt takes: nobody's secrets are behind these passwords.
        "identity": {"password_hash_rounds": 4},
    }
    configuration.write(
        cloud.config("keystone"),
        configuration.merged(configuration.shared(cloud, "keystone"), sections),
    )
    for path in keys.values():
        path.mkdir()


def prepare(cloud: Cloud) -> None:
    from keystone.cmd import cli

    sqlite.create(cloud, "keystone")
    arguments = ["--config-file", str(cloud.config("keystone")), "db_sync"]
    serving.command(lambda: cli.main(["keystone-manage", *arguments]), "keystone-manage db_sync")


def serve(cloud: Cloud, sockets: Sequence[socket.socket]) -> None:
    os.environ["OS_KEYSTONE_CONFIG_DIR"] = str(cloud.config("keystone").parent)
    serving.name_program("keystone")
    from keystone.wsgi import api

    serving.serve(api.application, sockets)


KEYSTONE = Service(
    name="keystone",
    packages=("keystone", "waitress"),
    endpoints=(Endpoint("identity", "/v3"),),
    configure=configure,
    prepare=prepare,
    serve=serve,
    needs=(),
)
