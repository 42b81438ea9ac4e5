# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""mistral_lib.utils._masking and its search."""

import collections
import datetime
import subprocess
import sys
import types

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oslo_utils import strutils

from mistral_lib import utils
from mistral_lib.utils import _masking, _masking_search

stable = settings(derandomize=True, database=None, deadline=None, max_examples=80)

WORDS = [
    "password", "adminPass", "auth_token", "TOKEN", "secret", "sslkey", "my_private_key",
    "Passphrase", "chapSecret", "to\u212aen", "migrationsshkey", "encrypted_key",
]  # fmt: skip
NAMES = st.sampled_from([*WORDS, "name", "id", "a b", "é", "pass", "key"]) | st.text(max_size=5)
SECRET_TEXTS = st.builds(
    "{}{}{}{}".format,
    st.text(max_size=4),
    st.sampled_from(WORDS),
    st.sampled_from(["=", " = ", "='", '": "', "' : '", ">", " ", "\0", "", "', '--x', '"]),
    st.text(alphabet="abc'\"<> \0", max_size=8),
)


class Named:
    def __str__(self):
        return "password=s3cr3t"


class Text(str):
    __slots__ = ()


NAMED = Named()
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False)
ODD = st.sampled_from(
    [
        NAMED, b"token=1", bytearray(b"x"), {"a"}, range(2), Text("password=1"),
        collections.OrderedDict(token=1, a="password=2"), collections.UserDict(token=1),
        types.MappingProxyType({"password": 1}), collections.deque(["token=1"]),
        datetime.datetime(2020, 1, 1), frozenset(["secret=1"]),
    ]
)  # fmt: skip


def values(leaves):
    return st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner)
            | st.lists(inner, max_size=3).map(tuple)
            | st.dictionaries(NAMES, inner)
            | st.lists(st.fixed_dictionaries({"a": inner, "b": inner}), min_size=8, max_size=10)
        ),
        max_leaves=15,
    )


HARMLESS = values(SCALARS | st.text())
ANYTHING = values(SCALARS | st.text() | SECRET_TEXTS | ODD)


def by_oslo(obj):
    """What masking means, in oslo.utils' own functions, of whatever version."""
    if isinstance(obj, dict):
        return inside_by_oslo(obj)
    if isinstance(obj, list):
        return [by_oslo(o) for o in obj]
    return strutils.mask_password(obj)


def inside_by_oslo(value):
    if isinstance(value, collections.abc.Mapping):
        masked = {k: inside_by_oslo(v) for k, v in value.items()}
        # An older oslo.utils leaves collections alone, so of it only the names are asked.
        named = strutils.mask_dict_password(dict.fromkeys(value, 0))
        for key in [k for k in masked if named[k] != 0]:
            if not isinstance(value[key], collections.abc.Mapping):
                masked[key] = named[key]
        return masked
    if isinstance(value, str):
        return strutils.mask_password(value)
    if isinstance(value, collections.abc.Collection):
        items = [inside_by_oslo(v) for v in value]
        return items if isinstance(value, list) else tuple(items)
    return value


@stable
@given(HARMLESS)
def test_values_without_odd_parts_are_masked_as_oslo_utils_does_it(value):
    masked = utils.mask_data(value)
    assert masked == by_oslo(value)
    assert repr(masked) == repr(by_oslo(value))


@stable
@given(ANYTHING)
def test_anything_is_masked_as_oslo_utils_does_it(value):
    assert repr(utils.mask_data(value)) == repr(by_oslo(value))


@stable
@given(st.dictionaries(NAMES | st.integers() | st.none() | st.just(b"token"), ANYTHING, max_size=4))
def test_dictionaries_with_any_keys_are_masked_as_oslo_utils_does_it(value):
    assert repr(utils.mask_data(value)) == repr(by_oslo(value))


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        ({"password": 5, "a": 1}, {"password": "***", "a": 1}),
        ({"a": {"my_TOKEN_2": None}}, {"a": {"my_TOKEN_2": "***"}}),
        ({"password": {"a": 1, "token": 2}}, {"password": {"a": 1, "token": "***"}}),
        ({"a": ["auth_token=x", 5, ("token=1",)]}, {"a": ["auth_token=***", 5, ("token=***",)]}),
        ([{"token": "x"}, None, 1, "secret=y"], [{"token": "***"}, "None", "1", "secret=***"]),
        ((1, "password=3"), "(1, 'password=***')"),
        ("{'adminPass':'zz'}", "{'adminPass':'***'}"),
        (None, "None"),
        (1.5, "1.5"),
        (NAMED, "password=***"),
        ({"a": NAMED}, {"a": NAMED}),
        ({"a": {"b"}}, {"a": ("b",)}),
        ([], []),
        ({}, {}),
    ],
)  # fmt: skip
def test_what_is_masked(value, masked):
    assert utils.mask_data(value) == masked


@pytest.mark.parametrize("secret", ["password", "none of them"])
def test_the_original_is_neither_changed_nor_shared(secret):
    original = {"a": [{"b": [1]}], secret: {"c": 2}}
    masked = utils.mask_data(original)
    masked["a"][0]["b"].append(2)
    masked[secret]["c"] = 3
    assert original == {"a": [{"b": [1]}], secret: {"c": 2}}


def test_text_that_holds_a_zero_character_is_masked():
    value = {"a": "x\0password=1\0y", "b": ["\0", "token=2"]}
    assert utils.mask_data(value) == {"a": "x\0password=***", "b": ["\0", "token=***"]}


def test_a_key_word_does_not_arise_between_two_strings():
    assert utils.mask_data(["pass", "word=1"]) == ["pass", "word=1"]


def test_lone_surrogates_are_no_obstacle():
    value = {"\ud800": ["\udc00" * 600, "password=1"] * 2}
    assert utils.mask_data(value) == by_oslo(value)


def long_list(row):
    return [dict(row, id=i) for i in range(500)]


@pytest.fixture
def calls(monkeypatch):
    """Texts that oslo.utils is given."""
    given_texts = []
    original = strutils.mask_password

    def counting(message, secret="***"):
        given_texts.append(message)
        return original(message, secret)

    monkeypatch.setattr(strutils, "mask_password", counting)
    return given_texts


def test_oslo_utils_is_given_no_string_without_a_key_word(calls):
    value = long_list({"name": "server", "tags": ["a", "b"], "token": "x"})
    masked = utils.mask_data(value)
    assert masked[499] == {"name": "server", "tags": ["a", "b"], "token": "***", "id": 499}
    assert calls == []


def test_oslo_utils_is_given_each_string_with_a_key_word_once(calls):
    value = long_list({"name": "server", "line": "password=1", "more": ("password=1", "secret=2")})
    masked = utils.mask_data(value)
    assert masked[0]["line"] == "password=***"
    assert masked[0]["more"] == ("password=***", "secret=***")
    assert sorted(calls) == ["password=1", "secret=2"]


@pytest.fixture
def _fresh_key_words():
    _masking_search._key_words.cache_clear()
    yield
    _masking_search._key_words.cache_clear()


@pytest.mark.usefixtures("_fresh_key_words")
@pytest.mark.parametrize("words", [None, "password", ["Password"], [b"password"], [""], 5])
def test_masking_does_not_depend_on_the_list_of_key_words(monkeypatch, words):
    value = {"password": 1, "a": [{"token": 2}, "secret=3"]}
    expected = by_oslo(value)
    with monkeypatch.context() as patch:
        # What mask_password itself goes by stays as it is.
        facade = types.SimpleNamespace(
            mask_dict_password=strutils.mask_dict_password, mask_password=strutils.mask_password
        )
        if words is not None:
            facade._SANITIZE_KEYS = words
        patch.setattr("oslo_utils.strutils", facade)
        assert _masking_search.search(value) is None
        assert utils.mask_data(value) == expected


def test_the_list_of_key_words_is_there():
    found = _masking_search.search({"a": "password=1", "b": [{"token": "x"}]})
    assert found == ({"token"}, {"password=1"}, True)


def test_what_contains_itself_is_left_to_recursion():
    itself = {}
    itself["a"] = [itself] * 10
    with pytest.raises(RecursionError, match="recursion"):
        utils.mask_data(itself)


def test_deep_values_are_masked():
    value = expected = None
    for i in range(100):
        value, expected = ({"a": value}, {"a": expected}) if i % 2 else ([value], [expected])
    assert utils.mask_data({"a": value, "token": 1}) == {"a": expected, "token": "***"}


@pytest.mark.parametrize("name", WORDS)
def test_names_with_a_key_word_are_secret(name):
    assert _masking.is_secret_name(name) is True


@pytest.mark.parametrize("name", ["name", "pass", "key", "", "user_id", "tok en"])
def test_other_names_are_not(name):
    assert _masking.is_secret_name(name) is False


@stable
@given(NAMES)
def test_a_secret_name_is_one_by_which_a_dictionary_is_masked(name):
    assert _masking.is_secret_name(name) == (utils.mask_data({name: 0}) == {name: "***"})


def test_regular_expressions_are_compiled_when_something_is_masked():
    code = (
        "import sys\nfrom mistral_lib import utils\n"
        "before = 'oslo_utils' in sys.modules\n"
        "utils.mask_data({'a': 1})\n"
        "print(before, 'oslo_utils.strutils' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["False", "True"]
