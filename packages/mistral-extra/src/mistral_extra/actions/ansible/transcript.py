# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The text that a command printed, as much of it as a workflow can use."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mistral_extra.actions.ansible.masking import Mask

__all__ = ["Transcript", "shortened"]

#: Characters that are kept of each end.
_KEPT = 32_000


class Transcript:
    """A file to write whole lines to that keeps the beginning and the end, without secrets.

    :param mask: for what is written: in what is cut already, a piece of a secret may be left.
    """

    def __init__(self, mask: Mask) -> None:
        self._mask = mask
        self._head = ""
        self._tail = ""
        self._written = 0

    def write(self, text: str) -> int:
        """Take more text."""
        shown = self._mask.text(text)
        self._written += len(shown)
        room = _KEPT - len(self._head)
        self._head += shown[:room]
        # Cut now and then only: a slice for each line would copy everything each time.
        self._tail += shown[room:]
        if len(self._tail) > 2 * _KEPT:
            self._tail = self._tail[-_KEPT:]
        return len(text)

    def flush(self) -> None:
        """Do nothing: text is kept at once."""

    def close(self) -> None:
        """Do nothing: what was kept remains."""

    def __str__(self) -> str:
        return _joined(self._head, self._tail[-_KEPT:], self._written)


def shortened(text: str, kept: int) -> str:
    """Return ``text``; of a long one, ``kept`` characters of each end and a note between them."""
    return text if len(text) <= 2 * kept else _joined(text[:kept], text[-kept:], len(text))


def _joined(head: str, tail: str, length: int) -> str:
    cut = length - len(head) - len(tail)
    return f"{head}\n[... {cut} characters cut here ...]\n{tail}" if cut else head + tail
