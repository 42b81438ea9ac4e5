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

from mistral_extra.actions.network import cleanup
from mistral_extra.actions.network.texts import check_whole
from mistral_extra.actions.ssh.parameters import Jump, Login
from mistral_lib import actions

__all__ = ["Tail", "check", "execute", "masker"]

#: Seconds that a command has to end by itself after SIGTERM, and again after SIGKILL: in sum less
#: than the connection is kept for.
_GRACE = 2.0
assert 2 * _GRACE < cleanup.CLEAN_UP - cleanup.GOODBYE

_CHUNK = 64 * 1024

#: Of output, that are shown as progress a host; a log is no place for a build's.
_LINES = 200

#: Bytes of such a line: its end.
_LONGEST = 4096

#: Characters of a secret that is looked for in an output.
_LONGEST_SECRET = 8192


class Tail:
    """The end of an output, of which no more is kept than the limit.

    It is masked before it is cut: a piece of a secret would not be known for one.

    :param limit: in bytes.
    :param on_line: called with each of the first lines.
    :param mask: returns a text without its secrets.
    """

    def __init__(
        self, limit: int, on_line: Callable[[str], None], mask: Callable[[str], str]
    ) -> None:
        self._limit = limit
        self._on_line = on_line
        self._mask = mask
        self._lines = 0
        self._line = b""
        self._kept = bytearray()
        self._taken = 0

    @property
    def text(self) -> str:
        """What is kept."""
        return self._end(self._kept, self._limit)

    @property
    def dropped(self) -> int:
        """Bytes before those that are kept."""
        return max(0, self._taken - self._limit)

    def take(self, chunk: bytes) -> None:
        """Add to the output."""
        self._taken += len(chunk)
        self._kept += chunk
        del self._kept[: -(self._limit + _LONGEST_SECRET)]
        if self._lines < _LINES:
            *lines, line = (self._line + chunk).split(b"\n")
            self._line = line[-(_LONGEST + _LONGEST_SECRET) :]
            for line in lines[: _LINES - self._lines]:
                self._on_line(self._end(line, _LONGEST))
            self._lines += len(lines)

    def _end(self, output: bytes | bytearray, limit: int) -> str:
        end = output[-(limit + _LONGEST_SECRET) :]
        masked = self._mask(end.decode("utf-8", "replace")).encode()
        return masked[max(0, len(masked) - limit) :].decode("utf-8", "replace")

    async def drain(self, reader: asyncssh.SSHReader[bytes]) -> None:
        """Take all that a reader has."""
        while chunk := await reader.read(_CHUNK):
            self.take(chunk)


def masker(stdin: str | None, login: Login, jump: Jump | None) -> actions.Masker:
    """Return what masks a call's secrets in the output of its command."""
    # Longer is no secret but data, and looking for all of it in the output would take long.
    said = stdin if stdin is not None and len(stdin) <= _LONGEST_SECRET else None
    return actions.Masker((said, *login.secrets, *(jump.secrets if jump else ())))


def check(command: str, environment: Mapping[str, str], stdin: str | None) -> None:
    """See whether a shell can be told this.

    :raises InvalidInput: it can't.
    """
    for name in environment:
        if not (name.isascii() and name.isidentifier()):
            raise actions.InvalidInput(
                f"Parameter 'environment': {name!r} is no name of a variable: letters, digits and _"
            )
    texts = {"command": command, **{f"environment.{n}": v for n, v in environment.items()}}
    check_whole({**texts, "stdin": stdin})
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

    :raises ActionTimeout: it could not be, for all that is known.
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
            try:
                await _stop(connection, process, number)
            except (asyncssh.Error, OSError) as e:
                raise actions.ActionTimeout(_LEFT, retryable=False) from e
        raise
    if process.exit_signal is not None:
        return None, process.exit_signal[0]
    return process.exit_status, None


#: What else is to be said of a command that was not done in time.
_LEFT = "not done in time, and not stopped either: it may still run there"

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


async def _number(reader: asyncssh.SSHReader[bytes], mark: str, output: Tail) -> str | None:
    """Read up to the mark, and return the number of the process after it.

    What the user's start-up files print comes before that, with or without a line break.
    """
    line = re.compile(rf"{mark} ([0-9]{{1,20}})\n".encode())
    longest = len(mark) + 22
    unread = b""
    while chunk := await reader.read(_CHUNK):
        unread += chunk
        if match := line.search(unread):
            output.take(unread[: match.start()] + unread[match.end() :])
            return match[1].decode()
        # The end may be the beginning of the mark.
        output.take(unread[:-longest])
        unread = unread[-longest:]
    output.take(unread)
    return None


async def _stop(
    connection: asyncssh.SSHClientConnection, process: asyncssh.SSHClientProcess[bytes], number: str
) -> None:
    """Ask a command to end, and kill it where it does not, or we are in a hurry ourselves.

    :raises TimeoutError: something still keeps its output open.
    """
    # Nobody reads its output any more; unread, it would keep the channel from closing.
    await process.redirect(stdout=asyncssh.DEVNULL, stderr=asyncssh.DEVNULL)
    try:
        async with asyncio.timeout(_GRACE):
            await _signal(connection, process, number, "TERM")
            await process.wait_closed()
    except (TimeoutError, asyncio.CancelledError):
        async with asyncio.timeout(_GRACE):
            await _signal(connection, process, number, "KILL")
            await process.wait_closed()


async def _signal(
    connection: asyncssh.SSHClientConnection,
    process: asyncssh.SSHClientProcess[bytes],
    number: str,
    name: str,
) -> None:
    try:
        # A hostile server may answer without end.
        discarded = asyncssh.DEVNULL
        await connection.run(
            _kill(name, number), stdin=discarded, stdout=discarded, stderr=discarded
        )
    except asyncssh.ChannelOpenError:
        # OpenSSH's MaxSessions 1 leaves the way over the server, which root has not.
        process.send_signal(name)


def _kill(signal: str, number: str) -> str:
    """Return the line that signals a process, and the group it leads: what it started itself."""
    script = f"kill -s {signal} -- -{number} || kill -s {signal} {number}"
    return f"exec sh -c {shlex.quote(script)}"
