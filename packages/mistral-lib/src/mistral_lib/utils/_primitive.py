# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""JSON of values that are not JSON's own, as oslo.serialization writes it: right, not fast."""

from __future__ import annotations

import types
from typing import Any

from mistral_lib import exceptions

__all__ = ["dumps", "loads"]

#: How deep the search for the part that can't be written goes.
_SEARCH_DEPTH = 50


def dumps(value: Any, run_generators: bool = False) -> str:
    """Return JSON text of ``value``, made primitive by oslo.serialization first.

    :param run_generators: write what generators generate, instead of what they are called.
    :raises SerializationError: a part of it has no JSON form; the message says where it is.
    """
    import json

    try:
        return json.dumps(_with_generators_run(value) if run_generators else _primitive(value))
    except RecursionError as e:
        raise exceptions.SerializationError(
            f"A value of type {_name(value)} can't be written as JSON: it is nested too deeply, "
            "or contains itself"
        ) from e
    # Whatever the methods of somebody's class may raise.
    except Exception as e:
        path, part = _find_culprit(value)
        raise exceptions.SerializationError(
            f"A value of type {_name(value)} can't be written as JSON: the part at {path} is of "
            f"type {_name(part)}, which has no JSON form ({_cause(e)}). Convert it first, "
            "for example to text"
        ) from e


def _cause(error: Exception) -> str:
    name = type(error).__name__
    # Its own text would quote the bytes.
    return f"{name}: utf-8, {error.reason}" if isinstance(error, UnicodeDecodeError) else name


def _primitive(value: Any) -> Any:
    from oslo_serialization import jsonutils

    return jsonutils.to_primitive(value, convert_instances=True)


def _with_generators_run(value: Any) -> Any:
    from oslo_serialization import jsonutils

    return jsonutils.to_primitive(value, convert_instances=True, fallback=_run_generator)


def _run_generator(value: Any) -> Any:
    """Return primitives of what oslo.serialization gives up on."""
    if type(value) is types.GeneratorType:
        return [_with_generators_run(v) for v in value]
    return _primitive(value)


def _name(value: Any) -> str:
    cls = type(value)
    return cls.__qualname__ if cls.__module__ == "builtins" else f"{cls.__module__}.{cls.__name__}"


def _find_culprit(value: Any) -> tuple[str, Any]:
    """Return the first part that can't be written alone, and its path from ``$``."""
    path = "$"
    for _ in range(_SEARCH_DEPTH):
        parts: list[tuple[str, Any]] = []
        if isinstance(value, dict):
            parts = [(f"{path}[{key!r:.60}]", part) for key, part in value.items()]
        elif isinstance(value, (list, tuple)):
            parts = [(f"{path}[{i}]", part) for i, part in enumerate(value)]
        culprit = next((p for p in parts if not _is_writable(p[1])), None)
        if culprit is None:
            break
        path, value = culprit
    return path, value


def _is_writable(value: Any) -> bool:
    import json

    try:
        json.dumps(_primitive(value))
    except Exception:
        return False
    return True


def loads(text: str | bytes | bytearray) -> Any:
    """Return what the standard library reads from JSON.

    :raises json.JSONDecodeError: it is no JSON.
    :raises DeserializationError: it is nested too deeply.
    """
    import json

    try:
        return json.loads(text)
    except RecursionError as e:
        raise exceptions.DeserializationError(
            f"JSON of {len(text)} characters is nested too deeply to be read"
        ) from e
