# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The servers that come as packages of Debian: where their programs are, and who runs them."""

from __future__ import annotations

import os
import pwd
import shutil
from pathlib import Path

from tools.supervision.errors import SupervisionError

__all__ = ["drop_privileges", "hand_over", "postgres_bin", "rabbitmq_server", "require"]

_RABBITMQ = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
_POSTGRES = Path("/usr/lib/postgresql")
#: It refuses to run as root; the package makes this user.
_POSTGRES_USER = "postgres"

_MISSING = """\
a cluster needs the servers {names}, which are not installed. On Debian and Ubuntu:

    sudo apt-get update
    sudo apt-get install --no-install-recommends rabbitmq-server postgresql

The services that the packages start are not used and may be stopped:
`sudo systemctl disable --now rabbitmq-server postgresql`."""


def require() -> None:
    """Make sure that the servers are installed.

    :raises SupervisionError: names those that are not, and says how to install them.
    """
    there = {"RabbitMQ": _RABBITMQ.exists(), "PostgreSQL": _postgres_versions() != []}
    missing = [name for name, found in there.items() if not found]
    if missing:
        raise SupervisionError(_MISSING.format(names=" and ".join(missing)))


def rabbitmq_server() -> Path:
    """Return RabbitMQ's start script, without the wrapper that insists on a certain user."""
    return _RABBITMQ


def postgres_bin() -> Path:
    """Return the folder of PostgreSQL's programs, those of the newest version."""
    return _postgres_versions()[-1]


def _postgres_versions() -> list[Path]:
    found = [path.parent for path in _POSTGRES.glob("*/bin/postgres")]
    return sorted(found, key=lambda path: int(path.parent.name))


def hand_over(place: Path) -> None:
    """Make a folder the property of PostgreSQL's user, where this process is root.

    :raises SupervisionError: when that user can't get there.
    """
    if os.getuid():
        return
    for parent in place.parents:
        if not parent.stat().st_mode & 0o001:
            raise SupervisionError(
                f"PostgreSQL runs as the user {_POSTGRES_USER!r}, who may not enter {parent}: "
                "name another folder by --folder, or run this as a user who isn't root"
            )
    shutil.chown(place, _POSTGRES_USER, _POSTGRES_USER)


def drop_privileges() -> None:
    """Go on as PostgreSQL's user, where this process is root."""
    if os.getuid():
        return
    user = pwd.getpwnam(_POSTGRES_USER)
    os.setgroups([])
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
