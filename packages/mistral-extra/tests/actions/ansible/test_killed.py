# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A process that is killed takes its run with it, and the next run removes what may be left."""

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from mistral_extra.actions.ansible import private_folder, processes
from mistral_extra.actions.ansible.module import module
from mistral_lib import actions

#: Runs a module in a thread that is not the main one, as an executor does.
RUN = """
import json, sys, threading
from mistral_extra import config
from mistral_lib import actions

config.CONF([], default_config_files=[], default_config_dirs=[])
params = json.loads(sys.argv[1])
threading.Thread(target=actions.Runner().run, args=("ansible.module", params)).start()
"""


def wait_until(condition, seconds=60):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.05)


@pytest.fixture
def running(local, place):
    """A function that starts a process that runs a module, and returns it when the module runs."""
    with contextlib.ExitStack() as stack:

        def start(**variables):
            script = "setsid sleep 599 & trap '' TERM; sleep 600; true"
            params = {"module": "shell", "args": script, "inventory": local}
            params["secret_vars"] = {"pw": "canary-of-the-run"}
            command = [sys.executable, "-c", RUN, json.dumps(params)]
            process = subprocess.Popen(command, env=os.environ | variables)
            stack.callback(process.wait)
            stack.callback(process.kill)

            def is_running():
                names = (p for folder in folders(place) for p in processes.naming(folder))
                return any(b"sleep\000600" in command_line(p.pid) for p in names)

            wait_until(is_running)
            return process

        yield start


def folders(place):
    return list((place / "tmp").glob("ansible-*"))


def command_line(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read()
    except OSError:
        return b""


@pytest.mark.slow
@pytest.mark.parametrize("isolation", ["none", "bubblewrap"])
def test_what_a_killed_process_ran_ends_and_its_files_are_removed(
    isolation, running, place, content, request
):
    if isolation != "none":
        request.getfixturevalue("isolated")
    process = running(
        OS_ANSIBLE_ACTION__ENABLED="true",
        OS_ANSIBLE_ACTION__ISOLATION=isolation,
        OS_ANSIBLE_ACTION__CONTENT_FOLDERS=str(content),
    )
    (folder,) = folders(place)
    assert len(processes.naming(folder)) > 4
    process.kill()
    wait_until(lambda: processes.naming(folder) == set())
    wait_until(lambda: folders(place) == [])


@pytest.mark.slow
def test_the_next_run_removes_what_nobody_was_left_to_remove(running, place, local):
    process = running()
    (folder,) = folders(place)
    supervisors = [p for p in processes.naming(folder) if b"supervisor" in command_line(p.pid)]
    assert len(supervisors) == 1
    # All at once, as the out-of-memory killer or a service manager does.
    os.kill(supervisors[0].pid, signal.SIGKILL)
    process.kill()
    process.wait()
    assert processes.naming(folder)
    assert "canary" in (folder / "secret-vars").read_text()
    actions.run(module, {"module": "ping", "inventory": local})
    assert not folder.exists()
    assert processes.naming(folder) == set()


@pytest.mark.slow
def test_the_thread_that_started_a_run_may_end_before_it(place, local, tmp_path):
    # PR_SET_PDEATHSIG would fire here.
    from mistral_extra.actions.ansible import supervisor

    words = ["/bin/sh", "-c", f"sleep 2; echo done > {tmp_path}/proof"]
    folder = place / "run"
    folder.mkdir()
    started = []

    def start():
        line = supervisor.command_line(folder, words, scoped=False)
        started.append(subprocess.Popen(line))

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert started[0].wait(30) == 0
    assert (tmp_path / "proof").read_text() == "done\n"
    assert folder.exists()


@pytest.mark.slow
@pytest.mark.parametrize("end", ["exit 7", "kill -TERM $$", "kill -KILL $$"])
def test_a_command_under_supervision_ends_as_alone(end, tmp_path):
    from mistral_extra.actions.ansible import supervisor

    words = ["/bin/sh", "-c", end]
    alone = subprocess.run(words, check=False).returncode
    line = supervisor.command_line(tmp_path, words, scoped=False)
    assert subprocess.run(line, check=False).returncode == alone


# ------------------------------------------------------------------------------------------------
# What is removed, and what is not
# ------------------------------------------------------------------------------------------------


def stale(place, name="ansible-stale"):
    """Return a folder as a killed process leaves it."""
    folder = place / "tmp" / name
    folder.mkdir(mode=0o700)
    (folder / ".owner").touch(mode=0o600)
    (folder / "private-key").write_text("canary")
    return folder


def test_a_folder_of_a_killed_process_is_removed(place):
    folder = stale(place)
    private_folder.sweep()
    assert not folder.exists()


def test_a_folder_in_use_stays(place):
    with private_folder.private_folder() as folder:
        (folder / "key").touch()
        private_folder.sweep()
        with private_folder.private_folder():
            assert (folder / "key").exists()
    assert not folder.exists()


def test_a_folder_whose_owner_is_another_process_stays(place):
    folder = stale(place)
    with open(folder / ".owner", "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        private_folder.sweep()
        assert (folder / "private-key").exists()
    private_folder.sweep()
    assert not folder.exists()


def test_what_only_looks_alike_stays(place):
    temporary = place / "tmp"
    target = place / "precious"
    target.mkdir(mode=0o700)
    (target / ".owner").touch(mode=0o600)
    (target / "file").touch()
    # Links of others, to a folder or to the lock; without a lock; open to others; a file; a FIFO.
    (temporary / "ansible-link").symlink_to(target)
    linked, bare, shared, fifo = (
        temporary / f"ansible-{name}" for name in ("linked", "bare", "shared", "fifo")
    )
    for folder in (linked, bare, shared, fifo):
        folder.mkdir(mode=0o700)
    (linked / ".owner").symlink_to(target / ".owner")
    (shared / ".owner").touch(mode=0o600)
    shared.chmod(0o755)
    os.mkfifo(fifo / ".owner", 0o600)
    (temporary / "ansible-file").touch()
    present = set(temporary.iterdir())
    private_folder.sweep()
    assert set(temporary.iterdir()) == present
    assert (target / "file").exists()
    for path in present:
        subprocess.run(["rm", "-rf", path], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to another user")
def test_a_folder_of_another_user_stays(place):
    folder = stale(place)
    os.chown(folder, 65534, 65534)
    private_folder.sweep()
    assert folder.exists()
    private_folder.remove(folder)


def test_whatever_a_run_made_of_its_folder_is_removed(place, tmp_path):
    (tmp_path / "kept").touch()
    with private_folder.private_folder() as folder:
        # Deeper than Python's stack, and without the right to look into it.
        deep = os.open(folder, os.O_RDONLY)
        for _ in range(2000):
            os.mkdir("d", dir_fd=deep)
            inner = os.open("d", os.O_RDONLY, dir_fd=deep)
            os.close(deep)
            deep = inner
        os.close(deep)
        closed = folder / "closed"
        (closed / "inner").mkdir(parents=True)
        (closed / "link").symlink_to(tmp_path)
        closed.chmod(0)
        (folder / ".owner").unlink()
    assert not folder.exists()
    assert (tmp_path / "kept").exists()
