# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What oslo.serialization makes of a value that JSON lacks is what arrives.

That is ``jsonutils.to_primitive(value, convert_instances=True)``, the wire's semantics since ever;
where it refuses a value, ours does, with an error of the library's own.
"""

import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import io
import ipaddress
import itertools
import json
import math
import pathlib
import re
import threading
import types
import uuid
import xmlrpc.client
from collections.abc import Mapping
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oslo_serialization import jsonutils

from mistral_lib import actions, exceptions, serialization

WIRE = serialization.get_polymorphic_serializer()

stable = settings(derandomize=True, database=None, deadline=None, max_examples=200)


class Plain:
    shared = "not sent"

    def __init__(self, **fields):
        vars(self).update(fields)


class Slotted:
    __slots__ = ("x",)

    def __init__(self):
        self.x = 1


class ReadOnlyMapping(Mapping):
    """A mapping without a dict of its own, as frozen YAQL dictionaries are."""

    __slots__ = ("_items",)

    def __init__(self, items):
        self._items = items

    def __getitem__(self, key):
        return dict(self._items)[key]

    def __iter__(self):
        return iter(dict(self._items))

    def __len__(self):
        return len(self._items)


class ItemsOfItsOwn:
    def items(self):
        return [("a", 1), ("b", {2})]


class BadItems:
    def items(self):
        return 5


class BadIterator:
    def __iter__(self):
        raise ValueError("not today")


class BadTypeIterator:
    def __iter__(self):
        raise TypeError("not today")


class Countdown:
    def __iter__(self):
        return iter((3, 2, 1))


class Text(str):
    __slots__ = ()


class Int(int):
    pass


class Dict(dict):
    pass


class List(list):
    pass


class Colour(enum.Enum):
    RED = 1
    GREEN = "g"


class Level(enum.IntEnum):
    LOW = 1


class Bits(enum.IntFlag):
    READ = 4


class Word(str, enum.Enum):
    YES = "yes"


@dataclasses.dataclass
class Point:
    x: int
    y: "Point | None" = None


Pair = collections.namedtuple("Pair", "left right")

CET = datetime.timezone(datetime.timedelta(hours=1))


def chain(length):
    """Objects within objects: oslo looks no deeper than a few."""
    value = Plain(end="here")
    for i in range(length):
        value = Plain(level=i, inner=value, listed=[value])
    return value


def nested(depth):
    value = {1, 2}
    for _ in range(depth):
        value = [value]
    return value


def loop_of_lists():
    value = []
    value.append(value)
    return value


def loop_of_dicts():
    value = {"b": {1}}
    value["a"] = [value]
    return value


def loop_of_objects():
    value = Plain(name="ring")
    value.next = Plain(next=value)
    return value


def with_traceback():
    try:
        raise KeyError("lost")
    except KeyError as e:
        return e


# Name -> how to make one: a generator is gone after the first use.
VALUES = {
    "naive datetime": lambda: datetime.datetime(2024, 2, 29, 1, 2, 3),
    "datetime with microseconds": lambda: datetime.datetime(2024, 2, 29, 1, 2, 3, 4),
    "aware datetime": lambda: datetime.datetime(2024, 2, 29, 1, 2, 3, tzinfo=CET),
    "UTC datetime": lambda: datetime.datetime(2024, 2, 29, tzinfo=datetime.timezone.utc),
    "first datetime": lambda: datetime.datetime.min,
    "date": lambda: datetime.date(2024, 2, 29),
    "time": lambda: datetime.time(1, 2, 3),
    "timedelta": lambda: datetime.timedelta(seconds=5),
    "XML-RPC datetime": lambda: xmlrpc.client.DateTime("20240229T01:02:03"),
    "UUID": lambda: uuid.UUID(int=5),
    "Decimal": lambda: decimal.Decimal("1.10"),
    "Decimal NaN": lambda: decimal.Decimal("NaN"),
    "Fraction": lambda: fractions.Fraction(1, 3),
    "complex": lambda: 1 + 2j,
    "IPv4": lambda: ipaddress.ip_address("10.0.0.1"),
    "IPv6": lambda: ipaddress.ip_address("::1"),
    "IP network": lambda: ipaddress.ip_network("10.0.0.0/30"),
    "path": lambda: pathlib.PurePosixPath("a/b"),
    "pattern": lambda: re.compile("a+"),
    "set": lambda: {1},
    "set of text": lambda: {"a", "b", "c"},
    "empty set": set,
    "frozenset": lambda: frozenset(("a",)),
    "tuple": lambda: (1, (2, {3})),
    "namedtuple": lambda: Pair(1, Pair({2}, None)),
    "range": lambda: range(3),
    "deque": lambda: collections.deque([1, {2}]),
    "generator": lambda: (i for i in range(3)),
    "list iterator": lambda: iter([1, 2]),
    "map": lambda: map(str, (1, 2)),
    "zip": lambda: zip((1, 2), "ab", strict=True),
    "itertools.count": itertools.count,
    "itertools.chain": lambda: itertools.chain([1], [{2}]),
    "dict keys": lambda: {"a": 1}.keys(),
    "dict items": lambda: {"a": 1}.items(),
    "bytes": lambda: b"abc",
    "UTF-8 bytes": lambda: "é".encode(),
    "bytes that are no text": lambda: b"\xff\xfe",
    "empty bytes": lambda: b"",
    "bytearray": lambda: bytearray(b"ab"),
    "memoryview": lambda: memoryview(b"ab"),
    "object": lambda: Plain(a=1, b={2}, _c=b"c"),
    "object without fields": Plain,
    "bare object": object,
    "object with slots": Slotted,
    "object with the field items": lambda: Plain(items=5),
    "dataclass": lambda: Point(1, Point(2)),
    "objects, not too deep": lambda: chain(2),
    "objects, too deep": lambda: chain(6),
    "simple namespace": lambda: types.SimpleNamespace(a={1}),
    "exception": lambda: ValueError("no", 1),
    "exception with a traceback": with_traceback,
    "library's exception": lambda: exceptions.ActionException("no"),
    "exit": lambda: SystemExit(3),
    "enum": lambda: Colour.RED,
    "enum of text": lambda: Colour.GREEN,
    "IntEnum": lambda: Level.LOW,
    "IntFlag": lambda: Bits.READ,
    "text enum": lambda: Word.YES,
    "text subclass": lambda: Text("é"),
    "int subclass": lambda: Int(7),
    "dict subclass": lambda: Dict(a={1}),
    "list subclass": lambda: List([1, {2}]),
    "OrderedDict": lambda: collections.OrderedDict(b=1, a={2}),
    "defaultdict": lambda: collections.defaultdict(list, a=[1]),
    "Counter": lambda: collections.Counter("aab"),
    "ChainMap": lambda: collections.ChainMap({"a": 1}, {"b": 2}),
    "mapping proxy": lambda: types.MappingProxyType({"a": {1}}),
    "mapping": lambda: ReadOnlyMapping([("a", {1})]),
    "items method": ItemsOfItsOwn,
    "items method that lies": BadItems,
    "iterable": Countdown,
    "iterable that fails": BadIterator,
    "iterable that fails as oslo expects": BadTypeIterator,
    "NaN": lambda: math.nan,
    "infinity": lambda: math.inf,
    "minus infinity": lambda: [-math.inf, {"a": math.nan}],
    "minus zero": lambda: -0.0,
    "huge int": lambda: 10**400,
    "negative huge int": lambda: {"a": [-(2**64)]},
    "int too long for text": lambda: 10**5000,
    "int keys": lambda: {1: "a", -2: "b", 2**70: "c"},
    "None key": lambda: {None: 1},
    "bool keys": lambda: {True: 1, False: 2},
    "float keys": lambda: {1.5: 1, math.inf: 2, 1e100: 3},
    "bytes key": lambda: {b"a": 1},
    "invalid bytes key": lambda: {b"\xff": 1},
    "tuple key": lambda: {(1, 2): 3},
    "enum key": lambda: {Colour.RED: 1},
    "IntEnum key": lambda: {Level.LOW: 1},
    "text enum key": lambda: {Word.YES: 1},
    "date key": lambda: {datetime.date(2024, 1, 2): 1},
    "UUID key": lambda: {uuid.UUID(int=1): 1},
    "text subclass key": lambda: {Text("a"): 1},
    "keys that become one": lambda: {1: "a", "1": "b"},
    "lone surrogate": lambda: "a\ud800b",
    "lone surrogate key": lambda: {"\udfff": ["\ud800"]},
    "surrogate pair as two": lambda: "\ud83d\ude00",
    "NUL": lambda: "a\x00b",
    "class": lambda: Plain,
    "builtin class": lambda: int,
    "generic alias": lambda: list[int],
    "function": lambda: chain,
    "lambda": lambda: [lambda: 1],
    "builtin": lambda: [len],
    "bound method": lambda: Plain().__init__,
    "module": lambda: json,
    "NotImplemented": lambda: NotImplemented,
    "Ellipsis": lambda: ...,
    "text stream": lambda: io.StringIO("a"),
    "bytes stream": lambda: io.BytesIO(b"a"),
    "lock": threading.Lock,
    "mock": lambda: mock.Mock(name="m"),
    "mock that is a container": lambda: mock.MagicMock(name="m"),
    "odd value deep in lists": lambda: nested(100),
    "a list in itself": loop_of_lists,
    "a dict in itself": loop_of_dicts,
    "objects in a ring": loop_of_objects,
    "no end of lists": lambda: nested(100_000),
}


def decoded(text):
    """Read JSON, without the addresses that some ``str()`` have in them."""
    return json.loads(re.sub(r"(0x|id='?)[0-9a-f]+", r"\1", text))


def oslo(value):
    """What arrives by oslo.serialization; its error where it refuses."""
    try:
        return decoded(json.dumps(jsonutils.to_primitive(value, convert_instances=True)))
    except Exception as e:
        return e


def write_plain(value):
    return WIRE.serialize([value])


def write_result(value):
    return json.loads(WIRE.serialize(actions.Result({"in": [value]})))["__serial_data"]


def write_context(value):
    context = actions.ActionContext(actions.SecurityContext(site=value))
    return json.loads(WIRE.serialize(context))["__serial_data"]


#: How a value is written, and how to find it again.
WAYS = {
    "plain": (write_plain, lambda read: read[0]),
    "result": (write_result, lambda read: read["data"]["in"][0]),
    "context": (write_context, lambda read: read["security"]["site"]),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", VALUES)
def test_an_odd_value_arrives_as_oslo_makes_it_or_is_refused_as_oslo_does(kind, way):
    write, find = WAYS[way]
    expected = oslo(VALUES[kind]())
    value = VALUES[kind]()
    if isinstance(expected, Exception):
        with pytest.raises(exceptions.SerializationError, match="can't be written as JSON"):
            write(value)
    else:
        assert repr(find(decoded(write(value)))) == repr(expected)


@pytest.mark.parametrize("kind", VALUES)
def test_an_odd_attribute_of_an_action_arrives_as_oslo_makes_it(kind, harbour):
    expected = oslo(VALUES[kind]())
    action = harbour.Berth(VALUES[kind](), "after")
    if isinstance(expected, Exception):
        with pytest.raises(exceptions.SerializationError, match="can't be written as JSON"):
            WIRE.serialize(action)
    else:
        inner = decoded(json.loads(WIRE.serialize(action))["__serial_data"])
        assert repr(inner["data"]) == repr({"ship": expected, "length": "after"})


def test_the_table_has_values_of_both_kinds():
    outcomes = [isinstance(oslo(make()), Exception) for make in VALUES.values()]
    assert outcomes.count(True) >= 8
    assert outcomes.count(False) >= 80


def test_some_of_what_oslo_makes_spelled_out():
    """Facts the wire has always had, so that a change of oslo.serialization shows."""
    facts = {
        "naive datetime": "2024-02-29T01:02:03.000000",
        "aware datetime": "2024-02-29T01:02:03.000000",
        "date": "2024-02-29",
        "UUID": "00000000-0000-0000-0000-000000000005",
        "set": [1],
        "tuple": [1, [2, [3]]],
        "bytes": "abc",
        "exception": "ValueError('no', 1)",
        "IntEnum": 1,
        "text enum": "yes",
        "object": {"a": 1, "b": [2], "_c": "c"},
        "range": [0, 1, 2],
        "None key": {"null": 1},
        "bool keys": {"true": 1, "false": 2},
        "keys that become one": {"1": "b"},
        "tuple key": "{(1, 2): 3}",
        "huge int": 10**400,
        "lone surrogate": "a\ud800b",
    }
    arrived = {kind: decoded(WIRE.serialize(VALUES[kind]())) for kind in facts}
    assert arrived == facts


def test_not_a_number_and_infinity_arrive_as_such():
    arrived = WIRE.deserialize(WIRE.serialize([math.nan, math.inf, -math.inf]))
    assert repr(arrived) == "[nan, inf, -inf]"


@pytest.mark.parametrize("kind", ["a list in itself", "a dict in itself", "no end of lists"])
def test_what_contains_itself_or_never_ends_is_refused_by_saying_so(kind):
    with pytest.raises(
        exceptions.SerializationError, match="nested too deeply, or contains itself"
    ):
        WIRE.serialize(actions.Result(VALUES[kind]()))


def test_a_refusal_says_where_the_value_is_and_of_what_type():
    data = {"servers": [{"name": "a"}, {"pause": datetime.timedelta(1)}]}
    expected = r"\$\['data'\]\['servers'\]\[1\]\['pause'\] is of type datetime\.timedelta"
    with pytest.raises(exceptions.SerializationError, match=expected):
        WIRE.serialize(actions.Result(data))


leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.datetimes()
    | st.datetimes(timezones=st.just(CET))
    | st.dates()
    | st.uuids()
    | st.decimals()
    | st.binary(max_size=4)
    | st.timedeltas()
    | st.sampled_from([Colour.RED, Level.LOW, Word.YES, Plain, ..., Text("t"), Int(3)])
)
keys = st.text(max_size=3) | st.integers() | st.none() | st.booleans() | st.floats() | st.dates()
keys |= st.binary(max_size=2) | st.tuples(st.integers()) | st.sampled_from([Colour.RED, Level.LOW])
odd_values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.lists(inner, max_size=3).map(collections.deque)
        | st.dictionaries(keys, inner, max_size=4)
        | st.dictionaries(st.text(max_size=3), inner, max_size=4)
        | inner.map(lambda value: Plain(value=value))
        | inner.map(lambda value: Pair(value, 1))
    ),
    max_leaves=12,
)


@stable
@given(odd_values)
def test_any_mixture_arrives_as_oslo_makes_it_or_is_refused(value):
    expected = oslo(value)
    if isinstance(expected, Exception):
        with pytest.raises(exceptions.SerializationError, match="can't be written as JSON"):
            write_result(value)
    else:
        assert repr(decoded(write_result(value))["data"]["in"]) == repr([expected])
