# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""mistral_lib.utils._masking and its search."""

import collections
import datetime
import re
import subprocess
import sys
import types

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oslo_utils import strutils

from mistral_lib import utils
from mistral_lib.utils import _masking, _masking_search, _masking_text

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


def among_many(value):
    """A value in one that is too large to be masked part by part."""
    return {"many": [0] * 200, "value": value}


def records(leaves):
    """Many dictionaries, of some shapes, and what may be among them."""
    fields = st.dictionaries(NAMES, leaves | st.lists(leaves, max_size=3), max_size=4)
    shapes = st.lists(fields | st.lists(fields, max_size=2) | leaves, min_size=1, max_size=4)
    return st.builds(lambda rows, count: rows * count, shapes, st.integers(30, 40))


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
@given(ANYTHING.map(among_many) | values(SCALARS | SECRET_TEXTS).map(among_many))
def test_anything_among_much_else_is_masked_as_oslo_utils_does_it(value):
    assert repr(utils.mask_data(value)) == repr(by_oslo(value))


@stable
@given(records(SCALARS | SECRET_TEXTS | st.text(max_size=3)))
def test_many_records_are_masked_as_oslo_utils_does_it(rows):
    assert repr(utils.mask_data(rows)) == repr(by_oslo(rows))
    assert repr(utils.mask_data(among_many(rows))) == repr(by_oslo(among_many(rows)))


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


@pytest.fixture
def matched_texts(monkeypatch):
    """Texts on which oslo.utils' pattern for ``word=value`` was used, by key word."""
    used = collections.defaultdict(list)

    class Counting:
        def __init__(self, word, pattern):
            self.pattern, self.flags = pattern.pattern, pattern.flags
            self._word, self._original = word, pattern

        def sub(self, template, text):
            used[self._word].append(text)
            return self._original.sub(template, text)

    for word, patterns in strutils._SANITIZE_PATTERNS_1.items():
        counting = [Counting(word, pattern) for pattern in patterns]
        monkeypatch.setitem(strutils._SANITIZE_PATTERNS_1, word, counting)
    return used


@pytest.mark.usefixtures("_fresh_key_words")
def test_each_string_with_a_key_word_is_masked_once(matched_texts, calls):
    row = {"name": "server", "line": "password=1", "more": ["password=1", "secret=2"]}
    for value in (long_list(row), long_list({**row, "more": tuple(row["more"])})):
        matched_texts.clear()
        masked = utils.mask_data(value)
        assert masked[0]["line"] == "password=***"
        assert list(masked[0]["more"]) == ["password=***", "secret=***"]
        assert matched_texts == {"password": ["password=1"], "secret": ["secret=2"]}
    assert calls == []


@pytest.fixture
def _fresh_key_words():
    caches = (_masking_search._words, _masking_text.key_words, _masking_text._rules)
    for cache in caches:
        cache.cache_clear()
    yield
    for cache in caches:
        cache.cache_clear()


def facade(**more):
    """An oslo.utils with ``more`` in it; its functions stay the original's."""
    tables = {n: v for n, v in vars(strutils).items() if n.startswith("_SANITIZE_PATTERNS")}
    functions = {n: getattr(strutils, n) for n in ("mask_dict_password", "mask_password")}
    return types.SimpleNamespace(**functions, **{**tables, **more})


WITHOUT_A_TABLE = facade(_SANITIZE_KEYS=strutils._SANITIZE_KEYS)
del WITHOUT_A_TABLE._SANITIZE_PATTERNS_WILDCARD


@pytest.mark.usefixtures("_fresh_key_words")
@pytest.mark.parametrize(
    "other",
    [
        facade(),
        *(facade(_SANITIZE_KEYS=w) for w in ("password", ["Password"], [b"password"], [""], 5)),
        facade(_SANITIZE_KEYS=["pass.*"]),
        facade(_SANITIZE_KEYS=strutils._SANITIZE_KEYS, _SANITIZE_PATTERNS_3={}),
        facade(
            _SANITIZE_KEYS=strutils._SANITIZE_KEYS,
            _SANITIZE_PATTERNS_1={"token": [re.compile("(pin=)[0-9]+")]},
        ),
        WITHOUT_A_TABLE,
    ],
)
def test_an_oslo_utils_of_another_make_is_left_to_itself(monkeypatch, other):
    value = {"password": 1, "a": [{"token": 2}, "secret=3"], "many": [0] * 200}
    expected = by_oslo(value)
    with monkeypatch.context() as patch:
        patch.setattr("oslo_utils.strutils", other)
        assert _masking_text.key_words() == ()
        assert _masking_search.search(value) is None
        assert utils.mask_data(value) == expected


def test_the_list_of_key_words_is_there():
    found = _masking_search.search({"a": "password=1", "b": [{"token": "x"}]})
    assert (found.names, found.texts) == ({"token"}, {"password=1"})


@pytest.mark.parametrize("odd", [(1,), {1}, b"x", {2: 3}, {None: 3}, 1j, Text("x")], ids=repr)
def test_only_what_msgspec_copies_as_it_is_is_searched(odd):
    assert _masking_search.search({"a": [1, odd]}) is None
    assert _masking_search.search([{"a": odd}] * 20) is None


class Thing:
    """Its instances' dictionaries share their keys, in the order of the first."""

    def __init__(self, turned):
        if turned:
            self.detail, self.label = {"text": "token=1"}, {"a": 1}
        else:
            self.label, self.detail = {"a": 1}, {"text": "token=1"}


def test_dictionaries_of_objects_are_masked_whatever_the_order_of_their_keys():
    rows = [vars(Thing(turned=i % 3 == 1)) for i in range(60)][1:]
    assert repr(utils.mask_data(rows)) == repr(by_oslo(rows))


def test_records_with_as_many_keys_need_not_have_the_same():
    rows = [{key: {"text": "token=1", "secret": i}} for i in range(20) for key in "ab"]
    assert utils.mask_data(rows) == by_oslo(rows)


def test_a_text_is_masked_once_however_many_ways_lead_to_it():
    text = '"password": ": : password": "\'\': \': ,"'
    once = strutils.mask_password(text)
    assert strutils.mask_password(once) != once
    rows = [{"a": {"text": text}, "b": once, "c": i} for i in range(40)]
    rows.append({**rows[0], "d": None})
    assert utils.mask_data(rows) == by_oslo(rows)


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
