# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A sandbox comes up on free ports, says what went wrong, and leaves no process behind."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tools.sandbox import command, handle, starting
from tools.supervision import control, folder, ports
from tools.supervision.errors import SupervisionError
from tools.supervision.handle import take_down

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
KEYSTONE = ["--only", "keystone"]


@pytest.fixture
def place(tmp_path):
    """A folder for a sandbox; whatever runs there when the test is over is ended."""
    yield tmp_path / "box"
    take_down(tmp_path / "box")


@pytest.fixture(scope="module")
def keystone(tmp_path_factory):
    """A sandbox of Keystone alone."""
    running = starting.bring_up(["keystone"], tmp_path_factory.mktemp("small") / "box")
    yield running
    running.take_down()


def run_command(*arguments):
    """Start the command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "tools.sandbox", *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # What a shell starts in the background, as some run tests, is born deaf to it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def tree(pid):
    """Return a process and its descendants."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in tree(int(child)))]


def alive(pids):
    """Return those of the processes that are neither gone nor dead and waiting to be reaped."""
    found = []
    for pid in pids:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            continue
        if state != "Z":
            found.append(pid)
    return found


def eventually(read, wanted, seconds=20):
    """Read until what is wanted comes; return the last that came."""
    end = time.monotonic() + seconds
    while (found := read()) != wanted and time.monotonic() < end:
        time.sleep(0.05)
    return found


def running_in(place):
    """Return the pids of the services once the supervisor answers."""
    assert eventually(lambda: control.find_supervisor(place) is not None, True)
    assert eventually(lambda: "keystone" in control.ask(place, "status")["running"], True)
    return control.ask(place, "status")["running"]


# -- ports


def test_a_port_taken_at_any_of_the_addresses_is_evaded():
    with socket.socket() as taken:
        taken.bind(("127.0.0.2", 0))
        taken.listen()
        usual = taken.getsockname()[1]
        held = ports.hold(["127.0.0.1", "127.0.0.2"], usual)
    numbers = {sock.getsockname()[1] for sock in held}
    for sock in held:
        sock.close()
    assert len(held) == 2
    assert len(numbers) == 1
    assert usual not in numbers


def test_a_reserved_port_is_shared_on_purpose_alone():
    addresses = ["127.0.0.1", "127.0.0.2"]
    with contextlib.ExitStack() as opened:
        reserved = [opened.enter_context(sock) for sock in ports.reserve(addresses)]
        (port,) = {sock.getsockname()[1] for sock in reserved}
        with pytest.raises(ConnectionRefusedError, match="refused"):
            socket.create_connection(("127.0.0.1", port))
        with pytest.raises(OSError, match="Address already in use"):
            ports.listen(addresses, port)
        # What Swift does.
        for sock in ports.listen(addresses, port, shared=True):
            opened.enter_context(sock)
        socket.create_connection(("127.0.0.1", port)).close()


def test_the_kernel_never_chooses_a_reserved_port_again():
    with contextlib.ExitStack() as opened:
        numbers = []
        for _ in range(300):
            sockets = [opened.enter_context(sock) for sock in ports.reserve(["127.0.0.1"])]
            numbers.append(sockets[0].getsockname()[1])
    assert len(set(numbers)) == 300


def test_two_sandboxes_run_side_by_side(keystone, place):
    other = starting.bring_up(["keystone"], place)
    assert other.auth_url != keystone.auth_url
    assert other.passwords["demo"] != keystone.passwords["demo"]
    assert keystone.status() == other.status() == {"keystone": "running"}
    other.take_down()
    assert keystone.status() == {"keystone": "running"}


# -- what goes wrong


def test_a_crash_is_named_with_the_end_of_its_log(keystone, capsys):
    os.kill(control.ask(keystone.folder, "status")["running"]["keystone"], signal.SIGSEGV)
    how = "was killed by signal 11"
    assert eventually(lambda: keystone.status()["keystone"], how) == how
    end = r"(?s)keystone was killed by signal 11; the end of .*/keystone.log:.*cmd.bootstrap"
    with pytest.raises(SupervisionError, match=end):
        keystone.check()
    assert command.main(["--folder", str(keystone.folder), "status"]) == 1
    assert f"sandbox: keystone {how}; the end of" in capsys.readouterr().err
    keystone.start("keystone")
    keystone.check()


def test_a_crash_while_starting_is_named_and_ends_the_start(place):
    starts = run_command("--folder", place, "up", *KEYSTONE)
    pid = running_in(place)["keystone"]
    supervisor = control.find_supervisor(place)
    os.kill(pid, signal.SIGKILL)
    _, errors = starts.communicate(timeout=60)
    assert starts.returncode == 1
    assert "sandbox: keystone was killed by signal 9; the end of " in errors
    assert alive([pid, supervisor]) == []


def test_a_running_sandbox_without_the_wanted_services_is_refused(keystone):
    with pytest.raises(SupervisionError, match="started without glance: take it down"):
        starting.bring_up(["glance"], keystone.folder)


def test_an_unknown_service_is_refused_by_name(place):
    with pytest.raises(SupervisionError, match="no service 'glanse': there are keystone, nova"):
        starting.bring_up(["glanse"], place)
    assert not place.exists()


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path):
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(SupervisionError, match="is not empty and no sandbox"):
        folder.create(tmp_path)
    assert (tmp_path / "letter.txt").read_text() == "dear"


# -- what is left


def test_up_stays_when_its_command_ends_and_down_leaves_no_process(place):
    starts = run_command("--folder", place, "up", *KEYSTONE)
    said, _ = starts.communicate(timeout=120)
    assert f"export OS_CLIENT_CONFIG_FILE={place}/clouds.yaml" in said
    pids = tree(control.find_supervisor(place))
    assert len(alive(pids)) >= 2
    ends = run_command("--folder", place, "down")
    said, _ = ends.communicate(timeout=60)
    assert "The sandbox is down." in said
    assert alive(pids) == []


def test_no_password_is_in_a_command_line(keystone):
    pids = tree(control.find_supervisor(keystone.folder))
    lines = b"".join(Path(f"/proc/{pid}/cmdline").read_bytes() for pid in pids)
    assert b"supervisor" in lines
    assert b"canary" not in lines


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_of_a_start_that_is_interrupted(number, place):
    starts = run_command("--folder", place, "up", *KEYSTONE)
    running_in(place)
    pids = tree(control.find_supervisor(place))
    starts.send_signal(number)
    starts.communicate(timeout=60)
    assert starts.returncode != 0
    assert eventually(lambda: alive(pids), []) == []


def test_the_services_end_with_a_supervisor_that_is_killed(place):
    starting.bring_up(["keystone"], place)
    pids = tree(control.find_supervisor(place))
    os.kill(pids[0], signal.SIGKILL)
    assert eventually(lambda: alive(pids), []) == []
    assert handle.find(place) is None


def test_it_ends_with_the_last_process_that_holds_it(place):
    code = f"""
from pathlib import Path
from tools.sandbox import starting
starting.bring_up(["keystone"], Path({str(place)!r}))
print("up", flush=True)
input()
"""
    holds = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    assert [one.stdout.readline() for one in holds] == ["up\n", "up\n"]
    pids = tree(control.find_supervisor(place))
    holds[0].kill()
    holds[0].communicate()
    assert handle.find(place).status() == {"keystone": "running"}
    holds[1].kill()
    holds[1].communicate()
    assert eventually(lambda: alive(pids), []) == []
