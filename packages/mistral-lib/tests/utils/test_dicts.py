# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""mistral_lib.utils._dicts."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mistral_lib import utils

stable = settings(derandomize=True, database=None, deadline=None, max_examples=50)

NAMES = st.text(alphabet="abc_", min_size=1, max_size=5)
LEAVES = st.none() | st.integers() | st.text(max_size=4)
TREES = st.dictionaries(
    NAMES, LEAVES | st.dictionaries(NAMES, LEAVES | st.dictionaries(NAMES, LEAVES)), max_size=4
)


def test_merge_works_in_place_and_returns_left():
    left = {"a": 1}
    assert utils.merge_dicts(left, {"b": 2}) is left
    assert left == {"a": 1, "b": 2}


def test_merge_is_recursive():
    left = {"a": {"b": {"c": 1, "d": 2}}}
    utils.merge_dicts(left, {"a": {"b": {"c": 3, "e": {"f": 1}}}})
    assert left == {"a": {"b": {"c": 3, "d": 2, "e": {"f": 1}}}}


def test_merge_keeps_left_value_when_overwrite_is_false():
    left = {"a": 1, "b": {"c": None}, "d": {"e": 1}}
    utils.merge_dicts(left, {"a": 2, "b": {"c": 3, "x": 4}, "d": 5}, overwrite=False)
    assert left == {"a": 1, "b": {"c": None, "x": 4}, "d": {"e": 1}}


@pytest.mark.parametrize("value", [5, None, [1], "text"])
def test_merge_replaces_a_dictionary_by_another_value(value):
    assert utils.merge_dicts({"a": {"b": 1}}, {"a": value}) == {"a": value}


def test_merge_replaces_a_value_by_a_dictionary():
    assert utils.merge_dicts({"a": 5}, {"a": {"b": 1}}) == {"a": {"b": 1}}


def test_merging_an_empty_dictionary_takes_nothing_away():
    assert utils.merge_dicts({"a": {"b": 1}}, {"a": {}}) == {"a": {"b": 1}}


def test_merge_with_none_returns_the_other_side_itself():
    side = {"a": 1}
    assert utils.merge_dicts(None, side) is side
    assert utils.merge_dicts(side, None) is side
    assert utils.merge_dicts(None, None) is None


@stable
@given(TREES)
def test_merging_into_nothing_gives_the_same(tree):
    assert utils.merge_dicts({}, tree) == tree


@stable
@given(TREES, TREES)
def test_merging_twice_changes_nothing_more(left, right):
    once = json.dumps(utils.merge_dicts(left, json.loads(json.dumps(right))))
    assert utils.merge_dicts(json.loads(once), right) == json.loads(once)


def test_update_is_not_recursive():
    left = {"a": {"b": 1}, "c": 1}
    assert utils.update_dict(left, {"a": {"d": 2}}) is left
    assert left == {"a": {"d": 2}, "c": 1}


def test_update_with_none_returns_the_other_side_itself():
    side = {"a": 1}
    assert utils.update_dict(None, side) is side
    assert utils.update_dict(side, None) is side
    assert utils.update_dict(None, None) is None


def test_entries_are_names_or_dictionaries():
    entries = ["a", {"b": 1, "c": 2}, {"b": 3}]
    assert utils.get_dict_from_entries(entries) == {"a": utils.NotDefined, "b": 3, "c": 2}


def test_not_defined_is_known_by_its_public_name():
    assert repr(utils.NotDefined) == "<class 'mistral_lib.utils.NotDefined'>"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        (None, {}),
        ("a", {"a": utils.NotDefined}),
        ("a=1, b, c=", {"a": 1, "b": utils.NotDefined, "c": ""}),
        ('a={"x":1}', {"a": {"x": 1}}),
        ("a=true,b=null,c=1.5,d=[1]", {"a": True, "b": None, "c": 1.5, "d": [1]}),
        ("a=x y", {"a": "x y"}),
        ("a='x'", {"a": "'x'"}),
        ("a=01", {"a": "01"}),
        ("a=<% $.x %>", {"a": "<% $.x %>"}),
        ("a=1, **kw", {"a": 1, "**kw": utils.NotDefined}),
        ("a=1,a=2", {"a": 2}),
    ],
)
def test_text_is_read_as_names_and_values(text, expected):
    assert utils.get_dict_from_string(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a=[1, 2], b", {"a": [1, 2], "b": utils.NotDefined}),
        ('a={"x": 1, "y": [2, 3]}', {"a": {"x": 1, "y": [2, 3]}}),
        ('a="x, y", b="p=q"', {"a": "x, y", "b": "p=q"}),
        (" a = 1 ", {"a": 1}),
        ("a=b=c", {"a": "b=c"}),
        ("a,,b,", {"a": utils.NotDefined, "b": utils.NotDefined}),
    ],
)
def test_text_that_upstream_garbles_is_read_right(text, expected):
    assert utils.get_dict_from_string(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a=x, y", {"a": "x", "y": utils.NotDefined}),
        ("a=[1, b", {"a": "[1", "b": utils.NotDefined}),
        ('a="open, b', {"a": '"open', "b": utils.NotDefined}),
    ],
)
def test_text_that_only_looks_like_json_is_split_at_every_comma(text, expected):
    assert utils.get_dict_from_string(text) == expected


def test_another_delimiter_may_be_given():
    assert utils.get_dict_from_string('a=1;b={"x": "1;2"}', ";") == {"a": 1, "b": {"x": "1;2"}}
    assert utils.get_dict_from_string('a=1 b=["x y"] c', " ") == {
        "a": 1,
        "b": ["x y"],
        "c": utils.NotDefined,
    }


@stable
@given(
    st.dictionaries(
        NAMES,
        st.recursive(
            LEAVES,
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
            max_leaves=5,
        ),
    )
)
def test_any_json_values_come_back(values):
    text = ", ".join(f"{name}={json.dumps(value)}" for name, value in values.items())
    assert utils.get_dict_from_string(text) == values
