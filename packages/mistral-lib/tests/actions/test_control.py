# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Being told to stop: by whom, when, and for which part of an action."""

import logging
import os
import threading
import time

import pytest

from mistral_lib import actions
from mistral_lib.actions.control import Control
from mistral_lib.exceptions import ActionCancelled, ActionTimeout
from mistral_lib.testing import ActionEnvironment
from mistral_lib.testing.clock import ManualClock


def context_of(control):
    return actions.ActionContext().with_control(control)


@pytest.fixture
def calls():
    """What was called, by name."""
    return []


# -- on_cancel


def test_cancelling_calls_once(calls):
    control = Control()
    context_of(control).on_cancel(lambda: calls.append("it"))
    assert calls == []
    control.cancel()
    control.cancel()
    assert calls == ["it"]


def test_what_is_cancelled_already_calls_at_once(calls):
    control = Control()
    control.cancel()
    control.on_cancel(lambda: calls.append("it"))
    assert calls == ["it"]


def test_cancelling_whoever_runs_the_action_calls_too(calls):
    above = Control()
    Control(parent=Control(parent=above)).on_cancel(lambda: calls.append("it"))
    above.cancel()
    assert calls == ["it"]


def test_cancelling_a_child_does_not_call_for_its_parent(calls):
    above = Control()
    above.on_cancel(lambda: calls.append("above"))
    Control(parent=above).cancel()
    assert calls == []


def test_the_deadline_calls_from_another_thread():
    called = threading.Event()
    who = []
    control = Control(0.02)
    control.on_cancel(lambda: (who.append(threading.current_thread()), called.set()))
    assert called.wait(5)
    assert control.cancelled
    assert who != [threading.current_thread()]


def test_deadlines_call_in_their_order_whatever_the_order_of_asking():
    order, done = [], threading.Event()
    late, soon = Control(0.06), Control(0.02)
    late.on_cancel(lambda: (order.append("late"), done.set()))
    soon.on_cancel(lambda: order.append("soon"))
    assert done.wait(5)
    assert order == ["soon", "late"]


def test_what_was_taken_back_is_not_called(calls):
    control = Control(3600)
    forget = control.on_cancel(lambda: calls.append("it"))
    forget()
    control.cancel()
    assert calls == []
    forget()
    assert not control._calls


def test_taking_back_waits_for_a_call_under_way(calls):
    control, begun, go_on = Control(), threading.Event(), threading.Event()

    def call():
        begun.set()
        go_on.wait(5)
        calls.append("it")

    forget = control.on_cancel(call)
    cancelling = threading.Thread(target=control.cancel)
    cancelling.start()
    begun.wait(5)
    threading.Timer(0.01, go_on.set).start()
    forget()
    assert calls == ["it"]
    cancelling.join()


def test_a_call_may_take_itself_back(calls):
    control = Control()
    forget = control.on_cancel(lambda: (forget(), calls.append("it")))
    control.cancel()
    assert calls == ["it"]


def test_a_call_that_raises_is_logged_and_stops_no_other(calls, caplog):
    control = Control()
    control.on_cancel(lambda: 1 / 0)
    control.on_cancel(lambda: calls.append("it"))
    with caplog.at_level(logging.ERROR):
        control.cancel()
    assert calls == ["it"]
    assert "called on cancel, raised" in caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_without_anybody_who_could_cancel_there_is_nothing_to_call(calls):
    actions.ActionContext().on_cancel(lambda: calls.append("it"))()
    assert calls == []


def test_a_clock_of_a_test_calls_when_it_is_moved(calls):
    clock = ManualClock()
    forget = Control(10, clock=clock).on_cancel(lambda: calls.append("first"))
    Control(20, clock=clock).on_cancel(lambda: calls.append("second"))
    forget()
    clock.advance(19)
    assert calls == []
    clock.advance(1)
    assert calls == ["second"]


def test_a_running_clock_calls_by_itself():
    called = threading.Event()
    Control(0.02, clock=ManualClock(running=True)).on_cancel(called.set)
    assert called.wait(5)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_deadlines_are_kept_after_a_fork():
    Control(3600).on_cancel(lambda: None)  # so that there is a thread, which the child lacks
    child = os.fork()
    if not child:
        called = threading.Event()
        Control(0.01).on_cancel(called.set)
        os._exit(0 if called.wait(5) else 1)
    assert os.waitpid(child, 0)[1] == 0


# -- with_timeout


def test_a_part_of_an_action_has_a_deadline_of_its_own():
    with ActionEnvironment() as environment:
        part = environment.context.with_timeout(5, "Looking")
        assert part.time_left == 5
        with pytest.raises(ActionTimeout, match=r"^Looking took more than 5 seconds$"):
            part.sleep(60)
        assert environment.clock.now() == 5
        assert part.cancelled
        assert not environment.context.cancelled


def test_the_deadline_of_the_action_stays_where_it_is_earlier():
    control = Control(5, clock=ManualClock())
    part = context_of(control).with_timeout(60, "Looking")
    assert part.time_left == 5
    control.clock.advance(5)
    with pytest.raises(ActionTimeout, match="The action did not answer before its deadline"):
        part.check_cancelled()


def test_cancelling_the_action_cancels_its_part():
    control = Control()
    part = context_of(control).with_timeout(60)
    control.cancel()
    with pytest.raises(ActionCancelled, match="was cancelled"):
        part.check_cancelled()


def test_a_part_has_a_deadline_where_the_action_has_none(calls):
    part = actions.ActionContext(actions.SecurityContext(project_id="p")).with_timeout(0.02)
    called = threading.Event()
    part.on_cancel(called.set)
    assert called.wait(5)
    assert part.security.project_id == "p"
    with pytest.raises(ActionTimeout, match="did not answer before its deadline"):
        part.check_cancelled()


def test_an_action_run_by_a_part_is_answered_at_the_deadline_of_that():
    release = threading.Event()

    @actions.action
    def hang() -> None:
        release.wait(5)

    @actions.action
    def outer(*, context: actions.ActionContext) -> str:
        try:
            context.with_timeout(3600).with_timeout(0.02).run(hang)
        except ActionTimeout as e:
            return str(e)

    began = time.monotonic()
    assert "'hang' did not answer before its deadline" in actions.run(outer)
    assert time.monotonic() - began < 4
    release.set()


@pytest.mark.parametrize(
    "seconds", [0, -1, True, "5", float("nan"), 10**400], ids=lambda s: f"{s!r:.9}"
)
def test_a_timeout_is_a_number_of_seconds_above_zero(seconds):
    with pytest.raises(ValueError, match="must be a number of seconds above 0"):
        actions.ActionContext().with_timeout(seconds)
