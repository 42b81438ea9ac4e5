# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""mistral_lib.utils._plain."""

import datetime
import decimal
import enum
import math
import uuid
from collections import OrderedDict, namedtuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mistral_lib.utils._plain import is_plain

stable = settings(derandomize=True, database=None, deadline=None, max_examples=100)

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
PLAIN = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(), inner)
        # Records: many dictionaries of one shape are looked at in another way than a few.
        | st.lists(st.fixed_dictionaries({"a": inner, "b": SCALARS}), min_size=8, max_size=12)
    ),
    max_leaves=20,
)


class Text(str):
    __slots__ = ()


class Number(int):
    pass


class Colour(enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 1


class Kind(str, enum.Enum):
    ONE = "one"


Pair = namedtuple("Pair", "x y")

ODD = [
    float("nan"), float("inf"), -math.inf, 1j, decimal.Decimal(1), Number(1), Level.HIGH,
    b"bytes", bytearray(b"x"), memoryview(b"x"), Text("x"), Kind.ONE, Colour.RED,
    {1}, frozenset(), Pair(1, 2), OrderedDict(), iter([]), range(2), {}.values(),
    datetime.datetime(2020, 1, 1), datetime.date(2020, 1, 1), datetime.timedelta(1),
    uuid.UUID(int=1), object(), len, type, Ellipsis, ValueError(),
    {1: 2}, {None: 1}, {True: 1}, {b"x": 1}, {(): 1}, {1.5: 1}, {Text("x"): 1}, {Kind.ONE: 1},
]  # fmt: skip


@stable
@given(PLAIN)
def test_json_types_are_plain(value):
    assert is_plain(value) is True


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: type(odd).__name__)
@pytest.mark.parametrize(
    "around",
    [
        lambda odd: odd,
        lambda odd: [odd],
        lambda odd: (1, odd),
        lambda odd: {"a": 1, "b": odd},
        lambda odd: {"a": [{"b": [{"c": odd}]}]},
        lambda odd: [1] * 1000 + [odd],
        lambda odd: {str(i): i for i in range(100)} | {"x": odd},
        lambda odd: [{"a": i, "b": "x"} for i in range(20)] + [{"a": 1, "b": odd}],
        lambda odd: [{"a": {"b": [odd if i == 11 else 1.5]}} for i in range(12)],
        lambda odd: [[1, 2], [odd]] * 10,
        lambda odd: [{"a": [1, i]} if i else [odd] for i in range(9)],
        lambda odd: [[i, odd if i == 9 else None] for i in range(10)],
        lambda odd: {"a": [(1.5, odd)] * 9, "b": {"c": None}},
    ],
)
def test_anything_else_is_not_wherever_it_hides(odd, around):
    assert is_plain(around(odd)) is False


@stable
@given(PLAIN, st.sampled_from(ODD), st.randoms(use_true_random=False))
def test_one_odd_value_anywhere_spoils_it(value, odd, random):
    spoilt = [value]
    here = spoilt
    # Walk down at random and put the odd value in.
    while True:
        places = list(here) if isinstance(here, dict) else list(range(len(here)))
        below = [p for p in places if isinstance(here[p], (list, dict))]
        if not below or random.random() < 0.3:
            break
        here = here[random.choice(below)]
    if isinstance(here, dict):
        here["odd"] = odd
    else:
        here.insert(random.randrange(len(here) + 1), odd)
    assert is_plain(spoilt) is False


def test_a_key_that_equals_one_of_another_type_is_found():
    assert is_plain([{"x": 1}] * 10 + [{1: 1}]) is False


def nest(depth, leaf=None):
    for i in range(depth):
        leaf = [leaf] if i % 2 else {"a": leaf}
    return leaf


def test_depth_has_a_limit():
    assert is_plain(nest(64)) is True
    assert is_plain(nest(65)) is False
    assert is_plain(nest(200_000)) is False


@pytest.mark.parametrize("times", [1, 2, 9, 1000, 40_000])
def test_what_contains_itself_is_not_plain(times):
    itself = []
    itself.extend([itself] * times)
    assert is_plain(itself) is False
    mapping = {}
    mapping.update((str(i), mapping) for i in range(times))
    assert is_plain(mapping) is False


def test_what_is_shared_is_plain():
    shared = {"a": [1, 2]}
    assert is_plain([shared] * 60_000 + [{"b": shared}]) is True


def test_the_fields_of_an_object_are_looked_at():
    class Record:
        def __init__(self, value):
            self.a = 1
            self.b = value

    # The objects live on: a dictionary without its object is like any other.
    plain, odd = [Record("x") for _ in range(10)], [Record(b"x") for _ in range(10)]
    assert is_plain([vars(r) for r in plain]) is True
    assert is_plain([vars(r) for r in odd]) is False
    assert is_plain([vars(r) for r in plain + odd[:1]]) is False
    record = Record(b"x")
    assert is_plain({"data": vars(record)}) is False


def test_dictionaries_that_had_other_keys_once_are_looked_at():
    def once_general(value):
        general = {1: None, "a": 1, "b": value}
        del general[1]
        return general

    assert is_plain([once_general("x") for _ in range(10)]) is True
    assert is_plain([once_general(b"x") for _ in range(10)]) is False
    mixed = [once_general("x") for _ in range(10)] + [{"a": 1, "b": b"x"}]
    assert is_plain(mixed) is False


def test_children_may_not_name_their_parent():
    parent = {"name": "parent"}
    parent["children"] = [{"name": str(i), "parent": parent} for i in range(3000)]
    assert is_plain(parent) is False


def test_iterators_are_not_used_up():
    numbers = iter([1, 2])
    assert is_plain({"a": numbers}) is False
    assert list(numbers) == [1, 2]
