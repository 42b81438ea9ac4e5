# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""How long and how much: deadline, cancellation, size of the answer, retries."""

import gc
import threading
import tracemalloc

import pytest

from mistral_extra.actions.http.request import request
from mistral_lib import actions
from mistral_lib.testing import ActionEnvironment

pytestmark = pytest.mark.usefixtures("loopback")


def run(url, **params):
    return actions.Runner().run(request, {"url": url, **params})


# -- time


@pytest.mark.parametrize("path", ["/silent", "/slow-headers", "/slow-body"])
def test_deadline_ends_the_call_and_the_connection(server, path, elapsed):
    error = run(server.url(path), timeout=0.2).error
    assert error["code"] == "TIMEOUT"
    assert error["message"] == f"GET {server.url(path)} took more than 0.2 seconds"
    assert elapsed() < 1
    assert server.hung_up.wait(2)


def test_deadline_of_the_action_counts_where_it_is_earlier(server, elapsed):
    error = actions.Runner().run(request, {"url": server.url("/slow-body")}, timeout=0.2).error
    assert error["code"] == "TIMEOUT"
    assert elapsed() < 1
    assert server.hung_up.wait(2)


def test_cancelled_action_drops_its_connection(server, elapsed):
    runner = actions.Runner()
    control = runner.control(timeout=None)
    threading.Timer(0.1, control.cancel).start()
    result = runner.run(request, {"url": server.url("/silent")}, control=control)
    assert result.is_cancel()
    assert elapsed() < 1
    assert server.hung_up.wait(2)


def test_server_that_is_slow_to_greet_in_tls_is_given_up(server, elapsed):
    error = run(server.url("/echo").replace("http:", "https:"), timeout=0.2).error
    assert error["code"] in ("TIMEOUT", "UNREACHABLE")
    assert elapsed() < 1


# -- size


def test_endless_body_is_read_no_further_than_the_limit(server, elapsed):
    error = run(server.url("/endless"), max_size=100_000).error
    assert error["code"] == "RESPONSE_TOO_LARGE"
    assert error["details"]["limit"] == 100_000
    assert elapsed() < 1


def test_limit_is_that_of_the_unpacked_body(server):
    url = server.url("/packed?size=2000000")
    assert run(url).error["code"] == "RESPONSE_TOO_LARGE"
    assert run(server.url("/packed?size=5000"), max_size=5000).data["size"] == 5000
    assert run(server.url("/packed?size=5001"), max_size=5000).error is not None


def test_small_body_that_grows_when_unpacked_takes_no_more_memory_than_the_limit(server):
    url = server.url("/packed?size=60000000")  # of which 58 KB arrive
    run(server.url("/packed?size=1"))  # what is imported is not to be measured
    gc.collect()
    tracemalloc.start()
    try:
        error = run(url, max_size=100_000).error
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert error["code"] == "RESPONSE_TOO_LARGE"
    assert most < 10_000_000


@pytest.mark.parametrize("size", ["-1", "-ff", "fffffffffffff"])
def test_chunk_is_read_no_further_than_the_limit_whatever_size_it_says(server, elapsed, size):
    tracemalloc.start()
    try:
        error = run(server.url("/chunk?size=" + size), max_size=1000, timeout=2).error
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    expected = "CONNECTION_LOST" if size.startswith("-") else "RESPONSE_TOO_LARGE"
    assert error["code"] == expected
    assert most < 10_000_000
    assert elapsed() < 1


def test_packing_in_several_layers_is_not_unpacked(server):
    data = run(server.url("/packed?size=100000&layers=2")).data
    assert data["headers"]["content-encoding"] == "gzip, gzip"
    assert data["format"] == "base64"
    assert data["size"] < 200


def test_site_sets_the_highest_limit(server, configure):
    configure("http_action", "max_response_size", 10)
    assert run(server.url("/packed?size=10")).data["content"] == "x" * 10
    assert run(server.url("/packed?size=11")).error["code"] == "RESPONSE_TOO_LARGE"
    error = run(server.url("/echo"), max_size=11).error
    assert error["message"] == (
        "Parameter 'max_size' must be at most 10, which this site sets by "
        "[http_action] max_response_size"
    )


# -- retries; the clock of the environment lets no real time pass


@pytest.fixture
def environment():
    with ActionEnvironment() as made:
        yield made


def test_failure_that_passes_is_tried_again(server, environment):
    url = server.url("/recovers?failures=2&code=502")
    answer = environment.run(request, url=url, retry={"count": 2, "delay": 1})
    assert answer["status"] == 200
    assert len(server.seen) == 3
    assert len(environment.progress) == 2
    assert "was answered by 502 Bad Gateway; the next try comes in " in environment.progress[0]


def test_pauses_grow_and_the_server_may_ask_for_longer_ones(server, environment):
    before = environment.clock.now()
    url = server.url("/recovers?failures=3&code=500")
    environment.run(request, url=url, retry={"count": 3, "delay": 4})
    assert 14 <= environment.clock.now() - before <= 28
    server.seen.clear()
    before = environment.clock.now()
    url = server.url("/recovers?failures=1&code=429&after=30")
    environment.run(request, url=url, retry={"count": 1, "delay": 1})
    assert environment.clock.now() - before == pytest.approx(30)


def test_retry_after_may_be_a_date(server, environment):
    url = server.url("/recovers?failures=1&code=503&after=Wed,%2001%20Jan%202020%2000:00:00%20GMT")
    assert environment.run(request, url=url, retry={})["status"] == 200


@pytest.mark.parametrize("after", ["9" * 400, "9" * 5000, "Fri, 31 Dec 9999 23:59:59 GMT", "21601"])
def test_pause_asked_for_is_six_hours_at_most(server, after):
    error = run(server.url("/status?code=503"), params={"after": after}, retry={}).error
    assert error["retry_after"] == 6 * 3600
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    "after",
    [
        "soon",
        "²",
        "Fri, 31 Dec 999999999999 23:59:59 GMT",
    ],
)
def test_pause_that_makes_no_sense_was_not_asked_for(server, after):
    error = run(server.url("/status?code=503"), params={"after": after}).error
    assert (error["code"], error["retry_after"]) == ("UNEXPECTED_STATUS", None)


def test_pause_beyond_the_deadline_is_not_waited_for(server, environment):
    url = server.url("/recovers?failures=1&code=503&after=3600")
    error = environment.run_result(request, url=url, retry={}).error
    assert (error["code"], error["retry_after"]) == ("UNEXPECTED_STATUS", 3600)
    assert len(server.seen) == 1


def test_lost_connection_is_tried_again(server, environment):
    url = server.url("/hangs-up?failures=1")
    assert environment.run(request, url=url, retry={"count": 1})["content"] == "at last"


def test_last_failure_is_the_error(server, environment):
    url = server.url("/recovers?failures=9&code=504")
    error = environment.run_result(request, url=url, retry={"count": 2}).error
    assert error["details"]["status"] == 504
    assert len(server.seen) == 3


def test_what_does_not_pass_is_not_tried_again(server, environment):
    url = server.url("/recovers?failures=1&code=404")
    assert environment.run_result(request, url=url, retry={"count": 2}).is_error()
    assert len(server.seen) == 1


@pytest.mark.parametrize(("code", "tries"), [(502, 1), (503, 2), (429, 2)])
def test_post_is_repeated_only_where_nothing_was_done(server, environment, code, tries):
    url = server.url(f"/recovers?failures=1&code={code}")
    environment.run_result(request, url=url, method="POST", json={}, retry={"count": 1})
    assert len(server.seen) == tries


def test_post_is_not_repeated_after_a_lost_connection(server, environment):
    url = server.url("/hangs-up?failures=1")
    error = environment.run_result(request, url=url, method="POST", retry={"count": 1}).error
    assert error["code"] == "CONNECTION_LOST"
    assert len(server.seen) == 1


def test_cancelled_pause_ends(server, environment):
    environment.cancel_after(progress=1)
    url = server.url("/recovers?failures=9&code=503")
    assert environment.run_result(request, url=url, retry={"count": 5}).is_cancel()
    assert len(server.seen) == 1
