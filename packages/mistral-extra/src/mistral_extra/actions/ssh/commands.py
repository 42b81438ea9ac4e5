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
from collections.abc import Callable, Mapping

import asyncssh

from mistral_lib import actions

__all__ = ["Tail", "check", "execute"]

#: Seconds that a command has to end by itself once it is asked to, and we to kill it after that:
#: in sum less than what a cancelled coroutine has to clean up.
_GRACE = 2.0

_CHUNK = 64 * 1024

#: Of output, that are shown as progress a host; a log is no place for a build's.
_LINES = 200

#: Bytes of such a line: its end.
_LONGEST = 4096


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
            *lines, self._line = (self._line + chunk).split(b"\n")
            self._line = self._line[-_LONGEST:]
            for line in lines[: _LINES - self._lines]:
                self._on_line(line[-_LONGEST:].decode("utf-8", "replace"))
            self._lines += len(lines)

    async def drain(self, reader: asyncssh.SSHReader[bytes]) -> None:
        """Take all that a reader has."""
        while chunk := await reader.read(_CHUNK):
            self.take(chunk)


def check(command: str, environment: Mapping[str, str]) -> None:
    """See whether a shell can be told this.

    :raises InvalidInput: it can't.
    """
    for name in environment:
        if not (name.isascii() and name.isidentifier()):
            raise actions.InvalidInput(
                f"Parameter 'environment': {name!r} is no name of a variable: letters, digits and _"
            )
    texts = {"command": command, **{f"environment.{n}": v for n, v in environment.items()}}
    for parameter, text in texts.items():
        if "\0" in text:
            raise actions.InvalidInput(f"Parameter '{parameter}' holds a NUL character")


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
        _line(command, mark), encoding=None
    )
    number: str | None = None
    try:
        number = await _number(process.stdout, mark, stdout)
        with contextlib.suppress(OSError):
            # Refused where the command has ended without reading it.
            process.stdin.write(f"{_setting(environment)}\n{stdin or ''}".encode())
            process.stdin.write_eof()
        await asyncio.gather(stdout.drain(process.stdout), stderr.drain(process.stderr))
        await process.wait_closed()
    except asyncio.CancelledError:
        if number is not None:
            with contextlib.suppress(asyncssh.Error, OSError):
                await _stop(connection, process, number)
        raise
    if process.exit_signal is not None:
        return None, process.exit_signal[0]
    return process.exit_status, None


#: What is sent for a command: it says the mark and its number, reads one line, and becomes the
#: user's shell with the command. ``$0`` is the command, ``$1`` a line break.
_SCRIPT = 'echo {mark} $$; IFS= read -r go && eval "$go" && exec "${{SHELL:-sh}}" -c "$0"'


def _line(command: str, mark: str) -> str:
    """Return the line to send."""
    script = shlex.quote(_SCRIPT.format(mark=mark))
    return f"exec sh -c {script} {shlex.quote(command)} {shlex.quote(_LINE_BREAK)}"


_LINE_BREAK = "\n"


def _setting(environment: Mapping[str, str]) -> str:
    """Return one line of shell that sets variables.

    SSH has a request of its own for them, which servers ignore unless configured otherwise. As
    part of the command that is sent they would be in the host's list of processes.
    """
    # Bash reads its start-up files again unless it sees that this is not the outermost shell.
    variables = {"SHLVL": "1", **environment}
    return "export " + " ".join(f"{name}={_word(value)}" for name, value in variables.items())


def _word(value: str) -> str:
    return '"$1"'.join(map(shlex.quote, value.split(_LINE_BREAK)))


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
        async with asyncio.timeout(_GRACE):
            await connection.run(_kill("KILL", number))


def _kill(signal: str, number: str) -> str:
    """Return the line that signals a process, and the group it leads: what it started itself."""
    script = f"kill -s {signal} -- -{number} || kill -s {signal} {number}"
    return f"exec sh -c {shlex.quote(script)}"
