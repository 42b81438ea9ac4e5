# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The facts of one sandbox: where it lives, which services it has, their ports and passwords."""

from __future__ import annotations

import dataclasses
import json
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from tools.supervision.errors import SupervisionError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["ADDRESSES", "LOOPBACK", "REGIONS", "USERS", "Cloud", "all_addresses", "passwords"]

#: By region and interface. All of 127/8 is loopback: each way to a service has an address of its
#: own, so that a test sees which of them was taken.
ADDRESSES = {
    "RegionOne": {"public": "127.0.0.1", "internal": "127.0.0.2", "admin": "127.0.0.3"},
    "RegionTwo": {"public": "127.0.0.4", "internal": "127.0.0.5", "admin": "127.0.0.6"},
}
REGIONS = tuple(ADDRESSES)
#: What services talk to each other by.
LOOPBACK = "127.0.0.1"

#: Who there is, and the project of each. ``service`` is what the services themselves log in as,
#: ``mistral`` the user that a Mistral server would run as: the trustee of trusts.
USERS = {"admin": "admin", "demo": "demo", "mistral": "service", "service": "service"}

_FILE = "cloud.json"


@dataclasses.dataclass(frozen=True)
class Cloud:
    """What all who work in or with a sandbox know of it."""

    folder: Path
    services: tuple[str, ...]
    #: By service; further ones of a service as ``swift-account``.
    ports: Mapping[str, int]
    #: By user.
    passwords: Mapping[str, str] = dataclasses.field(repr=False)

    def url(
        self,
        port: str,
        path: str = "",
        *,
        region: str = REGIONS[0],
        interface: str = "public",
    ) -> str:
        """Return the address of a service, by the name of its port."""
        return f"http://{ADDRESSES[region][interface]}:{self.ports[port]}{path}"

    @property
    def auth_url(self) -> str:
        """Where one logs in."""
        return self.url("keystone", "/v3")

    @property
    def clouds_file(self) -> Path:
        """The ``clouds.yaml`` for its users."""
        return self.folder / "clouds.yaml"

    def config(self, service: str) -> Path:
        """Return the main configuration file of a service."""
        return self.folder / "etc" / service / f"{service}.conf"

    def database(self, name: str) -> str:
        """Return the URL of a database, for SQLAlchemy."""
        # The time-out, in seconds, is how long a writer waits for another.
        return f"sqlite:///{self.folder / 'db' / name}.db?timeout=60"

    def save(self) -> None:
        """Write the facts down for who finds the folder."""
        facts = dataclasses.asdict(self) | {"folder": str(self.folder)}
        path = self.folder / _FILE
        path.touch(mode=0o600)
        path.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Cloud:
        """Return what :meth:`save` wrote.

        :raises SupervisionError: when there is nothing.
        """
        try:
            facts = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise SupervisionError(f"there is no sandbox in {folder}: `make sandbox-up`") from error
        services = tuple(facts["services"])
        return cls(Path(facts["folder"]), services, facts["ports"], facts["passwords"])


def all_addresses() -> list[str]:
    """Return every address that a service answers at."""
    return [address for region in ADDRESSES.values() for address in region.values()]


def passwords(users: Iterable[str]) -> dict[str, str]:
    """Return new passwords: each a word that occurs nowhere else, so that a leak is found."""
    return {user: f"canary-{user}-{secrets.token_hex(12)}" for user in users}
