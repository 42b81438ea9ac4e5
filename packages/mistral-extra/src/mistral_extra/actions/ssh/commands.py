# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""One command on one host: its input, its output, and its end, come what may.

A server need not hand a signal on to what it started, and OpenSSH does not for root. Nor does a
command end because its connection does. So the line that is sent first tells the number of its
process, waits until we have it, and is then replaced by the command; to stop that, another session
kills the number. Nothing ever runs that could not be stopped.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
import shlex
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import asyncssh

__all__ = ["Tail", "execute"]

#: Seconds that a command has to end by itself once it is asked to.
_GRACE = 2.0

_CHUNK = 64 * 1024

#: Of output, that are shown as progress a host; a log is no place for a build's.
_LINES = 200


class Tail:
    """The end of an output, of which no more is kept than the limit.

    :param limit: in bytes.
    :param on_line: called with each of the first lines.
    """

    def __init__(self, limit: int, on_line: Callable[[str], None]) -> None:
        self._limit = limit
        self._on_line = on_line
        self._lines = 0
        self._line = b""
        self._kept = bytearray()
        #: Bytes before those that are kept.
        self.dropped = 0

    @property
    def text(self) -> str:
        """What is kept."""
        return self._kept.decode("utf-8", "replace")

    def take(self, chunk: bytes) -> None:
        """Add to the output."""
        self._kept += chunk
        surplus = len(self._kept) - self._limit
        if surplus > 0:
            del self._kept[:surplus]
            self.dropped += surplus
        if self._lines < _LINES:
            *lines, self._line = (self._line + chunk)[-self._limit :].split(b"\n")
            for line in lines[: _LINES - self._lines]:
                self._on_line(line.decode("utf-8", "replace"))
            self._lines += len(lines)

    async def drain(self, reader: asyncssh.SSHReader[bytes]) -> None:
        """Take all that a reader has."""
        while chunk := await reader.read(_CHUNK):
            self.take(chunk)


async def execute(
    connection: asyncssh.SSHClientConnection,
    command: str,
    environment: Mapping[str, str],
    stdin: str | None,
    stdout: Tail,
    stderr: Tail,
) -> tuple[int | None, str | None]:
    """Run a command; return its exit code, or the name of the signal that killed it.

    When the caller stops waiting, the command is stopped too.
    """
    mark = secrets.token_hex(8)
    process: asyncssh.SSHClientProcess[bytes] = await connection.create_process(
        _line(command, environment, mark), encoding=None
    )
    number: str | None = None
    try:
        number = await _number(process.stdout, mark, stdout)
        with contextlib.suppress(OSError):
            # Refused where the command has ended without reading it.
            process.stdin.write(f"\n{stdin or ''}".encode())
            process.stdin.write_eof()
        await asyncio.gather(stdout.drain(process.stdout), stderr.drain(process.stderr))
        await process.wait_closed()
    except asyncio.CancelledError:
        if number is not None:
            await _stop(connection, process, number)
        raise
    if process.exit_signal is not None:
        return None, process.exit_signal[0]
    return process.exit_status, None


def _line(command: str, environment: Mapping[str, str], mark: str) -> str:
    """Return the line to send.

    SSH has a request of its own for variables, which servers ignore unless configured otherwise.
    """
    # Bash reads its start-up files again unless it sees that this is not the outermost shell.
    variables = {"SHLVL": "1", **environment}
    assignments = " ".join(shlex.quote(f"{name}={value}") for name, value in variables.items())
    script = f'echo {mark} $$; read -r go && exec env {assignments} "${{SHELL:-sh}}" -c "$0"'
    return f"exec sh -c {shlex.quote(script)} {shlex.quote(command)}"


async def _number(reader: asyncssh.SSHReader[bytes], mark: str, before: Tail) -> str | None:
    """Read up to the mark, and return the number of the process after it.

    What the user's start-up files print comes before that.
    """
    told = re.compile(rf"{mark} ([0-9]+)\n".encode())
    while said := await reader.readline():
        if match := told.fullmatch(said):
            return match[1].decode()
        before.take(said)
    return None


async def _stop(
    connection: asyncssh.SSHClientConnection, process: asyncssh.SSHClientProcess[bytes], number: str
) -> None:
    """Ask a command to end, and kill it where it does not, or we are in a hurry ourselves."""
    try:
        async with asyncio.timeout(_GRACE):
            await connection.run(_kill("TERM", number))
            await process.wait_closed()
    except (TimeoutError, asyncio.CancelledError):
        await _whatever_comes(connection.run(_kill("KILL", number)))


async def _whatever_comes(last: Coroutine[Any, Any, object]) -> None:
    """Finish, though asked to stop again and again; but not for long."""
    loop = asyncio.get_running_loop()
    task, until = loop.create_task(last), loop.time() + _GRACE
    while not task.done() and loop.time() < until:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait([task], timeout=until - loop.time())
    task.cancel()


def _kill(signal: str, number: str) -> str:
    """Return the line that signals a process, and the group it leads: what it started itself."""
    script = f"kill -s {signal} -- -{number} || kill -s {signal} {number}"
    return f"exec sh -c {shlex.quote(script)}"
