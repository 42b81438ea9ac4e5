# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Searching a value for the key words of secrets that ``oslo_utils.strutils`` knows."""

from __future__ import annotations

import functools
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

__all__ = ["Found", "search"]

#: Deeper values are left to oslo.utils, and to its recursion.
_MAX_DEPTH = 64
_CONTAINERS = frozenset({dict, list, tuple})
#: Stands between strings that are searched as one. No key word has it.
_BETWEEN = "\0"


class Found(NamedTuple):
    """What of a value may have to be masked."""

    names: frozenset[Any]
    """Keys of dictionaries that hold a key word."""
    texts: Collection[str]
    """Strings, other than keys, that hold one."""


def search(obj: Any) -> Found | None:
    """Search all of ``obj`` that is made of dictionaries, lists, tuples and strings.

    None where that is not possible: oslo.utils keeps no list of key words, or ``obj`` is nested
    too deeply.
    """
    words = _key_words()
    gathered = _gather(obj) if words else None
    if gathered is None:
        return None
    keys, texts = gathered
    names = [k for k in keys if isinstance(k, str)]
    return Found(frozenset(_holding(words, names)), _holding(words, list(texts)))


@functools.cache
def _key_words() -> tuple[str, ...]:
    """Return the key words without those that contain another; empty if they aren't known."""
    from oslo_utils import strutils

    words = getattr(strutils, "_SANITIZE_KEYS", None)
    if not isinstance(words, (list, tuple)) or not all(
        isinstance(w, str) and w and w == w.lower() and _BETWEEN not in w for w in words
    ):
        return ()
    return tuple(w for w in words if not any(other != w and other in w for other in words))


def _gather(obj: Any) -> tuple[set[Any], set[str]] | None:
    """Return all keys and all other strings; None where nesting has no end in sight."""
    keys: set[Any] = set()
    texts: set[str] = set()
    children: Collection[Any] = (obj,)
    for _ in range(_MAX_DEPTH):
        types = set(map(type, children))
        if str in types:
            texts.update(children if len(types) == 1 else [c for c in children if type(c) is str])
        if types.isdisjoint(_CONTAINERS):
            return keys, texts
        # By identity: a list that holds itself twice would double with every level.
        level = {id(c): c for c in children if type(c) in _CONTAINERS}.values()
        dicts = [c for c in level if type(c) is dict]
        keys.update(*dicts)
        children = list(
            chain(
                chain.from_iterable(map(dict.values, dicts)),
                chain.from_iterable(c for c in level if type(c) is not dict),
            )
        )
    return None


def _holding(words: Iterable[str], texts: Sequence[str]) -> set[str]:
    """Return those of ``texts`` that hold one of ``words``, in upper or lower case."""
    joined = _BETWEEN.join(texts).lower()
    present = [w for w in words if w in joined]
    if not present:
        return set()
    if joined.count(_BETWEEN) != len(texts) - 1:
        return {t for t in texts if any(w in t.lower() for w in present)}
    return {texts[i] for word in present for i in _places(word, joined)}


def _places(word: str, joined: str) -> Iterable[int]:
    """Yield the numbers of the texts in ``joined`` that hold ``word``."""
    number = start = 0
    while (place := joined.find(word, start)) >= 0:
        number += joined.count(_BETWEEN, start, place)
        yield number
        start = place + len(word)
