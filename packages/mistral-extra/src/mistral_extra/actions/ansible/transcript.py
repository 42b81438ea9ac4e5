# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The text that a command printed, as much of it as a workflow can use."""

from __future__ import annotations

__all__ = ["Transcript"]

#: Characters that are kept of each end.
_KEPT = 32_000


class Transcript:
    """A file to write to that keeps the beginning and the end."""

    def __init__(self) -> None:
        self._head = ""
        self._tail = ""
        self._written = 0

    def write(self, text: str) -> int:
        """Take more text."""
        self._written += len(text)
        room = _KEPT - len(self._head)
        self._head += text[:room]
        # Cut now and then only: a slice for each line would copy everything each time.
        self._tail += text[room:]
        if len(self._tail) > 2 * _KEPT:
            self._tail = self._tail[-_KEPT:]
        return len(text)

    def flush(self) -> None:
        """Do nothing: text is kept at once."""

    def close(self) -> None:
        """Do nothing: what was kept remains."""

    def __str__(self) -> str:
        tail = self._tail[-_KEPT:]
        cut = self._written - len(self._head) - len(tail)
        return (
            f"{self._head}\n[... {cut} characters cut here ...]\n{tail}"
            if cut
            else (self._head + tail)
        )
