# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Masking the secrets inside a text by oslo.utils' own patterns, at a fraction of their time.

oslo.utils searches the whole text with a dozen patterns for each key word in it. But a pattern can
only match around the key word, and only where that is followed by what the pattern says next: so
that is looked at first, and most searches need not be made.
"""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

__all__ = ["MASK", "key_words", "mask_text"]

#: What stands in place of a secret.
MASK = "***"

#: The tables of patterns by key word that oslo.utils has, and what it puts in place of a match.
_TABLES = {
    "_SANITIZE_PATTERNS_2": rf"\g<1>{MASK}\g<2>",
    "_SANITIZE_PATTERNS_1": rf"\g<1>{MASK}",
    "_SANITIZE_PATTERNS_WILDCARD": r"\g<1>",
}


class _Rule(NamedTuple):
    """What is substituted, and by what."""

    pattern: re.Pattern[str]
    template: str
    tail: re.Pattern[str]
    """The pattern from the key word on: where it does not match, the pattern does not."""


def mask_text(text: str) -> str:
    """Return ``text`` as ``oslo_utils.strutils.mask_password`` does."""
    words = key_words()
    if not words:
        from oslo_utils import strutils

        return strutils.mask_password(text, MASK)
    lower = text.lower()
    for word in words:
        if word in lower:
            masked = _mask_around(word, text, lower)
            if masked is not text:
                text, lower = masked, masked.lower()
    return text


@functools.cache
def key_words() -> tuple[str, ...]:
    """Return oslo.utils' key words, in its order; none if it is not made as is known here."""
    from oslo_utils import strutils

    words = getattr(strutils, "_SANITIZE_KEYS", None)
    if not isinstance(words, (list, tuple)) or not all(map(_is_key_word, words)):
        return ()
    tables = {n: t for n, t in vars(strutils).items() if n.startswith("_SANITIZE_PATTERNS")}
    # What a table unknown here is for can't be known.
    if tables.keys() != _TABLES.keys() or any(
        word not in pattern.pattern
        for word in words
        for table in tables.values()
        for pattern in table.get(word, ())
    ):
        return ()
    return tuple(words)


def _is_key_word(word: object) -> bool:
    return isinstance(word, str) and word.isascii() and word.isidentifier() and word == word.lower()


@functools.cache
def _rules(word: str) -> tuple[_Rule, ...]:
    """Return what oslo.utils does to a text with this key word, in its order."""
    from oslo_utils import strutils

    return tuple(
        _Rule(pattern, template, _tail(pattern, word))
        for table, template in _TABLES.items()
        for pattern in getattr(strutils, table)[word]
    )


#: Matches anywhere, in place of what can't be told.
_ANYTHING = re.compile("")


def _tail(pattern: re.Pattern[str], word: str) -> re.Pattern[str]:
    """Return the pattern without what it wants before the key word."""
    before, _, after = pattern.pattern.partition(word)
    # It has to be one thing after another: a group that begins with something whole and the word,
    # no alternatives, and nothing that refers to other parts.
    if before[:1] != "(" or re.search(r"[(|)]", before[1:]) or not _is_whole(before[1:]):
        return _ANYTHING
    if re.match(r"[*+?{]", after) or re.search(r"\||\\\d|\(\?", after):
        return _ANYTHING
    return re.compile(f"({word}{after}", pattern.flags)


def _is_whole(source: str) -> bool:
    try:
        re.compile(source)
    except re.error:
        return False
    return True


def _mask_around(word: str, text: str, lower: str) -> str:
    places = _places(word, text, lower)
    for pattern, template, tail in _rules(word):
        for place in places:
            if tail.match(text, place):
                text = pattern.sub(template, text)
                places = _places(word, text, text.lower())
                break
    return text


def _places(word: str, text: str, lower: str) -> list[int]:
    """Return where in ``text`` a pattern may find the key word."""
    if not text.isascii():
        # There are letters that only a pattern takes for an ASCII one.
        return [found.start() for found in re.finditer(f"(?={word})", text, re.IGNORECASE)]
    places = []
    place = lower.find(word)
    while place >= 0:
        places.append(place)
        place = lower.find(word, place + 1)
    return places
