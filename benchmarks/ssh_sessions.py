# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Whether ``ssh.run`` to many hosts at once waits for sshd or for us, on loopback.

    python benchmarks/ssh_sessions.py [SESSIONS]

It needs OpenSSH's sshd, which it starts as the user who runs it, and stops. Two commands: one that
does nothing, where all work is keys and processes, and one that sleeps two seconds, which must not
add up. Beside the time on the clock stands the CPU time of both sides: the greater part is the one
that is waited for. OpenSSH's own client, as many at once, is the yardstick.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncssh

from mistral_extra import config
from mistral_extra.actions.ssh.run import run
from mistral_lib import actions


@contextlib.contextmanager
def sshd(folder: Path) -> Iterator[dict[str, Any]]:
    """Run a server; yield the parameters that lead there."""
    program = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        sys.exit("OpenSSH's sshd is not installed")
    host, user = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    for name, key in {"host_key": host, "user_key": user}.items():
        key.write_private_key(folder / name)
        (folder / name).chmod(0o600)
    user.write_public_key(folder / "authorized_keys")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    known = f"[127.0.0.1]:{port} {host.export_public_key().decode()}"
    (folder / "known_hosts").write_text(known)
    (folder / "config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host_key\nUsePAM no\n"
        f"AuthorizedKeysFile {folder}/authorized_keys\nStrictModes no\nMaxStartups 1000\n"
        "PidFile none\nPermitRootLogin yes\nLogLevel FATAL\n"
        # So that bash leaves out the user's start-up files, which are not to be measured.
        "SetEnv SHLVL=1\n"
    )
    if os.geteuid() == 0:
        os.makedirs("/run/sshd", exist_ok=True)
    process = subprocess.Popen([program, "-D", "-e", "-f", folder / "config"])
    try:
        for _ in range(500):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.01)
        login = {"username": getpass.getuser(), "private_key": user.export_private_key().decode()}
        yield {"hosts": [f"127.0.0.1:{port}"], "login": login, "known_hosts": known}
    finally:
        process.terminate()
        process.wait()


def ours(params: dict[str, Any], command: str, sessions: int) -> None:
    """One action."""
    many = {**params, "hosts": params["hosts"] * sessions, "command": command}
    done = actions.run(run, {**many, "at_once": sessions})
    assert len(done) == sessions


def openssh(params: dict[str, Any], folder: Path, command: str, sessions: int) -> None:
    """As many clients of OpenSSH."""
    host, _, port = params["hosts"][0].partition(":")
    options = [f"UserKnownHostsFile={folder}/known_hosts", "BatchMode=yes", "LogLevel=ERROR"]
    line = ["ssh", "-F", "none", "-i", str(folder / "user_key"), "-p", port]
    line += [part for option in options for part in ("-o", option)]
    line += [f"{params['login']['username']}@{host}", command]
    clients = [subprocess.Popen(line) for _ in range(sessions)]
    assert [client.wait() for client in clients] == [0] * sessions


def measured(function: Callable[[], None], server: int) -> tuple[float, float, float]:
    """Return seconds on the clock, CPU seconds of this process and of the server with its own."""
    before, started = _cpu_of(server), time.perf_counter()
    own = resource.getrusage(resource.RUSAGE_SELF)
    function()
    spent = time.perf_counter() - started
    now = resource.getrusage(resource.RUSAGE_SELF)
    time.sleep(0.3)  # until the server has waited for its children
    client = now.ru_utime + now.ru_stime - own.ru_utime - own.ru_stime
    return spent, client, _cpu_of(server) - before


def _cpu_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def _pid_of_server(folder: Path) -> int:
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and f"{folder}/config".encode() in (
                (entry / "cmdline").read_bytes()
            ):
                return int(entry.name)
    sys.exit("sshd did not start")


def main(sessions: int) -> None:
    """Measure and print."""
    config.CONF.set_override("allowed_networks", ["127.0.0.0/8"], group="ssh_action")
    with tempfile.TemporaryDirectory() as name, sshd(folder := Path(name)) as params:
        server = _pid_of_server(folder)
        ours(params, "true", 1)  # imports are no part of it
        for command in ("true", "sleep 2"):
            for side, function in {
                "ssh.run": lambda: ours(params, command, sessions),  # noqa: B023 - called at once
                "OpenSSH": lambda: openssh(params, folder, command, sessions),  # noqa: B023
            }.items():
                spent, client, served = measured(function, server)
                told = f"client CPU {client:5.2f} s   " if side == "ssh.run" else " " * 22
                print(
                    f"{sessions} x {command:8} {side:8} {spent:5.2f} s   {told}sshd {served:5.2f} s"
                )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
