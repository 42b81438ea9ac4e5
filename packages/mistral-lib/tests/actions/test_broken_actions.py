# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""``Runner.run`` raises nothing, whatever an action raises, returns or is."""

import asyncio
import datetime
import logging
from unittest import mock

import pytest

from mistral_lib import actions, exceptions
from mistral_lib.actions import errors


class Mute(Exception):
    """Has no text."""

    def __str__(self):
        raise RuntimeError("no text")

    __repr__ = __str__


class Numeric(Exception):
    """Its text is none."""

    def __str__(self):
        return 5


class Endless(Exception):
    """Its text never ends."""

    def __str__(self):
        return str(self)


class Exits(Exception):
    """Ends the program when it is read."""

    def __str__(self):
        raise SystemExit(3)


class Grudging(actions.ActionException):
    """Tells nothing."""

    @property
    def error_code(self):
        raise RuntimeError("no code")

    @property
    def retryable(self):
        raise SystemExit(3)

    retry_after = "soon"
    details = mock.sentinel.details


RAISED = [
    Mute(),
    Numeric(),
    Endless(),
    Exits(),
    Grudging("x"),
    GeneratorExit(),
    asyncio.CancelledError(),
]


class Raiser(actions.Action):
    """Raises."""

    error = None

    def run(self, context):
        raise type(self).error

    test = run


@pytest.mark.parametrize("error", RAISED, ids=lambda e: type(e).__name__)
@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize("kind", ["function", "class"])
def test_whatever_is_raised_becomes_an_error(error, dry_run, kind, monkeypatch):
    def fail() -> None:
        """Fail."""
        raise error

    monkeypatch.setattr(Raiser, "error", error)
    action = actions.action(test=lambda: fail())(fail) if kind == "function" else Raiser
    result = actions.Runner().run(action, dry_run=dry_run)
    assert result.error is not None
    assert isinstance(result.error["message"], str)


def test_text_that_cannot_be_read_is_replaced_by_the_class():
    assert errors.error_dict(Mute())["message"] == "Mute (its text can't be read: RuntimeError)"


def test_broken_text_is_logged_without_an_error_of_logging(capsys):
    @actions.action
    def fail() -> None:
        """Fail."""
        raise exceptions.ActionException("x") from Mute()

    handler = logging.StreamHandler()
    logging.getLogger("mistral_lib.actions").addHandler(handler)
    try:
        assert actions.Runner().run(fail).is_error()
        assert actions.Runner().run(Raiser).is_error()
    finally:
        logging.getLogger("mistral_lib.actions").removeHandler(handler)
    assert "Logging error" not in capsys.readouterr().err


class Unprintable:
    """Raises when it is printed."""

    def __repr__(self):
        raise RuntimeError("no repr")


@pytest.mark.parametrize(
    "action",
    [Unprintable(), None, 10**5000, b"x" * 10**6, [[]], object],
    ids=["unprintable", "None", "huge", "bytes", "list", "class"],
)
def test_what_is_no_action_is_refused_in_a_short_text(action):
    result = actions.Runner().run(action)
    assert result.error["code"] == "ACTION_NOT_FOUND"
    assert len(result.error["message"]) < 300


@pytest.mark.parametrize("params", [5, ["x"], "x", Unprintable()])
def test_parameters_that_are_no_dict_are_refused(params):
    result = actions.Runner().run(Raiser, params)
    assert result.error["code"] == "INVALID_INPUT"
    assert type(params).__name__ in result.error["message"]


@pytest.mark.parametrize("context", [5, {}, mock.Mock()])
def test_context_that_is_none_is_refused(context):
    result = actions.Runner().run(Raiser, {}, context)
    assert result.error["code"] == "INVALID_INPUT"
    assert "must be an ActionContext" in result.error["message"]


@pytest.mark.parametrize("value", [object(), Unprintable()])
def test_error_of_any_kind_can_be_raised(value):
    class Odd(actions.Action):
        """Answers with an odd error."""

        def run(self, context):
            return actions.Result(error=value)

    with pytest.raises(exceptions.ActionFailed, match=r"object object at|repr raises RuntimeError"):
        actions.run(Odd)


# -- what the methods of a context are given


@pytest.mark.parametrize("text", [50, 0.5, None, b"half", ["a"], Unprintable()])
def test_progress_takes_anything(text):
    seen = []

    @actions.action
    def report(context: actions.ActionContext) -> None:
        """Report."""
        context.progress(text)

    assert actions.Runner(on_progress=seen.append).run(report).is_success()
    assert [type(line) for line in seen] == [str]


@pytest.mark.parametrize("bare", [True, False])
@pytest.mark.parametrize(
    ("call", "kind", "match"),
    [
        (lambda c: c.sleep("5"), ValueError, r"time to sleep must be a number of .* got '5'"),
        (lambda c: c.sleep(None), ValueError, "time to sleep must be .* got None"),
        (lambda c: c.sleep(True), ValueError, "time to sleep must be .* got True"),
        (lambda c: c.sleep(float("nan")), ValueError, "time to sleep must be .* got nan"),
        (lambda c: c.on_cancel(5), TypeError, "on_cancel.. takes a function .* got int"),
        (lambda c: c.with_timeout("5"), ValueError, "timeout of with_timeout.. must be .* '5'"),
        (lambda c: c.with_timeout(0), ValueError, "timeout of with_timeout.. must be .* got 0"),
        (lambda c: c.run(5), exceptions.ActionNotFound, "Not an action: 5"),
    ],
)
def test_wrong_argument_of_a_context_method_is_named(call, kind, match, bare):
    context = actions.ActionContext()
    if not bare:
        context = context.with_control(actions.Runner().control(5))
    with pytest.raises(kind, match=match):
        call(context)


def test_sleep_takes_a_timedelta_and_a_time_that_is_over():
    context = actions.ActionContext()
    context.sleep(datetime.timedelta(microseconds=1))
    context.sleep(-1)


# -- results that come later


class Later(actions.Action):
    """Completes later."""

    def run(self, context):
        return None

    def is_sync(self):
        return False


@actions.action(sync=False)
def later() -> None:
    """Complete later."""


@pytest.mark.parametrize("action", [Later, later], ids=["class", "function"])
def test_log_tells_that_a_result_comes_later(action, caplog):
    caplog.set_level(logging.INFO)
    control = actions.Runner().control(None)
    assert actions.Runner().run(action, control=control).is_success()
    assert control.completes_later
    assert [r.getMessage() for r in caplog.records if "completes later" in r.getMessage()]


# -- errors with wrong facts are refused where they are raised


@pytest.mark.parametrize(
    ("facts", "kind", "match"),
    [
        ({"error_code": 5.5}, TypeError, "error_code must be a str or an int, got float 5.5"),
        ({"error_code": True}, TypeError, "error_code must be .* got bool True"),
        ({"details": [1]}, TypeError, "details must be a dict of facts by name, got list"),
        ({"details": "x"}, TypeError, "details must be a dict of facts by name, got str"),
        ({"retry_after": "soon"}, TypeError, "retry_after must be a number .* got str 'soon'"),
        ({"retry_after": True}, TypeError, "retry_after must be a number .* got bool True"),
        ({"retry_after": -1}, ValueError, "retry_after must be 0 or more .* got -1"),
        ({"retry_after": float("nan")}, ValueError, "retry_after must be .* finite, got nan"),
        ({"retry_after": float("inf")}, ValueError, "retry_after must be .* finite, got inf"),
        ({"retry_after": 10**400}, ValueError, "retry_after must be .* finite, got 10+"),
        ({"retryable": "yes"}, TypeError, "retryable must be True or False, got str 'yes'"),
    ],
)
@pytest.mark.parametrize("cls", [exceptions.ActionException, exceptions.InvalidInput])
def test_wrong_fact_of_an_error_is_refused_where_it_is_raised(facts, kind, match, cls):
    with pytest.raises(kind, match=match):
        cls("x", **facts)


def test_right_facts_are_taken():
    error = exceptions.ActionException(
        "x", error_code=7, retry_after=datetime.timedelta(minutes=1), details={"a": 1}
    )
    assert error.args == ("x",)
    assert errors.error_dict(error)["retry_after"] == 60


def test_answer_of_another_action_with_wrong_facts_is_still_an_error():
    error = {"message": "m", "code": 5.5, "retryable": 1, "retry_after": "soon", "details": [1]}
    failed = exceptions.ActionFailed("m", error)
    assert (failed.error_code, failed.retryable, failed.retry_after, failed.details) == (
        None,
        True,
        None,
        None,
    )
    assert failed.error is error
    late = errors.exception_of(actions.Result(error={**error, "type": "ActionTimeout"}), "a")
    assert isinstance(late, exceptions.ActionTimeout)


@pytest.mark.parametrize("text", [50, None, b"half", Unprintable()])
def test_progress_of_what_completes_later_takes_anything(text):
    from mistral_lib.actions import completion

    seen = []
    handle = completion.CompletionHandle("https://m.example/v2/action_executions/1")
    completion.progress(handle, text, seen.append)
    assert [type(line) for line in seen] == [str]
