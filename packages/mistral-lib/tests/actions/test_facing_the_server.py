# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Errors that leave descriptors and providers: a server's API knows them by the class's name.

That it does is proved on a cluster, in tests/mistral/cluster/test_refusals.py.
"""

import copy
import pickle
import sys
import threading
import traceback
import types

import pytest

from mistral_lib import actions, exceptions
from mistral_lib.actions.providers.base import ActionDescriptorBase


class Stubborn(exceptions.ActionException):
    """One that can't be derived from in passing."""

    def __init_subclass__(cls, *, reason, **kwargs):
        super().__init_subclass__(**kwargs)


class Busy(exceptions.ActionException):
    error_code = "BUSY"
    retryable = True

    def __init__(self, host, *, port):
        super().__init__(f"{host} is busy", details={"port": port})
        self.host = host


class Descriptor(ActionDescriptorBase):
    """Raises an error wherever it is called."""

    def __init__(self, error):
        super().__init__("demo.raises", None, "", namespace="")
        self._error = error

    def check_parameters(self, params):
        raise self._error

    def instantiate(self, input_dict, wf_ctx):
        raise self._error

    def post_process_result(self, result):
        raise self._error


class Derived(Descriptor):
    """Calls what it is derived from, which faces the server too."""

    def check_parameters(self, params):
        super().check_parameters(params)


class Provider(actions.ActionProvider):
    def find(self, action_name, namespace=None):
        raise exceptions.InvalidDeclaration(action_name)

    def find_all(self, namespace=None, limit=None, sort_fields=None, sort_dirs=None, filters=None):
        return []


CALLS = {
    "check_parameters": lambda error: Descriptor(error).check_parameters({}),
    "check_parameters of a derived class": lambda error: Derived(error).check_parameters({}),
    "instantiate": lambda error: Descriptor(error).instantiate({}, {}),
    "post_process_result": lambda error: Descriptor(error).post_process_result(actions.Result()),
}

ERRORS = [
    getattr(exceptions, name)
    for name in exceptions.__all__
    if name not in ("ActionFailed", "MistralExceptionBase")
]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("cls", ERRORS)
def test_an_error_leaves_under_the_server_s_name(cls, call):
    with pytest.raises(cls, match=r"^no$") as raised:
        CALLS[call](cls("no"))
    error = raised.value
    assert type(error).__name__ == error.exc_type == "ActionException"
    assert (error.value, error.args, error.http_code) == ("no", ("no",), cls.http_code)
    # In this process it is what it was.
    assert traceback.format_exception_only(error)[0].endswith(f"{cls.__name__}: no\n")
    assert type(pickle.loads(pickle.dumps(error))) is cls
    assert type(copy.copy(error)) is cls


def test_what_an_author_added_stays():
    error = Busy("h", port=1)
    with pytest.raises(Busy, match="h is busy"):
        Descriptor(error).instantiate({}, {})
    assert type(error).__name__ == "ActionException"
    assert (error.host, error.details, error.retryable) == ("h", {"port": 1}, True)
    reported = actions.Runner().run(Descriptor(error))
    assert reported.error["type"] == "Busy"
    assert reported.error["code"] == "BUSY"


def test_what_can_not_be_renamed_passes():
    with pytest.raises(Stubborn, match="no") as raised:
        Descriptor(Stubborn("no")).check_parameters({})
    assert type(raised.value) is Stubborn


def test_other_errors_are_left_alone():
    with pytest.raises(KeyError, match="no") as raised:
        Descriptor(KeyError("no")).instantiate({}, {})
    assert type(raised.value) is KeyError


def test_a_provider_faces_the_server_too():
    with pytest.raises(exceptions.InvalidDeclaration, match="x") as raised:
        Provider("demo").find("x")
    assert type(raised.value).__name__ == "ActionException"


@pytest.mark.parametrize(("status", "name"), [(401, "Unauthorized"), (500, "ActionException")])
def test_a_name_that_the_server_has_stays_where_it_means_4xx(monkeypatch, status, name):
    server = types.ModuleType("mistral.exceptions")
    server.Unauthorized = type("Unauthorized", (Exception,), {"http_code": status})
    monkeypatch.setitem(sys.modules, "mistral.exceptions", server)
    error = type("Unauthorized", (exceptions.MistralException,), {})("no")
    with pytest.raises(exceptions.MistralException, match="no"):
        Descriptor(error).check_parameters({})
    assert type(error).__name__ == error.exc_type == name


class Served(Exception):
    """As the server's errors are: it knows its status."""

    http_code = 400


class Picky(actions.Action):
    def __init__(self, error):
        raise error("no such thing")


@pytest.mark.parametrize("error", [ValueError, TypeError, OSError])
def test_an_error_of_a_constructor_is_one_of_the_action(error):
    descriptor = actions.PythonActionDescriptor("demo.picky", Picky)
    with pytest.raises(exceptions.ActionException, match=r"^no such thing$") as raised:
        descriptor.instantiate({"error": error}, {})
    assert type(raised.value).__name__ == raised.value.exc_type == "ActionException"
    assert type(raised.value.__cause__) is error
    # A workflow, and who runs it here, reads what it was.
    assert actions.Runner().run(descriptor, {"error": error}).error["type"] == error.__name__


def test_an_error_of_a_constructor_that_knows_its_status_is_not_touched():
    descriptor = actions.PythonActionDescriptor("demo.picky", Picky)
    with pytest.raises(Served, match="no such thing") as raised:
        descriptor.instantiate({"error": Served}, {})
    assert type(raised.value) is Served


def test_a_status_under_a_name_that_the_server_does_not_know_is_not_enough(monkeypatch):
    monkeypatch.setitem(sys.modules, "mistral.exceptions", types.ModuleType("mistral.exceptions"))
    descriptor = actions.PythonActionDescriptor("demo.picky", Picky)
    with pytest.raises(exceptions.ActionException, match=r"^no such thing$") as raised:
        descriptor.instantiate({"error": Served}, {})
    assert type(raised.value).__name__ == "ActionException"


def test_a_constructor_does_not_end_the_engines_thread():
    descriptor = actions.PythonActionDescriptor("demo.picky", Picky)
    raised = []

    def instantiate():
        try:
            descriptor.instantiate({"error": SystemExit}, {})
        except BaseException as e:
            raised.append(e)

    thread = threading.Thread(target=instantiate)
    thread.start()
    thread.join()
    assert [str(e) for e in raised] == ["The action raised SystemExit: no such thing"]
    assert type(raised[0]).__name__ == "ActionException"


def test_a_name_that_is_not_a_text_is_unexpected():
    descriptor = actions.PythonActionDescriptor("demo.picky", Picky)
    with pytest.raises(exceptions.InvalidInput, match=r"missing=\['error'\], unexpected=\[1\]"):
        descriptor.check_parameters({1: 2})


@pytest.mark.parametrize("params", [[1], "item", 5])
def test_parameters_that_are_no_mapping_are_refused(params):
    @actions.action
    def typed(item: int) -> int:
        return item

    for cls in (Picky, typed):
        descriptor = actions.PythonActionDescriptor("demo.it", cls)
        with pytest.raises(exceptions.InvalidInput, match=r"are not a mapping .*, but"):
            descriptor.check_parameters(params)
