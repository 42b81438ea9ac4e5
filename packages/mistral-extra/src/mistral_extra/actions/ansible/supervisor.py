# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Run a command for another process, and end it when that process dies, whatever kills it.

It is a program, run by :func:`command_line`.

The kernel's own signal on a parent's death (``PR_SET_PDEATHSIG``) comes when the *thread* that
started the command ends, and an executor's threads come and go. And a pipe stays open as long as
any process that the parent forked lives. So this process looks who its parent is, now and then.
"""

from __future__ import annotations

import os
import signal
import stat
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from mistral_extra.actions.ansible import private_folder, processes

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["command_line", "main"]

#: How often to look for the parent, in seconds.
_POLL = 0.5


def command_line(folder: Path, words: Sequence[str], *, scoped: bool) -> list[str]:
    """Return the words that run a command for this process.

    :param folder: the private folder of the run, which is removed when this process dies.
    :param words: the command, with the path of its program.
    :param scoped: keep it from abstract sockets of other processes, where the kernel can.
    """
    scope = "scoped" if scoped else "unscoped"
    # -I and -S: neither the working folder nor a variable of the workflow's decides what is
    # imported; and nothing is but Python's own modules and some of this package.
    start = [sys.executable, "-I", "-S", "-c", _START, str(_PACKAGES)]
    return [*start, str(os.getpid()), str(folder), scope, *words]


_PACKAGES = Path(__file__).parents[3]
_START = f"""\
import sys
sys.path.append(sys.argv.pop(1))
from {__name__} import main
sys.exit(main(sys.argv[1:]))
"""


def main(arguments: Sequence[str]) -> int:
    """Run the command and return its exit code; end by the same signal, if it does by one.

    :param arguments: id of the parent, private folder, "scoped" or not, and the command's words.
    """
    parent, folder, scope, *words = arguments
    if scope == "scoped":
        _leave_abstract_sockets_alone(words[0])
    # Whoever sends these sends them to the command too. Its end is the end of this process; a
    # handler, unlike SIG_IGN, is not handed on to the command.
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    # The descriptors that were passed to this process are the command's.
    with subprocess.Popen(words, close_fds=False) as command:
        watch = threading.Thread(target=_watch, args=(int(parent), Path(folder)), daemon=True)
        watch.start()
        code = command.wait()
    if os.getppid() != int(parent):
        # It is the watch that ends the command, and this process when all is done.
        watch.join()
    if code < 0:
        if -code != signal.SIGKILL:
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    return code


def _leave_abstract_sockets_alone(program: str) -> None:
    """Keep this process, and what it starts, from connecting to others' abstract sockets.

    These have no file, and belong to the network that isolation shares. Landlock of Linux 6.12 and
    newer scopes them (https://docs.kernel.org/userspace-api/landlock.html); nothing else does.

    :param program: to be started; one that is setuid would lose its rights by this.
    """
    if os.stat(program).st_mode & stat.S_ISUID:
        return
    # Only where it is needed: it takes longer to load than all the rest.
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    # The attributes: access to files, access to the network, scopes; none of the former.
    attributes = struct.pack("=QQQ", 0, 0, _SCOPE_ABSTRACT_UNIX_SOCKET)
    ruleset = libc.syscall(_LANDLOCK_CREATE_RULESET, attributes, len(attributes), 0)
    if ruleset >= 0:
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        libc.syscall(_LANDLOCK_RESTRICT_SELF, ruleset, 0)
        os.close(ruleset)


# The same on all of Linux's architectures; from its headers.
_LANDLOCK_CREATE_RULESET, _LANDLOCK_RESTRICT_SELF = 444, 446
_SCOPE_ABSTRACT_UNIX_SOCKET = 1
_PR_SET_NO_NEW_PRIVS = 38


def _watch(parent: int, folder: Path) -> None:
    while os.getppid() == parent:
        time.sleep(_POLL)
    processes.stop(folder)
    private_folder.remove(folder)
    os._exit(1)
