# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What a workflow reads of an exception group: the facts of its members."""

import asyncio
import sys
import threading

import pytest

from mistral_lib import actions, exceptions
from mistral_lib.actions import errors
from mistral_lib.actions.types import Result

if sys.version_info < (3, 11):
    from exceptiongroup import BaseExceptionGroup, ExceptionGroup

KEYS = ("type", "message", "code", "retryable", "retry_after")


def busy(host="b", after=30):
    return actions.ActionException(
        f"host {host} is busy", error_code="HOST_BUSY", retryable=True, retry_after=after
    )


def facts(error):
    return tuple(errors.error_dict(error)[key] for key in KEYS)


BUSY = ("ActionException", "host b is busy", "HOST_BUSY", True, 30)


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ([busy()], BUSY),
        ([ExceptionGroup("inner", [ExceptionGroup("inmost", [busy()])])], BUSY),
        ([busy(), busy()], BUSY),
        ([exceptions.ActionCancelled(), busy()], BUSY),
        (
            [busy(), busy("c", 60)],
            ("ActionException", "g: host b is busy; host c is busy", "HOST_BUSY", True, 60),
        ),
        (
            [busy(), ValueError("no")],
            ("ExceptionGroup", "g: host b is busy; no", None, False, None),
        ),
        (
            [exceptions.ActionTimeout("a"), exceptions.ActionTimeout("b")],
            ("ActionTimeout", "g: a; b", "TIMEOUT", True, None),
        ),
        (
            [exceptions.ActionFailed("x", {"code": "A", "retryable": False}), busy()],
            ("ExceptionGroup", "g: x; host b is busy", None, False, None),
        ),
    ],
)
def test_group_reports_what_its_members_report(members, expected):
    assert facts(ExceptionGroup("g", members)) == expected


def test_members_that_differ_are_all_in_the_details():
    found = errors.error_dict(ExceptionGroup("g", [busy("a"), busy("b")]))
    assert [e["message"] for e in found["details"]["errors"]] == [
        "host a is busy",
        "host b is busy",
    ]


def test_many_members_are_counted():
    found = errors.error_dict(ExceptionGroup("g", [busy(str(n)) for n in range(1000)]))
    assert found["message"].endswith("host 19 is busy; and 980 more")
    assert len(found["details"]["errors"]) == 20


@pytest.mark.parametrize(
    "cancellations",
    [
        [exceptions.ActionCancelled()],
        [asyncio.CancelledError()],
        [asyncio.CancelledError(), exceptions.ActionCancelled(), asyncio.CancelledError()],
        [BaseExceptionGroup("inner", [asyncio.CancelledError()])],
    ],
)
def test_group_of_cancellations_is_one(cancellations):
    result = errors.result_of(BaseExceptionGroup("g", cancellations))
    assert result.is_cancel()
    assert result.error["code"] == "CANCELLED"


def test_cancelled_task_is_no_failure_beside_one_that_failed():
    group = BaseExceptionGroup("g", [asyncio.CancelledError(), busy()])
    assert not errors.result_of(group).is_cancel()
    assert facts(group) == BUSY


if sys.version_info >= (3, 11):

    @actions.action
    async def fan_out() -> int:
        """Work on three hosts."""

        async def one(host):
            if host == "b":
                raise busy()
            await asyncio.sleep(60)

        async with asyncio.TaskGroup() as group:
            for host in "abc":
                group.create_task(one(host))
        return 1

    class FanOut(actions.Action):
        """Work on three hosts."""

        async def run(self, context):
            return await fan_out()

    @pytest.mark.parametrize("action", [fan_out, FanOut], ids=["function", "class"])
    def test_error_of_a_task_group(action):
        result = actions.Runner().run(action)
        assert tuple(result.error[key] for key in KEYS) == BUSY

    def test_function_action_answers_with_the_error_of_a_group_on_a_server_too():
        result = fan_out.action_class().run(actions.ActionContext())
        assert isinstance(result, Result)
        assert tuple(result.error[key] for key in KEYS) == BUSY


def in_thread(call):
    outcome = []
    thread = threading.Thread(target=lambda: outcome.append(call()))
    thread.start()
    thread.join()
    return outcome[0]


@actions.action
def end_all(kind: str) -> None:
    """Raise a group with what ends a program."""
    ending = {"exit": SystemExit(3), "interrupt": KeyboardInterrupt()}[kind]
    raise BaseExceptionGroup("g", [busy(), ending])


@pytest.mark.parametrize(("kind", "name"), [("exit", "3"), ("interrupt", "KeyboardInterrupt")])
def test_group_with_an_ending_is_an_error_in_the_thread_of_an_executor(kind, name):
    result = in_thread(lambda: actions.Runner().run(end_all, {"kind": kind}))
    assert result.is_error()
    assert result.error["message"] == f"g: host b is busy; {name}"
    assert not result.error["retryable"]


def test_group_with_ctrl_c_passes_in_the_main_thread():
    with pytest.raises(BaseExceptionGroup, match=r"^g$"):
        actions.Runner().run(end_all, {"kind": "interrupt"})


def test_group_with_an_exit_is_an_error_of_the_run_in_the_main_thread():
    assert actions.Runner().run(end_all, {"kind": "exit"}).is_error()


def test_secret_in_a_member_is_masked():
    @actions.action
    def login(password: actions.Secret[str]) -> None:
        """Fail twice."""
        raise ExceptionGroup("g", [ValueError(f"bad {password}"), busy()])

    error = actions.Runner().run(login, {"password": "hunter2-hunter2"}).error
    assert "hunter2" not in repr(error)
    assert "host b is busy" in error["message"]
