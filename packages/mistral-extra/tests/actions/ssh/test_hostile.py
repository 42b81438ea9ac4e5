# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Servers that hang, flood, print before they are spoken to, or have other keys than they had."""

import asyncio
import base64
import contextlib
import json
import socket
import subprocess
import sys
import textwrap
import threading
import tracemalloc

import asyncssh
import pytest

from mistral_extra.actions.network import cleanup
from mistral_extra.actions.ssh import copy, run
from mistral_lib import actions


@pytest.fixture
def short_clean_up(monkeypatch):
    """Have clean-up take no longer than a test may."""
    monkeypatch.setattr(cleanup, "CLEAN_UP", 0.7)


def outcome_of(action, params):
    """Return the result of the one host; fail where the action does not come to an end."""
    results = []
    thread = threading.Thread(
        target=lambda: results.append(actions.Runner().run(action, {**params, "check": False})),
        daemon=True,
    )
    thread.start()
    thread.join(60)
    assert results, "the action does not end"
    assert results[0].is_success(), results[0].error
    (outcome,) = results[0].data
    return outcome


# -- clean-up has a bound


async def _hang(server, *arguments):
    """Wait as long as the client does, and close what is open then."""
    await server.channel.wait_closed()
    for each in arguments:
        if hasattr(each, "close"):
            each.close()
    raise asyncssh.SFTPConnectionLost("gone")


def _hanging(*calls):
    """Return SFTP that never answers these calls."""
    return type("Hanging", (asyncssh.SFTPServer,), dict.fromkeys(calls, _hang))


@pytest.mark.slow
@pytest.mark.parametrize(
    "calls",
    [("open",), ("write", "remove"), ("write", "close", "remove"), ("posix_rename", "remove")],
)
def test_copy_ends_though_the_host_never_answers(serve, short_clean_up, calls, tmp_path):
    place = serve(sftp_factory=_hanging(*calls))
    params = {"target": f"{tmp_path}/file", "text": "content", "timeout": 0.8}
    outcome = outcome_of(copy.copy, place.params(**params))
    assert (outcome["error"], outcome["retryable"]) == ("TIMEOUT", True)


@pytest.fixture
def freezing(serve):
    """A server behind a path that forwards so many bytes, and then neither more nor an end."""
    place = serve(sftp_factory=True)
    door, thawed = socket.create_server(("127.0.0.1", 0)), threading.Event()
    connections = []

    def forward(source, target, budget):
        with contextlib.suppress(OSError):
            while budget > 0 and (data := source.recv(65536)):
                budget -= len(data)
                target.sendall(data)
            thawed.wait()

    def accept():
        with contextlib.suppress(OSError):
            client = door.accept()[0]
            server = socket.create_connection(("127.0.0.1", place.port))
            connections.extend((client, server))
            for pair in ((client, server), (server, client)):
                threading.Thread(target=forward, args=(*pair, 1 << 20), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    place.known_hosts = place.known_hosts.replace(str(place.port), str(door.getsockname()[1]))
    place.host = f"127.0.0.1:{door.getsockname()[1]}"
    yield place
    thawed.set()
    for each in (door, *connections):
        with contextlib.suppress(OSError):
            # Closed alone, a socket that a thread waits for stays as it is.
            each.shutdown(socket.SHUT_RDWR)
        each.close()


@pytest.mark.slow
def test_copy_ends_though_the_path_freezes(freezing, short_clean_up, tmp_path):
    params = {"target": f"{tmp_path}/file", "text": "x" * (8 << 20), "timeout": 1.5}
    outcome = outcome_of(copy.copy, freezing.params(**params))
    assert (outcome["error"], outcome["retryable"]) == ("TIMEOUT", True)


@pytest.mark.slow
def test_what_floods_the_session_that_kills_is_not_kept(serve):
    flood = 64 << 20
    sent = []

    async def answer(process):
        if "kill -s" not in process.command:
            process.stdout.write(process.command.split("echo ")[1].split()[0].encode() + b" 12\n")
            await process.channel.wait_closed()
            return
        with contextlib.suppress(OSError, asyncssh.Error):
            while sum(sent) < flood:
                process.stdout.write(bytes(65536))
                await process.stdout.drain()
                sent.append(65536)
        process.exit(0)

    place = serve(process_factory=answer)
    tracemalloc.start()
    try:
        outcome = outcome_of(run.run, place.params("true", timeout=0.8))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert outcome["error"] == "TIMEOUT"
    assert sum(sent) > 8 << 20
    # Both ends are in this process; a window of each is a few MiB.
    assert peak < sum(sent) / 2 + (16 << 20)


@pytest.mark.slow
def test_command_that_floods_is_stopped_all_the_same(one_place, tmp_path, gone):
    command = f"echo $$ > {tmp_path}/pid; exec yes"
    outcome = outcome_of(run.run, one_place.params(command, timeout=1.5, max_output=10))
    assert outcome["error"] == "TIMEOUT"
    assert "not stopped" not in outcome["message"]
    assert gone(int((tmp_path / "pid").read_text()))


# -- what comes before the command


def _printing(printed, *, at_a_time=65536):
    """Return what serves commands, after printing what an account's start-up files may."""

    async def answer(process):
        process.stdout.write(printed)
        command = await asyncio.create_subprocess_shell(process.command, stdin=-1, stdout=-1)

        async def feed():
            while data := await process.stdin.read(4096):
                command.stdin.write(data)
            command.stdin.close()

        feeding = asyncio.ensure_future(feed())
        while data := await command.stdout.read(at_a_time):
            process.stdout.write(data)
            await asyncio.sleep(0)
        feeding.cancel()
        process.exit(await command.wait())

    return answer


@pytest.mark.parametrize("at_a_time", [1, 65536])
@pytest.mark.parametrize(
    "printed",
    ["", "Welcome\n", "\x1b]0;host\x07", "prompt> ", "a" * 200_000, "0123456789abcdef 12"],
    # pytest puts a test's name into the environment, where it must fit.
    ids=["nothing", "greeting", "title", "prompt", "much", "like-the-mark"],
)
def test_command_runs_whatever_the_account_prints_first(serve, printed, at_a_time):
    place = serve(process_factory=_printing(printed.encode(), at_a_time=at_a_time))
    outcome = outcome_of(run.run, place.params("echo hi", timeout=20, max_output=300_000))
    assert (outcome["error"], outcome["stdout"]) == (None, f"{printed}hi\n")


# -- keys of hosts


@pytest.fixture(scope="module")
def key_of():
    """A function that returns a key of a type, the same one each time."""
    made = {}

    def key_of(kind):
        if kind not in made:
            made[kind] = asyncssh.generate_private_key(kind)
        return made[kind]

    return key_of


KINDS = ["ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256"]


@pytest.mark.parametrize("known", KINDS)
@pytest.mark.parametrize("has", KINDS)
def test_host_whose_known_key_is_another_is_not_trusted_whatever_their_types(
    serve, key_of, known, has
):
    place = serve(host_keys=[key_of(has)])
    other = asyncssh.generate_private_key(known) if known == has else key_of(known)
    line = f"{place.known_hosts.split()[0]} {other.export_public_key().decode()}"
    outcome = outcome_of(run.run, place.params("true", known_hosts=line))
    assert (outcome["error"], outcome["retryable"]) == ("UNTRUSTED_SERVER", False)
    assert "the host was replaced, or somebody else answers for it" in outcome["message"]


@pytest.mark.parametrize("known", KINDS)
def test_host_with_several_keys_shows_the_known_one(serve, key_of, known):
    place = serve(host_keys=[key_of(kind) for kind in KINDS], process_factory=_printing(b""))
    line = f"[127.0.0.1]:{place.port} {key_of(known).export_public_key().decode()}"
    outcome = outcome_of(run.run, place.params("true", known_hosts=line))
    assert outcome["ok"], outcome


def test_host_certified_by_a_known_authority_is_trusted(serve, key_of):
    authority, host = key_of("ssh-rsa"), key_of("ssh-ed25519")
    certificate = authority.generate_host_certificate(host, "host", principals=["127.0.0.1"])
    place = serve(host_keys=[(host, certificate)], process_factory=_printing(b""))
    line = f"@cert-authority * {authority.export_public_key().decode()}"
    outcome = outcome_of(run.run, place.params("true", known_hosts=line))
    assert outcome["ok"], outcome


# -- keys of users

#: So many of bcrypt as ssh-keygen takes; asyncssh's 128 take seconds.
ROUNDS = {"rounds": 16, "ignore_few_rounds": True}


@pytest.mark.parametrize("form", ["openssh", "pkcs8-pem"])
def test_key_that_a_passphrase_opens(one_place, keys, form):
    key = keys[1].export_private_key(form, passphrase="open-sesame-77", **ROUNDS).decode()
    login = {**one_place.login, "private_key": key, "passphrase": "open-sesame-77"}
    assert outcome_of(run.run, one_place.params("true", login=login))["ok"]


@pytest.mark.parametrize("form", ["openssh", "pkcs8-pem", "pkcs1-pem"])
@pytest.mark.parametrize("passphrase", ["open-sesame-78", "", None])
def test_key_that_its_passphrase_does_not_open_is_bad_input(one_place, key_of, form, passphrase):
    key = key_of("ssh-rsa").export_private_key(form, passphrase="open-sesame-77", **ROUNDS).decode()
    login = {**one_place.login, "private_key": key, "passphrase": passphrase}
    error = actions.Runner().run(run.run, one_place.params("true", login=login)).error
    assert error["code"] == "INVALID_INPUT"
    assert "'login.passphrase'" in error["message"]
    assert "open-sesame" not in str(error)


OPENING = """
import json, os, sys
from mistral_extra.actions.ssh.run import run
from mistral_lib import actions

print(actions.Runner().run(run, json.load(sys.stdin)).error["message"], flush=True)
os._exit(0)  # the key is still being opened
"""


@pytest.mark.slow
def test_key_that_takes_for_ever_to_open_meets_the_deadline(one_place, keys):
    key = keys[1].export_private_key("openssh", passphrase="open-sesame-77").decode()
    lines = key.splitlines()
    raw = base64.b64decode("".join(lines[1:-1]))
    # After the name of the method: a length, the salt with its length, and how many rounds.
    at = raw.index(b"bcrypt") + len("bcrypt") + 4
    at += 4 + int.from_bytes(raw[at : at + 4])
    raw = raw[:at] + (1 << 31).to_bytes(4) + raw[at + 4 :]
    body = "\n".join(textwrap.wrap(base64.b64encode(raw).decode(), 70))
    login = {
        **one_place.login,
        "private_key": f"{lines[0]}\n{body}\n{lines[-1]}\n",
        "passphrase": "open-sesame-77",
    }
    done = subprocess.run(
        [sys.executable, "-c", OPENING],
        input=json.dumps(one_place.params("true", login=login, timeout=0.5)),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stdout == "The private key: not done within 0.5 seconds\n"
