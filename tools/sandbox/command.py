# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The command: ``python -m tools.sandbox up | down | status | stop | start``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from tools.sandbox import environment, handle, starting
from tools.sandbox.services import SERVICES
from tools.supervision import command, folder
from tools.supervision.errors import SupervisionError
from tools.supervision.handle import take_down

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

_UP = """\
The sandbox is up: {services}.

    export OS_CLIENT_CONFIG_FILE={clouds}
    export OS_CLOUD=demo

then, as an OpenStack cloud: mistral-action run nova.servers_list{openstack}
Clouds in that file: admin, demo, mistral (a service user, whom others may trust).
Logs: {logs}
"""
_OPENSTACK = ", or {client} catalog list"


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; return the exit code."""
    return command.run("sandbox", _parser().parse_args(arguments))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sandbox", description="Real OpenStack services on loopback."
    )
    parser.add_argument(
        "--folder",
        type=Path,
        default=starting.DEFAULT,
        help="where the sandbox lives; one sandbox a folder (default: .sandbox/run)",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    up = commands.add_parser("up", help="bring it up, and say how to use it")
    up.add_argument(
        "--only",
        metavar="NAMES",
        default=",".join(SERVICES),
        help="services with commas between; those they need come too (default: %(default)s)",
    )
    up.set_defaults(run=_up)
    for name, run, text in (
        ("down", _down, "take it down"),
        ("status", _status, "say how each service does"),
    ):
        commands.add_parser(name, help=text).set_defaults(run=run)
    for name, run, text in (
        ("stop", _stop, "end one service"),
        ("start", _start, "start one that was stopped or has crashed"),
    ):
        one = commands.add_parser(name, help=text)
        one.add_argument("service")
        one.set_defaults(run=run)
    return parser


def _up(options: argparse.Namespace) -> None:
    names = [name for name in options.only.split(",") if name]
    sandbox = starting.bring_up(names, options.folder, keep=True, say=command.say)
    client = environment.DEFAULT / "bin" / "openstack"
    print(
        _UP.format(
            services=", ".join(sandbox.services),
            clouds=sandbox.clouds_file,
            openstack=_OPENSTACK.format(client=folder.shown(client)) if client.exists() else "",
            logs=folder.shown(sandbox.folder / "log"),
        )
    )


def _down(options: argparse.Namespace) -> None:
    down = take_down(options.folder)
    print("The sandbox is down." if down else f"No sandbox runs in {options.folder}.")


def _find(options: argparse.Namespace) -> handle.Sandbox:
    sandbox = handle.find(options.folder)
    if sandbox is None:
        raise SupervisionError(f"no sandbox runs in {options.folder}: `make sandbox-up`")
    return sandbox


def _status(options: argparse.Namespace) -> None:
    sandbox = _find(options)
    for name, how in sandbox.status().items():
        print(f"{name:<10} {sandbox.ports[name]:>5}  {how}")
    sandbox.check()


def _stop(options: argparse.Namespace) -> None:
    _find(options).stop(options.service)


def _start(options: argparse.Namespace) -> None:
    _find(options).start(options.service)
