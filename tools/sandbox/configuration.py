# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Configuration files: sections as dictionaries, and those that all services share."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.sandbox.cloud import REGIONS, USERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.sandbox.cloud import Cloud

__all__ = [
    "Sections",
    "announce",
    "credentials",
    "database_of",
    "merged",
    "shared",
    "shipped",
    "write",
]

#: Options by section.
Sections = dict[str, dict[str, Any]]


def shared(cloud: Cloud, database: str | None = None) -> Sections:
    """Return what every service is told: no broker, log to the output, locks in the folder."""
    sections: Sections = {
        "DEFAULT": {
            "transport_url": "fake://",
            "use_stderr": True,
            "log_dir": "",
            "state_path": cloud.folder / "state",
            "rpc_response_timeout": 60,
        },
        "oslo_concurrency": {"lock_path": cloud.folder / "locks"},
        "oslo_messaging_notifications": {"driver": "noop"},
    }
    if database:
        sections["database"] = database_of(cloud, database)
    return sections


def database_of(cloud: Cloud, name: str) -> dict[str, Any]:
    """Return the options of a section about a database."""
    return {"connection": cloud.database(name), "sqlite_synchronous": False}


def credentials(cloud: Cloud, *sections: str) -> Sections:
    """Return how a service logs in, once for each of the sections that ask for it."""
    login = {
        "www_authenticate_uri": cloud.auth_url,
        "auth_url": cloud.auth_url,
        "auth_type": "password",
        "username": "service",
        "password": cloud.passwords["service"],
        "project_name": USERS["service"],
        "user_domain_id": "default",
        "project_domain_id": "default",
        "region_name": REGIONS[0],
        # A revoked token is refused at once.
        "token_cache_time": -1,
    }
    return {section: dict(login) for section in sections}


def merged(*parts: Sections) -> Sections:
    """Return all sections; of an option given twice the last holds."""
    result: Sections = {}
    for part in parts:
        for section, options in part.items():
            result.setdefault(section, {}).update(options)
    return result


def write(path: Path, sections: Mapping[str, Mapping[str, Any]]) -> None:
    """Write a file that oslo.config and paste read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = []
    for section, options in sections.items():
        lines.append(f"[{section}]")
        lines += [f"{name} = {_text(value)}" for name, value in options.items()]
    path.touch(mode=0o600)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def announce(folder: Path, entry_points: Sections) -> None:
    """Make a folder that, when on Python's path, announces entry points.

    Services find their drivers by them, and have none for what the sandbox does.
    """
    info = folder / "sandbox_plugins-1.0.dist-info"
    info.mkdir(parents=True)
    metadata = "Metadata-Version: 2.1\nName: sandbox-plugins\nVersion: 1.0\n"
    (info / "METADATA").write_text(metadata, encoding="utf-8")
    write(info / "entry_points.txt", entry_points)


def shipped(name: str) -> Path:
    """Return a file that a service's package installed below ``etc``."""
    return Path(sys.prefix) / "etc" / name
