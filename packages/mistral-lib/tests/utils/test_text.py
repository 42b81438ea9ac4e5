# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""mistral_lib.utils._text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mistral_lib import utils

stable = settings(derandomize=True, database=None, deadline=None, max_examples=100)

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.binary()
)
NESTED = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=5) | st.integers(), inner, max_size=4)
        | st.lists(inner, max_size=3).map(tuple)
    ),
    max_leaves=15,
)


def whole(data):
    """The text of a dictionary or list that is not cut: written down independently."""

    def element(value):
        return f"'{value}'" if isinstance(value, str) else str(value)

    if isinstance(data, dict):
        pairs = [f"{element(k)}: {element(v)}" for k, v in data.items()]
        return "{" + ", ".join(pairs) + "}"
    return "[" + ", ".join(map(element, data)) + "]"


class Unshown:
    """Part of a value that a cut text must not reach."""

    def __repr__(self):
        raise AssertionError("rendered beyond the cut")


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        (-1, "{'a': 1, 'b': 'xxxxxxxxxx', 'c': [1, 2]}"),
        (0, "..."),
        (3, "..."),
        (5, "{'..."),
        (7, "{'a'..."),
        (10, "{'a': 1..."),
        (20, "{'a': 1, 'b': 'xx..."),
        (39, "{'a': 1, 'b': 'xxxxxxxxxx', 'c': [1,..."),
        (40, "{'a': 1, 'b': 'xxxxxxxxxx', 'c': [1, 2]}"),
        (100, "{'a': 1, 'b': 'xxxxxxxxxx', 'c': [1, 2]}"),
    ],
)
def test_a_dictionary_is_cut_to_the_length_with_its_dots(length, expected):
    data = {"a": 1, "b": "x" * 10, "c": [1, 2]}
    assert utils.cut_dict(data, length) == expected
    assert utils.cut(data, length) == expected
    assert utils.cut_by_char(data, length) == expected


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        (-1, "[1, 'two', {'x': 3}]"),
        (3, "..."),
        (4, "[..."),
        (9, "[1, 't..."),
        (12, "[1, 'two'..."),
        (19, "[1, 'two', {'x':..."),
        (20, "[1, 'two', {'x': 3}]"),
    ],
)
def test_a_list_is_cut_to_the_length_with_its_dots(length, expected):
    data = [1, "two", {"x": 3}]
    assert utils.cut_list(data, length) == expected
    assert utils.cut(data, length) == expected


def test_strings_at_the_top_stand_in_plain_quotes_and_nested_ones_as_repr_has_them():
    assert utils.cut_list(["it's", "\n"]) == "['it's', '\n']"
    assert utils.cut_list([["it's", "\n"]]) == "[[\"it's\", '\\n']]"
    assert utils.cut_dict({"it's": {"\t": 1}}) == "{'it's': {'\\t': 1}}"


@pytest.mark.parametrize("length", [-1, 2, 100])
def test_what_is_empty_is_shown_whole(length):
    assert utils.cut_dict({}, length) == "{}"
    assert utils.cut_list([], length) == "[]"


@pytest.mark.parametrize("falsy", [None, "", 0, False, [], {}, (), 0.0])
@pytest.mark.parametrize("length", [-1, 0, 100])
def test_cut_returns_a_falsy_value_as_it_is(falsy, length):
    assert utils.cut(falsy, length) is falsy


@pytest.mark.parametrize(
    ("data", "length", "expected"),
    [
        ("abcdef", 3, "abc..."),
        ("abcdef", 6, "abcdef"),
        ("abcdef", 0, "..."),
        ("abcdef", -1, "abcdef"),
        (123456, 3, "123..."),
        (True, 100, "True"),
        (("a", "b"), 4, "('a'..."),
        (("a",), 100, "('a',)"),
        ((), 1, ()),
        (b"abc", 3, "b'a..."),
        (ValueError("wrong"), 2, "wr..."),
    ],
)
def test_anything_else_is_cut_as_text_with_the_dots_on_top(data, length, expected):
    assert utils.cut(data, length) == expected


def test_the_default_length_is_a_hundred():
    assert utils.cut("x" * 101) == "x" * 100 + "..."
    assert utils.cut(["x" * 200]) == "['" + "x" * 95 + "..."
    assert utils.cut_string("x" * 100) == "x" * 100


@pytest.mark.parametrize(("kilobytes", "characters"), [(0, 0), (1, 1024), (1.5, 1536), (-1, -1024)])
def test_a_kilobyte_has_1024_characters(kilobytes, characters):
    assert utils.get_number_of_chars_from_kilobytes(kilobytes) == characters


def test_cutting_by_kilobytes():
    assert utils.cut_by_kb("x" * 2000, 1) == "x" * 1024 + "..."
    assert len(utils.cut_by_kb(["x" * 2000], 1)) == 1024
    assert utils.cut_by_kb("x" * 2000, -1) == "x" * 2000
    assert utils.cut_by_kb(None, 1) is None


def test_the_wrong_type_is_named():
    with pytest.raises(ValueError, match="A dictionary is expected, got: <class 'list'>"):
        utils.cut_dict([])
    with pytest.raises(ValueError, match="A list is expected, got: <class 'dict'>"):
        utils.cut_list({})


@pytest.mark.parametrize(
    "data",
    [
        {"a": "x" * 200, "b": Unshown()},
        ["x" * 200, Unshown()],
        [["x" * 200, Unshown()]],
        {"a": {"b": ("x" * 200, Unshown())}},
        [list(range(200)), Unshown()],
        ("x" * 200, Unshown()),
        {"x" * 200: Unshown()},
    ],
)
def test_nothing_is_rendered_beyond_the_cut(data):
    assert utils.cut(data, 100).endswith("...")


def test_a_huge_dictionary_is_not_walked_to_its_end():
    class Counting(dict):
        seen = 0

        def items(self):
            for item in super().items():
                self.seen += 1
                yield item

    data = Counting.fromkeys(range(100_000), "value")
    assert len(utils.cut(data, 100)) == 100
    assert data.seen < 20


def test_a_value_that_contains_itself_is_shown_as_repr_shows_it():
    itself = [1]
    itself.append(itself)
    assert utils.cut(itself) == f"[1, {itself}]"
    mapping = {}
    mapping["d"] = (mapping,)
    assert utils.cut(mapping) == "{'d': " + str(mapping["d"]) + "}"


def test_the_same_list_twice_is_no_cycle():
    shared = [1]
    assert utils.cut([[shared, shared]]) == "[[[1], [1]]]"


def test_nesting_beyond_the_recursion_limit_is_cut():
    deep = []
    for _ in range(100_000):
        deep = [deep]
    assert utils.cut(deep, 10_000) == "[" * 9_997 + "..."


@stable
@given(st.lists(NESTED, min_size=1) | st.dictionaries(st.text(max_size=9), NESTED, min_size=1),
       st.integers(0, 300))  # fmt: skip
def test_any_list_or_dictionary_is_whole_or_cut_to_the_length(data, length):
    text, full = utils.cut(data, length), whole(data)
    if len(full) <= length:
        assert text == full
    elif length >= 3:
        assert text == full[: length - 3] + "..."
    else:
        assert text == "..."


@stable
@given(st.lists(NESTED) | st.dictionaries(st.text(), NESTED) | st.text() | st.integers())
def test_a_negative_length_cuts_nothing(data):
    expected = whole(data) if isinstance(data, (dict, list)) else str(data)
    assert utils.cut(data, -1) == (expected if data else data)


@stable
@given(st.lists(NESTED, min_size=1).map(tuple), st.integers(0, 200))
def test_a_tuple_is_cut_as_the_text_it_has(data, length):
    assert utils.cut(data, length) == utils.cut_string(str(data), length)


@stable
@given(st.text(alphabet="ab'\"\\\n", min_size=1, max_size=60), st.integers(4, 40))
def test_quotes_of_a_nested_string_are_those_of_the_whole_string(text, length):
    full = f"[[{text!r}]]"
    expected = full if len(full) <= length else full[: length - 3] + "..."
    assert utils.cut([[text]], length) == expected
