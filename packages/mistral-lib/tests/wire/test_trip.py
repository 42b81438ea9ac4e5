# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Whatever JSON can say survives the trip, wherever it is put.

Values are compared by ``repr``: for JSON's types it tells 1 from True and 1.0, -0.0 from 0.0,
and has NaN equal to itself.
"""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mistral_lib import actions, serialization

WIRE = serialization.get_polymorphic_serializer()

# The same examples on every machine and in every run.
stable = settings(derandomize=True, database=None, deadline=None, max_examples=100)

#: Beyond 64 bits, where C encoders give up, and around the borders.
integers = st.integers() | st.integers(min_value=-(2**70), max_value=2**70)
integers |= st.sampled_from([2**n + d for n in (31, 32, 53, 63, 64) for d in (-1, 0, 1)])
# A lone surrogate is no character, but JSON can say it, and file names bring it.
texts = st.text() | st.text(st.characters(max_codepoint=0x7F))
# Not both halves: next to each other they become one character, in any reader.
texts |= st.text("\ud800\x00\u2028é") | st.text("\udfff\x7f\u2028é")
scalars = st.none() | st.booleans() | integers | st.floats() | texts
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
objects = st.dictionaries(texts, json_values, max_size=4)


def trip(value):
    return WIRE.deserialize(WIRE.serialize(value))


@stable
@given(json_values)
def test_plain_json_survives(value):
    # What has a key would be read as an object: no sender of plain values may use it.
    if not (isinstance(value, dict) and "__serial_key" in value):
        assert repr(trip(value)) == repr(value)


@stable
@given(json_values, json_values, st.booleans())
def test_a_result_survives(data, error, cancel):
    read = trip(actions.Result(data, error, cancel))
    assert repr((read.data, read.error, read.cancel)) == repr((data, error, cancel))


@stable
@given(data=objects)
def test_the_attributes_of_an_action_survive_whatever_their_names(harbour, data):
    action = harbour.Berth("Ann")
    vars(action).update(data)
    read = trip(action)
    assert type(read) is harbour.Berth
    assert repr(vars(read)) == repr(vars(action))


identifiers = st.from_regex(r"[a-z][a-z0-9_]{0,10}", fullmatch=True)


@stable
@given(attributes=st.dictionaries(identifiers, json_values, min_size=1, max_size=4))
def test_the_class_fields_of_an_action_survive(harbour, attributes):
    attributes = {f"field_{name}": value for name, value in attributes.items()}
    descriptor = actions.PythonActionDescriptor("harbour.berth", harbour.Berth, attributes)
    read = trip(descriptor.instantiate({"ship": "Ann"}, None))
    assert isinstance(read, harbour.Berth)
    assert repr({name: getattr(type(read), name) for name in attributes}) == repr(attributes)


@stable
@given(data=objects)
def test_the_parameters_of_a_function_survive_as_they_came(harbour, data):
    action = harbour.weigh.action_class(ship="Ann", tonnes=data)
    assert repr(vars(trip(action))) == repr({"ship": "Ann", "tonnes": data})


SECURITY = list(vars(actions.SecurityContext()))
EXECUTION = list(vars(actions.ExecutionContext()))


@stable
@given(st.lists(json_values, min_size=1, max_size=5))
def test_the_fields_of_a_context_survive(values):
    context = actions.ActionContext(actions.SecurityContext(), actions.ExecutionContext())
    # Fewer values than fields: each field has its turn with another.
    vars(context.security).update(zip(SECURITY, values * len(SECURITY), strict=False))
    vars(context.execution).update(zip(EXECUTION, values * len(EXECUTION), strict=False))
    read = trip(context)
    assert repr(vars(read.security)) == repr(vars(context.security))
    assert repr(vars(read.execution)) == repr(vars(context.execution))


@stable
@given(st.dictionaries(identifiers.map("new_{}".format), json_values, min_size=1, max_size=4))
def test_fields_of_a_newer_peer_are_carried_through_every_hop(fields):
    context = actions.ActionContext(
        actions.SecurityContext(**fields), actions.ExecutionContext(**fields), **fields
    )
    read = trip(trip(context))
    assert repr(vars(read.security)) == repr(vars(context.security))
    assert repr(vars(read.execution)) == repr(vars(context.execution))
    assert repr([getattr(read, name) for name in fields]) == repr(list(fields.values()))


numbers = st.from_regex(
    r"-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?", fullmatch=True
)


@stable
@given(numbers)
def test_any_number_reads_as_the_standard_library_reads_it(text):
    assert repr(WIRE.deserialize(text)) == repr(json.loads(text))


@stable
@given(json_values, st.booleans(), st.sampled_from([None, 1, "\t"]))
def test_json_of_any_writer_reads_as_the_standard_library_reads_it(value, ascii_only, indent):
    text = json.dumps([value], ensure_ascii=ascii_only, indent=indent)
    assert repr(WIRE.deserialize(text)) == repr(json.loads(text))


def test_of_a_key_that_comes_twice_the_last_value_counts():
    assert WIRE.deserialize('{"a": 1, "a": 2}') == {"a": 2}


@pytest.mark.parametrize("depth", [1, 63, 64, 65, 150])
def test_nested_values_survive_to_a_depth_that_oslo_can_still_walk(depth):
    value = "core"
    for level in range(depth):
        value = [value] if level % 2 else {"in": value}
    assert trip(actions.Result(value)).data == value


def test_a_large_value_survives():
    data = {
        f"server-{i}": {"id": i, "addresses": ["10.0.0.1"] * 4, "up": True} for i in range(5000)
    }
    assert trip(actions.Result(data)).data == data


def test_a_tuple_arrives_as_a_list():
    assert trip(actions.Result(("a", ("b",)))).data == ["a", ["b"]]


@stable
@given(json_values)
def test_what_is_written_is_ascii_that_the_standard_library_reads(value):
    text = WIRE.serialize([value])
    assert text.isascii()
    assert repr(json.loads(text)) == repr([value])


def test_a_context_under_control_of_a_run_leaves_the_control_at_home(harbour):
    seen = []

    class Looking(harbour.Berth):
        def run(self, context):
            seen.append(WIRE.serialize(context))

    actions.run(Looking("Ann"), timeout=30)
    assert json.loads(json.loads(seen[0])["__serial_data"]).keys() == {"security", "execution"}
