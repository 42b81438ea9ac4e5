# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A running sandbox, as those see it who use it: where it is, and what can be done to it."""

from __future__ import annotations

import http.client
from concurrent import futures
from typing import TYPE_CHECKING

from tools.sandbox.cloud import LOOPBACK, REGIONS, Cloud
from tools.supervision import control
from tools.supervision.errors import SupervisionError
from tools.supervision.handle import Handle

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

__all__ = ["Sandbox", "find"]


class Sandbox(Handle):
    """A handle to what runs in a folder; many may have one."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    # -- where it is

    @property
    def folder(self) -> Path:
        return self._cloud.folder

    @property
    def names(self) -> tuple[str, ...]:
        return self._cloud.services

    @property
    def services(self) -> tuple[str, ...]:
        """The names of what it was started with."""
        return self._cloud.services

    @property
    def ports(self) -> Mapping[str, int]:
        """The port of each service."""
        return self._cloud.ports

    @property
    def passwords(self) -> Mapping[str, str]:
        """The password of each user: words that occur nowhere else."""
        return self._cloud.passwords

    @property
    def auth_url(self) -> str:
        """Where one logs in."""
        return self._cloud.auth_url

    @property
    def clouds_file(self) -> Path:
        """Its ``clouds.yaml``, with the clouds ``admin``, ``demo`` and ``mistral``."""
        return self._cloud.clouds_file

    def url(
        self, service: str, path: str = "", *, region: str = REGIONS[0], interface: str = "public"
    ) -> str:
        """Return the address at which a service answers for a region and interface."""
        return self._cloud.url(service, path, region=region, interface=interface)

    def require(self, services: Iterable[str]) -> None:
        """Make sure that it has these services.

        :raises SupervisionError: names those it was started without.
        """
        missing = [name for name in services if name not in self.services]
        if missing:
            raise SupervisionError(
                f"the sandbox in {self.folder} was started without {', '.join(missing)}: "
                "take it down with `make sandbox-down`, and start it with them"
            )

    def ready_among(self, names: Collection[str]) -> list[str]:
        with futures.ThreadPoolExecutor(len(names)) as threads:
            answering = list(threads.map(self._answers, names))
        return [name for name, answers in zip(names, answering, strict=True) if answers]

    def _answers(self, service: str) -> bool:
        # The port is held from the beginning, so that a time-out says no more than "not yet".
        connection = http.client.HTTPConnection(LOOPBACK, self.ports[service], timeout=1)
        try:
            connection.request("GET", "/")
            connection.getresponse()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        return True


def find(place: Path) -> Sandbox | None:
    """Return the sandbox that runs in a folder, or None."""
    return None if control.find_supervisor(place) is None else Sandbox(Cloud.load(place))
