# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The nearest name to a misspelt one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["hint", "names"]


def names(wrong: str, known: Iterable[str], count: int = 3) -> list[str]:
    """Return up to ``count`` of ``known`` that resemble ``wrong``, the best first."""
    import difflib

    by_fold = {k.lower(): k for k in known}
    found = difflib.get_close_matches(wrong.lower(), by_fold, count)
    return [by_fold[f] for f in found]


def hint(wrong: str, known: Iterable[str]) -> str:
    """Return ``": did you mean 'x'?"``, or nothing where no name is near."""
    found = names(wrong, known, 1)
    return f": did you mean '{found[0]}'?" if found else ""
