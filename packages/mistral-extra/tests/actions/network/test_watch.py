# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A connection that is cut when its call must end."""

import contextlib
import socket
import threading

import pytest

from mistral_extra.actions.network.watch import watched
from mistral_lib import actions
from mistral_lib.actions.control import Control


@pytest.fixture
def pair():
    """The two ends of a connection."""
    here, there = socket.socketpair()
    with here, there:
        yield here, there


def with_timeout(seconds):
    return actions.ActionContext().with_timeout(seconds, "The call")


def call(context, work):
    """Do some work with a line that is watched."""
    with watched(context) as line:
        return work(line)


@pytest.fixture
def read(pair):
    """Work that reads from the connection until the other end is gone."""

    def read(line):
        line.hold(pair[0])
        while pair[0].recv(1):
            pass

    return read


def test_reader_is_woken_at_the_deadline(read, elapsed):
    # It takes the end for the end of an answer.
    with pytest.raises(actions.ActionTimeout, match=r"The call took more than 0\.05 seconds"):
        call(with_timeout(0.05), read)
    assert elapsed() < 2


def test_slow_peer_does_not_put_the_deadline_off(pair, read, elapsed):
    stop = threading.Event()

    def drip():
        # The connection may be cut while this writes.
        with contextlib.suppress(OSError):
            while not stop.wait(0.01):
                pair[1].sendall(b"x")

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        with pytest.raises(actions.ActionTimeout, match="took more than"):
            call(with_timeout(0.1), read)
    finally:
        stop.set()
        thread.join()
    assert elapsed() < 2


def test_error_that_comes_of_the_cut_is_told_as_the_deadline(read):
    def work(line):
        read(line)
        raise ConnectionResetError

    with pytest.raises(actions.ActionTimeout, match="took more than"):
        call(with_timeout(0.02), work)


def test_error_of_a_call_in_time_stays_what_it_is():
    with pytest.raises(ConnectionResetError, match="the peer's own"), watched(with_timeout(60)):
        raise ConnectionResetError("the peer's own")


def test_reader_is_woken_when_the_action_is_cancelled(read, elapsed):
    control = Control()
    threading.Timer(0.05, control.cancel).start()
    with pytest.raises(actions.ActionCancelled, match="was cancelled"):
        call(actions.ActionContext().with_control(control), read)
    assert elapsed() < 2


def test_connection_made_after_the_end_is_cut_at_once(pair):
    heard = []

    def work(line):
        threading.Event().wait(0.4)
        line.hold(pair[0])
        heard.append(pair[1].recv(1))

    with pytest.raises(actions.ActionTimeout, match="took more than"):
        # On a busy machine, less of it may be over before the call begins, which then never does.
        call(with_timeout(0.3), work)
    assert heard == [b""]


def test_what_should_have_ended_does_not_begin():
    control = Control()
    control.cancel()
    context = actions.ActionContext().with_control(control)
    with pytest.raises(actions.ActionCancelled, match="was cancelled"), watched(context):
        pytest.fail("it began")


def test_call_that_has_its_result_is_let_be(pair):
    here, there = pair
    with watched(with_timeout(0.02)) as line:
        line.hold(here)
        line.done()
        threading.Event().wait(0.05)
        there.sendall(b"bye")
        assert here.recv(3) == b"bye"


def test_seconds_left_are_never_none_at_all():
    # 0 would be no wait, and a socket that does not wait is another one.
    with watched(actions.ActionContext()) as line:
        assert line.left() is None
    with watched(with_timeout(60)) as line:
        assert 59 < line.left() <= 60


def test_connection_is_let_go_in_the_end(pair):
    here, there = pair
    control = Control()
    with watched(actions.ActionContext().with_control(control)) as line:
        line.hold(here)
    control.cancel()
    here.sendall(b"still here")
    assert there.recv(10) == b"still here"
