# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What each verb sends, and from where."""

import datetime
import json
import logging
import subprocess
import sys

import pytest

from mistral_lib import exceptions
from mistral_lib.actions import completion

TOKEN = "gAAAAABnotarealtoken0123456789"
PATH = "/v2/action_executions/1f3c"
FAST = completion.DeliveryPolicy(tries=4, backoff=0, deadline=20, timeout=10)


@pytest.mark.parametrize(
    ("data", "output"),
    [
        ({"a": [1, {"b": None}]}, '{"a": [1, {"b": null}]}'),
        ({}, "{}"),
        (None, "null"),
        ("text", '{"result": "text"}'),
        ("", '{"result": ""}'),
        ("{", '{"result": "{"}'),
        ("null", '{"result": "null"}'),
        ([1, 2], '{"result": [1, 2]}'),
        ([], '{"result": []}'),
        (0, '{"result": 0}'),
        (False, '{"result": false}'),
        ("żółć \ud800", '{"result": "żółć \\ud800"}'),
    ],
)
def test_succeed_puts_an_object_and_wraps_what_is_none(mistral, data, output):
    completion.succeed(mistral.handle(), data, policy=FAST)
    ((method, path, _, body),) = mistral.requests
    assert (method, path, set(body)) == ("PUT", PATH, {"state", "output"})
    assert body["state"] == "SUCCESS"
    assert json.loads(body["output"]) == json.loads(output)


def test_succeed_delivers_none_when_no_data_is_given(mistral):
    completion.succeed(mistral.handle(), policy=FAST)
    assert mistral.sent() == [{"state": "SUCCESS", "output": "null"}]


def test_data_that_cannot_be_encoded_is_refused_before_anything_is_sent(mistral):
    with pytest.raises((exceptions.SerializationError, ValueError), match="timedelta"):
        completion.succeed(mistral.handle(), datetime.timedelta(1), policy=FAST)
    assert mistral.requests == []


def test_fail_delivers_the_documented_error_of_an_exception(mistral):
    error = exceptions.ActionException(
        "disk is full", error_code="NO_SPACE", retryable=True, retry_after=5, details={"free": 0}
    )
    completion.fail(mistral.handle(), error, policy=FAST)
    (body,) = mistral.sent()
    assert body["state"] == "ERROR"
    assert json.loads(body["output"]) == {
        "type": "ActionException",
        "message": "disk is full",
        "code": "NO_SPACE",
        "retryable": True,
        "retry_after": 5,
        "details": {"free": 0},
    }


@pytest.mark.parametrize(
    ("error", "message"),
    [("it broke", "it broke"), ("", "Failed to process an action"), ({}, "Failed to process")],
)
def test_fail_makes_a_text_or_nothing_an_error_with_the_same_keys(mistral, error, message):
    completion.fail(mistral.handle(), error, policy=FAST)
    facts = json.loads(mistral.sent()[0]["output"])
    assert facts["message"].startswith(message)
    assert set(facts) == {"type", "message", "code", "retryable", "retry_after", "details"}


def test_fail_delivers_a_dict_as_it_is(mistral):
    completion.fail(mistral.handle(), {"stage": "link", "line": 3}, policy=FAST)
    assert json.loads(mistral.sent()[0]["output"]) == {"stage": "link", "line": 3}


@pytest.mark.parametrize(
    "error", [OSError(f"login with {TOKEN} failed"), f"no {TOKEN}", {"why": [TOKEN]}]
)
def test_fail_masks_the_token_in_the_error(mistral, error):
    completion.fail(mistral.handle(), error, policy=FAST)
    assert TOKEN not in json.dumps(mistral.sent())
    assert "***" in mistral.sent()[0]["output"]


def test_fail_refuses_what_says_nothing(mistral):
    with pytest.raises(TypeError, match=r"a text, a dict or an exception.*not NoneType"):
        completion.fail(mistral.handle(), None, policy=FAST)
    assert mistral.requests == []


def test_cancel_puts_the_state_alone(mistral):
    completion.cancel(mistral.handle(), policy=FAST)
    assert mistral.sent() == [{"state": "CANCELLED"}]


def test_token_goes_in_its_header_and_only_if_there_is_one(mistral):
    completion.succeed(mistral.handle(), policy=FAST)
    assert mistral.requests[0][2]["X-Auth-Token"] == TOKEN
    assert mistral.requests[0][2]["Content-Type"] == "application/json"
    mistral.recorded = {"state": "RUNNING", "output": None}
    completion.succeed(mistral.handle(token=None), policy=FAST)
    assert "X-Auth-Token" not in mistral.requests[1][2]


def test_another_process_completes_from_the_json_of_the_handle(mistral):
    program = (
        "import sys\n"
        "from mistral_lib.actions import completion\n"
        "handle = completion.CompletionHandle.from_json(sys.stdin.read())\n"
        "completion.succeed(handle, {'made': 'elsewhere'})\n"
    )
    text = mistral.handle().to_json()
    subprocess.run([sys.executable, "-c", program], input=text, text=True, check=True, timeout=60)
    assert json.loads(mistral.recorded["output"]) == {"result": {"made": "elsewhere"}}
    assert mistral.requests[0][2]["X-Auth-Token"] == TOKEN


@pytest.mark.parametrize("name", completion.__all__)
def test_every_public_name_is_there(name):
    assert getattr(completion, name).__doc__


def test_name_that_is_not_there_is_an_attribute_error():
    assert not hasattr(completion, "deliver")


def test_importing_the_module_loads_neither_http_nor_logging():
    program = (
        "import sys, mistral_lib.actions.completion\n"
        "print({'urllib3', 'http', 'logging', 'dataclasses'} & set(sys.modules) or False)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "False\n"


def test_progress_is_logged_and_given_to_the_sink_and_never_sent(mistral, caplog):
    caplog.set_level(logging.INFO)
    heard = []
    completion.progress(mistral.handle(), "half done", heard.append)
    assert heard == ["half done"]
    (record,) = caplog.records
    assert (record.levelname, record.name) == ("INFO", "mistral_lib.actions.completion")
    assert record.getMessage() == f"Progress of {mistral.handle().url}: half done"
    assert mistral.requests == []
