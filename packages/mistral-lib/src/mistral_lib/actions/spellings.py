# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The ways in which text writes a secret: quoted, escaped, encoded.

They are too many to list, and they nest. So text is *reduced* before it is searched: escapes are
decoded, however often they were applied, and what quoting adds (quotes, backslashes, white space)
is left out. All escaped spellings of a secret reduce to the same characters. What remains to be
listed are encodings of the whole: base64, of which both alphabets reduce to one, and hexadecimal.
"""

from __future__ import annotations

import functools
import re
import sys
from binascii import b2a_base64
from typing import TYPE_CHECKING

from mistral_lib.actions import sources

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = [
    "Origins",
    "Spelling",
    "collapsed",
    "encodings",
    "has_escapes",
    "in_collapsed",
    "in_reduced",
    "is_quoting",
    "listed",
    "literal",
    "reduced",
]

#: Characters of a secret that are searched for; where they are, the rest of it is compared.
_HEAD = 128

#: Secrets of which reducing leaves less occur by chance.
_SHORTEST = 6
_SHORTEST_COLLAPSED = 4
#: Base64 hardly does: its letters are of both cases.
_SHORTEST_BASE64 = 4

#: Escapes inside escapes that are decoded, at most; backslashes and "%25" count once in any number.
_DEEPEST = 6

_ESCAPE = re.compile(
    r"""
      (?<!\\)\\+ (?: u \{ ([0-9a-fA-F]{1,6}) \}
            | u ([0-9a-fA-F]{4}) | U ([0-9a-fA-F]{8}) | x ([0-9a-fA-F]{2})
            | ([1-3][0-7]{2}) | ([abeEfnrtv0]) | \r?\n [ \t]* )
    | % (?:25)* ([0-9a-fA-F]{2})
    | & (?:amp;)* (?: \#[xX] ([0-9a-fA-F]{1,6}) | \# ([0-9]{1,7}) | ([a-zA-Z][a-zA-Z0-9]{1,30}) ) ;
    | ([\ud800-\udbff][\udc00-\udfff])
    | \x1b \[ [0-?]* [\ -/]* [@-~]
    """,
    re.VERBOSE,
)
#: The groups of the pattern.
_HEXADECIMAL, _OCTAL, _LETTER, _DECIMAL, _ENTITY, _PAIR = (1, 2, 3, 4, 7, 8), 5, 6, 9, 10, 11

_LETTERS = {
    "a": "\a",
    "b": "\b",
    "e": "\x1b",
    "E": "\x1b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "0": "\0",
}

#: What quoting adds, beside white space: "`" in PowerShell. "+" is a space in a form, and "-" what
#: stands for it in base64 for URLs, which has "_" for "/".
_QUOTING = "\\'\"`+-"

_QUOTES = re.compile("['\"]+")
_SPACES = re.compile(r"[\s+]+")


def has_escapes(text: str) -> bool:
    """Tell whether ``text`` may hold escapes that :func:`reduced` and :func:`collapsed` decode."""
    return "\\" in text or "%" in text or "&" in text or "\x1b" in text


def is_quoting(char: str) -> bool:
    """Tell whether reducing leaves a character out."""
    return char in _QUOTING or char.isspace()


def reduced(text: str) -> str:
    """Return ``text`` with its escapes decoded, and without quotes, backslashes and white space.

    Nor has it "+" and "-", and "/" stands for "_": what the alphabets of base64 differ in.
    """
    text = "".join(_decoded(text).split())
    for char in _QUOTING:
        text = text.replace(char, "")
    return text.replace("_", "/")


def collapsed(text: str) -> str:
    """Return ``text`` with its escapes decoded, and one for many quotes; no backslashes, no "`".

    The same holds for white space. It tells secrets apart that consist of little else.
    """
    text = _decoded(text).replace("\\", "").replace("`", "")
    return _SPACES.sub(" ", _QUOTES.sub("'", text))


def _decoded(text: str) -> str:
    if has_escapes(text):
        for _ in range(_DEEPEST):
            decoded = _ESCAPE.sub(_meaning, text)
            if decoded == text:
                # There are none, or such as "&x1;" that stand for themselves.
                break
            text = decoded
    return text


class Origins:
    """Where the characters of a reduced or collapsed text come from."""

    def __init__(self, text: str) -> None:
        starts: Sequence[int] = range(len(text))
        ends: Sequence[int] = range(1, len(text) + 1)
        for _ in range(_DEEPEST if has_escapes(text) else 0):
            pieces: list[str] = []
            new_starts: list[int] = []
            new_ends: list[int] = []
            at = 0
            for match in _ESCAPE.finditer(text):
                start, end = match.span()
                meaning = _meaning(match)
                pieces += text[at:start], meaning
                new_starts += [*starts[at:start], *(starts[start] for _ in meaning)]
                new_ends += [*ends[at:start], *(ends[end - 1] for _ in meaning)]
                at = end
            if not at:
                break
            text = "".join((*pieces, text[at:]))
            starts, ends = [*new_starts, *starts[at:]], [*new_ends, *ends[at:]]
        self._decoded, self._starts, self._ends = text, starts, ends

    def reduced(self) -> tuple[list[int], list[int]]:
        """Return where each character of the reduced text begins and ends."""
        text, starts, ends = self._decoded, self._starts, self._ends
        kept = [i for i, char in enumerate(text) if not (char in _QUOTING or char.isspace())]
        return [starts[i] for i in kept], [ends[i] for i in kept]

    def collapsed(self) -> tuple[list[int], list[int]]:
        """Return where each character of the collapsed text begins and ends."""
        starts: list[int] = []
        ends: list[int] = []
        last = ""
        for i, char in enumerate(self._decoded):
            if char in "\\`":
                continue
            kind = "'" if char in "'\"" else " " if char == "+" or char.isspace() else ""
            if kind and kind == last:
                ends[-1] = self._ends[i]
            else:
                starts.append(self._starts[i])
                ends.append(self._ends[i])
            last = kind
        return starts, ends


def _meaning(match: re.Match[str]) -> str:
    """Return what an escape stands for; bytes become the characters of the same numbers."""
    kind = match.lastindex
    if kind is None:
        # It colours a terminal, or folds a line, by the last backslash.
        return match[0].partition("\n")[0].rstrip("\r")[1:] if match[0][0] == "\\" else ""
    digits = match[kind]
    if kind == _LETTER:
        return _LETTERS[digits]
    if kind == _ENTITY:
        return _named_character(digits)
    if kind == _PAIR:
        return digits.encode("utf-16", "surrogatepass").decode("utf-16")
    number = int(digits, 16 if kind in _HEXADECIMAL else 8 if kind == _OCTAL else 10)
    return chr(number) if number <= sys.maxunicode else match[0]


@functools.lru_cache(maxsize=256)
def _named_character(name: str) -> str:
    # Heavy to load: a table of two thousand names.
    from html import entities

    return entities.html5.get(f"{name};", f"&{name};")


class Spelling:
    """One spelling of a secret, which is searched for by its beginning.

    :param head: what is searched for.
    :param form: makes the whole of ``text`` in this spelling, when the head was found.
    """

    __slots__ = ("_form", "_text", "_whole", "head")

    def __init__(self, head: str, form: Callable[[str], str], text: str) -> None:
        self.head = head
        self._form = form
        self._text = text
        self._whole: str | None = None

    def length_in(self, text: str, start: int) -> int:
        """Return for how many characters from ``start`` on, where the head is, ``text`` is it."""
        if self._whole is None:
            self._whole = self._form(self._text)
        whole = self._whole
        if text.startswith(whole, start):
            return len(whole)
        same, least = len(self.head), min(len(whole), len(text) - start)
        while same < least:
            middle = (same + least + 1) // 2
            if text.startswith(whole[same:middle], start + same):
                same = middle
            else:
                least = middle - 1
        return same


def literal(text: str) -> Spelling:
    """Return what finds a secret in text as it stands."""
    return Spelling(text[:_HEAD], str, text)


def in_reduced(text: str) -> Iterator[Spelling]:
    """Yield what finds a secret, escaped and quoted, in reduced text.

    Nothing does if reducing leaves too little of it.
    """
    short = _head_of(text, reduced)
    if len(short) < _SHORTEST or sources.is_everyday(short):
        return
    yield Spelling(short, reduced, text)
    if not text.isascii():
        spelt = _head_of(text, _reduced_bytes)
        if len(spelt) >= _SHORTEST:
            yield Spelling(spelt, _reduced_bytes, text)


def in_collapsed(text: str) -> Iterator[Spelling]:
    """Yield what finds a secret that can't be reduced, escaped and quoted, in collapsed text."""
    for form in (_collapsed_text, _collapsed_bytes):
        spelt = _head_of(text, form)
        if len(spelt) >= _SHORTEST_COLLAPSED:
            yield Spelling(spelt, form, text)


def _head_of(text: str, form: Callable[[str], str]) -> str:
    spelt = form(text[:_HEAD])
    # The cut may have gone through an escape.
    return spelt if len(text) <= _HEAD else spelt[: len(spelt) // 2]


def listed(text: str) -> Iterator[Spelling]:
    """Yield what finds a secret of quotes alone, in the usual spellings, in text."""
    for spelt in dict.fromkeys(_usual_spellings(text[:_HEAD])):
        if len(spelt) >= _SHORTEST_COLLAPSED:
            yield Spelling(spelt[:_HEAD], str, spelt)


def encodings(text: str) -> Iterator[Spelling]:
    """Yield what finds base64 and hexadecimal forms of a secret in reduced text.

    Base64 depends on what stands before. The characters that share bits with a neighbour differ
    from text to text, and are not searched for.
    """
    raw = _raw(text[:_HEAD])
    for shift, form in enumerate(_BASE64_FORMS):
        core = b2a_base64(_SHIFTS[shift] + raw, newline=False).decode()[_SHARED[shift] :]
        bare = core.rstrip("=")
        if (shift + len(raw)) % 3:
            bare = bare[:-1]
        if shift or len(bare) >= _SHORTEST_BASE64:
            core = bare
        head = core.replace("+", "")
        if len(head) >= _SHORTEST_BASE64:
            yield Spelling(head, form, text)
    head = raw.hex()
    yield Spelling(head, _hexadecimal, text)
    yield Spelling(head.upper(), _capital_hexadecimal, text)


#: Bytes before the secret, and the characters of base64 that they have a part in.
_SHIFTS = (b"", b"\0", b"\0\0")
_SHARED = (0, 2, 3)


def _base64(shift: int, text: str) -> str:
    encoded = b2a_base64(_SHIFTS[shift] + _raw(text), newline=False).decode()
    return encoded[_SHARED[shift] :].replace("+", "")


_BASE64_FORMS = [functools.partial(_base64, shift) for shift in range(3)]


def _reduced_bytes(text: str) -> str:
    """Reduce text other than ASCII as URLs and Python's ``repr`` of bytes write it."""
    return reduced(_raw(text).decode("latin-1"))


def _collapsed_text(text: str) -> str:
    return collapsed(text).strip()


def _collapsed_bytes(text: str) -> str:
    return collapsed(_raw(text).decode("latin-1")).strip()


def _hexadecimal(text: str) -> str:
    return _raw(text).hex()


def _capital_hexadecimal(text: str) -> str:
    return _raw(text).hex().upper()


def _raw(text: str) -> bytes:
    try:
        # What was bytes that are not UTF-8 becomes these bytes again.
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _usual_spellings(text: str) -> Iterator[str]:
    import html
    import json
    import shlex
    from urllib import parse

    yield text
    yield repr(text)[1:-1]
    yield ascii(text)[1:-1]
    yield repr(_raw(text))[2:-1]
    for ascii_only in (True, False):
        spelt = text
        for _ in range(3):
            spelt = json.dumps(spelt, ensure_ascii=ascii_only)[1:-1]
            yield spelt
    yield shlex.quote(text).strip("'")
    yield text.replace("'", "'\\''")
    yield text.replace("'", "''")
    yield text.replace('"', '""')
    yield re.sub(r"(\W)", r"\\\1", text)
    yield html.escape(text)
    yield html.escape(text, quote=False)
    yield html.escape(text).replace("&#x27;", "&#39;")
    yield html.escape(text).replace("&#x27;", "&apos;")
    for quote in (parse.quote, parse.quote_plus):
        for safe in ("", "/", "!'()*~", ";,/?:@&=+$!'()*~#"):
            once = quote(_raw(text), safe=safe)
            yield once
            yield re.sub("%..", lambda match: match[0].lower(), once)
            yield parse.quote(once, safe="")
