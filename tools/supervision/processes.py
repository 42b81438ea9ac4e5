# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Processes that never outlive who made them: what Linux offers for it, in few functions."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "adopt_orphans",
    "become",
    "die_with_parent",
    "end_children",
    "end_group",
    "in_fork",
    "spawn",
]

# <linux/prctl.h>
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when ``parent``, which forked it, ends in any way."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        # It ended before the kernel knew.
        os._exit(1)


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parent ends, so that they can be found."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, value, 0, 0, 0):
        raise OSError(ctypes.get_errno(), f"prctl({option}, {value})")


def spawn(run: Callable[[], object], log: Path) -> int:
    """Run a function in a fork that leads a group of its own; return the group's id, its pid.

    :param log: gets its output, at the end; a traceback when the function raises or returns.
    """
    parent = os.getpid()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            # Here as well as there: whoever comes first. Refused once it runs another program.
            os.setpgid(pid, pid)
        return pid
    try:
        os.setpgid(0, 0)
        die_with_parent(parent)
        _forget_signals()
        _redirect(log)
        run()
        print("ended, though a server goes on for ever", file=sys.stderr)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(1)


def _forget_signals() -> None:
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


def _redirect(log: Path) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for source, target in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    os.close(nothing)
    os.close(output)


def in_fork(run: Callable[[], object], what: str) -> None:
    """Run a function in a fork and wait: what it does to global state is gone afterwards.

    :param what: names it in the error.
    :raises RuntimeError: when it raises, or ends with a code that isn't 0.
    """
    parent = os.getpid()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if not pid:
        code = 1
        try:
            die_with_parent(parent)
            code = _code_of(run)
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if code:
        raise RuntimeError(f"{what} ended with {code}")


def _code_of(run: Callable[[], object]) -> int:
    try:
        code = run()
    except SystemExit as end:
        code = end.code
    if code is None or isinstance(code, int):
        return int(code or 0)
    print(code, file=sys.stderr)
    return 1


def become(module: str, *arguments: str) -> NoReturn:
    """Run a module in place of this process, in a fresh interpreter.

    For servers that change the interpreter at start, which can't be done any more once the
    modules they share with others are loaded.
    """
    os.execv(sys.executable, [sys.executable, "-W", "ignore", "-m", module, *arguments])


def end_group(pid: int) -> None:
    """Kill a group of processes. Nothing here has anything to save."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def end_children() -> None:
    """Kill and reap children until there are none; with :func:`adopt_orphans`, no descendant."""
    me = os.getpid()
    with contextlib.suppress(ChildProcessError):
        while True:
            for pid in Path(f"/proc/{me}/task/{me}/children").read_text().split():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
            os.waitpid(-1, 0)
