# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What becomes of work when a part dies: nothing is lost in silence, nothing runs twice.

Each action writes a file as it begins, so that runs are counted from outside.
"""

import json
import signal
import time
from collections import Counter

import pytest

ITEMS = """
version: '2.0'
load:
  input: [action, count, sleep, journal]
  tasks:
    each:
      with-items: i in <% range($.count).toList() %>
      action: <% $.action %>
      safe-rerun: {safe}
      input:
        item: <% $.i %>
        sleep: <% $.sleep %>
        journal: <% $.journal %>
"""

CALLS = """
version: '2.0'
calls:
  input: [action, params, node]
  tasks:
    calls:
      action: <% $.action %>
      input: <% $.params %>
      target: <% $.node %>
      timeout: {timeout}
"""


def begun(journal):
    """Return how often each item began to run."""
    return Counter(int(path.name.partition("-")[0]) for path in journal.iterdir())


def wait_until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to this"
        time.sleep(0.05)


def start_load(workflows, journal, count, sleep, *, safe=False):
    given = {"action": "typed.where", "count": count, "sleep": sleep, "journal": str(journal)}
    return workflows.start(ITEMS.format(safe=str(safe).lower()), given)


def outcomes(workflows, execution):
    """Return the state, and the text of an error, of each action by its item."""
    (task,) = workflows.api.get(f"executions/{execution}/tasks")["tasks"]
    found = {}
    for action in workflows.api.get(f"tasks/{task['id']}/action_executions")["action_executions"]:
        whole = workflows.api.get(f"action_executions/{action['id']}")

        found[json.loads(whole["input"])["item"]] = (whole["state"], whole["output"])
    return found


def call(workflows, action, params, node, timeout=60, seconds=60):
    given = {"action": action, "params": params, "node": node}
    return workflows.run(CALLS.format(timeout=timeout), given, seconds=seconds)


@pytest.mark.parametrize("safe", [False, True], ids=["as it is", "safe-rerun"])
def test_an_executor_killed_in_mid_action_loses_and_repeats_nothing(
    cluster, shared_workflows, journal, measured, safe
):
    # More than one executor has threads for, so that some have not begun when it dies.
    count = 180
    execution = start_load(shared_workflows, journal, count, 6, safe=safe)
    wait_until(lambda: len(list(journal.iterdir())) >= 100)
    cluster.stop("executor-1", signal.SIGKILL)
    died = {
        int(p.name.partition("-")[0]) for p in journal.iterdir() if p.read_text() == "executor-1"
    }
    try:
        shared_workflows.api.wait(execution, 150)
    finally:
        cluster.start("executor-1")
    ended = outcomes(shared_workflows, execution)
    runs = begun(journal)
    failed = {item for item, (state, _) in ended.items() if state == "ERROR"}
    measured(
        f"executor killed, safe-rerun {safe}: {count} actions, {len(died)} were running there, "
        f"{len(failed)} ended in ERROR, {count - len(failed)} in SUCCESS, "
        f"{count - len(runs)} never began, {sum(n > 1 for n in runs.values())} ran twice"
    )
    assert ended.keys() == set(range(count))
    assert {state for state, _ in ended.values()} == {"SUCCESS", "ERROR"}
    # What ran there fails clearly, and what it had taken but not begun; the other does the rest.
    assert died <= failed
    assert failed - died == set(range(count)) - runs.keys()
    assert all("Heartbeat wasn't received" in ended[item][1] for item in failed)
    assert max(runs.values()) == 1


RETRIED = """
version: '2.0'
retried:
  input: [journal]
  output:
    place: <% task(once).result %>
  tasks:
    once:
      action: typed.where item=1 sleep=5 journal=<% $.journal %>
      retry:
        count: 3
        delay: 1
"""


def test_a_retry_repeats_what_a_dead_executor_did_not_finish(cluster, shared_workflows, journal):
    execution = shared_workflows.start(RETRIED, {"journal": str(journal)})
    wait_until(lambda: list(journal.iterdir()))
    (first,) = journal.iterdir()
    node = first.read_text()
    cluster.stop(node, signal.SIGKILL)
    try:
        run = shared_workflows.end(execution, 120)
    finally:
        cluster.start(node)
    assert run.state == "SUCCESS", run.info
    assert run.output["place"]["node"] != node
    assert begun(journal) == {1: 2}


@pytest.mark.parametrize("part", ["rabbitmq", "postgres"])
def test_work_goes_on_after_a_restart(cluster, shared_workflows, journal, measured, part):
    count = 100
    execution = start_load(shared_workflows, journal, count, 1)
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
      action: <% $.action %> seconds=3600
      timeout: 20
"""

#: More than both executors have threads, 64 each ([DEFAULT] executor_thread_pool_size).
MANY = 150


@pytest.fixture
def restarted(cluster):
    """Both executors, whose threads the test may use up."""
    yield ("executor-1", "executor-2")
    for node in ("executor-1", "executor-2"):
        cluster.stop(node, signal.SIGKILL)
        cluster.start(node)


def next_actions(workflows, nodes):
    """Return how the next action of each executor ends, within 5 seconds."""
    return [call(workflows, "typed.where", {"item": 1}, node, timeout=5).state for node in nodes]


def test_a_declared_deadline_frees_the_executors_threads(shared_workflows, restarted, measured):
    begin = time.monotonic()
    run = shared_workflows.run(HANGING, {"action": "typed.hangs", "count": MANY}, seconds=90)
    took = time.monotonic() - begin
    states = next_actions(shared_workflows, restarted)
    measured(
        f"{MANY} hanging actions with a deadline of 1 s: all failed after {took:.0f} s; the next "
        f"action of each executor: {', '.join(states)}"
    )
    assert run.state == "ERROR"
    assert [error["code"] for error in run.tasks["each"]["result"]] == ["TIMEOUT"] * MANY
    assert states == ["SUCCESS", "SUCCESS"]


def test_without_a_deadline_the_server_never_gets_its_threads_back(
    shared_workflows, restarted, measured
):
    # The server's own time-out, 20 s, ends the task, but the executor waits for the thread.
    run = shared_workflows.run(HANGING, {"action": "classic.hangs", "count": MANY}, seconds=90)
    states = next_actions(shared_workflows, restarted)
    measured(
        f"{MANY} hanging actions without one: the next action of each executor: {', '.join(states)}"
    )
    assert run.state == "ERROR"
    assert states == ["ERROR", "ERROR"]


def test_an_action_that_kills_its_process_fails_and_the_executor_comes_back(shared_workflows):
    run = call(shared_workflows, "classic.ends", {"how": "kill"}, "executor-2")
    assert run.state == "ERROR"
    assert "Heartbeat" in run.tasks["calls"]["state_info"]
    after = call(shared_workflows, "typed.where", {"item": 1}, "executor-2")
    assert after.state == "SUCCESS", after.info


@pytest.mark.parametrize("action", ["classic.ends", "typed.ends"])
def test_an_exception_that_is_none_fails_its_task(shared_workflows, action):
    run = call(shared_workflows, action, {"how": "exit"}, "executor-2")
    assert run.state == "ERROR"
    after = call(shared_workflows, "typed.where", {"item": 1}, "executor-2")
    assert after.state == "SUCCESS", after.info


def test_an_action_that_leaks_leaves_the_executor_working(cluster, shared_workflows, measured):
    before = cluster.memory("executor-2")
    for _ in range(3):
        assert call(shared_workflows, "classic.leaks", {"megabytes": 50}, "executor-2").state == (
            "SUCCESS"
        )
    grown = (cluster.memory("executor-2") - before) / (1 << 20)
    measured(f"an action that leaks 150 MiB: its executor has {grown:.0f} MiB more and works on")
    after = call(shared_workflows, "typed.where", {"item": 1}, "executor-2")
    assert after.state == "SUCCESS", after.info
