# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""One final state on its way over a network that fails now and then."""

import dataclasses
import json
import logging
import ssl

import pytest
import trustme
import urllib3

from mistral_lib import exceptions
from mistral_lib.actions import completion

TOKEN = "gAAAAABnotarealtoken0123456789"
FAST = completion.DeliveryPolicy(tries=4, backoff=0, deadline=20, timeout=10)


def fault(status, text, **headers):
    body = {"faultcode": "Client", "faultstring": text, "debuginfo": None}
    return status, headers, json.dumps(body)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_answer_that_may_pass_is_tried_again(mistral, status):
    mistral.script = [fault(status, "come back", **{"Retry-After": "0"}), (status, {}, "<html>")]
    completion.succeed(mistral.handle(), {"n": 1}, policy=FAST)
    assert len(mistral.requests) == 3
    assert mistral.recorded["state"] == "SUCCESS"


def test_refused_connection_is_tried_again_until_the_server_is_up(unreachable):
    class StartServer(logging.Handler):
        def emit(self, record):
            if not unreachable.thread.is_alive():
                unreachable.start()

    log = logging.getLogger("mistral_lib.actions.delivery")
    starter = StartServer(logging.WARNING)
    log.addHandler(starter)
    try:
        completion.succeed(unreachable.handle(), {"n": 1}, policy=FAST)
    finally:
        log.removeHandler(starter)
    assert unreachable.recorded["state"] == "SUCCESS"


def test_unreachable_server_is_a_retryable_error_that_counts_the_tries(unreachable):
    handle = unreachable.handle()
    with pytest.raises(completion.CompletionError, match=r"failed 4 times.*refused") as caught:
        completion.succeed(handle, policy=FAST)
    error = caught.value
    assert (error.error_code, error.retryable, error.status) == ("UNREACHABLE", True, None)
    assert error.url == handle.url
    assert isinstance(error.__cause__, urllib3.exceptions.NewConnectionError)


def test_server_that_stays_broken_is_a_retryable_error_with_its_fault(mistral):
    mistral.script = [fault(503, "no engine")] * 9
    with pytest.raises(completion.CompletionError, match="HTTP 503 no engine") as caught:
        completion.succeed(mistral.handle(), policy=FAST)
    assert len(mistral.requests) == FAST.tries
    assert caught.value.error_code == "SERVER_ERROR"
    assert (caught.value.retryable, caught.value.status) == (True, 503)
    assert caught.value.details == {"url": mistral.handle().url, "status": 503}


def test_pause_beyond_the_deadline_is_not_begun(mistral):
    mistral.script = [fault(503, "later", **{"Retry-After": "3600"})]
    with pytest.raises(completion.CompletionError, match="failed 1 time, last: HTTP 503") as caught:
        completion.succeed(mistral.handle(), policy=FAST)
    assert caught.value.retry_after == 3600
    assert len(mistral.requests) == 1


def test_retry_after_that_cannot_be_read_is_passed_over(mistral):
    mistral.script = [fault(503, "later", **{"Retry-After": "soon"})]
    completion.succeed(mistral.handle(), policy=FAST)
    assert len(mistral.requests) == 2


def test_pauses_double_up_to_the_longest():
    policy = completion.DeliveryPolicy(backoff=1, longest_pause=5)
    for number, top in ((1, 1), (2, 2), (3, 4), (4, 5), (5000, 5)):
        assert 0.75 * top <= policy.pause_after(number) <= top


@pytest.mark.parametrize(
    "wrong",
    [{"tries": 0}, {"backoff": -1}, {"longest_pause": -1}, {"deadline": -1}, {"timeout": 0}],
)
def test_policy_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValueError, match="tries must be 1 or more"):
        dataclasses.replace(FAST, **wrong)


def test_lost_answer_is_recognized_as_delivered(mistral):
    mistral.script = ["drop"]
    completion.succeed(mistral.handle(), {"b": [1.5, 2e300], "a": None}, policy=FAST)
    assert [method for method, *_ in mistral.requests] == ["PUT", "PUT", "GET"]
    assert mistral.requests[2][2]["X-Auth-Token"] == TOKEN


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_number_that_json_lacks_is_refused_by_its_path_and_not_sent(mistral, number):
    with pytest.raises(
        exceptions.InvalidOutput, match=r"\$\.b\[1\] is -?(NaN|Infinity), which JSON"
    ):
        completion.succeed(mistral.handle(), {"b": [1.5, number]}, policy=FAST)
    assert mistral.requests == []


@pytest.mark.parametrize(
    "deliver",
    [
        lambda handle: completion.succeed(handle, [1], policy=FAST),
        lambda handle: completion.succeed(handle, policy=FAST),
        lambda handle: completion.fail(handle, "x", policy=FAST),
        lambda handle: completion.cancel(handle, policy=FAST),
    ],
)
def test_same_result_may_be_delivered_twice(mistral, deliver):
    deliver(mistral.handle())
    recorded = mistral.recorded
    deliver(mistral.handle())
    assert mistral.recorded == recorded


def test_question_what_is_recorded_is_asked_again_when_the_server_stumbles(mistral):
    done = fault(500, "ValueError: Action 1f3c is already completed")
    mistral.recorded = {"state": "SUCCESS", "output": '{"result": {"n": 1, "a": 2}}'}
    mistral.script = [done, fault(503, "busy")]
    completion.succeed(mistral.handle(), {"a": 2, "n": 1}, policy=FAST)
    assert [method for method, *_ in mistral.requests] == ["PUT", "GET", "PUT", "GET"]


@pytest.mark.parametrize(
    ("recorded", "match"),
    [
        ({"state": "SUCCESS", "output": '{"result": {"n": 2}}'}, "with SUCCESS and another output"),
        ({"state": "SUCCESS", "output": '{"result": {"n": true}}'}, "SUCCESS and another output"),
        ({"state": "ERROR", "output": '{"result": {"n": 1}}'}, "with ERROR; a final state"),
        ({}, "with a state that can't be read"),
    ],
)
@pytest.mark.parametrize("status", [409, 500])
def test_action_completed_otherwise_is_a_final_error(mistral, recorded, match, status):
    mistral.recorded = recorded
    mistral.script = [fault(status, "ValueError: Action 1f3c is already completed")]
    with pytest.raises(completion.CompletionError, match=match) as caught:
        completion.succeed(mistral.handle(), {"n": 1}, policy=FAST)
    assert caught.value.error_code == "ALREADY_COMPLETED"
    assert (caught.value.retryable, caught.value.status) == (False, status)
    assert len(mistral.requests) == 2


@pytest.mark.parametrize(
    ("answer", "code", "match"),
    [
        (fault(400, "JsonType field  value"), "REJECTED", "HTTP 400 JsonType field value$"),
        (
            (401, {}, '{"error": {"message": "Authentication required", "code": 401}}'),
            "UNAUTHORIZED",
            "token has expired.*with_token.*Authentication required",
        ),
        (fault(403, "Policy forbids"), "REJECTED", "HTTP 403 Policy forbids"),
        (
            (404, {"Content-Type": "text/plain"}, "404 Not Found\n\n "),
            "REJECTED",
            r"base_url.*404 Not Found$",
        ),
        (
            fault(500, "DBEntityNotFoundError: 404: ActionExecution not found [id=1f3c]"),
            "UNKNOWN_ACTION_EXECUTION",
            "knows no such action execution",
        ),
        ((413, {}, ""), "REJECTED", "HTTP 413$"),
    ],
)
def test_refusal_is_final_and_says_where_what_and_why(mistral, answer, code, match):
    mistral.script = [answer]
    handle = mistral.handle()
    with pytest.raises(completion.CompletionError, match=match) as caught:
        completion.succeed(handle, policy=FAST)
    assert str(caught.value).startswith(f"Delivering SUCCESS to {handle.url} failed: ")
    assert (caught.value.error_code, caught.value.retryable) == (code, False)
    assert caught.value.status == answer[0]
    assert len(mistral.requests) == 1


def test_long_fault_is_cut_without_leaving_half_a_token(mistral):
    mistral.script = [fault(400, "x" * 290 + TOKEN)]
    with pytest.raises(completion.CompletionError, match=r"x\*\*\*$") as caught:
        completion.succeed(mistral.handle(), policy=FAST)
    assert TOKEN[:5] not in str(caught.value)


def test_result_the_server_could_not_keep_is_reported(mistral):
    kept = {"result": "Failed to complete action [error=Field size limit exceeded]\nTraceback"}
    mistral.script = [(200, {}, json.dumps({"state": "ERROR", "output": json.dumps(kept)}))]
    with pytest.raises(completion.CompletionError, match=r"ERROR instead: .*exceeded\]$") as caught:
        completion.succeed(mistral.handle(), "x", policy=FAST)
    assert (caught.value.error_code, caught.value.retryable) == ("NOT_RECORDED", False)


def test_good_answer_of_another_form_is_good(mistral):
    mistral.script = [(204, {}, "")]
    completion.succeed(mistral.handle(), policy=FAST)
    assert len(mistral.requests) == 1


def test_redirect_is_not_followed(mistral, unreachable):
    unreachable.start()
    mistral.script = [(307, {"Location": unreachable.handle().url}, "")]
    with pytest.raises(completion.CompletionError, match=r"redirects to http://127.*base_url"):
        completion.succeed(mistral.handle(), policy=FAST)
    assert unreachable.requests == []


def test_token_shows_in_no_message_log_record_or_output(mistral, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    mistral.script = [fault(503, f"busy with {TOKEN}"), fault(400, f"bad token {TOKEN}")]
    with pytest.raises(completion.CompletionError, match=r"bad token \*\*\*") as caught:
        completion.succeed(mistral.handle(), policy=FAST)
    completion.progress(mistral.handle(), f"using {TOKEN}")
    assert TOKEN not in repr(vars(caught.value)) + repr(caught.value)
    assert {"urllib3.connectionpool", "careless"} <= {record.name for record in caplog.records}
    assert "busy with ***" in caplog.text
    assert TOKEN not in caplog.text
    assert TOKEN not in "".join(capfd.readouterr())


@pytest.fixture
def authority(tmp_path):
    ca = trustme.CA()
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    trustme.CA().cert_pem.write_to_path(tmp_path / "other.pem")
    return ca


@pytest.fixture
def secure(unreachable, authority):
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    unreachable.socket = tls.wrap_socket(unreachable.socket, server_side=True)
    unreachable.scheme = "https"
    unreachable.start()
    return unreachable


def test_server_of_the_contexts_own_ca_is_trusted(secure, tmp_path):
    handle = secure.handle(cacert=str(tmp_path / "ca.pem"))
    completion.succeed(handle, {"n": 1}, policy=FAST)
    assert secure.recorded["state"] == "SUCCESS"


@pytest.mark.parametrize("bundle", ["other.pem", "missing.pem", None])
def test_server_of_another_ca_gets_no_token(secure, tmp_path, bundle):
    handle = secure.handle(cacert=str(tmp_path / bundle) if bundle else None)
    with pytest.raises(
        completion.CompletionError, match=r"can't be verified.*auth_cacert"
    ) as caught:
        completion.succeed(handle, policy=FAST)
    assert (bundle or "system's bundle") in str(caught.value)
    assert (caught.value.error_code, caught.value.retryable) == ("UNTRUSTED_SERVER", False)
    assert secure.requests == []


@pytest.mark.parametrize("bundle", ["other.pem", None])
def test_insecure_trusts_any_server_and_warns(secure, tmp_path, bundle):
    handle = secure.handle(insecure=True, cacert=str(tmp_path / bundle) if bundle else None)
    with pytest.warns(urllib3.exceptions.InsecureRequestWarning, match="127.0.0.1"):
        completion.succeed(handle, policy=FAST)
    assert secure.recorded["state"] == "SUCCESS"


def test_broken_handshake_is_tried_again(mistral):
    mistral.scheme = "https"
    with pytest.raises(completion.CompletionError, match="failed 4 times, last: TLS") as caught:
        completion.succeed(mistral.handle(), policy=FAST)
    assert caught.value.retryable is True
