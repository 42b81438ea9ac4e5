# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Find many spellings in a text at once, in time that grows with the text alone."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from mistral_lib.actions import spellings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mistral_lib.actions.spellings import Spelling

__all__ = ["Search", "found"]

#: So many spellings, and no more, are looked for one by one.
_FEW = 64

#: Bytes by which one of many is looked up, as a number; no spelling has fewer.
_GRAM = 4


class _Finder:
    """Spellings, and an index of them by a few characters that each contains."""

    __slots__ = ("_grams", "_spellings")

    def __init__(self) -> None:
        #: By their heads: two secrets may begin alike.
        self._spellings: dict[str, list[Spelling]] = {}
        self._grams: dict[int, list[str]] = {}

    def __len__(self) -> int:
        return len(self._spellings)

    def add(self, spelling: Spelling) -> None:
        head = spelling.head
        if head in self._spellings:
            self._spellings[head].append(spelling)
            return
        self._spellings[head] = [spelling]
        raw = _raw(head)
        # Those in the middle first: tokens of one kind begin alike.
        gram: int = _number(raw, (len(raw) - _GRAM) // 2)[0]
        if gram in self._grams:
            grams = [_number(raw, place)[0] for place in _places(raw)]
            gram = min(grams, key=lambda gram: len(self._grams.get(gram, ())))
        self._grams.setdefault(gram, []).append(head)

    def remove(self, spelling: Spelling) -> None:
        head = spelling.head
        alike = self._spellings[head]
        alike.remove(spelling)
        if alike:
            return
        del self._spellings[head]
        raw = _raw(head)
        gram = next(
            gram
            for place in _places(raw)
            if head in self._grams.get(gram := _number(raw, place)[0], ())
        )
        self._grams[gram].remove(head)
        if not self._grams[gram]:
            del self._grams[gram]

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where spellings begin and end; those of different secrets may overlap."""
        for head in self._heads_in(text):
            start = text.find(head)
            alike = tuple(self._spellings.get(head, ()))
            while start >= 0 and alike:
                end = start + max(spelling.length_in(text, start) for spelling in alike)
                yield start, end
                start = text.find(head, end)

    def _heads_in(self, text: str) -> list[str]:
        # Copies, since another thread may begin or end a run meanwhile.
        if len(self._spellings) > _FEW:
            grams = self._grams_in(text)
            heads = [head for gram in grams for head in tuple(self._grams.get(gram, ()))]
        else:
            heads = list(self._spellings)
        return [head for head in heads if head in text]

    def _grams_in(self, text: str) -> set[int]:
        raw = _raw(text)
        known = self._grams.keys()
        grams: set[int] = set()
        for shift in range(_GRAM):
            size = (len(raw) - shift) // _GRAM * _GRAM
            grams |= known & memoryview(raw)[shift : shift + size].cast("I")
        return grams


def _raw(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _places(raw: bytes) -> Iterator[int]:
    """Yield where a gram may be taken: in the middle, at the end, towards and at the beginning."""
    last = len(raw) - _GRAM
    yield last // 2
    yield from (last, last // 4, 0)


#: The number that four bytes make: the same as a memoryview of them says.
_number = struct.Struct("I").unpack_from


class Search:
    """Finds the secrets that were added, in every spelling."""

    __slots__ = ("_collapsed", "_literal", "_reduced", "_unescaped")

    def __init__(self) -> None:
        self._reduced = _Finder()
        #: What can't be reduced.
        self._collapsed = _Finder()
        #: Both as they stand: in any text, and where escapes around may take a part of them.
        self._unescaped = _Finder()
        self._literal = _Finder()

    def __len__(self) -> int:
        return sum(map(len, (self._reduced, self._literal, self._collapsed, self._unescaped)))

    def add(self, text: str, *, encoded: bool = True) -> list[tuple[_Finder, Spelling]]:
        """Search for a text; return its spellings, each with what it can be removed from.

        :param encoded: search for it in base64 and hexadecimal too.
        """
        added = []
        if encoded:
            added += [(self._reduced, spelling) for spelling in spellings.encodings(text)]
        if in_reduced := [(self._reduced, spelling) for spelling in spellings.in_reduced(text)]:
            # At its ends, reducing would leave them out of what is found.
            has_quotes = spellings.is_quoting(text[0]) or spellings.is_quoting(text[-1])
            finder = self._unescaped if has_quotes else self._literal
            added.append((finder, spellings.literal(text)))
            added += in_reduced
        else:
            added += [(self._unescaped, spelling) for spelling in spellings.listed(text)]
            added += [(self._collapsed, spelling) for spelling in spellings.in_collapsed(text)]
        for finder, spelling in added:
            finder.add(spelling)
        return added


def found(text: str, searches: Iterable[Search]) -> list[tuple[int, int]]:
    """Return where ``text`` holds what is searched for: beginnings and ends, in order."""
    searches = list(searches)
    spans = [span for search in searches for span in search._unescaped.spans(text)]
    if spellings.has_escapes(text):
        spans += [span for search in searches for span in search._literal.spans(text)]
    short = spellings.reduced(text)
    in_reduced = [span for search in searches for span in search._reduced.spans(short)]
    in_collapsed: list[tuple[int, int]] = []
    if any(search._collapsed for search in searches):
        short = spellings.collapsed(text)
        in_collapsed = [span for search in searches for span in search._collapsed.spans(short)]
    if in_reduced or in_collapsed:
        origins = spellings.Origins(text)
        if in_reduced:
            starts, ends = origins.reduced()
            spans += [(starts[start], ends[end - 1]) for start, end in in_reduced]
        if in_collapsed:
            starts, ends = origins.collapsed()
            spans += [(starts[start], ends[end - 1]) for start, end in in_collapsed]
    return _merged(spans) if len(spans) > 1 else spans


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return spans in order, those that overlap as one."""
    spans.sort()
    merged = [spans[0]]
    for start, end in spans[1:]:
        last = merged[-1]
        if start < last[1]:
            merged[-1] = last[0], max(last[1], end)
        else:
            merged.append((start, end))
    return merged
