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

from mistral_extra import config
from mistral_extra.actions.ansible import errors, isolation, policy, processes
from mistral_extra.actions.ansible.playbook import playbook
from mistral_lib import actions

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
        left = [*(folder / "tmp").glob("ansible-*"), *folder.rglob("ansible-local-*")]
        assert left == []
        assert processes.naming(folder / "tmp") == set()
        assert "ansible" not in sys.modules


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


@pytest.fixture
def run(local):
    """A function that runs plays on this machine and returns the data."""

    def run(plays, **params):
        return actions.run(playbook, {"playbook": plays, "inventory": local, **params})

    return run


@pytest.fixture
def options():
    """A function that sets options of the site for a test."""

    def set_options(**values):
        for name, value in values.items():
            config.CONF.set_override(name, value, config.ANSIBLE_ACTION_GROUP)

    yield set_options
    for option in config.ansible_action_opts:
        config.CONF.clear_override(option.dest, config.ANSIBLE_ACTION_GROUP)


@pytest.fixture
def content(tmp_path):
    """A folder for the operator to open."""
    folder = tmp_path / "content"
    folder.mkdir()
    return folder


@pytest.fixture
def isolated(options, content):
    """A site that isolates Ansible, and opens one folder."""
    try:
        isolation.program()
    except errors.IsolationUnavailable as e:
        pytest.skip(str(e))
    options(enabled=True, isolation="bubblewrap", content_folders=[str(content)])


@pytest.fixture
def server(tmp_path, monkeypatch):
    """An environment with a Mistral server: its path."""
    package = tmp_path / "site" / "mistral"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(package.parent)
    monkeypatch.setattr(policy, "_logged", set())
    return package.parent


# ------------------------------------------------------------------------------------------------
# Two of OpenSSH's servers on loopback, as the user that runs the tests
# ------------------------------------------------------------------------------------------------

# Debian has the server where a user's PATH does not lead.
_PATH = os.pathsep.join([*os.get_exec_path(), "/usr/sbin", "/usr/local/sbin"])


class Nodes(NamedTuple):
    """Two hosts to log in to."""

    inventory: dict
    private_key: str


@pytest.fixture(scope="session")
def nodes(tmp_path_factory):
    """Two SSH servers, and what Ansible needs to know of them."""
    sshd, keygen = (shutil.which(name, path=_PATH) for name in ("sshd", "ssh-keygen"))
    if sshd is None or keygen is None or shutil.which("ssh") is None:
        pytest.skip("OpenSSH's sshd, ssh and ssh-keygen are not installed")
    folder = tmp_path_factory.mktemp("ssh")

    def make_key(name):
        subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
        return (folder / f"{name}.pub").read_text()

    (folder / "authorized").write_text(make_key("key"))
    hosts = {}
    with contextlib.ExitStack() as stack, (folder / "known_hosts").open("a") as known:
        for name in ("node1", "node2"):
            port = _free_port()
            known.write(f"[127.0.0.1]:{port} {make_key(name)}")
            stack.enter_context(_served(sshd, folder, name, port))
            hosts[name] = {"ansible_port": port, "ansible_user": getpass.getuser(), **INTERPRETER}
        known.flush()
        options = f"-o UserKnownHostsFile={folder}/known_hosts"
        shared = {"ansible_host": "127.0.0.1", "ansible_ssh_common_args": options}
        yield Nodes({"all": {"hosts": hosts, "vars": shared}}, (folder / "key").read_text())


def _free_port():
    with socket.socket() as kept:
        kept.bind(("127.0.0.1", 0))
        return kept.getsockname()[1]


@contextlib.contextmanager
def _served(sshd, folder, name, port):
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
    log = folder / f"{name}.log"
    command = [sshd, "-D", "-e", "-f", config]
    with log.open("wb") as output, subprocess.Popen(command, stderr=output) as server:
        try:
            _await_port(port, server, log)
            yield
        finally:
            server.terminate()


def _await_port(port, server, log):
    until = time.monotonic() + 30
    while time.monotonic() < until and server.poll() is None:
        with contextlib.suppress(ConnectionError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)
    pytest.fail(f"no SSH server at port {port}: {log.read_text()}")
