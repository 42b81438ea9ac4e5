# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What the cases work on: made by rule, so that every run and both sides have the same.

The standard library alone is used; a megabyte is 1,000,000 bytes of JSON text in UTF-8.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MEGABYTE = 1_000_000

SERVICES = (
    "alarming",
    "baremetal",
    "block-storage",
    "compute",
    "container",
    "container-infra",
    "database",
    "dns",
    "identity",
    "image",
    "key-manager",
    "load-balancer",
    "messaging",
    "metric",
    "network",
    "object-store",
    "orchestration",
    "placement",
    "reservation",
    "shared-file-system",
    "workflow",
)
REGIONS = ("RegionEast", "RegionNorth", "RegionSouth", "RegionWest")
INTERFACES = ("admin", "internal", "public")


def hex_id(*parts: Any) -> str:
    """Return 32 hexadecimal digits, as Keystone's ids have."""
    return hashlib.md5(repr(parts).encode(), usedforsecurity=False).hexdigest()


def uuid(*parts: Any) -> str:
    """Return text in the form of a UUID."""
    digits = hex_id(*parts)
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def token_body() -> dict[str, Any]:
    """Return the body of a token with the catalogue of a cloud of four regions: 57 KB of JSON."""
    project = hex_id("project")
    return {
        "methods": ["password"],
        "user": {
            "domain": {"id": "default", "name": "Default"},
            "id": hex_id("user"),
            "name": "mara",
            "password_expires_at": None,
        },
        "audit_ids": ["3T2dc1CGQxyJsHdDu1xkcw"],
        "expires_at": "2031-04-05T06:07:08.000000Z",
        "issued_at": "2031-04-05T05:07:08.000000Z",
        "project": {
            "domain": {"id": "default", "name": "Default"},
            "id": project,
            "name": "observatory",
        },
        "is_domain": False,
        "roles": [{"id": hex_id(name), "name": name} for name in ("member", "reader")],
        "catalog": [_service(name, project) for name in SERVICES],
    }


def _service(name: str, project: str) -> dict[str, Any]:
    return {
        "type": name,
        "id": hex_id(name),
        "name": name.replace("-", "_"),
        "endpoints": [
            {
                "id": hex_id(name, region, interface),
                "interface": interface,
                "region": region,
                "region_id": region,
                "url": f"https://{interface}.{region.lower()}.cloud.example/{name}/v2/{project}",
            }
            for region in REGIONS
            for interface in INTERFACES
        ],
    }


def records() -> list[dict[str, Any]]:
    """Return a megabyte of records as an API lists them: every JSON type, nested."""
    return _filled(_server)


def _server(number: int) -> dict[str, Any]:
    return {
        "id": uuid("server", number),
        "name": f"web-{number:05d}",
        "status": ("ACTIVE", "BUILD", "ERROR", "SHUTOFF")[number % 4],
        "created": f"2031-04-{number % 28 + 1:02d}T06:07:08Z",
        "progress": number % 101,
        "load": number / 7,
        "locked": number % 3 == 0,
        "fault": None,
        "flavor": {"id": str(number % 9), "vcpus": 1 << number % 6, "ram": 512 << number % 7},
        "addresses": {
            "private": [{"version": 4, "addr": f"10.0.{number >> 8 & 255}.{number & 255}"}]
        },
        "metadata": {"role": "frontend", "rack": f"r{number % 40}", "owner": "observatory"},
        "security_groups": [{"name": "default"}, {"name": "web"}],
        "volumes_attached": [uuid("volume", number, i) for i in range(2)],
    }


def logs() -> dict[str, Any]:
    """Return a megabyte in few long strings, as a command's output is."""
    lines = _filled(_log_line)
    half = len(lines) // 2
    return {
        "stdout": "\n".join(lines[:half]),
        "stderr": "\n".join(lines[half:]),
        "return_code": 0,
    }


def _log_line(number: int) -> str:
    return (
        f"2031-04-05 06:07:{number % 60:02d}.{number % 1000:03d} INFO deploy.step [{number}] "
        f'"Copied" {number * 37} bytes to /srv/data/part-{number:06d} in {number % 90} ms'
    )


def notes() -> list[dict[str, Any]]:
    """Return a megabyte of records whose text is of many alphabets."""
    return _filled(_note)


def _note(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "titre": f"Relevé n° {number} – château d'eau",
        "автор": ("Мария", "Žofie", "李雷", "さくら")[number % 4],
        "text": "Größe geprüft, Κατάσταση εντάξει, 状態は良好です " + "☂" * (number % 5),
        "ok": number % 2 == 0,
    }


def records_with_secrets() -> list[dict[str, Any]]:
    """Return :func:`records` with a secret in some: under its own name, and inside a text."""
    found = records()
    for server in found[::10]:
        server["adminPass"] = uuid("password", server["id"])
        server["metadata"]["note"] = f"connect with password={server['id'][:8]} on port 22"
    return found


def logs_with_secrets() -> dict[str, Any]:
    """Return :func:`logs` with a few secrets among its lines."""
    found = logs()
    for name in ("stdout", "stderr"):
        lines = found[name].split("\n")
        for number in range(0, len(lines), 1000):
            lines[number] += f" --password {hex_id(number)[:12]}"
        found[name] = "\n".join(lines)
    return found


def _filled(make: Callable[[int], Any]) -> list[Any]:
    """Return what ``make`` makes of 0, 1, 2..., together a megabyte."""
    return list(_until(make, MEGABYTE))


def _until(make: Callable[[int], Any], size: int) -> Iterator[Any]:
    for number in itertools.count():
        item = make(number)
        # Two bytes go between it and the next.
        size -= len(json.dumps(item, ensure_ascii=False).encode()) + 2
        if size < 0:
            return
        yield item


def digest(value: Any) -> str:
    """Return a digest of JSON-ready data, to compare what two processes got."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]
