# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The one tree of errors, as servers and plug-ins rely on it."""

import copy
import pickle

import pytest

from mistral_lib import exceptions

ALL = [getattr(exceptions, name) for name in exceptions.__all__]
ACTION_ERRORS = [cls for cls in ALL if issubclass(cls, exceptions.ActionException)]


def made(cls, *args, **kwargs):
    """ActionFailed repeats what an action said, so it has no message of its own."""
    if cls is exceptions.ActionFailed and not args:
        args = ("Failed to process an action",)
    return cls(*args, **kwargs)


@pytest.mark.parametrize("cls", ALL)
def test_every_error_of_the_library_is_in_the_tree(cls):
    assert issubclass(cls, exceptions.MistralExceptionBase)


@pytest.mark.parametrize("cls", ALL)
def test_an_error_without_a_message_has_its_classs(cls):
    error = made(cls)
    assert str(error) == error.message == cls.message
    assert cls.message


@pytest.mark.parametrize("cls", ALL)
def test_a_message_is_the_text_and_the_only_argument(cls):
    error = cls("no berth")
    assert (str(error), error.message, error.args) == ("no berth", "no berth", ("no berth",))


@pytest.mark.parametrize("cls", ALL)
def test_an_empty_message_stays_empty(cls):
    assert str(cls("")) == ""


@pytest.mark.parametrize("cls", ALL)
def test_code_is_the_http_code(cls):
    error = made(cls)
    assert error.code == error.http_code == cls.http_code


def test_the_default_of_an_action_exception():
    error = exceptions.ActionException()
    assert str(error) == "Failed to process an action"
    assert error.code == 500


def test_http_codes_of_those_that_reach_a_servers_api():
    codes = {cls.__name__: cls.http_code for cls in ALL if cls.http_code != 500}
    assert codes == {"InvalidInput": 400, "ActionNotFound": 404}


def test_an_http_code_of_ones_own_is_read_through_code():
    class Teapot(exceptions.ActionException):
        http_code = 418
        message = "Short and stout"

    assert (Teapot().code, str(Teapot())) == (418, "Short and stout")
    error = Teapot()
    error.http_code = 503
    assert error.code == 503


def test_an_action_exception_keeps_what_a_workflow_branches_on():
    error = exceptions.ActionException(
        "no berth", error_code="FULL", retryable=True, retry_after=2.5, details={"free": 0}
    )
    assert (error.error_code, error.retryable, error.retry_after) == ("FULL", True, 2.5)
    assert error.details == {"free": 0}
    assert error.code == 500
    assert error.args == ("no berth",)


def test_what_an_action_exception_was_not_told_is_unknown():
    error = exceptions.ActionException("no berth")
    assert (error.error_code, error.retryable, error.retry_after) == (None, False, None)
    assert error.details is None


def test_a_subclass_declares_constants_that_an_instance_may_override():
    class Full(exceptions.ActionException):
        error_code = "FULL"
        retryable = True
        retry_after = 60

    assert (Full().error_code, Full().retryable, Full().retry_after) == ("FULL", True, 60)
    told = Full(error_code="FULLER", retryable=False, retry_after=0)
    assert (told.error_code, told.retryable, told.retry_after) == ("FULLER", False, 0)


def test_errors_of_the_wire_are_what_callers_of_old_catch():
    assert issubclass(exceptions.SerializationError, RuntimeError)
    assert issubclass(exceptions.DeserializationError, exceptions.SerializationError)
    assert issubclass(exceptions.DeserializationError, ValueError)


@pytest.mark.parametrize(
    ("cls", "code", "retryable"),
    [
        (exceptions.InvalidInput, "INVALID_INPUT", False),
        (exceptions.InvalidOutput, "INVALID_OUTPUT", False),
        (exceptions.ActionNotFound, "ACTION_NOT_FOUND", False),
        (exceptions.ActionTimeout, "TIMEOUT", True),
        (exceptions.ActionCancelled, "CANCELLED", False),
    ],
)
def test_the_librarys_own_failures_of_an_action_have_a_code(cls, code, retryable):
    assert (cls().error_code, cls().retryable) == (code, retryable)


def test_a_failed_action_repeats_the_facts_of_its_error():
    facts = {"code": "FULL", "retryable": True, "retry_after": 3, "details": {"free": 0}}
    error = exceptions.ActionFailed("no berth", facts)
    assert (str(error), error.error) == ("no berth", facts)
    assert (error.error_code, error.retryable, error.retry_after) == ("FULL", True, 3)
    assert error.details == {"free": 0}


@pytest.mark.parametrize("answer", ["text", None, 5, ["a"], {}])
def test_a_failed_action_takes_any_answer(answer):
    error = exceptions.ActionFailed("no berth", answer)
    assert error.error == answer
    assert (error.error_code, error.retryable, error.details) == (None, False, None)


@pytest.mark.parametrize("cls", ACTION_ERRORS)
def test_an_error_survives_the_way_between_processes(cls):
    error = cls("no berth")
    error.error_code, error.details = "FULL", {"free": 0}
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(again) is cls
        assert (str(again), again.args) == ("no berth", ("no berth",))
        assert (again.error_code, again.details) == ("FULL", {"free": 0})


def test_a_cause_is_kept():
    try:
        try:
            raise OSError("refused")
        except OSError as e:
            raise exceptions.ActionException("no berth") from e
    except exceptions.ActionException as e:
        error = e
    assert isinstance(error.__cause__, OSError)


def test_a_subclass_that_sets_its_message_late_says_it():
    class Late(exceptions.MistralException):
        def __init__(self, ship):
            super().__init__()
            self.message = f"{ship} is late"

    assert str(Late("Ann")) == "Ann is late"


def test_a_plugin_s_error_may_set_its_own_code_and_message():
    class Coded(exceptions.ActionException):
        def __init__(self, message, code):
            super().__init__(message)
            self.code = code

    class Worded(exceptions.ActionException):
        @property
        def message(self):
            return "my own words"

    assert (Coded("boom", 404).code, str(Coded("boom", 404))) == (404, "boom")
    assert str(Worded("boom")) == "my own words"
    assert Worded("boom").args == ("boom",)
