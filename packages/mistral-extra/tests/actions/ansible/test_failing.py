# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""How real playbooks fail: the error names host and task, and has all that is known."""

import pytest

from mistral_lib import actions

pytestmark = pytest.mark.slow

SAY_HELLO = {"name": "Say hello", "debug": {"msg": "hello"}}
IGNORED = {"name": "Try", "command": "false", "ignore_errors": True}
RESCUED = {"block": [{"name": "Hope", "command": "false"}], "rescue": [SAY_HELLO]}


def test_a_failing_task_is_an_error_that_names_host_and_task(run, on_localhost):
    failing = {"name": "Break", "command": "ls nowhere"}
    with pytest.raises(
        actions.ActionFailed,
        match=r"^The playbook failed: host 'localhost', task 'Break': .*nowhere",
    ) as caught:
        run(on_localhost(IGNORED, RESCUED, failing))
    error = caught.value
    assert (error.error_code, error.retryable) == ("ANSIBLE_FAILED", False)
    assert set(error.details) == {"rc", "status", "stats", "failures", "stdout", "changed"}
    assert (error.details["rc"], error.details["status"]) == (2, "failed")
    assert error.details["stats"]["localhost"]["rescued"] == 1
    (failure,) = error.details["failures"]
    assert (failure["host"], failure["task"]) == ("localhost", "Break")


def test_failures_that_were_rescued_or_ignored_are_none(run, on_localhost):
    outcome = run(on_localhost(IGNORED, RESCUED))
    assert (outcome["status"], outcome["failures"]) == ("successful", [])


def test_each_item_of_a_loop_that_failed_has_its_say(run, on_localhost):
    loop = {"name": "Each", "command": "ls {{ item }}", "loop": ["/", "gone-1", "gone-2"]}
    with pytest.raises(actions.ActionFailed, match=r"gone-1.*\(and 1 more\)"):
        run(on_localhost(loop))


def test_a_failure_is_told_in_short(run, on_localhost):
    long = {"name": "Long", "fail": {"msg": "begin {{ 'x' * 5000 }} end"}}
    longer = {"name": "Longer", "fail": {"msg": "{{ 'x' * 800000 }}"}}
    with pytest.raises(actions.ActionFailed, match="task 'Longer': the result is too long") as e:
        run(on_localhost(longer))
    with pytest.raises(actions.ActionFailed, match=r"begin x+\n\[.* cut here .*\]\nx+ end") as e:
        run(on_localhost(long))
    assert len(e.value.details["failures"][0]["msg"]) < 2_100


def test_an_unreachable_host_is_an_error_worth_another_try(run, on_localhost, free_port):
    inventory = {
        "all": {"hosts": {"node9": {"ansible_host": "127.0.0.1", "ansible_port": free_port}}}
    }
    with pytest.raises(actions.ActionFailed, match="host 'node9', task 'Knock'") as caught:
        run(on_localhost({"name": "Knock", "ping": {}}), inventory=inventory)
    assert (caught.value.error_code, caught.value.retryable) == ("HOST_UNREACHABLE", True)
    assert (caught.value.details["rc"], caught.value.details["status"]) == (4, "unreachable")
    assert caught.value.details["stats"]["node9"]["unreachable"] == 1
    # Unless the playbook says that it does not matter.
    calm = {"name": "Knock", "ping": {}, "ignore_unreachable": True}
    outcome = run(on_localhost(calm), inventory=inventory)
    assert (outcome["status"], outcome["failures"]) == ("successful", [])


def test_a_playbook_that_can_not_begin_says_why(run):
    with pytest.raises(actions.ActionFailed, match=r"ended with code 4, saying: .*hosts"):
        run("- name: no hosts\n  tasks: []\n")
