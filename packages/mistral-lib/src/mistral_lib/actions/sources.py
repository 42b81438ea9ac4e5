# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Which texts a secret value consists of, and which of them are worth looking for.

A value may be data that holds many texts, and a text may be a file, a word of every other log line,
or a token that occurs nowhere else.
"""

from __future__ import annotations

import math
import re
from binascii import a2b_base64
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

__all__ = ["distinctive_texts", "is_everyday", "leaves", "texts"]

#: Values under these lengths occur by chance: masking them everywhere would garble every text.
_SHORTEST = 4
_SHORTEST_OF_ONE_KIND = 6
_WORDS = frozenset(
    """access admin always changeme cinder default disabled enabled example glance guest localhost
    member mistral neutron nobody password passwd production public private project secret service
    string tenant testing undefined unknown username""".split()  # noqa: SIM905 - readable so
)
_LONGEST_WORD = max(map(len, _WORDS))

#: Characters and bits that a value has at least that others' texts hold by design, not by chance.
_DISTINCTIVE_LENGTH = 8
_DISTINCTIVE_BITS = 28

#: So many different characters make more bits than that.
_MANY = 10

#: So many different characters does no word of a language have.
_MANY_OF_BASE64 = 30

#: Characters by which such a value is judged.
_JUDGED = 128

_DIGIT = re.compile(r"\d")
_LETTER = re.compile(r"[^\W\d_]")

#: What base64, hexadecimal and most tokens consist of.
_WORD = re.compile(r"[A-Za-z0-9+/_-]{20,}={0,2}")
_HEXADECIMAL = re.compile(r"[0-9a-f]{32,}|[0-9A-F]{32,}")


#: Containers and objects that are looked into: an attribute may lead to half of a process.
_MOST_CONTAINERS = 10_000

#: Lines and random words of a longer text that are secrets by themselves, at most.
_MOST_LINES = 500
_MOST_WORDS = 250

#: Shorter lines of a file stand in other texts too.
_SHORTEST_LINE = 16

#: Characters of base64 that is decoded.
_LONGEST_BASE64 = 8192

_BASE64 = re.compile("[A-Za-z0-9+/]+={0,2}")

_HEX = frozenset("0123456789abcdef")


def leaves(value: Any) -> Iterator[str | bytes | int | float]:
    """Yield the text, bytes and numbers in ``value`` that are more than an everyday word."""
    if isinstance(value, str):
        # First, and without more ado: tokens are.
        if not is_everyday(value):
            yield value
        return
    waiting, seen = [value], set[int]()
    while waiting and len(seen) < _MOST_CONTAINERS:
        part = waiting.pop()
        if isinstance(part, str):
            if not is_everyday(part):
                yield part
        elif isinstance(part, (bytes, bytearray)):
            yield bytes(part)
        elif isinstance(part, (int, float)):
            if not isinstance(part, bool):
                yield part
        elif part is not None and id(part) not in seen:
            seen.add(id(part))
            waiting.extend(_inside(part))


def _inside(value: Any) -> Iterable[Any]:
    """Return what is inside a container or an object; of one that hides it, its text."""
    if isinstance(value, Mapping):
        return list(value.values())
    if isinstance(value, (Sequence, Set)):
        return list(value)
    fields = getattr(value, "__dict__", None)
    if isinstance(fields, dict):
        return list(fields.values())
    try:
        return [str(value)]
    except Exception:
        # Nothing can print it, then.
        return ()


def texts(leaf: str | bytes | int | float) -> Iterator[str]:
    """Yield every text by which a secret may go.

    Beside the text itself these are, of several lines, the long ones and those that look like a
    secret, and its random words; what base64 stands for; and both forms of a UUID.
    """
    text = _text(leaf)
    bare = text.strip()
    yield text
    if bare != text:
        yield bare
    if "\n" in bare:
        yield from islice(_telling_lines(bare), _MOST_LINES)
        yield from islice(_random_words(bare), _MOST_WORDS)
    if isinstance(leaf, str):
        yield _text(_decoded(bare))
        yield from _uuids(bare)


def distinctive_texts(leaf: str | bytes | int | float) -> Iterator[str]:
    """Yield those texts of a secret that look like one to somebody who does not know it."""
    text = _text(leaf).strip()
    if _is_distinctive(text):
        yield text
    else:
        yield from islice(_random_words(text), _MOST_WORDS)


def _text(leaf: str | bytes | int | float) -> str:
    if isinstance(leaf, bytes):
        return leaf.decode("utf-8", "surrogateescape")
    return str(leaf)


def _telling_lines(text: str) -> Iterator[str]:
    """Yield the lines of a text but for the armour of keys ("-----BEGIN ...")."""
    for line in text.splitlines():
        bare = line.strip()
        if not bare.startswith("-----") and (len(bare) >= _SHORTEST_LINE or _is_distinctive(bare)):
            yield bare


def _decoded(text: str) -> bytes:
    """Return the bytes that base64 text stands for, as a parameter of that type comes in JSON."""
    if len(text) % 4 or not _SHORTEST_OF_ONE_KIND <= len(text) <= _LONGEST_BASE64:
        return b""
    if _HEX.issuperset(text):
        # Digits of a number rather than base64, and common.
        return b""
    return a2b_base64(text) if _BASE64.fullmatch(text) else b""


def _uuids(text: str) -> Iterator[str]:
    """Yield how else a UUID is written: as a type it forgets how it came."""
    digits = text.replace("-", "").lower() if len(text) in (32, 36) else ""
    if len(digits) == 32 and _HEX.issuperset(digits):
        parts = digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]
        for spelt in (digits, "-".join(parts)):
            yield spelt
            yield spelt.upper()


def is_everyday(text: str) -> bool:
    """Tell whether a text is so short or so common that it stands in every log."""
    if len(text) < _SHORTEST:
        return True
    if len(text) < _SHORTEST_OF_ONE_KIND and (text.isalpha() or text.isdigit()):
        return True
    return text.isspace() or (len(text) <= _LONGEST_WORD and text.lower() in _WORDS)


def _is_distinctive(text: str) -> bool:
    """Tell whether a text looks like a secret, to somebody who does not know that it is one.

    It has no white space, 8 characters or more, letters and digits (or bytes that are not text),
    is no path, and does not repeat itself: 28 bits or more by its characters' frequencies.
    """
    text = text[:_JUDGED]
    if len(text) < _DISTINCTIVE_LENGTH or len(text.split(None, 1)) != 1 or text[-1].isspace():
        return False
    if text[0] == "/":
        return False
    if text.isprintable() and not (_DIGIT.search(text) and _LETTER.search(text)):
        return False
    if len(set(text)) > _MANY:
        return True
    size = len(text)
    return sum(n * math.log2(size / n) for n in Counter(text).values()) >= _DISTINCTIVE_BITS


def _random_words(text: str) -> Iterator[str]:
    """Yield the words of a text that look random: keys, tokens, lines of base64.

    They have 20 characters or more, capitals, small letters and digits (of each kind two, or 30
    different characters in all), or 32 hexadecimal digits.
    """
    return (match[0] for match in _WORD.finditer(text) if _is_random(match[0]))


def _is_random(word: str) -> bool:
    if _HEXADECIMAL.fullmatch(word):
        return not word.isdigit() and not word.isalpha()
    if len(set(word)) >= _MANY_OF_BASE64:
        # A line of a key may well lack digits, or capitals.
        return True
    kinds = (str.isdigit, str.islower, str.isupper)
    return all(sum(map(kind, word)) > 1 for kind in kinds)
