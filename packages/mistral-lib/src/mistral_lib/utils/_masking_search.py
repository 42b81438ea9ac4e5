# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Masking large values: all strings are searched for key words at once.

What holds none is copied by msgspec, at the speed of C, and the copy is corrected in the few places
where something is secret.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple

from mistral_lib.utils import _groups, _masking_text
from mistral_lib.utils._masking_text import MASK

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

__all__ = ["Found", "masked_copy", "search"]

#: Values of these types alone are copied as they are.
_PLAIN = frozenset({str, int, bool, float, type(None), dict, list})
_STR = frozenset({str})
#: Stands between strings that are searched as one. No key word has it.
_BETWEEN = "\0"
#: Characters up to which a search is over before it is prepared.
_SHORT = 1000


class Found(NamedTuple):
    """What of a value has to be masked."""

    names: set[str]
    """Keys of dictionaries that hold a key word."""
    texts: set[str]
    """Strings, other than keys, that hold one."""
    place: Place | None
    """The value as a place; None where nothing has to be masked."""


class Place(NamedTuple):
    """Dictionaries and lists of a value to which the same keys lead."""

    has_names: bool
    has_texts: bool
    inner: list[tuple[Any, Place]]
    """Which keys lead on to what has to be masked; :data:`_groups.EVERY` stands for all keys."""


def masked_copy(obj: dict[str, Any] | list[Any]) -> Any:
    """Return a copy of ``obj``, masked as what stands in a dictionary is.

    None where the search can't tell what to mask: see :func:`search`.
    """
    found = search(obj)
    if found is None:
        return None
    import msgspec

    copy = msgspec.to_builtins(obj)
    if found.place is not None:
        _correct(copy, found, found.place)
    return copy


def search(obj: Any) -> Found | None:
    """Search all of ``obj`` for key words.

    None where that is not possible: oslo.utils keeps no list of key words, or ``obj`` is nested
    too deeply or not made of dictionaries with str keys, lists, str, numbers, bool and None alone.
    """
    words = _words()
    if not words.words:
        return None
    contents = _gather(obj)
    if contents is None:
        return None
    names = _holding(words, list(set().union(*(c.keys for c in contents))))
    texts = _holding(words, list(set().union(*(c.texts for c in contents))))
    return Found(names, texts, _place(contents[0], names, texts) if names or texts else None)


class _Content:
    """What a place holds."""

    __slots__ = ("columns", "inner", "keys", "texts")

    def __init__(self) -> None:
        self.keys: set[str] = set()
        self.texts: set[str] = set()
        #: What is in it, by the key that seems to lead there from here; and the columns it is from.
        self.inner: dict[Any, _Content] = {}
        self.columns: list[_groups.Column] = []


def _gather(obj: Any) -> list[_Content] | None:
    """Return what all places of ``obj`` hold, its own first.

    None where it is not plain, or nesting has no end in sight.
    """
    contents = [_Content()]
    waiting: list[tuple[list[Any], list[Any], _Content, int]] = [([], [(obj,)], contents[0], 0)]
    while waiting:
        dicts, lists, here, depth = waiting.pop()
        if depth > _groups.MAX_DEPTH:
            return None
        if dicts:
            keys = _groups.keys(dicts)
            if not set(map(type, keys)) <= _STR:
                return None
            here.keys.update(keys)
        for column in _groups.columns(dicts, lists):
            values, key, _ = column
            kinds = _groups.kinds_of(values)
            if not kinds <= _PLAIN:
                return None
            if str in kinds:
                here.texts.update(_strings(values, kinds))
            if not kinds.isdisjoint(_groups.CONTAINERS):
                if key not in here.inner:
                    here.inner[key] = _Content()
                    contents.append(here.inner[key])
                here.inner[key].columns.append(column)
                nested = _groups.nested(values, kinds)
                waiting.append((*nested, here.inner[key], depth + 1))
    return contents


def _strings(values: Collection[Any], kinds: set[type]) -> Collection[str]:
    return values if len(kinds) == 1 else [v for v in values if type(v) is str]


def _place(content: _Content, names: set[str], texts: set[str]) -> Place | None:
    """Return where in a place names or texts are, None if they are not there."""
    inner = []
    for key, part in content.inner.items():
        place = _place(part, names, texts)
        if place is not None:
            is_exact = all(map(_groups.is_exact, part.columns))
            inner.append((key if is_exact else _groups.EVERY, place))
    place = Place(
        has_names=not names.isdisjoint(content.keys),
        has_texts=not texts.isdisjoint(content.texts),
        inner=inner,
    )
    return place if any(place) else None


def _correct(copy: Any, found: Found, place: Place) -> None:
    """Mask in a copy of the value what was found in it."""
    masked = {text: _masking_text.mask_text(text) for text in found.texts}
    with_names: dict[int, dict[str, Any]] = {}
    with_texts: dict[int, Any] = {}
    waiting: list[tuple[list[Any], Place]] = [([[copy]], place)]
    while waiting:
        containers, place = waiting.pop()
        # More than one way may lead to a container, but twice masked is another text.
        if place.has_texts:
            with_texts.update(zip(map(id, containers), containers, strict=True))
        if place.has_names:
            with_names.update((id(c), c) for c in containers if type(c) is dict)
        waiting.extend((_led_to(containers, key), inner) for key, inner in place.inner)
    for container in with_texts.values():
        _replace_texts(container, masked)
    for named in with_names.values():
        for name in found.names.intersection(named):
            # Even under a secret's name a dictionary is opened.
            if type(named[name]) is not dict:
                named[name] = MASK


def _led_to(containers: list[Any], key: Any) -> list[Any]:
    """Return the dictionaries and lists to which ``key`` leads in ``containers``."""
    parts: list[Any] = []
    for container in containers:
        if key is _groups.EVERY:
            parts.extend(container.values() if type(container) is dict else container)
        elif type(container) is dict and key in container:
            parts.append(container[key])
    return [part for part in parts if type(part) is dict or type(part) is list]


def _replace_texts(container: Any, masked: dict[str, str]) -> None:
    items = container.items() if type(container) is dict else enumerate(container)
    for key, value in items:
        if type(value) is str and value in masked:
            container[key] = masked[value]


class _Words(NamedTuple):
    words: tuple[tuple[str, bytes], ...]
    """The key words, without those that contain another, as text and as bytes."""
    foreign: bytes
    """The ASCII characters that no key word has."""


@functools.cache
def _words() -> _Words:
    known = _masking_text.key_words()
    letters = set().union(*known)
    return _Words(
        words=tuple((w, w.encode()) for w in known if not any(o != w and o in w for o in known)),
        foreign=bytes(i for i in range(128) if chr(i) not in letters),
    )


def _holding(words: _Words, texts: Sequence[str]) -> set[str]:
    """Return those of ``texts`` that hold a key word, in upper or lower case."""
    joined = _BETWEEN.join(texts).lower()
    if len(joined) < _SHORT:
        present = [w for w, _ in words.words if w in joined]
    else:
        # Without the characters that don't matter the search takes half the time.
        bare = joined.encode("utf-8", "surrogatepass").translate(None, words.foreign)
        present = [w for w, as_bytes in words.words if as_bytes in bare and w in joined]
    if not present:
        return set()
    if joined.count(_BETWEEN) != len(texts) - 1:
        return {t for t in texts if any(w in t.lower() for w in present)}
    return {texts[i] for word in present for i in _numbers(word, joined)}


def _numbers(word: str, joined: str) -> Iterator[int]:
    """Yield the numbers of the texts in ``joined`` that hold ``word``."""
    number = start = 0
    while (place := joined.find(word, start)) >= 0:
        number += joined.count(_BETWEEN, start, place)
        yield number
        start = place + len(word)
