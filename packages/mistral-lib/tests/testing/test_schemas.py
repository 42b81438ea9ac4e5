# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
import pytest

from mistral_lib.testing.schemas import problems

VALID = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "all words",
    "type": ["object", "null"],
    "properties": {
        "a": {"type": "integer", "minimum": 0, "exclusiveMaximum": 1.5, "multipleOf": 0.5},
        "b": {"$ref": "#/$defs/B~1~0"},
        "c": {"anyOf": [{"type": "string", "pattern": "^a", "minLength": 1}, True]},
        "d": {"enum": [1, "x", None], "examples": [1], "default": {}, "writeOnly": True},
        "e": {"prefixItems": [{"const": 1}], "items": False, "minItems": 0, "uniqueItems": True},
    },
    "required": ["a"],
    "dependentRequired": {"a": ["b"]},
    "additionalProperties": {"not": {"type": "array"}},
    "$defs": {"B/~": {"description": "escaped", "$ref": "#"}},
    "x-unknown": {"type": "whatever"},
}


def test_a_valid_schema_has_no_problem():
    assert list(problems(VALID)) == []


@pytest.mark.parametrize(
    ("schema", "problem"),
    [
        ([], "#: a schema is an object, true or false, got list"),
        ({"type": "strin"}, "#/type: expected one or several of array"),
        ({"type": []}, "#/type: expected"),
        ({"type": ["string", "string"]}, "#/type: expected"),
        ({"title": 1}, "#/title: expected text, got 1"),
        ({"minimum": "1"}, "#/minimum: expected a number, got '1'"),
        ({"maximum": True}, "#/maximum: expected a number, got True"),
        ({"multipleOf": 0}, "#/multipleOf: expected a number above 0, got 0"),
        ({"minLength": -1}, "#/minLength: expected a count, got -1"),
        ({"maxItems": 1.5}, "#/maxItems: expected a count, got 1.5"),
        ({"enum": {"a": 1}}, "#/enum: expected a list"),
        ({"required": ["a", "a"]}, "#/required: expected a list of different names"),
        ({"required": "a"}, "#/required: expected a list of different names"),
        ({"dependentRequired": {"a": "b"}}, "#/dependentRequired: expected an object of lists"),
        ({"pattern": "("}, "#/pattern: expected a regular expression"),
        ({"writeOnly": "yes"}, "#/writeOnly: expected true or false"),
        ({"$ref": "#/$defs/A"}, "#/$ref: '#/$defs/A' refers to nothing"),
        ({"$ref": 1}, "#/$ref: expected text"),
        ({"items": [{"type": "string"}]}, "#/items: a schema is an object"),
        ({"anyOf": []}, "#/anyOf: expected a list of schemas"),
        ({"oneOf": [{}, {"type": 1}]}, "#/oneOf/1/type: expected"),
        ({"properties": ["a"]}, "#/properties: expected an object of schemas, got list"),
        ({"properties": {"a": {"items": {"type": "x"}}}}, "#/properties/a/items/type: expected"),
        ({"$defs": {"A": 1}}, "#/$defs/A: a schema is an object"),
    ],
)
def test_each_mistake_is_found_where_it_is(schema, problem):
    (found,) = problems(schema)
    assert found.startswith(problem)
