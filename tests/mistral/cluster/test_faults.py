# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What becomes of work when a part dies: nothing is lost in silence, nothing runs twice.

Each action leaves a note as it begins, so that runs are counted from outside.
"""

import signal
import time
from collections import Counter
from dataclasses import dataclass

import pytest

LOAD = """
version: '2.0'
{name}:
  input: [count, journal, sleep, gate]
  tasks:
    each:
      with-items: i in <% range($.count).toList() %>
      action: typed.where
      safe-rerun: {safe}
      input:
        item: <% $.i %>
        sleep: <% $.sleep %>
        journal: <% $.journal %>
        gate: <% $.gate %>
"""

CALLS = """
version: '2.0'
calls:
  input: [action, params]
  tasks:
    calls:
      action: <% $.action %>
      input: <% $.params %>
"""


def begun(journal, node=None):
    """Return how often each item began to run, anywhere or on one executor."""
    notes = [path.name.split("@") for path in journal.iterdir()]
    return Counter(int(item) for item, where, _ in notes if node in (None, where))


def wait_until(condition, seconds=120):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to this"
        time.sleep(0.05)


def start_load(workflows, journal, count, *, sleep=0, gate=None, safe=False):
    text = LOAD.format(name=f"load_{safe}".lower(), safe=str(safe).lower())
    given = {"count": count, "journal": str(journal), "sleep": sleep, "gate": gate}
    return workflows.start(text, given)


def outcomes(workflows, execution):
    """Return the state of each action, and its error, by its item."""
    (task,) = workflows.api.tasks(execution).values()
    return {
        action["input"]["item"]: (action["state"], action["output"].get("result"))
        for action in workflows.action_executions(task)
    }


def call(workflows, action, params):
    return workflows.run(CALLS, {"action": action, "params": params}, seconds=180)


NEXT = """
version: '2.0'
next:
  input: [count, journal]
  tasks:
    each:
      with-items: i in <% range($.count).toList() %>
      action: typed.where item=<% $.i %> journal=<% $.journal %>
      timeout: {timeout}
"""


def who_works(workflows, journal, seconds=60):
    """Return which executors take one of the next actions within so many seconds.

    A task's ``target`` could ask each by its name, but Mistral drops it. The broker serves the
    executors in turn.
    """
    given = {"count": 10, "journal": str(journal)}
    workflows.run(NEXT.format(timeout=seconds), given, seconds=seconds + 60)
    return {path.name.split("@")[1] for path in journal.iterdir()}


RETRIED = """
version: '2.0'
retried:
  input: [journal, gate]
  output:
    place: <% task(once).result %>
  tasks:
    once:
      action: typed.where item=1 journal=<% $.journal %> gate=<% $.gate %>
      retry:
        count: 3
        delay: 1
"""


@pytest.fixture
def gate(tmp_path):
    """A file that isn't there: actions that wait for it are in the midst of their work."""
    return tmp_path / "gate"


@pytest.fixture
def killed(cluster, shared_workflows, tmp_path, gate):
    """What became of three workflows, one of whose executors was killed as they ran.

    Two have many items, the second with ``safe-rerun``; the third has one action, and ``retry``.
    """
    journals = [tmp_path / name for name in ("as-it-is", "safe-rerun", "retry")]
    for journal in journals:
        journal.mkdir()
    retried = shared_workflows.start(RETRIED, {"journal": str(journals[2]), "gate": str(gate)})
    wait_until(lambda: begun(journals[2]))
    node = next(journals[2].iterdir()).name.split("@")[1]
    # More than both executors have threads for, so that some have not begun when one dies.
    loads = [
        start_load(shared_workflows, journal, HALF, gate=str(gate), safe=safe)
        for journal, safe in zip(journals, (False, True), strict=False)
    ]
    wait_until(lambda: sum(len(begun(journal)) for journal in journals) >= THREADS * 0.9)
    cluster.stop(node, signal.SIGKILL)
    died = [begun(journal, node).keys() for journal in journals]
    gate.touch()
    try:
        for execution in (*loads, retried):
            shared_workflows.api.wait(execution, 240)
    finally:
        cluster.start(node)
    ended = [outcomes(shared_workflows, execution) for execution in loads]
    again = shared_workflows.end(retried)
    return Killed(node, died, ended, [begun(journal) for journal in journals], again)


#: Of both executors, 64 each ([DEFAULT] executor_thread_pool_size), and more than half of it.
THREADS = 128
HALF = 90


@dataclass
class Killed:
    """What was left of the work of a dead executor, in lists of one entry a workflow."""

    node: str
    #: The items that it was at work on.
    died: list
    #: Of the first two, state and error of each item; how often each item began; the third's run.
    ended: list
    runs: list
    retried: object


def test_an_executor_killed_in_mid_action_loses_and_repeats_nothing(killed, measured):
    for died, ended, runs, safe in zip(
        killed.died, killed.ended, killed.runs, (False, True), strict=False
    ):
        failed = {item for item, (state, _) in ended.items() if state == "ERROR"}
        measured(
            f"executor killed, safe-rerun {safe}: {HALF} actions, {len(died)} were running there, "
            f"{len(failed)} ended in ERROR, {HALF - len(failed)} in SUCCESS, "
            f"{HALF - len(runs)} never began, {sum(n > 1 for n in runs.values())} ran twice"
        )
        assert died
        assert ended.keys() == set(range(HALF))
        assert {state for state, _ in ended.values()} == {"SUCCESS", "ERROR"}
        # What ran there fails clearly, and what it had taken but not begun; the other does the
        # rest.
        assert died <= failed
        assert failed - died == set(range(HALF)) - runs.keys()
        assert all("Heartbeat wasn't received" in ended[item][1] for item in failed)
        assert max(runs.values()) == 1
    # A retry repeats what it did not finish.
    assert killed.retried.state == "SUCCESS", killed.retried.info
    assert killed.retried.output["place"]["node"] != killed.node
    assert killed.runs[2] == {1: 2}


@pytest.mark.parametrize("part", ["rabbitmq", "postgres"])
def test_work_goes_on_after_a_restart(cluster, shared_workflows, journal, measured, part):
    count = 100
    execution = start_load(shared_workflows, journal, count, sleep=1)
    wait_until(lambda: len(list(journal.iterdir())) >= 20)
    begin = time.monotonic()
    # As an administrator would: RabbitMQ ends in order; PostgreSQL drops its connections.
    cluster.stop(part, {"rabbitmq": signal.SIGTERM, "postgres": signal.SIGINT}[part])
    cluster.start(part)
    down = time.monotonic() - begin
    shared_workflows.api.wait(execution, 240)
    ended, runs = outcomes(shared_workflows, execution), begun(journal)
    states = Counter(state for state, _ in ended.values())
    measured(
        f"{part} restarted under load ({down:.0f} s away): {count} actions, {dict(states)}, "
        f"{count - len(runs)} never began, {sum(n > 1 for n in runs.values())} ran twice; "
        f"done {time.monotonic() - begin:.0f} s after it went"
    )
    assert ended.keys() == set(range(count))
    # One that was just being handed over may come to two executors: the broker did not get the
    # first one's word, and the server does not look whether a message is sent anew.
    assert sum(runs.values()) <= count + 2
    # None is lost in silence: what isn't done says so.
    assert set(states) <= {"SUCCESS", "ERROR"}
    assert all(runs[item] for item, (state, _) in ended.items() if state == "SUCCESS")
    assert states["SUCCESS"] >= count * 0.9
    after = shared_workflows.api.run_action("typed.where", {"item": 1})
    assert after["state"] == "SUCCESS"


HANGING = """
version: '2.0'
hanging:
  input: [action, count]
  tasks:
    each:
      with-items: i in <% range($.count).toList() %>
      action: <% $.action %> seconds=120
      timeout: {timeout}
"""

#: More than both executors have threads.
MANY = 150
BOTH = {"executor-1", "executor-2"}


@pytest.fixture
def restarted(cluster):
    """Both executors, whose threads the test may use up."""
    yield
    for node in BOTH:
        cluster.stop(node, signal.SIGKILL)
        cluster.start(node)


def hang(workflows, action, timeout):
    """Run many actions that hang; return what came of it when the task was given up."""
    given = {"action": action, "count": MANY}
    return workflows.run(HANGING.format(timeout=timeout), given, seconds=240)


@pytest.mark.usefixtures("restarted")
def test_a_declared_deadline_frees_the_executors_threads(shared_workflows, journal, measured):
    begin = time.monotonic()
    run = hang(shared_workflows, "typed.hangs", timeout=180)
    took = time.monotonic() - begin
    working = who_works(shared_workflows, journal)
    measured(
        f"{MANY} hanging actions with a deadline of 1 s: all failed after {took:.0f} s; "
        f"{len(working)} of 2 executors took the next actions"
    )
    assert run.state == "ERROR"
    assert [error["code"] for error in run.tasks["each"]["result"]] == ["TIMEOUT"] * MANY
    assert working == BOTH


@pytest.mark.usefixtures("restarted")
def test_without_a_deadline_the_server_never_gets_its_threads_back(
    shared_workflows, journal, measured
):
    # The server's own time-out ends the task, but the executor waits for the thread.
    run = hang(shared_workflows, "classic.hangs", timeout=20)
    working = who_works(shared_workflows, journal, seconds=5)
    measured(
        f"{MANY} hanging actions without one: {len(working)} of 2 executors took the next actions"
    )
    assert run.state == "ERROR"
    assert working == set()


def test_an_action_that_kills_its_process_fails_and_its_executor_comes_back(
    shared_workflows, journal
):
    run = call(shared_workflows, "classic.ends", {"how": "kill"})
    assert run.state == "ERROR"
    assert "Heartbeat" in run.tasks["calls"]["state_info"]
    assert who_works(shared_workflows, journal) == BOTH


@pytest.mark.parametrize("action", ["classic.ends", "typed.ends"])
def test_an_exception_that_is_none_fails_its_task(shared_workflows, journal, action):
    run = call(shared_workflows, action, {"how": "exit"})
    assert run.state == "ERROR"
    assert "SystemExit" in str(run.tasks["calls"]["result"])
    assert who_works(shared_workflows, journal) == BOTH


def test_an_action_that_leaks_leaves_the_executors_working(
    cluster, shared_workflows, journal, measured
):
    def memory():
        return sum(map(cluster.memory, BOTH)) / (1 << 20)

    before = memory()
    for _ in range(3):
        assert call(shared_workflows, "classic.leaks", {"megabytes": 50}).state == "SUCCESS"
    grown = memory() - before
    measured(f"three times 50 MiB leaked: the executors have {grown:.0f} MiB more, and work on")
    assert grown > 140
    assert who_works(shared_workflows, journal) == BOTH
