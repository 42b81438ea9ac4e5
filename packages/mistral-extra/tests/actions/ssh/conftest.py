# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Real SSH servers on loopback: asyncssh's own everywhere, and OpenSSH's where it is installed."""

import asyncio
import contextlib
import getpass
import os
import shutil
import signal
import socket
import subprocess
import threading
import time

import asyncssh
import pytest

PASSWORD = "correct-horse-battery"
OPENSSH = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


class Server(asyncssh.SSHServer):
    """Lets one user in, by key or password, and lets everybody tunnel."""

    def __init__(self, user_key):
        self._user_key = user_key

    def public_key_auth_supported(self):
        return True

    def validate_public_key(self, username, key):
        return username == getpass.getuser() and key == self._user_key

    def password_auth_supported(self):
        return True

    def validate_password(self, username, password):
        return username == getpass.getuser() and password == PASSWORD

    def connection_requested(self, *_):
        return True


async def _serve_command(process):
    """Run what is asked for by the shell, as sshd does; signals go to all of it."""
    command = await asyncio.create_subprocess_shell(
        process.command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )

    def kill(name):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(command.pid, getattr(signal, f"SIG{name}"))

    process.signal_received = kill
    feeding = asyncio.ensure_future(_feed(process.stdin, command.stdin))
    try:
        await asyncio.gather(
            _pump(command.stdout, process.stdout), _pump(command.stderr, process.stderr)
        )
    finally:
        # The client may have gone; the command goes on, and so does its waiting for it.
        feeding.cancel()
        await asyncio.shield(command.communicate())
    if command.returncode < 0:
        name = signal.Signals(-command.returncode).name
        process.exit_with_signal(name.removeprefix("SIG"))
    else:
        process.exit(command.returncode)


async def _pump(reader, writer):
    """Hand on what one side says until it is done, whether or not the other still listens."""
    while chunk := await reader.read(65536):
        with contextlib.suppress(OSError, asyncssh.Error):
            writer.write(chunk)
            await writer.drain()


async def _feed(reader, writer):
    try:
        await _pump(reader, writer)
    finally:
        writer.close()


class Place:
    """A server to connect to."""

    def __init__(self, port, host_key, user_key):
        self.port = port
        self.host = f"127.0.0.1:{port}"
        public = host_key.export_public_key().decode().strip()
        self.known_hosts = f"[127.0.0.1]:{port} {public}\n"
        self.login = {
            "username": getpass.getuser(),
            "private_key": user_key.export_private_key().decode(),
        }

    def params(self, command=None, **params):
        """Return the parameters of an action for this host."""
        told = {} if command is None else {"command": command}
        defaults = {"hosts": [self.host], "login": self.login, "known_hosts": self.known_hosts}
        return {**defaults, **told, **params}


@pytest.fixture(scope="session")
def keys():
    """The keys of the server and of the user."""
    return asyncssh.generate_private_key("ssh-ed25519"), asyncssh.generate_private_key(
        "ssh-ed25519"
    )


class OneSession(Server):
    """Lets a connection have one session, as OpenSSH does with ``MaxSessions 1``."""

    def __init__(self, user_key):
        super().__init__(user_key)
        self._begun = False

    def session_requested(self):
        if self._begun:
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_CONNECT_FAILED, "one is enough")
        self._begun = True
        return asyncssh.SSHServerProcess(_serve_command, None, 3, False)


@pytest.fixture(scope="session")
def python_place(keys):
    """asyncssh's server."""
    with serving(Server, keys, process_factory=_serve_command, sftp_factory=True) as place:
        yield place


@pytest.fixture
def one_session_place(keys, configure):
    """A server that lets a connection have one session alone."""
    configure("ssh_action", "allowed_networks", ["127.0.0.0/8"])
    with serving(OneSession, keys) as place:
        yield place


@pytest.fixture
def serve(keys, configure):
    """A function that starts a server with these options, of asyncssh's."""
    configure("ssh_action", "allowed_networks", ["127.0.0.0/8"])
    with contextlib.ExitStack() as stack:
        yield lambda **options: stack.enter_context(serving(Server, keys, **options))


@contextlib.contextmanager
def serving(kind, keys, host_keys=None, **options):
    host_key, user_key = keys
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    public_key = user_key.convert_to_public()

    async def start():
        return await asyncssh.create_server(
            lambda: kind(public_key),
            "127.0.0.1",
            0,
            server_host_keys=host_keys or [host_key],
            encoding=None,
            **options,
            backlog=500,
        )

    async def stop():
        server.close()
        await server.wait_closed()
        if serving := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(serving, timeout=5)

    server = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    yield Place(server.get_port(), host_key, user_key)
    asyncio.run_coroutine_threadsafe(stop(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture(scope="session")
def openssh_place(keys, tmp_path_factory):
    """OpenSSH's server, as the user that runs the tests."""
    if OPENSSH is None:
        pytest.skip("OpenSSH's sshd is not installed")
    host_key, user_key = keys
    folder = tmp_path_factory.mktemp("sshd")
    host_key.write_private_key(folder / "host_key")
    os.chmod(folder / "host_key", 0o600)
    user_key.write_public_key(folder / "authorized_keys")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host_key\nUsePAM no\n"
        f"PidFile none\nAuthorizedKeysFile {folder}/authorized_keys\nStrictModes no\n"
        "PasswordAuthentication no\nMaxStartups 500\nSubsystem sftp internal-sftp\n"
        "PermitRootLogin yes\n"
    )
    if os.geteuid() == 0:
        os.makedirs("/run/sshd", exist_ok=True)
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen([OPENSSH, "-D", "-e", "-f", folder / "config"], stderr=log)
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            break
        time.sleep(0.01)
    else:
        pytest.fail(f"sshd does not start: {(folder / 'log').read_text()}")
    yield Place(port, host_key, user_key)
    process.terminate()
    process.wait()


@pytest.fixture(params=["asyncssh", "openssh"])
def place(request, configure):
    """Each of the servers, where actions may connect to."""
    configure("ssh_action", "allowed_networks", ["127.0.0.0/8"])
    name = {"asyncssh": "python_place", "openssh": "openssh_place"}[request.param]
    return request.getfixturevalue(name)


@pytest.fixture
def one_place(configure, python_place):
    """The server that is there everywhere, for what does not depend on it."""
    configure("ssh_action", "allowed_networks", ["127.0.0.0/8"])
    return python_place


@pytest.fixture
def gone():
    """A function that waits until a process has ended; false when it has not within 3 seconds."""

    def gone(pid):
        for _ in range(300):
            try:
                os.kill(pid, 0)
            except ProcessLookupError:
                return True
            if _is_zombie(pid):
                return True
            time.sleep(0.01)
        return False

    return gone


def _is_zombie(pid):
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], stdout=subprocess.PIPE, text=True, check=False
    ).stdout
    return state.strip()[:1] in ("Z", "")
