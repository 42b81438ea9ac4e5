# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The processes of a deployment: what each becomes, what it waits for, and when it is ready."""

from __future__ import annotations

import dataclasses
import http.client
import os
import re
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tools.mistral import environment, postgres, rabbitmq
from tools.mistral.deployment import EXECUTORS, HOST, Plan
from tools.supervision import folder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tools.mistral.deployment import Deployment

__all__ = ["PARTS", "Part", "of"]

_ROOT = Path(__file__).parents[2]
_PAUSE = 0.1


@dataclasses.dataclass(frozen=True)
class Part:
    """One process, with what it starts itself."""

    name: str
    #: Becomes the process; runs in a fork of the supervisor.
    run: Callable[[Deployment], object]
    #: Tells whether it does its work; the number says how often it was started.
    ready: Callable[[Deployment, int], bool]
    #: Its ports by name, each the usual one; another is taken where that isn't free.
    ports: Mapping[str, int] = dataclasses.field(default_factory=dict)
    #: The signal on which it ends at once and leaves nothing.
    end: signal.Signals = signal.SIGKILL


def of(plan: Plan) -> tuple[Part, ...]:
    """Return the parts that a plan needs, in the order of starting."""
    names = _CLUSTER if plan.cluster else ("server",)
    return tuple(PARTS[name] for name in names)


# -- what they wait for


def _listens(port: str) -> Callable[[Deployment], bool]:
    def listens(deployment: Deployment) -> bool:
        with socket.socket() as sock:
            sock.settimeout(1)
            return sock.connect_ex((HOST, deployment.ports[port])) == 0

    return listens


def _schema(deployment: Deployment) -> Path:
    return deployment.folder / "state" / "schema"


def _has_schema(deployment: Deployment) -> bool:
    return _schema(deployment).exists()


def _wait(deployment: Deployment, *conditions: Callable[[Deployment], bool]) -> None:
    while not all(condition(deployment) for condition in conditions):
        time.sleep(_PAUSE)


# -- what they become


def _variables(deployment: Deployment, name: str) -> dict[str, str]:
    """Return a part's environment: nothing of the caller's, whose proxies, say, would get what is
    sent to loopback."""
    python = environment.python_of(deployment.plan.libraries_of(name))
    return {
        "HOME": str(deployment.folder),
        "LANG": "C.UTF-8",
        "PATH": os.pathsep.join([str(python.parent), os.defpath]),
        "PYTHONUNBUFFERED": "1",
        "TMPDIR": str(deployment.folder / "tmp"),
        # Where an action that completes later finds the API.
        "OS_MISTRAL_URL": deployment.url,
        # Overrides [executor] host, and is the name that its actions see.
        "OS_EXECUTOR__HOST": name,
        **deployment.plan.variables,
    }


def _program(deployment: Deployment, name: str, program: str) -> list[str]:
    python = environment.python_of(deployment.plan.libraries_of(name))
    return [str(python.with_name(program)), "--config-file", str(deployment.config)]


def _server(name: str, kind: str) -> Callable[[Deployment], None]:
    def run(deployment: Deployment) -> None:
        waits = [_listens("rabbitmq")]
        if kind == "engine":
            _wait(deployment, _listens("postgres"))
            _make_schema(deployment, name)
        elif kind != "executor":
            waits.append(_has_schema)
        _wait(deployment, *waits)
        command = [*_program(deployment, name, "mistral-server"), "--server", kind]
        os.execve(command[0], command, _variables(deployment, name))

    return run


def _make_schema(deployment: Deployment, name: str) -> None:
    if _has_schema(deployment):
        return
    for arguments in (("upgrade", "head"), ("populate",)):
        command = [*_program(deployment, name, "mistral-db-manage"), *arguments]
        subprocess.run(command, env=_variables(deployment, name), check=True)
    _schema(deployment).touch()


def _one_process(deployment: Deployment) -> None:
    python = environment.python_of(deployment.plan.libraries_of("server"))
    command = [str(python), "-m", "tools.mistral.one_process", str(deployment.config)]
    variables = _variables(deployment, "server") | {"PYTHONPATH": str(_ROOT)}
    os.execve(command[0], command, variables)


# -- when they are ready


def _answers(deployment: Deployment, starts: int) -> bool:
    connection = http.client.HTTPConnection(HOST, deployment.ports["api"], timeout=2)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _says(name: str, text: str) -> Callable[[Deployment, int], bool]:
    def says(deployment: Deployment, starts: int) -> bool:
        try:
            log = folder.log_of(deployment.folder, name).read_bytes()
        except FileNotFoundError:
            return False
        return len(re.findall(text.encode(), log)) >= starts

    return says


_ENGINE = Part("engine", _server("engine", "engine"), _says("engine", "Engine server started"))
_NOTIFIER = Part(
    "notifier",
    _server("notifier", "notifier"),
    _says("notifier", "Notification server started"),
)
_EXECUTORS = [
    Part(name, _server(name, "executor"), _says(name, "Executor server started"))
    for name in EXECUTORS
]

#: By name.
PARTS = {
    part.name: part
    for part in (
        Part("server", _one_process, _answers, {"api": 18989}),
        Part(
            "postgres",
            postgres.run,
            lambda deployment, starts: _listens("postgres")(deployment),
            {"postgres": 18432},
            # "Immediate shutdown". On SIGKILL it would leave a piece of shared memory.
            end=signal.SIGQUIT,
        ),
        Part(
            "rabbitmq",
            rabbitmq.run,
            lambda deployment, starts: _listens("rabbitmq")(deployment),
            {"rabbitmq": 18672, "erlang": 18673, "epmd": 18369},
        ),
        Part("api", _server("api", "api"), _answers, {"api": 18990}),
        _ENGINE,
        _NOTIFIER,
        *_EXECUTORS,
    )
}
_CLUSTER = ("rabbitmq", "postgres", "engine", "api", "notifier", *EXECUTORS)
