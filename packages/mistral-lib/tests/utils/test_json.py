# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""mistral_lib.utils._json and the slow path behind it."""

import datetime
import decimal
import enum
import itertools
import json
import math
import string
import subprocess
import sys
import uuid

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from oslo_serialization import jsonutils

from mistral_lib import exceptions, utils
from mistral_lib.utils import _json

stable = settings(derandomize=True, database=None, deadline=None, max_examples=80)

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.text()
)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.text(), inner)
        | st.lists(st.fixed_dictionaries({"a": inner, "b": SCALARS}), min_size=8, max_size=12)
    ),
    max_leaves=20,
)


class Colour(enum.Enum):
    RED = "red"


class Labelled(str, enum.Enum):
    ONE = ("first", "one")

    def __new__(cls, value, label):
        member = str.__new__(cls, label)
        member._value_ = value
        return member


class Level(enum.IntEnum):
    HIGH = 1


class Text(str):
    def __str__(self):
        return "something else"


class Point:
    shared = 1

    def __init__(self, x):
        self.x = x
        self._y = {2}


class Cyclic:
    def __init__(self):
        self.me = self


ODD = (
    st.binary().filter(lambda b: b.isascii())
    | st.datetimes()
    | st.datetimes(timezones=st.just(datetime.timezone.utc))
    | st.dates()
    | st.uuids()
    | st.decimals()
    | st.timedeltas()
    | st.floats()
    | st.sets(st.integers())
    | st.frozensets(st.text(max_size=3))
    | st.text(alphabet=st.characters(codec=None, categories=["Cs", "Lu"]))
    | st.sampled_from(
        [
            Colour.RED, Labelled.ONE, Level.HIGH, Text("x"), Point(1), Point(Point({1})), Cyclic(),
            range(3), ValueError("x"), len, Point, 2**100, {}.keys(), {"a": 1}.items(), 1e400,
            decimal.Decimal("1.50"), itertools.count(), {1: "a", "1": "b"}, {None: 1, True: 2},
            {1.5: 1, 1e16: 2, math.nan: 3}, {Labelled.ONE: Labelled.ONE}, {Text("k"): 1},
            {b"k": 1}, {uuid.UUID(int=1): 1}, {datetime.date(2020, 1, 2): 1}, {(1, 2): 3},
            {Colour.RED: 1}, json, bytearray(b"x"), memoryview(b"x"),
        ]
    )
)  # fmt: skip
ANYTHING = st.recursive(
    SCALARS | ODD,
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(st.text() | st.integers() | st.none() | st.floats(), inner)
        | st.lists(st.fixed_dictionaries({"a": inner, "b": SCALARS}), min_size=8, max_size=10)
        | inner.map(Point)
    ),
    max_leaves=20,
)


def by_oslo(value):
    """What an odd value is on the wire, by definition."""
    return json.loads(json.dumps(jsonutils.to_primitive(value, convert_instances=True)))


def same(left, right):
    """Equality with the difference of 1, 1.0 and True, and with NaN equal to itself."""
    return repr(left) == repr(right)


@stable
@given(JSON)
def test_json_types_survive_the_trip(value):
    text = _json.encode(value)
    assert isinstance(text, str)
    assert same(_json.decode(text), value)
    assert same(json.loads(text), value)


@stable
@given(ANYTHING)
def test_anything_is_written_as_oslo_serialization_says(value):
    try:
        expected = by_oslo(value)
    except (TypeError, ValueError):
        # What has no JSON form differs a little from version to version.
        with pytest.raises(exceptions.SerializationError, match="has no JSON form"):
            _json.encode(value)
    else:
        text = _json.encode(value)
        assert same(json.loads(text), expected)
        assert same(_json.decode(text), expected)
        assert value is None or same(json.loads(utils.to_json_str(value)), expected)


def test_iterators_are_written_as_lists():
    assert json.loads(_json.encode({"a": iter([1, {2}]), "b": map(str, [3])})) == {
        "a": [1, [2]],
        "b": ["3"],
    }


def test_a_generator_is_written_by_name_on_the_wire_and_by_content_otherwise():
    def numbers():
        yield 1
        yield {"inner": (x for x in "ab")}

    assert json.loads(_json.encode([numbers()]))[0].startswith("<generator object")
    assert json.loads(utils.to_json_str(numbers())) == [1, {"inner": ["a", "b"]}]
    assert json.loads(utils.to_json_str({"x": Point(numbers()), "f": len})) == {
        "x": {"x": [1, {"inner": ["a", "b"]}], "_y": [2]},
        "f": "<built-in function len>",
    }


@pytest.mark.parametrize(
    "text", ["é", "\U0001f600 and \u2028", '\x7f\x00\x1f"\\/', "日本語" * 100, "\ud800", "a\udc00"]
)
def test_the_text_is_ascii(text):
    written = _json.encode({text: [text]})
    assert written.isascii()
    assert json.loads(written) == {text: [text]}


@stable
@given(
    st.lists(st.text(alphabet='\\"/u0e9\n\x7f\u00e9\u2028\U0001f600')), st.sampled_from([0, 5000])
)
def test_escaping_garbles_nothing_in_text_with_few_or_many_foreign_letters(texts, padding):
    value = [*texts, "x" * padding, '\\"' * (padding // 10)]
    written = _json.encode(value)
    assert written.isascii()
    assert json.loads(written) == value


@pytest.mark.parametrize("number", [2**63, 2**64, -(2**63) - 1, 10**300, -(10**1000)])
def test_huge_integers_stay_integers(number):
    assert _json.encode([number]) == f"[{number}]"
    assert _json.decode(f"[{number}]") == [number]


def test_numbers_that_are_none_are_written_as_python_writes_them():
    assert json.loads(_json.encode([math.inf, -math.inf])) == [math.inf, -math.inf]
    assert math.isnan(_json.decode(_json.encode({"a": math.nan}))["a"])


@pytest.mark.parametrize(
    ("value", "place", "name"),
    [
        (datetime.timedelta(1), r"\$ ", "datetime.timedelta"),
        ({"a": [1, {"b": object()}]}, r"\$\['a'\]\[1\]\['b'\] ", "object"),
        ([b"\xff"], r"\$\[0\] ", "bytes"),
        ({"a": (1, 1j)}, r"\$\['a'\]\[1\] ", "complex"),
        ([10**5000], r"\$\[0\] ", "int"),
    ],
)
def test_what_has_no_json_form_is_named_with_its_place(value, place, name):
    with pytest.raises(
        exceptions.SerializationError, match=rf"the part at {place}is of type {name}"
    ):
        _json.encode(value)


def test_the_error_of_somebody_elses_class_is_kept_as_the_cause():
    class Broken:
        def items(self):
            raise LookupError("broken")

    with pytest.raises(exceptions.SerializationError, match=r"Broken.*LookupError") as caught:
        _json.encode({"a": Broken()})
    assert isinstance(caught.value.__cause__, LookupError)


def test_an_error_does_not_show_the_value():
    class Secretive:
        __slots__ = ()

        def __repr__(self):
            return "s3cr3t"

    with pytest.raises(exceptions.SerializationError, match="Secretive") as caught:
        _json.encode({"a": Secretive()})
    assert "s3cr3t" not in str(caught.value)


def cyclic_list():
    itself = []
    itself.append(itself)
    return itself


def cyclic_dict():
    itself = {}
    itself["a"] = [itself, 1]
    return itself


def deep(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value", [cyclic_list(), cyclic_dict(), deep(100_000)], ids=["list", "dict", "deep"]
)
def test_what_contains_itself_or_has_no_end_is_refused(value):
    for write in (_json.encode, utils.to_json_str):
        with pytest.raises(
            exceptions.SerializationError, match="nested too deeply, or contains itself"
        ):
            write(value)


@pytest.mark.parametrize("depth", [60, 70, 120, 200])
def test_deep_values_survive_the_trip(depth):
    assert _json.decode(_json.encode(deep(depth))) == deep(depth)


JSON_TEXTS = [
    "NaN", "-Infinity", "[Infinity]", "1e400", "-1e400", "1e-400", "-0", "-0.0", "1E5", "0.1",
    "18446744073709551616", "9" * 400, "123456789.123456789e-5", "9007199254740993.0",
    "179769313486231580793e289", "5e-324", "2.4703282292062328e-324",
    '"\\ud800"', '"\ud800"', '"\\ude00\\ud83d"', '"\\ud83d\\ude00"', '"\x7f"', '"\\u0000\\/"',
    '{"a": 1, "a": 2}', " \t\r\n [1 , 2 ] ",
    b'{"a": "\xc3\xa9"}', b"\xef\xbb\xbf1", b'"\xed\xa0\x80"', bytearray(b"[1]"),
    "[1]".encode("utf-16"), "[1]".encode("utf-32"),
]  # fmt: skip


@pytest.mark.parametrize("text", JSON_TEXTS, ids=ascii)
def test_whatever_the_standard_library_reads_is_read_the_same(text):
    assert same(_json.decode(text), json.loads(text))
    assert same(utils.from_json_str(text), json.loads(text))


NOT_JSON = [
    "", " ", "{", "[1", "[1,]", '{"a":1,}', "{'a':1}", "{1: 2}", "[1 2]", "[] x", '"open',
    "01", "+1", ".5", "1.", "1e", "-", "0x10", "1_000", "1" * 5000, "nul", "True", "//x",
    '"\x01"', '"\t"', '"\\x41"', '"\\u12"', "\ufeff1", "\x00", "1\x00", "\xa01", "\x0b1",
]  # fmt: skip


@pytest.mark.parametrize("text", NOT_JSON, ids=lambda t: ascii(t[:20]))
def test_whatever_the_standard_library_refuses_is_refused_with_its_error(text):
    with pytest.raises(ValueError, match=r".") as expected:
        json.loads(text)
    with pytest.raises(ValueError, match=r".") as caught:
        _json.decode(text)
    assert type(caught.value) is type(expected.value)
    assert str(caught.value) == str(expected.value)
    # Nothing of the fast decoder shows.
    assert type(caught.value.__context__) is type(expected.value.__context__)


def test_bytes_that_are_no_text_are_refused():
    with pytest.raises(UnicodeDecodeError, match="invalid start byte"):
        _json.decode(b'"\xff"')


@pytest.mark.parametrize("other", [5, [], object()])
def test_what_is_neither_text_nor_bytes_is_refused(other):
    with pytest.raises(TypeError, match="must be str, bytes or bytearray"):
        _json.decode(other)


@stable
@given(st.text(alphabet='[]{}:,"\\ eE+-.0123456789abtrufnlsNaIity\ud800é\x00\n'))
@example('{"a": [1.5e3, "\\u00e9"]}')
def test_any_text_is_read_as_the_standard_library_reads_it(text):
    try:
        expected = repr(json.loads(text))
    except ValueError as e:
        expected = e
    if isinstance(expected, str):
        assert repr(_json.decode(text)) == expected
    else:
        with pytest.raises(type(expected), match=r"."):
            _json.decode(text)


@stable
@given(
    st.decimals(allow_nan=False, allow_infinity=False)
    | st.floats(allow_nan=False, allow_infinity=False)
)
def test_every_number_is_read_as_the_standard_library_reads_it(number):
    text = str(number).replace("E+", "E")
    assert same(_json.decode(text), json.loads(text))


@stable
@given(JSON, st.sampled_from(["utf-8", "utf-16", "utf-32"]))
def test_bytes_of_every_encoding_are_read(value, encoding):
    written = json.dumps(value, ensure_ascii=False).encode(encoding, "surrogatepass")
    assert same(_json.decode(written), value)


@pytest.mark.parametrize("text", ["[" * 100_000 + "]" * 100_000, '{"a":' * 100_000, b"[" * 100_000])
def test_text_nested_too_deeply_is_refused(text):
    with pytest.raises(exceptions.DeserializationError, match="nested too deeply to be read"):
        _json.decode(text)


def test_ten_megabytes_are_read():
    text = json.dumps([string.ascii_letters * 20] * 10_000)
    assert len(_json.decode(text)) == 10_000


def test_none_stays_none():
    assert utils.to_json_str(None) is None
    assert utils.from_json_str(None) is None
    assert _json.encode(None) == "null"


@pytest.mark.parametrize(
    ("value", "text"), [("", '""'), (0, "0"), (False, "false"), ([], "[]"), ({}, "{}")]
)
def test_what_is_falsy_is_written(value, text):
    assert utils.to_json_str(value) == text
    assert same(utils.from_json_str(text), value)


@pytest.mark.parametrize(
    ("value", "loaded"), [('{"a": [1, None, True, 1.5, "x"]}', False), ('{"a": {1}}', True)]
)
def test_only_odd_values_need_oslo(value, loaded):
    code = (
        "import sys\nfrom mistral_lib.utils import _json\n"
        f"_json.decode(_json.encode({value}))\n"
        "print('oslo_serialization' in sys.modules, 'json' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split()[0] == str(loaded)


def test_threads_write_at_the_same_time_without_mixing_their_texts():
    from concurrent.futures import ThreadPoolExecutor

    values = [{"number": i, "text": str(i) * (i * 50)} for i in range(60)]
    with ThreadPoolExecutor(8) as pool:
        for value, text in zip(values * 3, pool.map(_json.encode, values * 3), strict=True):
            assert _json.decode(text) == value


def test_a_text_after_a_long_or_a_failed_one_is_whole():
    assert len(_json.encode("x" * 5_000_000)) == 5_000_002
    assert _json.encode(["\ud800"]) == '["\\ud800"]'
    assert _json.encode([1]) == "[1]"
