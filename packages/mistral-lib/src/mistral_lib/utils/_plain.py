# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Finding out, fast, whether a value is made of nothing but what JSON has.

For such values, and only for them, msgspec's encoder and oslo.serialization agree.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

from mistral_lib.utils import _groups

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["is_plain"]

_STR = frozenset({str})
_SCALARS = frozenset({str, int, bool, type(None)})
#: Parts of a small value, at most. For more of them, loops in C are quicker.
_SMALL = 100
#: Entries of a dictionary, at most, that are looked at one by one before anything is laid out.
_FLAT = 16
_PLAIN = _SCALARS | _groups.CONTAINERS | {float}


def is_plain(value: Any) -> bool:
    """Tell whether ``value`` is made of JSON's types alone, so that all encoders agree on it.

    That is: str, int, bool, None, finite float, list, tuple and dict with str keys, no subclass of
    them, and not more than 64 containers deep. False for what contains itself.
    """
    kind = type(value)
    if kind in _SCALARS:
        return True
    if kind not in _groups.CONTAINERS:
        return kind is float and isfinite(value)
    plain = _is_flat_and_plain(value) if kind is dict and len(value) <= _FLAT else None
    if plain is None:
        plain = _is_small_and_plain(value)
    if plain is not None:
        return plain
    waiting: list[tuple[list[Any], list[Any], int]]
    waiting = [([value], [], 1) if kind is dict else ([], [value], 1)]
    while waiting:
        dicts, sequences, depth = waiting.pop()
        if depth > _groups.MAX_DEPTH:
            return False
        if dicts and not set(map(type, _groups.keys(dicts))) <= _STR:
            return False
        for values, *_ in _groups.columns(dicts, sequences):
            kinds = _groups.kinds_of(values)
            if kinds <= _SCALARS:
                continue
            if not kinds <= _PLAIN or (float in kinds and not _all_finite(values, kinds)):
                return False
            if not kinds.isdisjoint(_groups.CONTAINERS):
                waiting.append((*_groups.nested(values, kinds), depth + 1))
    return True


def _is_flat_and_plain(value: dict[Any, Any]) -> bool | None:
    """Tell it of a dictionary of scalars, as most parameters are; None if it holds a container."""
    for key, part in value.items():
        kind = type(part)
        if type(key) is not str:
            return False
        # The most frequent first: asking for identity takes less than a look into a set.
        if kind is str or kind is int or part is None or kind is bool:
            continue
        if kind is dict or kind is list or kind is tuple:
            return None
        if kind is not float or not isfinite(part):
            return False
    return True


def _is_small_and_plain(value: Any) -> bool | None:
    """Tell it of a small value, part by part; None where it takes a closer look."""
    level, size = [value], 0
    for _ in range(_groups.MAX_DEPTH):
        count = sum(map(len, level))
        size += count
        if size > _SMALL:
            return None
        parts = _groups.parts(level)
        if len(parts) != count:
            return None
        level = []
        for part in parts:
            kind = type(part)
            if kind is str or kind is int or part is None or kind is bool:
                continue
            if kind is dict or kind is list or kind is tuple:
                level.append(part)
            elif kind is not float or not isfinite(part):
                return False
        if not level:
            return True
    return None


def _all_finite(values: Collection[Any], kinds: set[type]) -> bool:
    floats = values if len(kinds) == 1 else [v for v in values if type(v) is float]
    return all(map(isfinite, floats))
