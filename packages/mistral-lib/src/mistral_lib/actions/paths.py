# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Where in a parameter's type secrets and classes stand, and what stands there in a value."""

from __future__ import annotations

import typing
from typing import TYPE_CHECKING, Annotated, Any

from mistral_lib.actions.secrets import SecretMarker

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = [
    "ANY",
    "DEEP",
    "KEYS",
    "Path",
    "Step",
    "class_of",
    "field_types",
    "fields_in",
    "index",
    "inside",
    "is_secret",
    "names_of",
    "secrets_in",
    "values_at",
]

#: From the outside in: names of fields, and :class:`Step` for what has no name.
Path = tuple[str, ...]


class Step(str):
    """An element of a path that is no name of a field."""

    __slots__ = ()


#: Stands for every item of a list or dictionary.
ANY = Step("*")

#: Stands for every key of a dictionary.
KEYS = Step("keys()")

#: Stands for the value itself and everything inside it: recursive types have no finite path.
DEEP = Step("**")


def index(position: int) -> Step:
    """Return the step to one item of a list."""
    return Step(f"[{position}]")


#: What tells dataclasses, TypedDicts and attrs classes from other classes.
_PLAIN_MARKS = ("__dataclass_fields__", "__total__", "__attrs_attrs__")

#: Likewise, and structs, pydantic models and named tuples.
_CLASS_MARKS = (*_PLAIN_MARKS, "__struct_fields__", "model_fields", "_fields")

#: What may stand around the type of a TypedDict's field.
_FIELD_QUALIFIERS = ("Required", "NotRequired", "ReadOnly")

#: Classes inside classes, at most: a generic class may hold ever new kinds of itself.
_DEEPEST = 32


def secrets_in(annotation: Any) -> list[Path]:
    """Return the paths of all secrets in values of this type; ``()`` is the value itself."""
    marked = (path for path, type_ in _walk(annotation, (), ()) if is_secret(type_))
    return list(dict.fromkeys(marked))


def names_of(paths: Iterable[Path]) -> frozenset[str]:
    """Return the names of the fields to which ``paths`` lead."""
    return frozenset(path[-1] for path in paths if path and not isinstance(path[-1], Step))


def fields_in(annotation: Any) -> list[tuple[Path, frozenset[str]]]:
    """Return where dataclasses, TypedDicts and attrs classes stand, and the names of their fields.

    Other kinds of classes say themselves what becomes of unknown fields.
    """
    found = []
    for path, type_ in _walk(annotation, (), ()):
        cls = class_of(type_)
        if cls is not None and any(hasattr(cls, mark) for mark in _PLAIN_MARKS):
            # "At any depth" would hold a free-form dictionary's keys for misspelt fields.
            exact = tuple(step for step in path if step is not DEEP)
            found.append((exact, frozenset(field_types(cls))))
    return found


def is_secret(type_: Any) -> bool:
    """Tell whether a type itself, not what is inside it, is marked as secret."""
    if any(isinstance(m, SecretMarker) for m in getattr(type_, "__metadata__", ())):
        return True
    # pydantic's SecretStr and its kin.
    return hasattr(type_, "get_secret_value")


def _walk(annotation: Any, path: Path, above: tuple[Any, ...]) -> Iterator[tuple[Path, Any]]:
    """Yield every type inside ``annotation`` with its path, itself first."""
    yield path, annotation
    if annotation in above or len(above) > _DEEPEST:
        return
    if _has_name(annotation):
        above = (*above, annotation)
        if _is_recursive(annotation):
            path = (*path, DEEP)
    for steps, inner in inside(annotation):
        yield from _walk(inner, path + steps, above)


def _has_name(annotation: Any) -> bool:
    """Tell whether a type can hold itself: anonymous ones can't."""
    return class_of(annotation) is not None or _alias_of(annotation) is not None


def _is_recursive(annotation: Any) -> bool:
    seen: list[Any] = []
    waiting = [annotation]
    while waiting and len(seen) < 1000:
        for _, inner in inside(waiting.pop()):
            if inner == annotation:
                return True
            if inner not in seen:
                seen.append(inner)
                waiting.append(inner)
    return False


def inside(annotation: Any) -> Iterator[tuple[Path, Any]]:
    """Yield the types directly inside a type, each with the steps to it."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    alias = _alias_of(annotation)
    if hasattr(annotation, "__metadata__"):
        yield (), annotation.__origin__
    elif hasattr(annotation, "__supertype__"):
        yield (), annotation.__supertype__
    elif alias is not None:
        yield (), _filled(alias.__value__, alias.__type_params__, arguments)
    elif class_of(annotation) is not None:
        yield from _fields(origin or annotation, arguments)
    elif origin is typing.Literal:
        return
    elif _is_union(origin) or getattr(origin, "_name", None) in _FIELD_QUALIFIERS:
        yield from (((), argument) for argument in arguments)
    elif origin is tuple and Ellipsis not in arguments:
        yield from (((index(i),), argument) for i, argument in enumerate(arguments))
    elif origin is tuple:
        yield (ANY,), arguments[0]
    elif len(arguments) == 2 and hasattr(origin, "keys"):
        yield (KEYS,), arguments[0]
        yield (ANY,), arguments[1]
    else:
        yield from (((ANY,), argument) for argument in arguments)


def _is_union(origin: Any) -> bool:
    import types

    return origin in (typing.Union, types.UnionType)


def _alias_of(annotation: Any) -> Any:
    """Return the ``type X = ...`` statement behind an annotation, None if there is none."""
    alias = typing.get_origin(annotation) or annotation
    return alias if type(alias).__name__ == "TypeAliasType" else None


def class_of(annotation: Any) -> type | None:
    """Return the class with fields that an annotation is, or a generic one's."""
    cls = typing.get_origin(annotation) or annotation
    if not isinstance(cls, type) or not any(hasattr(cls, mark) for mark in _CLASS_MARKS):
        return None
    if hasattr(cls, "_fields") and not issubclass(cls, tuple):
        return None
    return cls


def field_types(cls: Any) -> Mapping[str, Any]:
    """Return the annotations by field of a dataclass, TypedDict, struct, model or named tuple."""
    if cls is None or cls is not class_of(cls):
        return {}
    try:
        return typing.get_type_hints(cls, include_extras=True)
    except NameError:
        # Classes of a function's own can't be resolved from outside; the validator says so.
        return getattr(cls, "__annotations__", {})


def _fields(cls: Any, arguments: tuple[Any, ...]) -> Iterator[tuple[Path, Any]]:
    """Yield the types of a class's fields, each with its step in the data, under all its names."""
    if hasattr(cls, "model_fields"):
        yield from _fields_of_model(cls)
        return
    variables = getattr(cls, "__parameters__", ())
    steps = _steps_of(cls)
    for name, type_ in field_types(cls).items():
        for step in steps.get(name, (name,)):
            yield (step,), _filled(type_, variables, arguments)
    for base in getattr(cls, "__orig_bases__", ()):
        if typing.get_args(base) and class_of(base) is not None:
            # Only here it is said what the base's variables stand for.
            base = _filled(base, variables, arguments)
            yield from _fields(typing.get_origin(base), typing.get_args(base))


def _steps_of(cls: Any) -> dict[str, tuple[str, ...]]:
    """Return under which names or positions data has the fields that are not under their own."""
    if issubclass(cls, tuple):
        return {name: (index(i),) for i, name in enumerate(cls._fields)}
    names = getattr(cls, "__struct_fields__", ())
    if not names:
        return {}
    if cls.__struct_config__.array_like:
        first = 0 if cls.__struct_config__.tag is None else 1
        return {name: (index(i),) for i, name in enumerate(names, first)}
    return {n: (n, e) for n, e in zip(names, cls.__struct_encode_fields__, strict=True) if n != e}


def _fields_of_model(cls: Any) -> Iterator[tuple[Path, Any]]:
    for name, field in cls.model_fields.items():
        type_ = field.annotation
        if field.metadata:
            arguments = (type_, *field.metadata)
            type_ = Annotated[arguments]
        yield (name,), type_
        for alias in (field.alias, field.validation_alias, field.serialization_alias):
            for choice in getattr(alias, "choices", (alias,)):
                # Text, or a path of keys and positions.
                steps = getattr(choice, "path", (choice,) if choice else ())
                if steps:
                    yield tuple(index(s) if isinstance(s, int) else s for s in steps), type_


def _filled(type_: Any, variables: Iterable[Any], arguments: tuple[Any, ...]) -> Any:
    """Return ``type_`` with type variables replaced by what they stand for."""
    meant = dict(zip(variables, arguments, strict=False))
    if type_ in meant:
        return meant[type_]
    open_ = getattr(type_, "__parameters__", ())
    if not meant or not open_ or isinstance(type_, type):
        return type_
    return type_[tuple(meant.get(v, v) for v in open_)]


def values_at(value: Any, path: Path) -> Iterator[Any]:
    """Yield what stands at ``path`` in JSON-ready data."""
    found = [value]
    for step in path:
        if step is DEEP:
            found = list(_all_inside(found))
        else:
            found = [inner for outer in found for inner in _at(outer, step)]
    yield from found


def _at(value: Any, step: str) -> Iterable[Any]:
    """Return what one step, other than :data:`DEEP`, leads to."""
    if isinstance(value, dict):
        if step is ANY:
            return value.values()
        if step is KEYS:
            return value.keys()
        return (value[step],) if step in value and not isinstance(step, Step) else ()
    if isinstance(value, (list, tuple)) and isinstance(step, Step) and step is not KEYS:
        if step is ANY:
            return value
        position = int(step[1:-1])
        return value[position : position + 1]
    return ()


def _all_inside(values: Iterable[Any]) -> Iterator[Any]:
    """Yield ``values`` and all in them, each container once; data may be nested without end."""
    seen: set[int] = set()
    waiting = list(values)
    while waiting:
        value = waiting.pop()
        if isinstance(value, (dict, list, tuple)):
            if id(value) in seen:
                continue
            seen.add(id(value))
            waiting.extend(_at(value, ANY))
        yield value
