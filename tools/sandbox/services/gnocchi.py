# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Gnocchi: metrics, as files; measures are worked on when they are asked for."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tools.sandbox import configuration, serving, sqlite
from tools.sandbox.service import Endpoint, Service

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence
    from pathlib import Path

    from tools.sandbox.cloud import Cloud

__all__ = ["GNOCCHI"]


def configure(cloud: Cloud) -> None:
    state = cloud.folder / "state"
    sections: configuration.Sections = {
        "DEFAULT": {"coordination_url": f"file://{state}"},
        "api": {"auth_mode": "keystone"},
        "indexer": {"url": cloud.database("gnocchi")},
        "storage": {"driver": "file", "file_basepath": state / "gnocchi"},
        "incoming": {"driver": "file", "file_basepath": state / "gnocchi"},
    }
    login = configuration.credentials(cloud, "keystone_authtoken")
    config = cloud.config("gnocchi")
    configuration.write(config, configuration.merged(login, sections))
    # Its middleware looks for the file in the home folder, which is the sandbox's own.
    (cloud.folder / ".gnocchi").symlink_to(config.parent)
    # It has entry points for MySQL and PostgreSQL alone; the code behind them is the same.
    configuration.announce(
        _plugins(cloud),
        {"gnocchi.indexer": {"sqlite": "gnocchi.indexer.sqlalchemy:SQLAlchemyIndexer"}},
    )


def _plugins(cloud: Cloud) -> Path:
    return cloud.config("gnocchi").with_name("plugins")


def prepare(cloud: Cloud) -> None:
    from gnocchi.cli import manage
    from gnocchi.indexer import sqlalchemy_base

    sys.path.append(str(_plugins(cloud)))
    sqlite.create(cloud, "gnocchi")
    # It would make them in a transaction, and wait for another of its own meanwhile.
    sqlite.create_tables(cloud, "gnocchi", sqlalchemy_base.Base.metadata)
    serving.command(manage.upgrade, "gnocchi-upgrade", "--sacks-number", "4")


def serve(cloud: Cloud, sockets: Sequence[socket.socket]) -> None:
    sys.path.append(str(_plugins(cloud)))
    serving.name_program("gnocchi-api")
    from gnocchi.cli import api

    serving.serve(api.wsgi(), sockets)


GNOCCHI = Service(
    name="gnocchi",
    packages=("gnocchi",),
    endpoints=(Endpoint("metric"),),
    configure=configure,
    prepare=prepare,
    serve=serve,
)
