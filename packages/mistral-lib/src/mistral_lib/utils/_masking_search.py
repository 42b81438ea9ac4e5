# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Searching a value for the key words of secrets that ``oslo_utils.strutils`` knows."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple

from mistral_lib.utils import _groups

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

__all__ = ["Found", "search"]

_PLAIN = frozenset({str, int, bool, float, type(None)}) | _groups.CONTAINERS
#: Stands between strings that are searched as one. No key word has it.
_BETWEEN = "\0"
#: Characters up to which a search is over before it is prepared.
_SHORT = 1000


class Found(NamedTuple):
    """What of a value may have to be masked."""

    names: frozenset[Any]
    """Keys of dictionaries that hold a key word."""
    texts: Collection[str]
    """Strings, other than keys, that hold one."""
    is_plain: bool
    """There are only dictionaries with str keys, lists, tuples, str, numbers, bool and None."""


class _Words(NamedTuple):
    words: tuple[tuple[str, bytes], ...]
    """The key words, without those that contain another, as text and as bytes."""
    foreign: bytes
    """The ASCII characters that no key word has."""


def search(obj: Any) -> Found | None:
    """Search all of ``obj`` that is made of dictionaries, lists, tuples and strings.

    None where that is not possible: oslo.utils keeps no list of key words, or ``obj`` is nested
    too deeply.
    """
    key_words = _key_words()
    if not key_words.words:
        return None
    keys: set[Any] = set()
    texts: set[str] = set()
    types: set[type] = set()
    if not _gather(obj, keys, texts, types):
        return None
    names = [k for k in keys if isinstance(k, str)]
    return Found(
        names=frozenset(_holding(key_words, names)),
        texts=_holding(key_words, list(texts)),
        is_plain=types <= _PLAIN and set(map(type, keys)) <= {str},
    )


@functools.cache
def _key_words() -> _Words:
    """Return oslo.utils' key words; none if it keeps no such list."""
    from oslo_utils import strutils

    known = getattr(strutils, "_SANITIZE_KEYS", None)
    if not isinstance(known, (list, tuple)) or not all(
        isinstance(w, str) and w and w.isascii() and w == w.lower() and _BETWEEN not in w
        for w in known
    ):
        return _Words((), b"")
    letters = set().union(*known)
    return _Words(
        words=tuple((w, w.encode()) for w in known if not any(o != w and o in w for o in known)),
        foreign=bytes(i for i in range(128) if chr(i) not in letters),
    )


def _gather(obj: Any, keys: set[Any], texts: set[str], types: set[type]) -> bool:
    """Gather all keys, all other strings, and the types of all values.

    False where nesting has no end in sight.
    """
    waiting: list[tuple[list[Any], list[Any], int]] = [([], [(obj,)], 0)]
    while waiting:
        dicts, sequences, depth = waiting.pop()
        if depth > _groups.MAX_DEPTH:
            return False
        if dicts:
            keys.update(_groups.keys(dicts))
        for column in _groups.columns(dicts, sequences):
            kinds = _groups.kinds_of(column)
            types |= kinds
            if str in kinds:
                texts.update(column if len(kinds) == 1 else [c for c in column if type(c) is str])
            if not kinds.isdisjoint(_groups.CONTAINERS):
                waiting.append((*_groups.nested(column, kinds), depth + 1))
    return True


def _holding(key_words: _Words, texts: Sequence[str]) -> set[str]:
    """Return those of ``texts`` that hold a key word, in upper or lower case."""
    joined = _BETWEEN.join(texts).lower()
    if len(joined) < _SHORT:
        words = [w for w, _ in key_words.words if w in joined]
    else:
        # Without the characters that don't matter the search takes half the time.
        bare = joined.encode("utf-8", "surrogatepass").translate(None, key_words.foreign)
        words = [w for w, w_bytes in key_words.words if w_bytes in bare and w in joined]
    if not words:
        return set()
    if joined.count(_BETWEEN) != len(texts) - 1:
        return {t for t in texts if any(w in t.lower() for w in words)}
    return {texts[i] for word in words for i in _places(word, joined)}


def _places(word: str, joined: str) -> Iterator[int]:
    """Yield the numbers of the texts in ``joined`` that hold ``word``."""
    number = start = 0
    while (place := joined.find(word, start)) >= 0:
        number += joined.count(_BETWEEN, start, place)
        yield number
        start = place + len(word)
