# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Where in a parameter's type secrets and classes stand, and what stands there in a value."""

from __future__ import annotations

import typing
from typing import TYPE_CHECKING, Any

from mistral_lib.actions.secrets import SecretMarker

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["ANY", "Path", "field_types", "fields_in", "secrets_in", "values_at"]

#: Names of fields from the outside in; :data:`ANY` for every item of a container.
Path = tuple[str, ...]

#: Stands for every item of a list or dictionary.
ANY = "*"


#: What tells dataclasses, TypedDicts and attrs classes from other classes.
_PLAIN_MARKS = ("__dataclass_fields__", "__total__", "__attrs_attrs__")

#: Likewise, and structs and pydantic models.
_CLASS_MARKS = (*_PLAIN_MARKS, "__struct_fields__", "model_fields")


def secrets_in(annotation: Any) -> list[Path]:
    """Return the paths of all secrets in values of this type; ``()`` is the value itself."""
    marked = (path for path, type_ in _walk(annotation, (), frozenset()) if _is_secret(type_))
    return list(dict.fromkeys(marked))


def fields_in(annotation: Any) -> list[tuple[Path, frozenset[str]]]:
    """Return where dataclasses, TypedDicts and attrs classes stand, and the names of their fields.

    Other kinds of classes say themselves what becomes of unknown fields.
    """
    return [
        (path, frozenset(field_types(type_)))
        for path, type_ in _walk(annotation, (), frozenset())
        if isinstance(type_, type) and any(hasattr(type_, mark) for mark in _PLAIN_MARKS)
    ]


def _is_secret(type_: Any) -> bool:
    return any(isinstance(m, SecretMarker) for m in getattr(type_, "__metadata__", ()))


def _walk(annotation: Any, path: Path, above: frozenset[Any]) -> Iterator[tuple[Path, Any]]:
    """Yield every type inside ``annotation`` with its path, itself first."""
    yield path, annotation
    if hasattr(annotation, "__metadata__"):
        yield from _walk(annotation.__origin__, path, above)
        return
    arguments = typing.get_args(annotation)
    if typing.get_origin(annotation) is typing.Literal:
        return
    if arguments:
        inner = path if _is_union(annotation) else (*path, ANY)
        for argument in arguments:
            yield from _walk(argument, inner, above)
    elif annotation not in above:
        for name, type_ in field_types(annotation).items():
            yield from _walk(type_, (*path, name), above | {annotation})


def _is_union(annotation: Any) -> bool:
    import types

    return typing.get_origin(annotation) in (typing.Union, types.UnionType)


def field_types(cls: Any) -> Mapping[str, Any]:
    """Return the annotations of a dataclass, TypedDict, struct or pydantic model by field."""
    if not isinstance(cls, type) or not any(hasattr(cls, mark) for mark in _CLASS_MARKS):
        return {}
    try:
        return typing.get_type_hints(cls, include_extras=True)
    except NameError:
        # Classes of a function's own can't be resolved from outside; the validator says so.
        return getattr(cls, "__annotations__", {})


def values_at(value: Any, path: Path) -> Iterator[Any]:
    """Yield what stands at ``path`` in JSON-ready data."""
    if not path:
        yield value
        return
    name, rest = path[0], path[1:]
    if name == ANY:
        items: Any = ()
        if isinstance(value, dict):
            items = value.values()
        elif isinstance(value, (list, tuple)):
            items = value
        for item in items:
            yield from values_at(item, rest)
    elif isinstance(value, dict) and name in value:
        yield from values_at(value[name], rest)
