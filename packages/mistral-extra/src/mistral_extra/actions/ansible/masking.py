# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Leave secrets out of what Ansible printed and returned."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Mask"]

_MASK = "***"
#: Characters of the shortest value that is told from other text.
_SHORTEST = 4


class Mask:
    """Replaces secret values by ``***``.

    :param secrets: text, or data with text in it; of text of several lines, each line is one.
    """

    def __init__(self, secrets: Iterable[Any]) -> None:
        found = {
            spelling
            for text in _texts(list(secrets))
            for line in text.splitlines()
            if len(line.strip()) >= _SHORTEST
            for spelling in _spellings(line.strip())
        }
        # Longest first: one may be a part of another.
        words = sorted(found, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, words))) if words else None

    def text(self, text: str) -> str:
        """Return ``text``, which ends where a line does, without secrets."""
        return self._pattern.sub(_MASK, text) if self._pattern else text

    def data(self, value: Any) -> Any:
        """Return JSON-ready data without secrets."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(key): self.data(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.data(inner) for inner in value]
        if isinstance(value, (int, float)) and self.text(str(value)) == _MASK:
            return _MASK
        return value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, (dict, list)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)
    elif isinstance(value, str):
        yield value
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield str(value)


def _spellings(text: str) -> Iterator[str]:
    """Yield a text as it is, and as JSON and Python write it."""
    yield text
    yield json.dumps(text)[1:-1]
    yield json.dumps(text, ensure_ascii=False)[1:-1]
    yield repr(text)[1:-1]
