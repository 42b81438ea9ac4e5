# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A run that is to stop leaves nothing behind: no process, no file."""

import subprocess
import sys
import threading
import time

import pytest

from mistral_extra.actions.ansible import processes
from mistral_extra.actions.ansible.module import module
from mistral_extra.actions.ansible.playbook import playbook
from mistral_lib import actions
from mistral_lib.actions import control

pytestmark = pytest.mark.slow


@pytest.fixture
def endless(local, on_localhost, tmp_path):
    """The parameters of a playbook that starts processes in all ways, and waits for ever."""
    script = "sleep 600 & setsid sleep 600 & trap '' TERM; touch {{ mark }}; sleep 600"
    plays = on_localhost({"name": "Wait", "shell": script})
    return {"playbook": plays, "inventory": local, "extra_vars": {"mark": str(tmp_path / "mark")}}


@pytest.fixture
def begun(tmp_path):
    """A function that returns once the playbook's own script runs."""

    def wait():
        until = time.monotonic() + 60
        while not (tmp_path / "mark").exists():
            assert time.monotonic() < until, "it never began"
            time.sleep(0.05)

    return wait


# The fixture `place` then looks for what is left.


def test_a_cancelled_run_leaves_nothing(endless, begun, place):
    told, results = [], []
    steering = control.Control(on_progress=told.append)
    thread = threading.Thread(
        target=lambda: results.append(actions.Runner().run(playbook, endless, control=steering))
    )
    thread.start()
    begun()
    assert told == ["Play: all", "Task: Wait"]
    assert len(processes.naming(place / "tmp")) > 3
    steering.cancel()
    thread.join(10)
    assert not thread.is_alive()
    assert results[0].is_cancel()
    assert processes.naming(place / "tmp") == set()


def test_two_seconds_after_the_start_is_early_enough_to_cancel(endless, place):
    steering = control.Control()
    threading.Timer(2, steering.cancel).start()
    start = time.monotonic()
    assert actions.Runner().run(playbook, endless, control=steering).is_cancel()
    assert time.monotonic() - start < 8
    assert processes.naming(place / "tmp") == set()


def test_a_run_whose_progress_nobody_takes_leaves_nothing(endless, place):
    def refuse(text):
        raise RuntimeError(f"no place for {text}")

    context = actions.ActionContext().with_control(control.Control(on_progress=refuse))
    with pytest.raises(RuntimeError, match="no place for Play: all"):
        playbook(**endless, context=context)
    assert processes.naming(place / "tmp") == set()


def test_the_timeout_that_a_workflow_gives_holds(endless):
    with pytest.raises(actions.ActionTimeout, match="Ansible took more than 2 seconds"):
        actions.run(playbook, {**endless, "timeout": 2})


def test_the_deadline_of_the_caller_holds(endless, place):
    with pytest.raises(actions.ActionTimeout, match="asked to stop"):
        actions.run(playbook, endless, timeout=2)
    # The action ends in a thread of its own.
    until = time.monotonic() + 10
    while time.monotonic() < until and any((place / "tmp").glob("ansible-*")):
        time.sleep(0.05)
    assert processes.naming(place / "tmp") == set()


def test_an_interpreter_that_ends_takes_the_run_with_it(place, local):
    code = (
        "from mistral_lib import actions\n"
        "from mistral_extra.actions.ansible.module import module\n"
        f"params = {{'module': 'command', 'args': 'sleep 600', 'inventory': {local!r}}}\n"
        "print(actions.Runner().run(module, params, timeout=2).error['code'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout == "TIMEOUT\n"
    assert list((place / "tmp").glob("ansible-*")) == []


def test_a_process_that_a_finished_run_left_on_purpose_goes_on(local, tmp_path):
    script = f"setsid sleep 600 >/dev/null 2>&1 & echo $! > {tmp_path}/pid"
    start = time.monotonic()
    actions.run(module, {"module": "shell", "args": script, "inventory": local})
    assert time.monotonic() - start < 60
    (process,) = [p for p in processes.everything() if p.pid == int((tmp_path / "pid").read_text())]
    assert process.alive
    process.signal(9)
    # A signal ends it a little later, and the fixture `place` looks for what is left.
    until = time.monotonic() + 10
    while process.alive:
        assert time.monotonic() < until
        time.sleep(0.01)
