# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Run one command to its end, or to that of the time it has."""

from __future__ import annotations

import atexit
import codecs
import contextlib
import functools
import os
import selectors
import signal
import subprocess
from typing import IO, TYPE_CHECKING, NamedTuple

from mistral_extra.actions.ansible import processes
from mistral_lib import actions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

__all__ = ["Command", "run"]

_CHUNK = 65536
#: How often to look whether the action is to stop, in seconds.
_POLL = 0.05


class Command(NamedTuple):
    """What to run, and where."""

    words: list[str]
    working_folder: Path
    environment: Mapping[str, str]
    #: The folder of this run alone, by which its processes are known.
    private_folder: Path


def run(command: Command, context: actions.ActionContext, read: Callable[[str], object]) -> int:
    """Run a command and return its exit code. None of its processes outlives a failure.

    :param context: says when to stop.
    :param read: gets what it prints, standard error included, while it does.
    :raises ActionTimeout: the time is over.
    :raises ActionCancelled: the action is asked to stop.
    :raises InvalidInput: a word can't be one of a command.
    """
    context.check_cancelled()
    for word in command.words:
        if "\0" in word:
            raise actions.InvalidInput(f"There is a NUL character in {word!r:.100}: take it out")
    with subprocess.Popen(
        command.words,
        cwd=command.working_folder,
        env=command.environment,
        # Without input and, in a session of its own, without a terminal, nothing can wait for
        # somebody to type.
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        bufsize=0,
    ) as process:
        kill = functools.partial(_kill, process, command.private_folder)
        # The interpreter may end while this thread, a daemon, still waits or kills.
        atexit.register(kill)
        try:
            _follow(process, context, read)
        except BaseException:
            kill()
            raise
        finally:
            atexit.unregister(kill)
        # Connections that ssh keeps open for the next run, which won't come.
        processes.stop(command.private_folder, command_lines_only=True)
        return process.returncode


def _kill(process: subprocess.Popen[bytes], private_folder: Path) -> None:
    processes.stop(private_folder)
    if process.poll() is None:
        # Where processes can't be found by the folder.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)


def _follow(
    process: subprocess.Popen[bytes],
    context: actions.ActionContext,
    read: Callable[[str], object],
) -> None:
    """Hand on what a process prints until it ends; what it started may go on."""
    assert process.stdout is not None
    os.set_blocking(process.stdout.fileno(), False)
    decode = codecs.getincrementaldecoder("utf-8")("replace").decode
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while process.poll() is None:
            selector.select(_POLL)
            context.check_cancelled()
            if _hand_on(process.stdout, lambda chunk: read(decode(chunk)), context):
                # It closed its output, which is always ready to say so.
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(_POLL)
    _hand_on(process.stdout, lambda chunk: read(decode(chunk)), context)


def _hand_on(
    output: IO[bytes], read: Callable[[bytes], object], context: actions.ActionContext
) -> bool:
    """Hand on what there is; tell whether there will be no more."""
    while chunk := output.read(_CHUNK):
        read(chunk)
        context.check_cancelled()
    return chunk == b""
