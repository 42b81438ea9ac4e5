# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Values that are no text, wherever a request takes them."""

import datetime
import json
from urllib.parse import parse_qsl

import pytest

from mistral_extra.actions.http import message
from mistral_extra.actions.http.parameters import Content, FilePart
from mistral_lib import actions

#: What a workflow may put there, and what is sent for it: nothing, or some values.
VALUES = [
    (None, []),
    ([], []),
    ([None, None], []),
    (["a", None, "b"], ["a", "b"]),
    ("", [""]),
    ("null", ["null"]),
    (True, ["true"]),
    (False, ["false"]),
    (0, ["0"]),
    (1.5, ["1.5"]),
    (10**30, ["1" + "0" * 30]),
    ([1, True, "x y"], ["1", "true", "x y"]),
    ((1, 2), ["1", "2"]),
    ({"a": [1, None]}, ['{"a": [1, null]}']),
    ({}, ["{}"]),
    ([{"a": 1}], ['{"a": 1}']),
    ([["a", "b"]], ['["a", "b"]']),
    (datetime.date(2026, 12, 1), ["2026-12-01"]),
    (datetime.datetime(2026, 12, 1, 12, 30), ["2026-12-01T12:30:00"]),
    ({"when": datetime.date(2026, 12, 1)}, ['{"when": "2026-12-01"}']),
]


def compose(**parts):
    usual = {
        "method": "POST",
        "url": "http://a.example/x",
        "params": {},
        "headers": {},
        "secret_headers": {},
        "content": Content(),
        "auth": None,
        "tls": None,
    }
    return message.compose(**{**usual, **parts})


def values_sent(where, value):
    """Return what is sent under the name ``v`` between two others."""
    given = {"before": "1", "v": value, "after": "2"}
    if where == "params":
        pairs = parse_qsl(compose(params=given).url.query, keep_blank_values=True)
    elif where == "form":
        body = compose(content=Content(form=given)).body.decode()
        pairs = parse_qsl(body, keep_blank_values=True)
    else:
        files = {"f": FilePart("a.txt", text="x")}
        body = compose(content=Content(form=given, files=files)).body.decode()
        parts = [part.partition("\r\n\r\n") for part in body.split("--")]
        pairs = [
            (head.partition('name="')[2].partition('"')[0], value.removesuffix("\r\n"))
            for head, _, value in parts
            if "form-data" in head and "filename" not in head
        ]
    assert (pairs[0], pairs[-1]) == (("before", "1"), ("after", "2"))
    return [value for name, value in pairs if name == "v"]


@pytest.mark.parametrize("where", ["params", "form", "form with files"])
@pytest.mark.parametrize(("value", "sent"), VALUES, ids=repr)
def test_value_is_sent_as_json_has_it_and_null_is_not(where, value, sent):
    assert values_sent(where, value) == sent


@pytest.mark.parametrize("where", ["params", "form"])
@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), [float("-inf")], {"a": float("nan")}, object(), b"x"]
)
def test_value_that_has_no_form_is_refused_by_name(where, value):
    given = {"v": value}
    parts = {"params": given} if where == "params" else {"content": Content(form=given)}
    with pytest.raises(
        actions.InvalidInput, match=rf"^Parameter '{where}\.v' is not JSON-serializable: "
    ):
        compose(**parts)


@pytest.mark.parametrize("parameter", ["headers", "secret_headers"])
def test_header_that_is_null_is_not_sent(parameter):
    headers = {"X-A": "1", "X-B": None, "Accept": None}
    sent = compose(**{parameter: headers}).headers
    assert sent["X-A"] == "1"
    assert "X-B" not in sent
    # As if it had not been named: the usual one is sent.
    assert sent["Accept"] == "*/*"


def test_json_keeps_its_nulls_and_takes_what_expressions_make():
    data = {"a": None, "b": [None], "c": datetime.date(2026, 12, 1), "d": {1}}
    sent = json.loads(compose(content=Content(json=data)).body)
    assert sent == {"a": None, "b": [None], "c": "2026-12-01", "d": [1]}
