# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Take secrets out of an exception and everything chained to it.

The server logs an exception after the action has ended, with its whole chain, when no masking is
active any more: so whatever leaves an action is made clean first.
"""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mistral_lib.actions.redaction import Masker

from mistral_lib import exceptions
from mistral_lib.utils import _exceptions

__all__ = ["scrub"]

#: What built-in exceptions print but keep outside ``args`` and ``__dict__``.
_BUILTIN_FIELDS = ("filename", "filename2", "strerror", "object", "reason", "text", "msg", "value")


def scrub(error: BaseException, masker: Masker) -> BaseException:
    """Mask ``masker``'s secrets in ``error``, its causes, contexts, notes and group members.

    :returns: the same exception, changed in place; or, where its text can't be changed, a
        :class:`~mistral_lib.exceptions.MistralException` with its masked text in its place.
    """
    if not masker:
        return error
    clean: dict[int, BaseException] = {}
    # The members first, so that a parent's text is judged with clean ones in it.
    for exc in reversed(list(_chain(error))):
        clean[id(exc)] = _scrub_one(exc, masker)
    for exc in list(clean.values()):
        _relink(exc, clean)
    return clean[id(error)]


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    todo = [error]
    while todo:
        exc = todo.pop()
        if id(exc) in seen:
            continue
        seen.add(id(exc))
        yield exc
        todo.extend(e for e in (exc.__cause__, exc.__context__) if e is not None)
        todo.extend(_exceptions.members(exc))


def _scrub_one(exc: BaseException, masker: Masker) -> BaseException:
    if not masker.finds(_shown(exc)):
        return exc
    if not _exceptions.members(exc):
        _mask_in_place(exc, masker)
        if not masker.finds(_shown(exc)):
            return exc
    text = f"{type(exc).__name__}: {_exceptions.text_of(exc)}"
    substitute = exceptions.MistralException(masker.text(text))
    substitute.__cause__ = exc.__cause__
    substitute.__context__ = exc.__context__
    substitute.__suppress_context__ = exc.__suppress_context__
    return substitute.with_traceback(exc.__traceback__)


def _shown(exc: BaseException) -> str:
    """Return all text of the exception that a log could print, without its chain."""
    try:
        return "".join(traceback.format_exception_only(type(exc), exc)) + repr(exc)
    except Exception as e:
        return f"{type(exc).__name__} can't be shown: {type(e).__name__}"


def _mask_in_place(exc: BaseException, masker: Masker) -> None:
    exc.args = masker.data(exc.args)
    for name, value in list(vars(exc).items()):
        vars(exc)[name] = masker.data(value)
    for name in _BUILTIN_FIELDS:
        value = getattr(exc, name, None)
        if isinstance(value, (str, bytes)):
            masked = masker.data(value)
            if masked != value:
                _set(exc, name, masked)


def _set(exc: BaseException, name: str, value: str | bytes) -> None:
    try:
        setattr(exc, name, value)
    except (AttributeError, TypeError):
        # Read-only: if it is printed, the caller replaces the whole exception.
        return


def _relink(exc: BaseException, clean: dict[int, BaseException]) -> None:
    """Point the chain at the substitutes."""
    # Setting a cause also suppresses the context, hence the order.
    suppress = exc.__suppress_context__
    if exc.__cause__ is not None:
        exc.__cause__ = clean.get(id(exc.__cause__), exc.__cause__)
    if exc.__context__ is not None:
        exc.__context__ = clean.get(id(exc.__context__), exc.__context__)
    exc.__suppress_context__ = suppress
