# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The command: ``python -m tools.mistral up | demo | status | stop | start | down``."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from tools.mistral import demo, environment, handle, starting
from tools.mistral.deployment import Plan
from tools.supervision import command
from tools.supervision.errors import SupervisionError
from tools.supervision.handle import take_down

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

_UP = """\
Mistral is up ({parts}) at {url}

    export OS_MISTRAL_URL={url}
    {client} action-list
    {client} workflow-list

Logs: {logs}   Down again: make {down}
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; return the exit code."""
    options = _parser().parse_args(arguments)
    options.folder = options.folder or (
        starting.CLUSTER if options.cluster else starting.ONE_PROCESS
    )
    return command.run("mistral", options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tools.mistral", description="A Mistral on loopback.")
    # Common to all commands, and given after them.
    place = argparse.ArgumentParser(add_help=False)
    place.add_argument("--cluster", action="store_true", help="the cluster, not the one process")
    place.add_argument("--folder", type=Path, help="where it lives (default: below .sandbox)")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, run, text in (
        ("up", _up, "bring it up, and say how to use it"),
        ("demo", _demo, "run the example workflow on it"),
        ("down", _down, "take it down"),
        ("status", _status, "say how each part does"),
    ):
        commands.add_parser(name, help=text, parents=[place]).set_defaults(run=run)
    for name, run, text in (
        ("stop", _stop, "kill one part"),
        ("start", _start, "start one that was stopped or has crashed"),
    ):
        one = commands.add_parser(name, help=text, parents=[place])
        one.add_argument("part")
        one.set_defaults(run=run)
    return parser


def _up(options: argparse.Namespace) -> None:
    plan = Plan(cluster=options.cluster)
    server = starting.bring_up(plan, options.folder, keep=True, say=command.say)
    client = environment.python_of("ours").with_name("mistral")
    print(
        _UP.format(
            parts=", ".join(server.names),
            url=server.url,
            client=os.path.relpath(client),
            logs=os.path.relpath(server.folder / "log"),
            down="cluster-down" if options.cluster else "mistral-down",
        )
    )


def _demo(options: argparse.Namespace) -> None:
    demo.run(_find(options), print)


def _down(options: argparse.Namespace) -> None:
    down = take_down(options.folder)
    starting.remove(options.folder)
    print("Mistral is down." if down else f"No Mistral runs in {options.folder}.")


def _find(options: argparse.Namespace) -> handle.Server:
    server = handle.find(options.folder)
    if server is None:
        target = "cluster" if options.cluster else "mistral"
        raise SupervisionError(f"no Mistral runs in {options.folder}: `make {target}`")
    return server


def _status(options: argparse.Namespace) -> None:
    server = _find(options)
    for name, how in server.status().items():
        print(f"{name:<12} {how}")
    server.check()


def _stop(options: argparse.Namespace) -> None:
    _find(options).stop(options.part)


def _start(options: argparse.Namespace) -> None:
    _find(options).start(options.part)
