# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The process above the parts: ``python -m tools.mistral.supervisor FOLDER OWNER PLAN``"""

from __future__ import annotations

import dataclasses
import functools
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.mistral import configuration, parts
from tools.mistral.deployment import HOST, Deployment, Plan
from tools.sandbox import cloud
from tools.supervision import folder, ports, processes
from tools.supervision import supervisor as supervisors

if TYPE_CHECKING:
    import signal
    from collections.abc import Mapping


class _Supervisor(supervisors.Supervisor):
    def __init__(self, place: Path, plan: Plan) -> None:
        planned = parts.of(plan)
        super().__init__(place, [part.name for part in planned])
        self._held = {
            name: ports.hold([HOST], usual)
            for part in planned
            for name, usual in part.ports.items()
        }
        numbers = {name: socks[0].getsockname()[1] for name, socks in self._held.items()}
        secrets = cloud.passwords(["postgres", "rabbitmq"])
        self._deployment = Deployment(place, plan, numbers, secrets)

    def configure(self) -> None:
        configuration.write(self._deployment)
        self._deployment.save()

    def launch(self, name: str) -> int:
        part, deployment = parts.PARTS[name], self._deployment
        for port in part.ports:
            for sock in self._held.pop(port, ()):
                sock.close()

        def run() -> None:
            for held in self._held.values():
                for sock in held:
                    sock.close()
            os.chdir(deployment.folder)
            part.run(deployment)

        return processes.spawn(run, folder.log_of(deployment.folder, name))

    def reconsider(self, request: Mapping[str, Any]) -> None:
        if request.get("libraries"):
            plan = self._deployment.plan
            libraries = {**plan.libraries, request["name"]: request["libraries"]}
            plan = dataclasses.replace(plan, libraries=libraries)
            self._deployment = dataclasses.replace(self._deployment, plan=plan)
            self._deployment.save()

    def last_signal(self, name: str) -> signal.Signals:
        return parts.PARTS[name].end


if __name__ == "__main__":
    supervisors.serve(
        functools.partial(_Supervisor, Path(sys.argv[1]), Plan(**json.loads(sys.argv[3]))),
        owner=int(sys.argv[2]),
    )
