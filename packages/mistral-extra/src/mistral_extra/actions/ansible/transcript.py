# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The text that a command printed, as much of it as a workflow can use."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mistral_lib.actions import Masker

__all__ = ["Transcript", "shortened"]

#: Characters that are kept of each end.
_KEPT = 32_000

#: Characters that are masked at a time.
_BLOCK = 65_536

#: How far in front of a block's end it may be divided, in characters.
_DIVISIONS = (0, 512, 2_048, 8_192, 16_384, 32_768)


class Transcript:
    """A file to write text to that keeps the beginning and the end, without secrets.

    :param masker: for what is written: in what is cut already, a piece of a secret may be left.
    """

    def __init__(self, masker: Masker) -> None:
        self._masker = masker
        #: Not masked yet: a secret may go on in what is written next, as base64 in lines does.
        self._pending: list[str] = []
        self._size = 0
        self._head = ""
        self._tail = ""
        self._written = 0

    def write(self, text: str) -> int:
        """Take more text."""
        self._pending.append(text)
        self._size += len(text)
        if self._size > _BLOCK:
            done, rest = self._divided("".join(self._pending))
            self._keep(done)
            self._pending, self._size = [rest], len(rest)
        return len(text)

    def _divided(self, text: str) -> tuple[str, str]:
        """Return masked text, and what is to be masked with what follows."""
        masked = self._masker.text
        whole = masked(text)
        for distance in _DIVISIONS:
            end = text.rfind("\n", 0, len(text) - distance) + 1 or len(text) - distance
            # Where no secret lies across, both parts by themselves are the same.
            if 0 < end < len(text) and (done := masked(text[:end])) + masked(text[end:]) == whole:
                return done, text[end:]
        return whole, ""

    def _keep(self, text: str) -> None:
        self._written += len(text)
        room = _KEPT - len(self._head)
        self._head += text[:room]
        self._tail = (self._tail + text[room:])[-_KEPT:]

    def flush(self) -> None:
        """Do nothing: what is written is kept."""

    def close(self) -> None:
        """Do nothing: what was written remains."""

    def __str__(self) -> str:
        self._keep(self._masker.text("".join(self._pending)))
        self._pending, self._size = [], 0
        return _joined(self._head, self._tail, self._written)


def shortened(text: str, kept: int) -> str:
    """Return ``text``; of a long one, ``kept`` characters of each end and a note between them."""
    return text if len(text) <= 2 * kept else _joined(text[:kept], text[-kept:], len(text))


def _joined(head: str, tail: str, length: int) -> str:
    cut = length - len(head) - len(tail)
    return f"{head}\n[... {cut} characters cut here ...]\n{tail}" if cut else head + tail
