# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Parameters as they are typed on a command line."""

import base64
import datetime
import decimal
import enum
import json
import re
import uuid
from typing import Annotated, Any, Literal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mistral_lib.cli import outcomes, values


class Flavor(enum.Enum):
    SMALL = "1"
    BIG = "big"


@pytest.mark.parametrize(
    ("text", "type_", "value"),
    [
        ("5", str, "5"),
        ('"x"', str, '"x"'),
        ("", str, ""),
        ("null", str, "null"),
        ("5", str | None, "5"),
        ("5", str | int, "5"),
        ("5", int, 5),
        ("-1", int, -1),
        ("5", float, 5),
        ("true", bool, True),
        ("null", int | None, None),
        ('["a", "b"]', list[str], ["a", "b"]),
        ('{"a": 1}', dict[str, int], {"a": 1}),
        ("[1]", int | list[int], [1]),
        ("1", Flavor, "1"),
        ("big", Flavor, "big"),
        ("a", Literal["a", 1], "a"),
        ("1", Literal["a", 1], 1),
        ("2026-01-01T00:00:00Z", datetime.datetime, "2026-01-01T00:00:00Z"),
        ("2026-01-01", datetime.date | None, "2026-01-01"),
        ("1.10", decimal.Decimal, "1.10"),
        ("12345678-1234-5678-1234-567812345678", uuid.UUID, "12345678-1234-5678-1234-567812345678"),
        ("aGk=", bytes, "aGk="),
        ("5", Any, 5),
        ("null", Any, None),
        ("[1", Any, "[1"),
        ("hello", Any, "hello"),
    ],
)
def test_text_is_read_by_the_declared_type(text, type_, value):
    read = values.parse(text, type_)
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "type_", "sent"),
    [
        # What reaches the action's check, so that its message is about what the user meant.
        ("abc", int, "abc"),
        ("5.5", int, 5.5),
        ('["a"]', list[int], ["a"]),
        ("0", Annotated[int, msgspec.Meta(ge=1)], 0),
        ("5", Annotated[str, msgspec.Meta(pattern="^a")], "5"),
        ("green", Flavor, "green"),
    ],
)
def test_what_does_not_fit_is_left_to_the_check(text, type_, sent):
    assert values.parse(text, type_) == sent


@settings(deadline=None)
@given(st.text())
def test_any_text_reaches_a_text_parameter_unchanged(text):
    assert values.read([f"name={text}"], {"name": str}) == {"name": text}


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_json_reaches_an_undeclared_parameter_by_either_form(value):
    text = json.dumps(value)
    assert values.read([f"a={text}", f"b:={text}"], {}) == {"a": value, "b": value}


def test_what_stands_before_the_equals_sign_decides_not_the_value(tmp_path):
    words = ["a=@/etc/passwd", "b=:=x", "c=x=y"]
    assert values.read(words, dict.fromkeys("abc", str)) == {
        "a": "@/etc/passwd",
        "b": ":=x",
        "c": "x=y",
    }


def test_json_form_gives_a_text_parameter_what_json_says():
    assert values.read(["a:=5", 'b:="5"'], {"a": str | int, "b": str}) == {"a": 5, "b": "5"}


def test_file_is_read_as_text_without_the_end_of_its_last_line(tmp_path):
    path = tmp_path / "secret"
    path.write_bytes("pässword\r\n".encode())
    assert values.read([f"a@={path}"], {"a": str}) == {"a": "pässword"}


def test_file_is_read_as_json_for_a_parameter_of_such_a_type(tmp_path):
    path = tmp_path / "names.json"
    path.write_text("[1,\n2]\n")
    assert values.read([f"a@={path}"], {"a": list[int]}) == {"a": [1, 2]}


def test_file_of_any_bytes_becomes_base64_for_a_parameter_of_bytes(tmp_path):
    path = tmp_path / "image"
    path.write_bytes(b"\xff\x00\n")
    expected = {"a": base64.b64encode(b"\xff\x00\n").decode()}
    assert values.read([f"a@={path}"], {"a": bytes | None}) == expected


def test_binary_file_is_refused_for_text(tmp_path):
    path = tmp_path / "image"
    path.write_bytes(b"\xff\x00")
    with pytest.raises(outcomes.Failure, match=r"'a': the file .* is not valid UTF-8"):
        values.read([f"a@={path}"], {"a": str})


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["path"], "Parameters are given as key=value, key:=JSON or key@=FILE, got 'path'"),
        (["=x"], "got '=...'"),
        (["a:@=x"], "got 'a:@=...'"),
        (["a=1", "a:=2"], "Parameter 'a' is given more than once"),
        (["a:=nope"], "Parameter 'a' is not valid JSON: Expecting value, at line 1, column 1"),
        (["a@=not/there"], "Parameter 'a': the file 'not/there' can't be read: No such file"),
    ],
)
def test_malformed_words_are_wrong_usage_and_named(words, message):
    with pytest.raises(outcomes.Failure, match=re.escape(message)) as caught:
        values.read(words, {})
    assert caught.value.exit_code == 2


def test_message_about_json_does_not_quote_it():
    with pytest.raises(outcomes.Failure, match="not valid JSON") as caught:
        values.read(["a:={hunter22}"], {})
    assert "hunter22" not in caught.value.message
