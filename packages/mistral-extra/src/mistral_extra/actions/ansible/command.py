# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Run one command to its end, or to that of the time it has."""

from __future__ import annotations

import atexit
import codecs
import contextlib
import functools
import logging
import math
import os
import selectors
import shutil
import signal
import subprocess
import tempfile
from typing import IO, TYPE_CHECKING, NamedTuple

from mistral_extra.actions import availability
from mistral_extra.actions.ansible import environment as environments
from mistral_extra.actions.ansible import errors, isolation, processes, supervisor
from mistral_lib import actions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from mistral_extra.actions.ansible.policy import Policy

__all__ = ["Command", "run"]

LOG = logging.getLogger(__name__)

_CHUNK = 65536
#: How often to look whether the action is to stop, in seconds.
_POLL = 0.05
#: Seconds to wait for a process that was killed.
_PATIENCE = 5.0
#: Bytes that are read when the command has ended. More is of a process that it left, which may
#: go on printing for ever.
_MOST_AFTER_THE_END = 1024 * 1024


class Command(NamedTuple):
    """What to run, and where."""

    words: list[str]
    working_folder: Path
    environment: Mapping[str, str]
    #: The folder of this run alone, by which its processes are known.
    private_folder: Path
    policy: Policy
    #: Further folders that it may write to, whatever the policy.
    writable: Sequence[Path] = ()


def run(command: Command, context: actions.ActionContext, read: Callable[[str], object]) -> int:
    """Run a command and return its exit code. None of its processes outlives a failure.

    :param context: says when to stop.
    :param read: gets what it prints, standard error included, while it does.
    :raises ActionTimeout: the time is over.
    :raises ActionCancelled: the action is asked to stop.
    :raises InvalidInput: a word can't be one of a command.
    :raises IsolationUnavailable: the operator demands isolation, which can't be had here.
    :raises StartFailed: the system refuses another process.
    """
    context.check_cancelled()
    for word in command.words:
        _check_word(word)
    process = _start(command)
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
        assert process.stdout is not None
        process.stdout.close()
    # Connections that ssh keeps open for the next run, which won't come.
    processes.stop(command.private_folder, command_lines_only=True)
    return process.returncode


def _check_word(word: str) -> None:
    if "\0" in word:
        raise actions.InvalidInput(f"There is a NUL character in {word!r:.80}: take it out")
    try:
        os.fsencode(word)
    except UnicodeEncodeError:
        raise actions.InvalidInput(
            f"There is half a character (U+D800 to U+DFFF) in {word!r:.80}: take it out"
        ) from None


def _start(command: Command) -> subprocess.Popen[bytes]:
    try:
        program = shutil.which(command.words[0], path=availability.search_path())
        words = [program or command.words[0], *command.words[1:]]
        if command.policy.isolation == "none":
            return _supervised(command, words, command.environment)
        with tempfile.TemporaryFile(dir=command.private_folder) as arguments:
            # By a file: on a command line, everybody could read the variables.
            arguments.write(b"".join(os.fsencode(word) + b"\0" for word in _isolating(command)))
            arguments.seek(0)
            words = [isolation.program(), "--args", str(arguments.fileno()), "--", *words]
            # A workflow's variables, such as LD_PRELOAD, are for what runs inside alone.
            return _supervised(command, words, environments.minimal(), arguments.fileno())
    except OSError as e:
        raise errors.start_failed(e) from e


def _supervised(
    command: Command, words: list[str], environment: Mapping[str, str], *passed: int
) -> subprocess.Popen[bytes]:
    """Start the supervisor of a command.

    :param words: the command, with what isolates it.
    :param passed: descriptors for what isolates it.
    """
    return subprocess.Popen(
        supervisor.command_line(command.private_folder, words, scoped=bool(passed)),
        cwd=command.working_folder,
        env=environment,
        # Without input and, in a session of its own, without a terminal, nothing can wait for
        # somebody to type.
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        bufsize=0,
        pass_fds=passed,
    )


def _isolating(command: Command) -> list[str]:
    """Return the arguments of bwrap for a command."""
    opened = command.policy.content_folders
    return isolation.arguments(
        command.private_folder,
        command.working_folder,
        command.environment,
        () if opened is None else opened.folders,
        command.writable,
    )


def _kill(process: subprocess.Popen[bytes], private_folder: Path) -> None:
    processes.stop(private_folder)
    if process.poll() is None:
        # Where processes can't be found by the folder.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        # The kernel holds it, as a dead network file system does; nobody else should wait.
        LOG.warning("Process %d of a run of Ansible was killed and does not end", process.pid)


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
    _hand_on(process.stdout, lambda chunk: read(decode(chunk)), context, _MOST_AFTER_THE_END)


def _hand_on(
    output: IO[bytes],
    read: Callable[[bytes], object],
    context: actions.ActionContext,
    most: float = math.inf,
) -> bool:
    """Hand on what there is; return whether there will be no more.

    :param most: bytes after which to stop.
    """
    while chunk := output.read(_CHUNK):
        read(chunk)
        context.check_cancelled()
        most -= len(chunk)
        if most <= 0:
            break
    return chunk == b""
