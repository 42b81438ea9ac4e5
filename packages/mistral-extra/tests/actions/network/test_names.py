# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""From a name to its addresses, in time."""

import socket
import threading

import pytest

from mistral_extra.actions.network import errors, names
from mistral_lib import actions
from mistral_lib.actions.control import Control


@pytest.fixture
def context():
    return actions.ActionContext().with_timeout(10)


@pytest.fixture
def stuck(monkeypatch):
    """A DNS that does not answer until the test is over."""
    release = threading.Event()

    def getaddrinfo(*args, **kwargs):
        release.wait(10)
        raise socket.gaierror(socket.EAI_AGAIN, "too late")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    yield
    release.set()


def test_each_address_comes_once_in_the_order_of_the_system(resolver, context):
    resolver.answer("a.example", ["192.0.2.2", "::1", "192.0.2.2", "192.0.2.1"])
    found = names.look_up_until(context, "a.example")
    assert list(map(str, found)) == ["192.0.2.2", "::1", "192.0.2.1"]
    assert names.look_up("a.example") == found


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1"])
def test_address_is_not_looked_up(resolver, context, address):
    assert list(map(str, names.look_up_until(context, address))) == [address]
    assert resolver.asked == []


@pytest.mark.parametrize("host", ["nowhere.example", "a" * 253, "a..b"])
def test_name_that_has_none_is_named(resolver, context, host):
    with pytest.raises(errors.HostUnknown, match=f"^{host} can't be resolved: ") as caught:
        names.look_up_until(context, host)
    assert caught.value.details == {"host": host}
    assert not caught.value.retryable


@pytest.mark.parametrize("name", sorted(name for name in vars(socket) if name.startswith("EAI_")))
def test_only_what_a_resolver_may_answer_otherwise_next_time_is_worth_another_try(
    monkeypatch, context, name
):
    def getaddrinfo(*args, **kwargs):
        raise socket.gaierror(getattr(socket, name), "as the system says it")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    with pytest.raises(errors.HostUnknown, match="as the system says it") as caught:
        names.look_up_until(context, "node1.example")
    assert caught.value.retryable is (name in ("EAI_AGAIN", "EAI_MEMORY", "EAI_SYSTEM"))


def test_name_that_is_too_long_is_not_looked_up(context, elapsed):
    expected = r"^ä{32}\.\.\. can't be resolved: a name has at most 253 characters$"
    with pytest.raises(errors.HostUnknown, match=expected) as caught:
        names.look_up_until(context, "ä" * 400_000)
    assert caught.value.retryable is False
    assert elapsed() < 1


def test_look_up_is_given_up_at_the_deadline(stuck, elapsed):
    context = actions.ActionContext().with_timeout(0.05, "Asking")
    with pytest.raises(actions.ActionTimeout, match=r"Asking took more than 0\.05 seconds"):
        names.look_up_until(context, "slow.example")
    assert elapsed() < 2


def test_look_up_is_given_up_when_the_action_is_cancelled(stuck, elapsed):
    control = Control()
    threading.Timer(0.05, control.cancel).start()
    with pytest.raises(actions.ActionCancelled, match="was cancelled"):
        names.look_up_until(actions.ActionContext().with_control(control), "slow.example")
    assert elapsed() < 2
