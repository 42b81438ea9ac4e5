# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The one path: names, results, deadlines, cancellation, children, threads."""

import asyncio
import contextvars
import datetime
import subprocess
import sys
import threading

import pytest

from mistral_lib import actions, utils
from mistral_lib.actions import control as controls
from mistral_lib.actions import errors
from mistral_lib.exceptions import (
    ActionCancelled,
    ActionException,
    ActionFailed,
    ActionNotFound,
    ActionTimeout,
    InvalidInput,
)


class QuotaExceeded(ActionException):
    """A tenant has no more of something."""

    error_code = "QUOTA"
    retryable = True


@actions.action
def add(a: int, b: int = 1) -> int:
    return a + b


@actions.action
def fail(retry_after: float | None = None) -> None:
    raise QuotaExceeded("none left", retry_after=retry_after, details={"limit": 5})


class Classic(actions.Action):
    """An action as they were always written."""

    def __init__(self, value, outcome="data"):
        self.value = value
        self.outcome = outcome

    def run(self, context):
        if self.outcome == "crash":
            raise KeyError(self.value)
        if self.outcome == "exit":
            raise SystemExit(self.value)
        if self.outcome == "error":
            return actions.Result(error=self.value)
        return self.value

    def test(self, context):
        return f"would return {self.value}"


class Provider(actions.ActionProvider):
    """Knows the actions it is given."""

    def __init__(self, **known):
        super().__init__("test")
        self._known = {
            name.replace("_", "."): actions.PythonActionDescriptor(name.replace("_", "."), action)
            for name, action in known.items()
        }

    def find(self, action_name, namespace=None):
        return self._known.get(action_name)

    def find_all(self, namespace=None, limit=None, sort_fields=None, sort_dirs=None, filters=None):
        return list(self._known.values())


def test_run_takes_functions_classes_descriptors_and_actions():
    assert actions.run(add, {"a": 1}) == 2
    assert actions.run(add.action_class, {"a": 1}) == 2
    assert actions.run(Classic, {"value": [1]}) == [1]
    assert actions.run(actions.PythonActionDescriptor("x", Classic), {"value": 2}) == 2
    assert actions.run(Classic(3)) == 3


def test_names_are_looked_up_in_the_provider_and_a_typo_gets_a_hint():
    runner = actions.Runner(Provider(demo_add=add))
    assert runner.run("demo.add", {"a": 1}) == actions.Result(2)
    result = runner.run("demo.ad", {"a": 1})
    assert result.error["code"] == "ACTION_NOT_FOUND"
    assert result.error["message"] == "No action is named 'demo.ad': did you mean 'demo.add'?"
    with pytest.raises(ActionNotFound, match="Not an action: 5"):
        actions.run(5)


def test_an_action_ready_made_takes_no_parameters():
    with pytest.raises(InvalidInput, match="Classic is an action with its parameters in it"):
        actions.run(Classic(1), {"value": 2})


def test_bad_input_is_refused_before_the_action_runs():
    with pytest.raises(InvalidInput, match="parameter 'a' must be int, got str"):
        actions.run(add, {"a": "1"})
    with pytest.raises(InvalidInput, match=r"missing=\['value'\]"):
        actions.run(Classic, {})


def test_an_error_has_stable_keys():
    result = actions.Runner().run(fail, {"retry_after": 2.5})
    assert result.error == {
        "type": "QuotaExceeded",
        "message": "none left",
        "code": "QUOTA",
        "retryable": True,
        "retry_after": 2.5,
        "details": {"limit": 5},
    }


def test_facts_that_json_can_not_say_cost_the_error_nothing_else():
    when = datetime.timedelta(seconds=3)

    class Classic(actions.Action):
        def run(self, context):
            raise ActionException(
                "none left", error_code="QUOTA", retry_after=when, details={1: when}
            )

    @actions.action
    def typed():
        raise ActionException("none left", error_code="QUOTA", retry_after=when, details={1: when})

    for action in (Classic, typed):
        error = actions.Runner().run(action).error
        assert (error["message"], error["code"]) == ("none left", "QUOTA")
        assert error["retry_after"] == 3.0
        assert error["details"] == str({1: when})


def test_attributes_of_another_librarys_exception_are_not_taken_for_ours():
    class Classic(actions.Action):
        def run(self, context):
            error = KeyError("x")
            error.details, error.retryable, error.error_code = object, True, object()
            raise error

    error = actions.Runner().run(Classic).error
    assert (error["type"], error["code"], error["details"]) == ("KeyError", None, None)
    assert error["retryable"] is False


def test_run_raises_what_the_error_says():
    with pytest.raises(ActionFailed, match="none left") as caught:
        actions.run(fail)
    error = caught.value
    assert (error.error_code, error.retryable, error.retry_after) == ("QUOTA", True, None)
    assert error.details == {"limit": 5}
    assert error.error["type"] == "QuotaExceeded"
    assert error.code == 500


def test_errors_and_crashes_of_classes_become_results():
    runner = actions.Runner()
    assert runner.run(Classic, {"value": "no", "outcome": "error"}) == actions.Result(error="no")
    crashed = runner.run(Classic, {"value": "k", "outcome": "crash"})
    assert crashed.error["type"] == "KeyError"
    assert runner.run(Classic, {"value": 1, "outcome": "exit"}).error["type"] == "SystemExit"
    with pytest.raises(ActionFailed, match=r"^no$"):
        actions.run(Classic, {"value": "no", "outcome": "error"})


def test_a_crash_is_logged_with_its_traceback(caplog):
    actions.Runner().run(Classic, {"value": "k", "outcome": "crash"})
    (record,) = caplog.records
    assert record.getMessage() == "Action 'Classic' raised KeyError"
    assert record.exc_info is not None


def test_dry_run_calls_test():
    runner = actions.Runner()
    assert runner.run(Classic, {"value": 1}, dry_run=True).data == "would return 1"
    refused = runner.run(add, {"a": 1}, dry_run=True)
    assert refused.error["code"] == "NO_DRY_RUN"


def test_the_wire_can_be_crossed_both_ways():
    seen = []

    @actions.action
    def outer(context: actions.ActionContext) -> None:
        seen.append(context.security.region_name)

    context = actions.ActionContext(actions.SecurityContext(region_name="r1"))
    runner = actions.Runner(wire=True)
    assert runner.run(Classic, {"value": (1, 2)}, context).data == [1, 2]
    local = runner.run(outer, {}, context)
    assert "can't be named on the wire" in local.error["message"]
    assert seen == []


def test_a_child_runs_with_the_same_identity():
    @actions.action
    def child(context: actions.ActionContext) -> str:
        return context.security.project_id

    @actions.action
    def parent(context: actions.ActionContext) -> str:
        return "child of " + context.run("demo.child")

    context = actions.ActionContext(actions.SecurityContext(project_id="p1"))
    runner = actions.Runner(Provider(demo_child=child))
    assert runner.run(parent, {}, context).data == "child of p1"


def test_a_failing_child_fails_its_parent_with_its_own_words():
    @actions.action
    def parent(context: actions.ActionContext) -> None:
        context.run(fail, retry_after=1)

    error = actions.Runner().run(parent).error
    assert error == actions.Runner().run(fail, {"retry_after": 1}).error


@pytest.fixture
def gate():
    """An event for actions that hang, set when the test is over."""
    event = threading.Event()
    yield event
    event.set()


def test_the_caller_gets_its_answer_at_the_deadline(gate):
    @actions.action
    def hang() -> None:
        gate.wait(30)

    with pytest.raises(ActionTimeout, match="'hang' did not answer before its deadline"):
        actions.run(hang, timeout=0.01)
    error = actions.Runner().run(hang, timeout=0.01).error
    assert (error["code"], error["retryable"]) == ("TIMEOUT", True)


def test_a_declared_timeout_holds_without_the_runner(gate):
    @actions.action(timeout=0.01)
    def hang(context: actions.ActionContext) -> None:
        gate.wait(30)

    for context in (None, actions.ActionContext()):
        result = hang.action_class().run(context)
        assert result.error["code"] == "TIMEOUT"


def test_a_declared_timeout_holds_for_coroutines():
    @actions.action(timeout=0.01)
    async def hang() -> None:
        await asyncio.sleep(30)

    assert hang.action_class().run(None).error["code"] == "TIMEOUT"


def test_a_cancelled_coroutine_may_clean_up():
    control = controls.Control()
    cleaned = []

    @actions.action
    async def hang() -> None:
        control.cancel()
        try:
            await asyncio.sleep(30)
        finally:
            cleaned.append(True)

    assert actions.Runner().run(hang, control=control).is_cancel()
    assert cleaned == [True]


def test_at_the_deadline_the_action_is_asked_to_stop():
    stopped = threading.Event()

    @actions.action(timeout=0.01)
    def polite(context: actions.ActionContext) -> None:
        try:
            context.sleep(30)
        except ActionTimeout:
            assert context.cancelled
            stopped.set()
            raise

    assert polite.action_class().run(actions.ActionContext()).error["code"] == "TIMEOUT"
    assert stopped.wait(10)


class SteppingClock(controls.Clock):
    """Time that passes only while somebody sleeps."""

    def __init__(self):
        self.time = 0.0

    def now(self):
        return self.time

    def sleep(self, seconds):
        self.time += seconds


def test_deadlines_are_inherited_and_only_get_shorter():
    clock = SteppingClock()
    parent = controls.Control(10, clock=clock)
    assert controls.Control(60, parent).time_left == 10
    assert controls.Control(5, parent).time_left == 5
    assert controls.Control(None, parent).time_left == 10
    controls.Control(None, parent).sleep(7)
    assert parent.time_left == pytest.approx(3)
    controls.Control(None, parent).sleep(60)
    assert parent.time_left == 0
    with pytest.raises(ActionTimeout, match="did not answer"):
        parent.check()


def test_cancelling_reaches_the_action_and_its_children():
    control = controls.Control(clock=SteppingClock())

    @actions.action
    def child(context: actions.ActionContext) -> str:
        control.cancel()
        context.check_cancelled()
        return "not reached"

    @actions.action
    def parent(context: actions.ActionContext) -> str:
        return context.run(child)

    result = actions.Runner().run(parent, control=control)
    assert result.is_cancel()
    assert result.error["code"] == "CANCELLED"
    with pytest.raises(ActionCancelled, match="was cancelled"):
        raise errors.exception_of(result, "parent")


def test_without_a_runner_nothing_is_cancelled():
    context = actions.ActionContext()
    assert context.cancelled is False
    assert context.time_left is None
    context.check_cancelled()
    context.sleep(0)


def test_progress_goes_to_whoever_watches_else_to_the_log(caplog):
    @actions.action
    def work(context: actions.ActionContext) -> None:
        context.progress("half way")

    seen = []
    actions.Runner(on_progress=seen.append).run(work)
    assert seen == ["half way"]
    caplog.set_level("INFO")
    actions.run(work)
    assert "half way" in caplog.text


def test_progress_shows_no_secret():
    @actions.action
    def work(key: actions.Secret[str], context: actions.ActionContext) -> None:
        context.progress(f"using {key}")

    seen = []
    actions.Runner(on_progress=seen.append).run(work, {"key": "hunter22"})
    assert seen == ["using ***"]


VARIABLE: contextvars.ContextVar[str] = contextvars.ContextVar("VARIABLE", default="unset")


def test_a_worker_thread_has_thread_locals_and_contextvars_of_its_caller():
    @actions.action
    def look() -> list[object]:
        return [
            utils.get_thread_local("LOCAL"),
            VARIABLE.get(),
            threading.current_thread().daemon,
            threading.current_thread() is threading.main_thread(),
        ]

    utils.set_thread_local("LOCAL", "here")
    token = VARIABLE.set("set")
    try:
        assert actions.run(look, timeout=10) == ["here", "set", True, False]
    finally:
        VARIABLE.reset(token)
        utils.set_thread_local("LOCAL", None)


def test_a_coroutine_may_run_another_action():
    @actions.action
    async def inner() -> str:
        return "inner"

    @actions.action
    async def outer(context: actions.ActionContext) -> str:
        return "outer of " + context.run(inner)

    assert actions.run(outer) == "outer of inner"


HANGING = """
import asyncio, threading, time
from mistral_lib import actions

@actions.action(timeout=0.05)
def hang(): time.sleep(600)

@actions.action(timeout=0.05)
async def hang_in_a_thread(): await asyncio.to_thread(time.sleep, 600)

for action in (hang, hang_in_a_thread):
    print(actions.Runner().run(action).error["code"])
"""


def test_nothing_hangs_at_exit():
    done = subprocess.run(
        [sys.executable, "-c", HANGING], capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stdout.split() == ["TIMEOUT", "TIMEOUT"]


@pytest.mark.parametrize("timeout", ["5", 0, -1, float("nan"), True])
def test_a_timeout_that_is_none_is_refused(timeout):
    result = actions.Runner().run(add, {"a": 1}, timeout=timeout)
    assert result.error["type"] == "InvalidInput"
    assert "timeout of an action must be a number of seconds above 0" in result.error["message"]


def test_a_timeout_may_be_a_timedelta():
    assert actions.run(add, {"a": 1}, timeout=datetime.timedelta(seconds=5)) == 2


class Later(actions.Action):
    """A class whose work is asynchronous."""

    def __init__(self, value):
        self.value = value

    async def run(self, context):
        await asyncio.sleep(0)
        return self.value


def test_a_class_may_have_an_async_run_which_a_server_can_call():
    assert Later(5).run(None) == 5
    assert actions.run(Later, {"value": 6}, timeout=10) == 6
    assert actions.Runner(wire=True).run(Later, {"value": 7}).data == 7


def test_threads_of_a_coroutine_have_the_thread_locals_too():
    @actions.action
    async def look() -> str:
        return await asyncio.to_thread(utils.get_thread_local, "LOCAL")

    utils.set_thread_local("LOCAL", "here")
    try:
        assert actions.run(look) == "here"
    finally:
        utils.set_thread_local("LOCAL", None)
