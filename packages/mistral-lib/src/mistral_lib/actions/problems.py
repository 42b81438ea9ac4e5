# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What is wrong with a value: all of it, each part with its path and what came there.

The validator ends at the first problem. So where it refuses a value, the parts are put to it one by
one, and each is told with what is expected there.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import msgspec
import msgspec.inspect

from mistral_lib.actions import annotated, nearest, paths, values
from mistral_lib.utils import _json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mistral_lib.actions.signature import Parameter

__all__ = ["at", "not_json", "of_parameter", "of_value", "unknown_fields", "unready"]

#: What the validator raises for a value that does not fit.
_REFUSALS = (msgspec.ValidationError, TypeError, ValueError, RecursionError)

#: Containers inside containers that are looked into.
_DEEPEST = 32


def at(where: str, key: Any) -> str:
    """Return the path of a part: ``disks[3]``, ``disk.size``, ``labels['a b']``.

    :param where: the path of the whole.
    :param key: a position, or the key of a field.
    """
    if isinstance(key, int):
        return f"{where}[{key}]"
    if isinstance(key, str) and key.isidentifier():
        return f"{where}.{key}"
    return f"{where}[{key!r:.60}]"


def not_json(value: Any, where: str) -> Iterator[tuple[str, str]]:
    """Yield the path of each part of JSON-ready data that JSON cannot represent, and what it is.

    That is NaN, the infinities (RFC 8259, section 6) and an int of more digits than Python writes.
    """
    if _json.is_plain(value) and _json.is_writable(value):
        return
    waiting: list[tuple[str, Any]] = [(where, value)]
    while waiting:
        path, part = waiting.pop()
        if isinstance(part, dict):
            waiting.extend((at(path, k), v) for k, v in reversed(part.items()))
        elif isinstance(part, (list, tuple)):
            waiting.extend((at(path, i), part[i]) for i in reversed(range(len(part))))
        elif isinstance(part, float) and not math.isfinite(part):
            name = "NaN" if math.isnan(part) else "-Infinity" if part < 0 else "Infinity"
            yield path, f"{name}, which JSON cannot represent"
        elif isinstance(part, int) and not _json.is_writable(part):
            yield path, f"an int of {part.bit_length()} bits, too large to be written"


def unready(value: Any, where: str) -> tuple[str, Any]:
    """Return the path of the first part of ``value`` that has no JSON form, and the part.

    That is ``value`` itself where it contains itself, or is nested too deeply.
    """
    part = where, value
    for _ in range(_DEEPEST):
        inside = next(filter(_is_unready, _inside(*part)), None)
        if inside is None:
            return part
        part = inside
    return where, value


def _inside(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield from ((at(path, k), v) for k, v in value.items())
    elif isinstance(value, (list, tuple)):
        yield from ((at(path, i), v) for i, v in enumerate(value))


def _is_unready(part: tuple[str, Any]) -> bool:
    try:
        values.json_ready(part[1])
    except Exception:
        # The methods of somebody's class may raise anything.
        return True
    return False


def unknown_fields(parameter: Parameter, value: Any, name: str) -> Iterator[str]:
    """Yield each key that is no field: the validator drops it, and a misspelt one with it."""
    for path, fields in parameter.fields:
        for where, found in _at_path(value, path, name):
            for key in found.keys() - fields if isinstance(found, dict) else ():
                hint = nearest.hint(key, fields) if isinstance(key, str) else ""
                yield f"parameter '{where}' has no field '{key}'{hint}"


def _at_path(value: Any, path: paths.Path, where: str) -> Iterator[tuple[str, Any]]:
    """Yield what stands at a path in JSON-ready data, with its place."""
    if not path:
        yield where, value
        return
    step, rest = path[0], path[1:]
    keys: Iterable[Any] = ()
    if step is paths.ANY and isinstance(value, dict):
        keys = value
    elif step is paths.ANY and isinstance(value, (list, tuple)):
        keys = range(len(value))
    elif not isinstance(step, paths.Step):
        keys = (str(step),) if isinstance(value, dict) and step in value else ()
    elif step is not paths.KEYS and isinstance(value, (list, tuple)):
        position = int(step[1:-1])
        keys = (position,) if position < len(value) else ()
    for key in keys:
        yield from _at_path(value[key], rest, at(where, key))


def of_parameter(parameter: Parameter, value: Any, name: str) -> Iterator[str]:
    """Yield what is wrong with a parameter's JSON-ready value; nothing if all is right.

    :param name: under which it came: it may be one of ``**kwargs``.
    """
    # By the type with its default: "x: int = None" takes None.
    if _refusal(value, parameter.type) is None:
        yield from (f"parameter '{where}' is {what}" for where, what in not_json(value, name))
    else:
        secret = parameter.secret or _sounds_secret(name)
        yield from of_value(value, parameter.annotation, name, secret)


def of_value(
    value: Any, annotation: Any, where: str, secret: bool = False, depth: int = 0
) -> Iterator[str]:
    """Yield what is wrong with each part of a JSON-ready value.

    :param annotation: what the value is to be, markers of secrets included.
    :param where: the path of the value.
    :param secret: it, or what holds it, is secret: it is not shown.
    """
    secret = secret or paths.is_secret(annotation)
    error = _refusal(value, annotated.validated(annotation))
    if error is None:
        return
    found = False
    if depth < _DEEPEST:
        for problem in _of_parts(value, annotation, where, secret, depth + 1):
            found = True
            yield problem
    if not found:
        yield _message(value, annotation, where, secret, error)


def _refusal(value: Any, type_: Any) -> Exception | None:
    try:
        values.convert(value, type_)
    except _REFUSALS as e:
        return e
    return None


def _of_parts(value: Any, annotation: Any, where: str, secret: bool, depth: int) -> Iterator[str]:
    arms = [arm for arm in _arms(annotation, secret) if _has_shape_of(arm[0], value)]
    if len(arms) != 1:
        # Of several, nobody knows which was meant.
        return
    arm, secret = arms[0]
    cls = paths.class_of(arm)
    if annotated.is_pydantic(cls):
        yield from _of_model(cls, value, where, secret)
        return
    last, type_ = None, None
    for key, part, inner in _parts(value, arm):
        if inner is not last:
            # Of a long list, all items are of one type.
            last, type_ = inner, annotated.validated(inner)
        if _refusal(part, type_) is not None:
            yield from of_value(part, inner, at(where, key), secret or _sounds_secret(key), depth)
    yield from _of_keys(value, arm, where)
    if cls is not None and isinstance(value, dict):
        for name in _required(arm):
            if name not in value:
                yield f"parameter '{at(where, name)}' is missing"


def _arms(annotation: Any, secret: bool) -> Iterator[tuple[Any, bool]]:
    """Yield the types that a union, alias or marked type stands for, and whether each is secret."""
    inside = [] if paths.class_of(annotation) else list(paths.inside(annotation))
    if not inside or any(steps for steps, _ in inside):
        yield annotation, secret
        return
    for _, inner in inside:
        yield from _arms(inner, secret or paths.is_secret(inner))


def _has_shape_of(arm: Any, value: Any) -> bool:
    """Tell whether values of a type are objects or arrays in JSON, as ``value`` is."""
    cls = paths.class_of(arm)
    if cls is not None:
        config = getattr(cls, "__struct_config__", None)
        is_array = issubclass(cls, tuple) or (config is not None and config.array_like)
        return isinstance(value, (list, tuple) if is_array else dict)
    steps = [step for path, _ in paths.inside(arm) for step in path]
    if paths.KEYS in steps:
        return isinstance(value, dict)
    return bool(steps) and isinstance(value, (list, tuple))


def _parts(value: Any, arm: Any) -> Iterator[tuple[Any, Any, Any]]:
    """Yield key, part and type of what is inside ``value``."""
    for steps, inner in paths.inside(arm):
        if len(steps) != 1 or steps[0] is paths.KEYS:
            continue
        (step,) = steps
        if step is paths.ANY:
            pairs = value.items() if isinstance(value, dict) else enumerate(value)
            yield from ((key, part, inner) for key, part in pairs)
        elif isinstance(step, paths.Step):
            position = int(step[1:-1])
            if isinstance(value, (list, tuple)) and position < len(value):
                yield position, value[position], inner
        elif isinstance(value, dict) and step in value:
            yield str(step), value[step], inner


def _of_keys(value: Any, arm: Any, where: str) -> Iterator[str]:
    """Yield each key of an object that is not of the type of the keys."""
    for steps, inner in paths.inside(arm):
        if steps == (paths.KEYS,) and isinstance(value, dict):
            type_ = annotated.validated(inner)
            for key in value:
                if _refusal({key: None}, dict[type_, Any]) is not None:  # type: ignore[valid-type]
                    expected = annotated.describe(annotated.validated(arm))
                    yield f"parameter '{where}' must be {expected}, got the key {key!r:.60}"


def _required(arm: Any) -> list[str]:
    """Return the names, in JSON, of the fields of a class that have no default."""
    fields = getattr(msgspec.inspect.type_info(annotated.validated(arm)), "fields", ())
    return [f.encode_name for f in fields if f.required]


def _of_model(cls: Any, value: Any, where: str, secret: bool) -> Iterator[str]:
    """Yield what a model of pydantic's says of its fields.

    Of a model that holds a secret, no value is shown, nor what its author's checks say.
    """
    try:
        cls.model_validate(value)
    except ValueError as e:
        list_errors = getattr(e, "errors", None)
        if list_errors is None:
            return
        secret = secret or bool(paths.secrets_in(cls))
        for found in list_errors(include_url=False, include_context=False):
            path = where
            for key in found["loc"]:
                path = at(path, key)
            hidden = secret or any(map(_sounds_secret, found["loc"]))
            reason = found["msg"]
            if hidden and not _is_pydantics(found["type"]):
                reason = f"a check of {cls.__name__} refuses it"
            came = "" if found["type"] == "missing" else f", got {_shown(found['input'], hidden)}"
            yield f"parameter '{path}' does not fit {cls.__name__}: {reason}{came}"


def _is_pydantics(kind: str) -> bool:
    """Tell whether an error's text is pydantic's, which quotes no value."""
    import typing

    from pydantic_core import core_schema

    return kind in typing.get_args(core_schema.ErrorType) and kind not in (
        "assertion_error",
        "union_tag_invalid",
        "value_error",
    )


def _sounds_secret(key: Any) -> bool:
    from mistral_lib.utils import _masking

    return isinstance(key, str) and _masking.is_secret_name(key)


def _message(value: Any, annotation: Any, where: str, secret: bool, error: Exception) -> str:
    reason, _, path = str(error).partition(" - at `$")
    hidden = secret or bool(paths.secrets_in(annotation))
    came = _shown(value, hidden)
    if reason.startswith("Expected `") and not path:
        # These words never quote the value; without a "got", they name a constraint.
        expected, _, kind = reason.removeprefix("Expected ").replace("`", "").partition(", got ")
        if kind:
            expected = annotated.describe(annotated.validated(annotation))
        return f"parameter '{where}' must be {expected}, got {came}"
    if hidden or not reason:
        reason = ""
    expected = annotated.describe(annotated.validated(annotation))
    return f"parameter '{where}' must be {expected}, got {came}" + (
        f" ({reason})" if reason else ""
    )


def _shown(value: Any, hidden: bool) -> str:
    from mistral_lib.actions import reprs

    kind = type(value).__name__
    if hidden:
        return kind
    return "None" if value is None else f"{kind} {reprs.of_value(value)}"
