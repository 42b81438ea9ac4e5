# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Where in a parameter's type a ``Secret[...]`` stands, and what stands there in a value."""

from __future__ import annotations

import typing
from typing import TYPE_CHECKING, Any

from mistral_lib.actions.secrets import SecretMarker

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["ANY", "Path", "field_types", "find", "values_at"]

#: Names of fields from the outside in; :data:`ANY` for every item of a container.
Path = tuple[str, ...]

#: Stands for every item of a list or dictionary.
ANY = "*"


def find(annotation: Any) -> list[Path]:
    """Return the paths of all secrets in values of this type; ``()`` is the value itself."""
    return list(dict.fromkeys(_find(annotation, (), frozenset())))


def _find(annotation: Any, path: Path, above: frozenset[Any]) -> Iterator[Path]:
    metadata = getattr(annotation, "__metadata__", ())
    if metadata:
        if any(isinstance(item, SecretMarker) for item in metadata):
            yield path
        yield from _find(annotation.__origin__, path, above)
        return
    origin = typing.get_origin(annotation)
    if origin is typing.Literal:
        return
    arguments = typing.get_args(annotation)
    if arguments:
        inner = path if type(None) in arguments or _is_union(annotation) else (*path, ANY)
        for argument in arguments:
            yield from _find(argument, inner, above)
    elif annotation not in above:
        for name, type_ in field_types(annotation).items():
            yield from _find(type_, (*path, name), above | {annotation})


def _is_union(annotation: Any) -> bool:
    import types

    return typing.get_origin(annotation) in (typing.Union, types.UnionType)


def field_types(cls: Any) -> Mapping[str, Any]:
    """Return the annotations of a dataclass, TypedDict, struct or pydantic model by field."""
    marks = ("__dataclass_fields__", "__total__", "__struct_fields__", "model_fields")
    if not isinstance(cls, type) or not any(hasattr(cls, mark) for mark in marks):
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
