# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL in a folder of its own: made when it first starts, served on loopback."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from tools.mistral import debian
from tools.mistral.deployment import HOST
from tools.supervision import processes

if TYPE_CHECKING:
    from tools.mistral.deployment import Deployment

__all__ = ["run"]

_SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": 300,
    # Nothing here outlives the machine; a kill it survives all the same.
    "fsync": "off",
    "synchronous_commit": "off",
    # In its folder rather than in /dev/shm, where a kill would leave it.
    "dynamic_shared_memory_type": "mmap",
}

_INITDB = (
    "--auth=scram-sha-256",
    "--pwfile=/dev/stdin",
    "--encoding=UTF8",
    "--locale=C",
    "--no-sync",
)


def run(deployment: Deployment) -> NoReturn:
    """Become the server."""
    place = deployment.folder / "postgres"
    first = not place.exists()
    if first:
        place.mkdir(mode=0o700)
        debian.hand_over(place)
    supervisor = os.getppid()
    debian.drop_privileges()
    # The kernel forgets this where the user changes.
    processes.die_with_parent(supervisor)
    os.chdir(place)
    programs = debian.postgres_bin()
    data = place / "data"
    if first:
        _initialize(programs, data, deployment.passwords["postgres"])
    settings = _SETTINGS | {"port": deployment.ports["postgres"]}
    options = [f"--{name}={value}" for name, value in settings.items()]
    # It looks for its files beside the program's name.
    server = str(programs / "postgres")
    os.execv(server, [server, "-D", str(data), *options])


def _initialize(programs: Path, data: Path, secret: str) -> None:
    subprocess.run(
        [programs / "initdb", "-D", data, "-U", "postgres", *_INITDB],
        input=secret + "\n",
        text=True,
        check=True,
    )
    # Without a server, so that whoever can connect finds the database there.
    subprocess.run(
        [programs / "postgres", "--single", "-D", data, "postgres"],
        input=f"create role mistral login password '{secret}'\n"
        "create database mistral owner mistral\n",
        text=True,
        check=True,
    )
