# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The facts of one deployment: what was asked for, where it lives, its ports and passwords."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.supervision.errors import SupervisionError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["EXECUTORS", "HOST", "Deployment", "Plan"]

HOST = "127.0.0.1"
EXECUTORS = ("executor-1", "executor-2")

_FILE = "deployment.json"


@dataclasses.dataclass(frozen=True)
class Plan:
    """What somebody wants to have running."""

    #: RabbitMQ, PostgreSQL and a process for each part; one process with SQLite otherwise.
    cluster: bool = False
    #: Whose mistral-lib and mistral-extra a part has, where not "ours"; "*" is for all others.
    libraries: Mapping[str, str] = dataclasses.field(default_factory=dict)
    #: Options by section, beyond those of :mod:`tools.mistral.configuration`.
    options: Mapping[str, Mapping[str, Any]] = dataclasses.field(default_factory=dict)
    #: Folder of a sandbox whose Keystone says who may what; everybody may everything otherwise.
    keystone: str | None = None
    #: Variables of the environment of all parts.
    variables: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def libraries_of(self, part: str) -> str:
        """Return whose libraries a part has: "ours" or "upstream"."""
        return self.libraries.get(part, self.libraries.get("*", "ours"))


@dataclasses.dataclass(frozen=True)
class Deployment:
    """What all who work in or with a deployment know of it."""

    folder: Path
    plan: Plan
    #: By name: "api", "postgres", "rabbitmq", ...
    ports: Mapping[str, int]
    #: By name of what they open: words that occur nowhere else, so that a leak is found.
    passwords: Mapping[str, str] = dataclasses.field(repr=False)

    @property
    def url(self) -> str:
        """Where the API answers."""
        return f"http://{HOST}:{self.ports['api']}/v2"

    @property
    def config(self) -> Path:
        """The configuration file of all parts."""
        return self.folder / "etc" / "mistral.conf"

    @property
    def database(self) -> str:
        """The URL of the database, for SQLAlchemy."""
        if not self.plan.cluster:
            # The time-out, in seconds, is how long a writer waits for another.
            return f"sqlite:///{self.folder / 'db' / 'mistral.db'}?timeout=60"
        secret = self.passwords["postgres"]
        return f"postgresql+psycopg2://mistral:{secret}@{HOST}:{self.ports['postgres']}/mistral"

    @property
    def transport(self) -> str:
        """The URL of the message broker, for oslo.messaging."""
        if not self.plan.cluster:
            return "fake://"
        return f"rabbit://mistral:{self.passwords['rabbitmq']}@{HOST}:{self.ports['rabbitmq']}//"

    def save(self) -> None:
        """Write the facts down for who finds the folder."""
        facts = dataclasses.asdict(self) | {"folder": str(self.folder)}
        path = self.folder / _FILE
        path.touch(mode=0o600)
        path.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Deployment:
        """Return what :meth:`save` wrote.

        :raises SupervisionError: when there is nothing.
        """
        try:
            facts = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise SupervisionError(f"there is no Mistral in {folder}: `make mistral`") from error
        plan = Plan(**facts["plan"])
        return cls(Path(facts["folder"]), plan, facts["ports"], facts["passwords"])
