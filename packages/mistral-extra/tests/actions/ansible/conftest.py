# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A place of its own for each run of Ansible, and SSH servers for it to log in to."""

import contextlib
import getpass
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from mistral_extra.actions.ansible import processes

HERE = Path(__file__).parent
#: Not what Ansible finds on the machine: that may be no Python at all, but a launcher of one.
INTERPRETER = {"ansible_python_interpreter": sys.executable}


@pytest.fixture(autouse=True)
def place(monkeypatch, tmp_path):
    """A folder with the home and the temporary files of a test, which must leave no run's folder.

    Its path is short, since that of a socket in it may have about 100 characters. It comes after
    ``tmp_path``, so that this does not lie in it.
    """
    with tempfile.TemporaryDirectory(prefix="t-") as name:
        folder = Path(name)
        for inside, variable in (("home", "HOME"), ("tmp", "TMPDIR")):
            (folder / inside).mkdir()
            monkeypatch.setenv(variable, str(folder / inside))
        monkeypatch.setattr(tempfile, "tempdir", str(folder / "tmp"))
        yield folder
        assert list((folder / "tmp").glob("ansible-*")) == []
        assert processes.naming(folder / "tmp") == set()


@pytest.fixture
def local():
    """An inventory of this machine alone, without SSH."""
    return {"all": {"hosts": {"localhost": {"ansible_connection": "local", **INTERPRETER}}}}


@pytest.fixture
def on_localhost():
    """A function that returns a play of some tasks."""

    def play(*tasks, **keywords):
        return [{"hosts": "all", "gather_facts": False, "tasks": list(tasks), **keywords}]

    return play


# ------------------------------------------------------------------------------------------------
# SSH: OpenSSH where the machine has it; and, so that it never depends on the machine, server and
# client on asyncssh
# ------------------------------------------------------------------------------------------------


class Nodes(NamedTuple):
    """Two hosts to log in to."""

    inventory: dict
    private_key: str
    #: What Ansible must be told to use the client that there is.
    environment: dict


def _has_openssh():
    return all(shutil.which(name, path=_PATH) for name in ("sshd", "ssh", "ssh-keygen"))


_PATH = os.pathsep.join([os.environ["PATH"], "/usr/sbin"])
_KINDS = ["asyncssh", "openssh"] if _has_openssh() else ["asyncssh"]


@pytest.fixture(scope="session", params=_KINDS)
def nodes(request, tmp_path_factory):
    """Two SSH servers on loopback, and what Ansible needs to know of them."""
    import asyncssh

    folder = tmp_path_factory.mktemp("ssh")
    key = asyncssh.generate_private_key("ssh-ed25519")
    (folder / "authorized").write_bytes(key.export_public_key())
    known = folder / "known_hosts"
    with contextlib.ExitStack() as stack:
        hosts = {}
        for name in ("node1", "node2"):
            port, host_key = _free_port(), asyncssh.generate_private_key("ssh-ed25519")
            (folder / name).write_bytes(host_key.export_private_key())
            (folder / name).chmod(0o600)
            line = host_key.export_public_key().decode()
            with known.open("a") as file:
                file.write(f"[127.0.0.1]:{port} {line}")
            stack.enter_context(_served(request.param, folder, name, port))
            hosts[name] = {"ansible_port": port, "ansible_user": getpass.getuser(), **INTERPRETER}
        options = f"-o UserKnownHostsFile={known}"
        shared = {"ansible_host": "127.0.0.1", "ansible_ssh_common_args": options}
        yield Nodes(
            {"all": {"hosts": hosts, "vars": shared}},
            key.export_private_key().decode(),
            {} if request.param == "openssh" else {"ANSIBLE_SSH_EXECUTABLE": _client(folder)},
        )


def _free_port():
    with socket.socket() as kept:
        kept.bind(("127.0.0.1", 0))
        return kept.getsockname()[1]


def _client(folder):
    path = folder / "ssh"
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{HERE / "ssh_client.py"}" "$@"\n')
    path.chmod(0o700)
    return str(path)


@contextlib.contextmanager
def _served(kind, folder, name, port):
    if kind == "openssh":
        command = _openssh(folder, name, port)
    else:
        script = HERE / "ssh_server.py"
        command = [sys.executable, script, str(port), folder / name, folder / "authorized"]
    log = folder / f"{name}.log"
    with log.open("wb") as output, subprocess.Popen(command, stderr=output) as server:
        try:
            _await_port(port, server, log)
            yield
        finally:
            server.terminate()


def _openssh(folder, name, port):
    settings = {
        "Port": port,
        "ListenAddress": "127.0.0.1",
        "HostKey": folder / name,
        "AuthorizedKeysFile": folder / "authorized",
        "PidFile": "none",
        "StrictModes": "no",
        "UsePAM": "no",
        "PermitRootLogin": "yes",
        "PasswordAuthentication": "no",
    }
    config = folder / f"{name}.conf"
    config.write_text("".join(f"{key} {value}\n" for key, value in settings.items()))
    if os.geteuid() == 0:
        # Where the server goes before it knows who is there; the package's own start makes it.
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    return [shutil.which("sshd", path=_PATH), "-D", "-e", "-f", config]


def _await_port(port, server, log):
    until = time.monotonic() + 30
    while time.monotonic() < until and server.poll() is None:
        with contextlib.suppress(ConnectionError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)
    pytest.fail(f"no SSH server at port {port}: {log.read_text()}")
