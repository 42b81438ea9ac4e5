# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Reading exceptions of any class, whatever their methods do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["leaves", "members", "text_of"]


def text_of(error: BaseException) -> str:
    """Return the text of an exception; its class's name where there is none."""
    name = type(error).__name__
    try:
        # join() makes a plain str of any subclass, whose methods may be overridden.
        return "".join((str(error),)) or name
    except BaseException as e:
        # A SystemExit out of here would end the run that reports the error.
        return f"{name} (its text can't be read: {type(e).__name__})"


def members(error: BaseException) -> tuple[BaseException, ...]:
    """Return what an exception group holds, ``()`` for any other exception.

    A group is known by its attribute ``exceptions``: Python 3.10 has groups in a backport only.
    """
    try:
        found = getattr(error, "exceptions", ())
    except Exception:
        return ()
    if not isinstance(found, (tuple, list)):
        return ()
    return tuple(e for e in found if isinstance(e, BaseException))


def leaves(error: BaseException) -> Iterator[BaseException]:
    """Yield the exceptions in a group and in groups inside it, in order; else ``error`` itself."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        inside = members(each)
        if inside:
            waiting.extend(reversed(inside))
        else:
            yield each
