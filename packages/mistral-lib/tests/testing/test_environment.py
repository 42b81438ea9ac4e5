# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What an environment gives to actions, and how it runs them."""

import threading
from datetime import datetime, timezone

import pytest

from mistral_lib import actions, exceptions
from mistral_lib.testing import ActionEnvironment
from mistral_lib.testing.clock import ManualClock

STOP = threading.Event()


@actions.action(name="demo.describe")
def describe(name: str, size: int = 1, *, context: actions.ActionContext) -> dict[str, object]:
    """Describe something."""
    return {"name": name, "size": size, "project": context.security.project_name}


@actions.action
def nap(seconds: float, *, context: actions.ActionContext) -> str:
    """Sleep."""
    context.sleep(seconds)
    return "rested"


@actions.action(timeout=60)
def bounded_nap(seconds: float, *, context: actions.ActionContext) -> str:
    """Sleep, but not for long."""
    context.sleep(seconds)
    return "rested"


@actions.action
def steps(count: int, *, context: actions.ActionContext) -> int:
    """Do some steps."""
    for number in range(count):
        context.check_cancelled()
        context.progress(f"step {number}")
    return count


@actions.action
def poll(*, context: actions.ActionContext) -> str:
    """Poll without sleeping."""
    while True:
        context.check_cancelled()


@actions.action
def stubborn(*, context: actions.ActionContext) -> str:
    """Never look whether to stop."""
    STOP.wait(30)
    return "done"


@actions.action
def when(moment: datetime) -> str:
    """Tell the year."""
    return str(moment.year)


@actions.action
def fail(reason: str) -> None:
    """Fail."""
    raise actions.ActionException(reason, error_code="BROKEN", details={"reason": reason})


def _look(name: str) -> str:
    return f"{name} would do"


@actions.action(test=_look)
def careful(name: str) -> str:
    """Offer a dry run."""
    return f"{name} done"


@actions.action
async def asynchronous(name: str, *, context: actions.ActionContext) -> str:
    """Run in an event loop."""
    context.progress(name)
    return name.upper()


class Sorted(actions.Action):
    """Keeps a tuple, which the wire turns into a list."""

    def __init__(self, items):
        self.items = tuple(items)

    def run(self, context):
        return type(self.items).__name__


class Upper(actions.Action):
    """Return an attribute of its class."""

    def __init__(self, text):
        self.text = text

    def run(self, context):
        return self.text.upper() + self.mark


@pytest.fixture
def env():
    with ActionEnvironment() as environment:
        yield environment


# -- context


def test_ids_are_the_same_in_every_environment_and_have_the_form_of_a_servers(env):
    assert env.context == ActionEnvironment().context
    execution = env.context.execution
    ids = {
        execution.workflow_execution_id,
        execution.task_execution_id,
        execution.action_execution_id,
    }
    assert len(ids) == 3
    assert all(len(i) == 36 and i.count("-") == 4 for i in ids)
    assert execution.callback_url == f"/v2/action_executions/{execution.action_execution_id}"
    assert env.context.security.service_catalog["catalog"] == []


def test_an_environments_context_can_be_changed_without_touching_the_next_ones(env):
    env.context.security.project_id = "other"
    env.context.security.service_catalog["catalog"].append({"type": "compute"})
    fresh = ActionEnvironment().context.security
    assert fresh.project_id != "other"
    assert fresh.service_catalog["catalog"] == []


def test_keyword_fields_go_into_the_part_that_has_them():
    env = ActionEnvironment(project_name="lab", workflow_name="nightly")
    assert env.context.security.project_name == "lab"
    assert env.context.execution.workflow_name == "nightly"


def test_given_parts_replace_the_invented_ones_as_a_whole():
    security = actions.SecurityContext(auth_token="t0ken-of-mine", roles=["admin"])
    env = ActionEnvironment(security, actions.ExecutionContext(workflow_name="w"))
    assert env.context.security is security
    assert env.context.execution.action_execution_id is None


def test_an_unknown_field_is_refused_with_the_nearest_name():
    with pytest.raises(TypeError, match=r"no option 'project_nme'.*did you mean 'project_name'"):
        ActionEnvironment(project_nme="lab")


def test_the_context_serves_a_plain_call_of_the_function(env):
    assert steps(2, context=env.context) == 2
    assert env.progress == ["step 0", "step 1"]


# -- running


def test_run_returns_the_data(env):
    assert env.run(describe, {"name": "a"}, size=2) == {"name": "a", "size": 2, "project": "demo"}


def test_params_may_be_called_like_anything(env):
    env.register("demo.echo", lambda **params: params)
    params = {"action": 1, "self": 2, "params": 3, "timeout": 4}
    assert env.run("demo.echo", params) == params
    assert env.run("demo.echo", timeout=5, params=6) == {"timeout": 5, "params": 6}


def test_a_parameter_given_twice_is_refused(env):
    with pytest.raises(TypeError, match=r"Given twice.*name"):
        env.run(describe, {"name": "a"}, name="b")


def test_run_raises_what_the_action_said(env):
    with pytest.raises(actions.ActionFailed, match="out of order") as caught:
        env.run(fail, reason="out of order")
    assert caught.value.error_code == "BROKEN"
    assert caught.value.details == {"reason": "out of order"}


def test_run_names_the_action_as_it_was_declared(env):
    env.cancel()
    with pytest.raises(actions.ActionCancelled, match="'nap' was cancelled"):
        env.run(nap, seconds=1)


def test_bad_input_is_refused_as_on_a_server(env):
    with pytest.raises(actions.InvalidInput, match=r"demo.describe.*'size' must be int, got str"):
        env.run(describe, name="a", size="2")


def test_run_result_returns_errors_too(env):
    result = env.run_result(fail, reason="no")
    assert result.error["message"] == "no"
    assert result.error["code"] == "BROKEN"


def test_a_class_a_descriptor_an_instance_and_a_name_all_run(env):
    descriptor = actions.PythonActionDescriptor("demo.up", Upper, {"mark": "!"}, namespace="")
    assert env.run(descriptor, text="a") == "A!"
    env.register("demo.up", descriptor)
    assert env.run("demo.up", text="b") == "B!"
    assert env.run(Sorted, items=[2]) == "list"
    assert env.run(Sorted([2])) == "list"


def test_an_async_action_runs(env):
    assert env.run(asynchronous, name="ann") == "ANN"
    assert env.progress == ["ann"]


def test_an_unknown_name_is_answered_as_anywhere_else(env):
    with pytest.raises(actions.ActionNotFound, match=r"No action is named 'demo\.nothing'"):
        env.run("demo.nothing")


def test_what_is_no_action_is_refused(env):
    with pytest.raises(actions.ActionNotFound, match="Not an action: 42"):
        env.run(42)


def test_dry_run_calls_test(env):
    assert env.dry_run(careful, name="disk").data == "disk would do"
    assert env.run(careful, name="disk") == "disk done"


def test_dry_run_of_an_action_without_one_says_so(env):
    assert env.dry_run(nap, seconds=1).error["code"] == "NO_DRY_RUN"


# -- the wire


def test_action_context_and_result_cross_the_wire(env):
    assert env.run(Sorted, items=["a"]) == "list"
    env.wire = False
    assert env.run(Sorted, items=["a"]) == "tuple"


def test_typed_values_are_sent_as_json(env):
    assert env.run(when, moment=datetime(2026, 5, 4, tzinfo=timezone.utc)) == "2026"


def test_an_action_made_inside_a_test_is_refused_with_the_way_out(env):
    @actions.action
    def local(name: str) -> str:
        """Be local."""
        return name

    with pytest.raises(exceptions.SerializationError, match=r"top level.*wire=False"):
        env.run(local, name="a")
    with pytest.raises(exceptions.SerializationError, match=r"top level.*wire=False"):
        env.run_result(local.action_class(name="a"))
    env.wire = False
    assert env.run(local, name="a") == "a"


def test_a_class_made_inside_a_test_is_refused_with_the_way_out():
    class Local(actions.Action):
        def run(self, context):
            return 1

    with pytest.raises(exceptions.SerializationError, match=r"Local can't cross.*wire=False"):
        ActionEnvironment().run(Local)
    assert ActionEnvironment(wire=False).run(Local) == 1


# -- time


def test_a_sleeping_action_moves_the_clock_and_nobody_waits(env):
    assert env.run(nap, seconds=86_400) == "rested"
    assert env.clock.now() == 86_400


def test_the_deadline_is_on_the_clock():
    env = ActionEnvironment(timeout=30)
    with pytest.raises(actions.ActionTimeout, match="before its deadline"):
        env.run(nap, seconds=31)
    assert env.clock.now() == 30
    assert env.run(nap, seconds=29) == "rested"


def test_a_declared_timeout_is_on_the_clock_too(env):
    assert env.run_result(bounded_nap, seconds=61).error["code"] == "TIMEOUT"
    assert env.clock.now() == 60


def test_time_left_counts_down_on_the_clock():
    left = []

    @actions.action
    def look(*, context: actions.ActionContext) -> None:
        """Look at the time left."""
        left.append(context.time_left)
        context.sleep(4)
        left.append(context.time_left)

    ActionEnvironment(wire=False, timeout=10).run(look)
    assert left == [10, 6]


def test_an_action_that_polls_without_sleeping_ends_on_a_stepping_clock():
    env = ActionEnvironment(clock=ManualClock(step=1), timeout=20)
    assert env.run_result(poll).error["code"] == "TIMEOUT"
    assert env.unfinished == []


def test_an_action_that_does_not_stop_is_named_until_it_ends():
    env = ActionEnvironment(clock=ManualClock(step=1), timeout=5)
    try:
        assert env.run_result(stubborn).error["code"] == "TIMEOUT"
        assert env.unfinished == ["action-stubborn"]
    finally:
        STOP.set()
    for thread in threading.enumerate():
        if thread.name == "action-stubborn":
            thread.join()
    assert env.unfinished == []


# -- cancelling


def test_cancel_asks_every_run_to_stop(env):
    env.cancel()
    assert env.run_result(steps, count=3).is_cancel()
    assert env.progress == []


def test_cancel_after_some_progress(env):
    env.cancel_after(progress=2)
    assert env.run_result(steps, count=9).is_cancel()
    assert env.progress == ["step 0", "step 1"]


def test_cancel_after_counts_from_now_on(env):
    env.run(steps, count=3)
    env.cancel_after(progress=1)
    assert env.run_result(steps, count=9).is_cancel()
    assert env.progress[3:] == ["step 0"]


def test_cancel_after_some_time_wakes_a_sleeping_action(env):
    env.cancel_after(seconds=12)
    assert env.run_result(nap, seconds=3600).is_cancel()
    assert env.clock.now() == 12


def test_cancel_reaches_an_action_with_a_deadline():
    env = ActionEnvironment(timeout=3600)
    env.cancel_after(seconds=12)
    assert env.run_result(nap, seconds=600).is_cancel()


def test_a_closed_environment_cancels_what_is_run_later():
    with ActionEnvironment() as env:
        assert env.run(steps, count=1) == 1
    assert env.run_result(steps, count=1).is_cancel()


def test_the_repr_counts_what_was_recorded(env):
    env.run(steps, count=2)
    assert repr(env) == "<ActionEnvironment: 0 log records, 2 progress texts, 0 children>"
