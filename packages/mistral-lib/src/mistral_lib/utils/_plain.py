# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Finding out, fast, whether a value is made of nothing but what JSON has.

For such values, and only for them, msgspec's encoder and oslo.serialization agree. A value is
walked level by level, and each level by the interpreter's own loops in C: looking at values one
after another from Python takes longer than encoding them.
"""

from __future__ import annotations

from itertools import chain
from math import isfinite
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["MAX_DEPTH", "is_plain"]

#: Containers within containers. Anything deeper is unusual enough to be no matter of speed.
MAX_DEPTH = 64

_STR = frozenset({str})
_SCALARS = frozenset({str, int, bool, type(None)})
_SEQUENCES = frozenset({list, tuple})
_CONTAINERS = _SEQUENCES | {dict}
_PLAIN = _SCALARS | _CONTAINERS | {float}

#: With fewer containers in a level, gathering them costs more than it saves.
_FEW = 8
#: Containers in a level from which on it is worth a look whether they are all different.
_MANY = 50_000


def is_plain(value: Any) -> bool:
    """Tell whether ``value`` is made of JSON's types alone, so that all encoders agree on it.

    That is: str, int, bool, None, finite float, list, tuple and dict with str keys, no subclass of
    them, no more than :data:`MAX_DEPTH` containers deep. False for what contains itself.
    """
    kind = type(value)
    if kind in _SCALARS:
        return True
    if kind not in _CONTAINERS:
        return kind is float and isfinite(value)
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        if not (_few(level, below) if len(level) < _FEW else _many(level, below)):
            return False
        if not below:
            return True
        # A list that holds itself twice would double with every level.
        level = list({id(c): c for c in below}.values()) if len(below) > _MANY else below
    return False


def _few(level: list[Any], below: list[Any]) -> bool:
    for container in level:
        if type(container) is not dict:
            children = container
        elif set(map(type, container)) <= _STR:
            children = container.values()
        else:
            return False
        types = set(map(type, children))
        if not (types <= _SCALARS or _sift(children, types, below)):
            return False
    return True


def _many(level: list[Any], below: list[Any]) -> bool:
    types = set(map(type, level))
    dicts = level if len(types) == 1 else [c for c in level if type(c) is dict]
    if dict in types:
        # A union of all keys is smaller than all of them, and dictionaries are quick at it.
        if not set(map(type, set().union(*dicts))) <= _STR:
            return False
        children = list(chain.from_iterable(map(dict.values, dicts)))
        if not _columns(children, len(dicts[0]), len(dicts), below):
            return False
        if len(types) == 1:
            return True
    sequences = level if dict not in types else [c for c in level if type(c) is not dict]
    children = list(chain.from_iterable(sequences))
    return _columns(children, len(sequences[0]), len(sequences), below)


def _columns(children: list[Any], width: int, rows: int, below: list[Any]) -> bool:
    """Look at the children of ``rows`` containers, of which the first has ``width``.

    Where all have as many, they are taken to be records: a column of them is mostly of one type,
    which takes less to look at than a mixture. It is a matter of speed only.
    """
    if width * rows != len(children):
        return _sift(children, set(map(type, children)), below)
    for i in range(width):
        column = children[i::width]
        types = set(map(type, column))
        if not (types <= _SCALARS or _sift(column, types, below)):
            return False
    return True


def _sift(children: Sequence[Any], types: set[type], below: list[Any]) -> bool:
    """Tell whether ``children``, of these types, are plain, and put containers into ``below``."""
    if not types <= _PLAIN:
        return False
    pure = len(types) == 1
    if float in types:
        floats = children if pure else [c for c in children if type(c) is float]
        if not all(map(isfinite, floats)):
            return False
    if not types.isdisjoint(_CONTAINERS):
        below.extend(children if pure else [c for c in children if type(c) in _CONTAINERS])
    return True
