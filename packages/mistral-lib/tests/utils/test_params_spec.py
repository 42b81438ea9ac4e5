# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""mistral_lib.utils._params_spec."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mistral_lib.utils import inspect_utils

stable = settings(derandomize=True, database=None, deadline=None, max_examples=60)


def test_names_without_default_are_required():
    spec = inspect_utils.parse_params_spec("b, a, c=1")
    assert spec.required == {"a", "b"}
    assert spec.known == {"a", "b", "c"}
    assert spec.order == ("b", "a", "c")
    assert spec.open is False


@pytest.mark.parametrize("nothing", ["", None, "  ", ","])
def test_nothing_said_means_no_parameters(nothing):
    assert inspect_utils.parse_params_spec(nothing) == (frozenset(), frozenset(), (), False)


def test_double_star_opens_the_list_and_is_no_name():
    spec = inspect_utils.parse_params_spec("a, b=null, **kw")
    assert spec.open is True
    assert spec.order == ("a", "b")


def test_stars_inside_a_default_open_nothing():
    spec = inspect_utils.parse_params_spec('a="**kw", b="x, **y"')
    assert spec.open is False
    assert spec.order == ("a", "b")


def test_single_star_is_no_name():
    assert inspect_utils.parse_params_spec("a, *args").known == {"a"}


def test_defaults_with_commas_make_no_names():
    spec = inspect_utils.parse_params_spec('a=[1, 2], b={"x": 1, "y": ","}, c="p, q", d')
    assert spec.order == ("a", "b", "c", "d")
    assert spec.required == {"d"}


def test_an_empty_default_is_a_default():
    assert inspect_utils.parse_params_spec("a=").required == frozenset()


def test_a_name_said_twice_counts_once():
    assert inspect_utils.parse_params_spec("a, a").order == ("a",)


def test_parsing_is_remembered():
    text = "remembered, x=1"
    assert inspect_utils.parse_params_spec(text) is inspect_utils.parse_params_spec(text)


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("a, b", ["a", "b"]),
        ("a=[1, [2, 3]], b", ["a=[1, [2, 3]]", "b"]),
        ('a = {"x": [1, 2]} , b', ['a = {"x": [1, 2]}', "b"]),
        (r'a="quote \" and, comma", b', [r'a="quote \" and, comma"', "b"]),
        ('a=["]", "}"], b', ['a=["]", "}"]', "b"]),
        ('a="x"y, b', ['a="x"y', "b"]),
        ("a=[1, 2] x, b", ["a=[1", "2] x", "b"]),
        ("a=[[[[, b", ["a=[[[[", "b"]),
    ],
)
def test_splitting_respects_json_values_only(text, entries):
    assert inspect_utils.split_params(text) == entries


def test_a_default_nested_beyond_all_reason_is_split_as_text():
    text = "a=" + "[" * 100_000 + ", b"
    assert inspect_utils.split_params(text)[-1] == "b"


@pytest.mark.parametrize("text", ["a", "a=[1]"])
def test_an_empty_delimiter_is_refused(text):
    with pytest.raises(ValueError, match="empty separator"):
        inspect_utils.split_params(text, "")


@stable
@given(
    st.lists(
        st.tuples(
            st.text(alphabet="abcxyz_", min_size=1),
            st.none() | st.lists(st.text() | st.integers() | st.dictionaries(st.text(), st.text())),
        )
    )
)
def test_entries_are_put_apart_where_they_were_put_together(entries):
    texts = [name if value is None else f"{name}={json.dumps(value)}" for name, value in entries]
    assert inspect_utils.split_params(", ".join(texts)) == texts
