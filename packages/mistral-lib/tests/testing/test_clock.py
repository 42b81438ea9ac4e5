# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
import pytest

from mistral_lib.testing.clock import ManualClock


def test_time_passes_only_when_told_to():
    clock = ManualClock()
    assert (clock.now(), clock.now()) == (0.0, 0.0)
    clock.advance(2.5)
    assert clock.now() == 2.5


def test_sleeping_lets_time_pass_at_once():
    clock = ManualClock()
    clock.sleep(86_400)
    assert clock.now() == 86_400


def test_a_clock_does_not_go_back():
    with pytest.raises(ValueError, match=r"advance\(\) got -1 seconds"):
        ManualClock().advance(-1)


def test_each_look_costs_a_step():
    clock = ManualClock(step=2)
    assert [clock.now(), clock.now(), clock.now()] == [2, 4, 6]


def test_an_alarm_is_called_once_when_its_time_has_come():
    clock = ManualClock()
    calls = []
    clock.call_after(5, lambda: calls.append(clock.now()))
    clock.advance(4)
    assert calls == []
    clock.advance(2)
    clock.advance(10)
    assert calls == [6]


def test_sleep_stops_at_the_next_alarm_so_that_it_may_end_the_sleep():
    clock = ManualClock()
    clock.call_after(3, lambda: None)
    clock.sleep(10)
    assert clock.now() == 3


def test_an_alarm_may_set_another():
    clock = ManualClock()
    rung = []
    clock.call_after(1, lambda: clock.call_after(1, lambda: rung.append(clock.now())))
    clock.advance(1)
    clock.advance(1)
    assert rung == [2]


def test_a_running_clock_goes_by_itself_and_can_be_moved_too():
    clock = ManualClock(running=True)
    before = clock.now()
    clock.sleep(0.001)
    assert clock.now() >= before + 0.001
    clock.advance(3600)
    assert clock.now() >= 3600
