# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
import threading
import time
from concurrent import futures

import pytest

from mistral_extra.actions.openstack import single_flight
from mistral_extra.actions.openstack.single_flight import Made


@pytest.fixture
def threads():
    with futures.ThreadPoolExecutor(32) as pool:
        yield pool


def test_value_is_made_once_for_all_threads_that_want_it(threads):
    cache = single_flight.SingleFlightCache(8)
    started, go = threading.Event(), threading.Event()
    made = []

    def make():
        made.append(object())
        started.set()
        assert go.wait(5)
        return Made(made[-1])

    waiting = [threads.submit(cache.get, "k", make) for _ in range(32)]
    assert started.wait(5)
    go.set()
    assert {future.result(5) for future in waiting} == {made[0]}
    assert len(made) == 1


def test_making_one_value_keeps_nobody_from_another(threads):
    cache = single_flight.SingleFlightCache(8)
    go = threading.Event()
    slow = threads.submit(cache.get, "slow", lambda: Made(go.wait(5)))
    assert cache.get("quick", lambda: Made(1)) == 1
    assert not slow.done()
    go.set()
    assert slow.result(5) is True


def test_those_who_wait_get_the_error_and_the_next_tries_again(threads):
    cache = single_flight.SingleFlightCache(8)
    started, go = threading.Event(), threading.Event()

    def fail():
        started.set()
        assert go.wait(5)
        raise ValueError("no")

    first = threads.submit(cache.get, "k", fail)
    assert started.wait(5)
    second = threads.submit(cache.get, "k", lambda: Made("second"))
    while cache.tallies.lookups.value < 2:
        time.sleep(0)
    go.set()
    with pytest.raises(ValueError, match="no"):
        first.result(5)
    # It waited, or it came when all was over.
    assert isinstance(second.exception(5), ValueError) or second.result() == "second"
    assert cache.get("k", lambda: Made("third")) in ("second", "third")


def test_an_interrupted_maker_is_no_answer_for_others(threads):
    cache = single_flight.SingleFlightCache(8)
    started, go = threading.Event(), threading.Event()

    def interrupted():
        started.set()
        assert go.wait(5)
        raise KeyboardInterrupt

    first = threads.submit(cache.get, "k", interrupted)
    assert started.wait(5)
    second = threads.submit(cache.get, "k", lambda: Made("made"))
    go.set()
    assert second.result(5) == "made"
    assert isinstance(first.exception(5), KeyboardInterrupt)


def test_value_used_least_lately_goes_first():
    cache = single_flight.SingleFlightCache(2)
    for key in ("a", "b", "a", "c"):
        cache.get(key, lambda: Made(object()))
    kept = cache.get("a", lambda: Made("new"))
    assert kept != "new"
    assert cache.get("b", lambda: Made("new")) == "new"
    assert len(cache) == 2
    assert cache.tallies.drops.value == 2


def test_value_past_its_time_is_made_anew_and_takes_no_room():
    cache = single_flight.SingleFlightCache(8)
    cache.get("old", lambda: Made("old", until=time.time() - 1))
    assert cache.get("old", lambda: Made("new")) == "new"
    cache.get("older", lambda: Made("old", until=time.time() - 1))
    assert len(cache) == 1


def test_value_that_was_being_made_when_all_was_forgotten_is_not_kept(threads):
    cache = single_flight.SingleFlightCache(8)
    started, go = threading.Event(), threading.Event()

    def make():
        started.set()
        assert go.wait(5)
        return Made("before")

    first = threads.submit(cache.get, "k", make)
    assert started.wait(5)
    cache.clear()
    go.set()
    assert first.result(5) == "before"
    assert cache.get("k", lambda: Made("after")) == "after"


def test_drop_of_another_value_drops_nothing():
    cache = single_flight.SingleFlightCache(8)
    old, new = object(), object()
    cache.get("k", lambda: Made(new))
    cache.drop("k", old)
    assert cache.get("k", lambda: Made(old)) is new
    cache.drop("k", new)
    assert cache.get("k", lambda: Made(old)) is old


def test_tally_counts_what_all_threads_count(threads):
    tally = single_flight.Tally()
    list(threads.map(lambda _: [tally.add() for _ in range(1000)], range(32)))
    assert tally.value == 32000
    assert tally.value == 32000
