# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The ways in which text writes a secret: quoted, escaped, encoded."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator

__all__ = ["UrlQuoted", "broken", "spellings"]

#: Shorter pieces of base64 occur by chance.
_SHORTEST_BASE64 = 6

#: The characters that no encoder of URLs quotes.
_NEVER_QUOTED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-")

#: Where base64 of several lines breaks: itself, or as ``repr`` and JSON write it.
_BREAK = r"((?:\r?\n|(?:\\r)?\\n)[ \t]*)"
_BASE64 = "[A-Za-z0-9+/]"
#: MIME has lines of 76 characters, PEM of 64.
_LINES = rf"(?<!{_BASE64})(?:{_BASE64}{{60,76}}{_BREAK})+{_BASE64}+"


def spellings(text: str) -> Iterator[str]:
    """Yield ``text`` as it is, as Python and JSON write it, and in base64."""
    from json.encoder import encode_basestring, encode_basestring_ascii

    yield text
    yield repr(text)[1:-1]
    yield ascii(text)[1:-1]
    for escape in (encode_basestring, encode_basestring_ascii):
        once = escape(text)[1:-1]
        yield once
        # JSON inside JSON, as the wire has it.
        yield escape(once)[1:-1]
    raw = _raw(text)
    yield repr(raw)[2:-1]
    yield from _base64_spellings(raw)


def _raw(text: str) -> bytes:
    try:
        # What was bytes that are no UTF-8 becomes these bytes again.
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _base64_spellings(raw: bytes) -> Iterator[str]:
    """Yield what base64 makes of ``raw`` alone, and at each of the three places of a longer text.

    The characters that share bits with a neighbour differ from text to text and are left off.
    """
    from binascii import b2a_base64

    whole = b2a_base64(raw, newline=False).decode()
    cores = [whole]
    for shift in range(3):
        encoded = b2a_base64(bytes(shift) + raw, newline=False).decode().rstrip("=")
        tail = 0 if (shift + len(raw)) % 3 == 0 else 1
        cores.append(encoded[(0, 2, 3)[shift] : len(encoded) - tail])
    for core in cores:
        if len(core) >= _SHORTEST_BASE64:
            yield core
            yield core.replace("+", "-").replace("/", "_")


class UrlQuoted:
    """Finds ``text`` URL-quoted, by whatever encoder.

    They differ in what they keep: ``encodeURI`` keeps ``;/?:@&=+$,#``, ``quote_plus`` nothing. So
    each character may be itself or quoted, in either case, and once or several times.
    """

    __slots__ = ("_anchor", "_pattern", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        kept = "".join(c if c in _NEVER_QUOTED else " " for c in text)
        #: What every spelling has in it: compiling a pattern takes long.
        self._anchor = max(kept.split(), key=len, default="")
        self._pattern: re.Pattern[str] | None = None

    def found_in(self, text: str) -> list[str]:
        """Return the spellings in ``text``; none of a secret that no encoder quotes."""
        if self._anchor == self._text or self._anchor not in text:
            return []
        if self._pattern is None:
            self._pattern = _url_pattern(self._text)
        return [match[0] for match in self._pattern.finditer(text)]


def _url_pattern(text: str) -> re.Pattern[str]:
    import re

    quoted = {char: _any_quoting(char) for char in set(text) - _NEVER_QUOTED}
    return re.compile("".join(quoted.get(char) or re.escape(char) for char in text))


def _any_quoting(char: str) -> str:
    import re

    quoted = "".join(f"%(?:25)*{byte:02x}" for byte in _raw(char))
    if char == " ":
        # A form writes "+", which quoted once more is "%2B".
        quoted += r"|\+|%(?:25)*2b"
    return f"(?:{re.escape(char)}|(?i:{quoted}))"


def broken(text: str, needles: Iterable[str]) -> Iterator[str]:
    """Yield those pieces of ``text`` that are a needle but for the line breaks of base64."""
    import re

    # Where each character of the joined lines stands in the block: breaks are every second piece.
    for block in re.finditer(_LINES, text):
        pieces = re.split(_BREAK, block[0])
        at = 0
        places: list[int] = []
        for i, piece in enumerate(pieces):
            if i % 2 == 0:
                places.extend(range(at, at + len(piece)))
            at += len(piece)
        joined = "".join(pieces[::2])
        for needle in needles:
            # The padding at the end is outside the block, and tells nothing.
            start = joined.find(bare) if (bare := needle.rstrip("=")) else -1
            if start >= 0:
                yield block[0][places[start] : places[start + len(bare) - 1] + 1]
