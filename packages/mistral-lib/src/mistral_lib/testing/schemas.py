# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Is a JSON Schema one? The rules of the 2020-12 meta-schema, as a table."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["problems"]

_TYPES = frozenset(("array", "boolean", "integer", "null", "number", "object", "string"))

# Keywords whose value is a schema, a list of schemas, or schemas by name.
_SCHEMA = frozenset(
    (
        "additionalProperties",
        "contains",
        "contentSchema",
        "else",
        "if",
        "items",
        "not",
        "propertyNames",
        "then",
        "unevaluatedItems",
        "unevaluatedProperties",
    )
)
_SCHEMAS = frozenset(("allOf", "anyOf", "oneOf", "prefixItems"))
_NAMED_SCHEMAS = frozenset(("$defs", "dependentSchemas", "patternProperties", "properties"))


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_count(value: Any) -> bool:
    return _is_number(value) and value >= 0 and value == int(value)


def _is_names(value: Any) -> bool:
    return (
        isinstance(value, list)
        and all(isinstance(v, str) for v in value)
        and len(set(value)) == len(value)
    )


def _is_lists_of_names(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_names, value.values()))


def _is_type(value: Any) -> bool:
    names = [value] if isinstance(value, str) else value
    return _is_names(names) and names != [] and _TYPES.issuperset(names)


def _is_pattern(value: Any) -> bool:
    try:
        re.compile(value)
    except (re.error, TypeError):
        return False
    return True


_KINDS: tuple[tuple[str, Callable[[Any], bool], tuple[str, ...]], ...] = (
    (
        "text",
        _is_text,
        (
            "$anchor",
            "$comment",
            "$dynamicRef",
            "$id",
            "$ref",
            "$schema",
            "contentEncoding",
            "contentMediaType",
            "description",
            "format",
            "title",
        ),
    ),
    ("true or false", _is_flag, ("deprecated", "readOnly", "uniqueItems", "writeOnly")),
    ("a number", _is_number, ("exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum")),
    ("a number above 0", lambda v: _is_number(v) and v > 0, ("multipleOf",)),
    (
        "a count",
        _is_count,
        (
            "maxContains",
            "maxItems",
            "maxLength",
            "maxProperties",
            "minContains",
            "minItems",
            "minLength",
            "minProperties",
        ),
    ),
    ("a list", lambda v: isinstance(v, list), ("enum", "examples")),
    ("a list of different names", _is_names, ("required",)),
    ("an object of lists of names", _is_lists_of_names, ("dependentRequired",)),
    ("a regular expression", _is_pattern, ("pattern",)),
    (f"one or several of {', '.join(sorted(_TYPES))}", _is_type, ("type",)),
)
_EXPECTED = {word: (expected, fits) for expected, fits, words in _KINDS for word in words}


def problems(schema: Any) -> Iterator[str]:
    """Yield what makes ``schema`` invalid, each with its place as a JSON pointer."""
    yield from _problems(schema, schema, "#")


def _problems(schema: Any, root: Any, path: str) -> Iterator[str]:
    if isinstance(schema, bool):
        return
    if not isinstance(schema, dict):
        yield f"{path}: a schema is an object, true or false, got {type(schema).__name__}"
        return
    for word, value in schema.items():
        where = f"{path}/{word}"
        if word in _EXPECTED:
            expected, fits = _EXPECTED[word]
            if not fits(value):
                yield f"{where}: expected {expected}, got {value!r}"
            elif word == "$ref" and not _resolves(value, root):
                yield f"{where}: {value!r} refers to nothing in this schema"
        yield from _problems_inside(word, value, root, where)


def _problems_inside(word: str, value: Any, root: Any, where: str) -> Iterator[str]:
    """Yield the problems of the schemas that are a keyword's value."""
    if word in _SCHEMA:
        yield from _problems(value, root, where)
    elif word in _SCHEMAS:
        if not isinstance(value, list) or not value:
            yield f"{where}: expected a list of schemas, got {value!r}"
            return
        for index, part in enumerate(value):
            yield from _problems(part, root, f"{where}/{index}")
    elif word in _NAMED_SCHEMAS:
        if not isinstance(value, dict):
            yield f"{where}: expected an object of schemas, got {type(value).__name__}"
            return
        for name, part in value.items():
            yield from _problems(part, root, f"{where}/{name}")


def _resolves(reference: str, root: Any) -> bool:
    """Tell whether a reference into the same document leads somewhere."""
    if not reference.startswith("#/"):
        # The root itself, an anchor, or another document.
        return True
    for name in reference[2:].split("/"):
        name = name.replace("~1", "/").replace("~0", "~")
        if not isinstance(root, dict) or name not in root:
            return False
        root = root[name]
    return True
