# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A class action that would end its process fails instead, where a server runs it."""

import asyncio
import inspect
from concurrent.futures import ThreadPoolExecutor
from unittest import mock

import pytest

from mistral_lib import actions

SECRET = "hunter2-Zx9"


class Leaves(actions.Action):
    """Do what a script's main function would; without a constructor."""

    def run(self, context):
        raise SystemExit(3)


class LeavesLater(actions.Action):
    async def run(self, context):
        raise SystemExit(3)


class Interrupted(actions.Action):
    def run(self, context):
        raise KeyboardInterrupt


class Inheriting(Leaves):
    """Define nothing."""


class Extending(Leaves):
    def run(self, context):
        return super().run(context)


@actions.hidden("password")
class Careless(actions.Action):
    def __init__(self, password):
        self.password = password

    def run(self, context):
        raise SystemExit(f"{self.password} was refused")


def in_a_thread(function, *args):
    """Return what a function returns, called as a server's executor calls actions."""
    with ThreadPoolExecutor(1) as executor:
        return executor.submit(function, *args).result()


@pytest.mark.parametrize("cls", [Leaves, LeavesLater, Inheriting, Extending])
def test_leaving_is_an_error_in_a_servers_thread(cls):
    with pytest.raises(actions.ActionException, match=r"^The action raised SystemExit: 3$") as info:
        in_a_thread(cls().run, actions.ActionContext())
    assert isinstance(info.value.__cause__, SystemExit)


def test_an_interrupt_is_an_error_in_a_servers_thread():
    with pytest.raises(actions.ActionException, match="The action raised KeyboardInterrupt"):
        in_a_thread(Interrupted().run, None)


@pytest.mark.parametrize("error", [asyncio.CancelledError, GeneratorExit])
def test_what_is_neither_error_nor_end_is_an_error_everywhere(error):
    class Odd(actions.Action):
        def run(self, context):
            raise error

    @actions.action
    def odd():
        raise error

    expected = f"The action raised {error.__name__}"
    with pytest.raises(actions.ActionException, match=expected):
        Odd().run(None)
    with pytest.raises(actions.ActionException, match=expected):
        in_a_thread(Odd().run, None)
    assert actions.Runner().run(odd).error["message"].startswith(expected)
    assert actions.Runner().run(Odd).error["message"].startswith(expected)


def test_in_the_main_thread_it_goes_through():
    with pytest.raises(SystemExit, match="3"):
        Extending().run(None)
    with pytest.raises(KeyboardInterrupt, match=r"^$"):
        Interrupted().run(None)


def test_a_secret_in_what_it_says_is_masked():
    with pytest.raises(actions.ActionException, match=r"SystemExit: \*\*\* was refused") as info:
        in_a_thread(Careless(SECRET).run, actions.ActionContext())
    assert SECRET not in str(info.value.__cause__)


class Odd(actions.Action):
    """Take what a server does not give, as tests of a plug-in's own may."""

    def run(self, ctx=None, *extra, times: int = 1, **more):
        return ctx, extra, times, more


def test_run_is_called_as_its_author_wrote_it():
    assert Odd().run() == (None, (), 1, {})
    assert Odd().run(ctx=1, times=2, more=3) == (1, (), 2, {"more": 3})
    assert Odd().run(1, 2, context=3) == (1, (2,), 1, {"context": 3})
    assert str(inspect.signature(Odd.run)) == "(self, ctx=None, *extra, times: int = 1, **more)"
    assert Odd.run.__qualname__ == "Odd.run"


def test_run_can_be_replaced_by_a_test_and_comes_back():
    own = Leaves.run
    with mock.patch.object(Leaves, "run", autospec=True, return_value=7) as run:
        assert Leaves().run("context") == 7
    run.assert_called_once_with(mock.ANY, "context")
    assert Leaves.run is own


def test_one_that_inherits_run_gets_no_other():
    assert Inheriting.run is Leaves.run
    assert "run" not in vars(Inheriting)


def borrowed(self, context):
    """Run as a method of whoever takes it."""
    return type(self).__name__


class Borrowing(actions.Action):
    run = borrowed


class Fixed(actions.Action):
    @staticmethod
    def run(context):
        return context


def test_what_is_no_plain_method_stays_as_it_is():
    assert Fixed.run is vars(Fixed)["run"].__func__
    assert Fixed().run(1) == 1
    assert Borrowing().run(None) == "Borrowing"
    assert borrowed(Borrowing(), None) == "Borrowing"
