# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Take secrets out of an exception and everything chained to it.

The server logs an exception after the action has ended, with its whole chain, when no masking is
active any more: so whatever leaves an action is made clean first.
"""

from __future__ import annotations

import contextlib
import traceback
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from mistral_lib.actions.redaction import Masker

from mistral_lib import exceptions
from mistral_lib.utils import _exceptions

__all__ = ["scrub"]

#: What built-in exceptions print but keep outside ``args`` and ``__dict__``.
_BUILTIN_FIELDS = ("filename", "filename2", "strerror", "object", "reason", "text", "msg", "value")


def scrub(error: BaseException, masker: Masker) -> BaseException:
    """Mask ``masker``'s secrets in ``error`` and all that it leads to.

    That is its text, arguments, attributes and notes, and those of its causes, contexts, group
    members and of exceptions in its attributes. What isn't printed is masked too: attributes
    become the ``details`` of an error dictionary.

    :returns: the same exception, changed in place; or, where its text can't be changed, a
        :class:`~mistral_lib.exceptions.MistralException` (of a group, another group) with the
        masked text in its place.
    """
    if not masker:
        return error
    clean: dict[int, BaseException] = {}
    # The members first, so that a parent's text is judged with clean ones in it.
    for exc in reversed(list(_chain(error))):
        clean[id(exc)] = _scrub_one(exc, masker, clean)
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
        for held in (
            exc.__cause__,
            exc.__context__,
            exc.args,
            *vars(exc).values(),
            _exceptions.members(exc),
        ):
            parts = held if isinstance(held, (tuple, list)) else (held,)
            todo.extend(e for e in parts if isinstance(e, BaseException))


def _scrub_one(
    exc: BaseException, masker: Masker, clean: dict[int, BaseException]
) -> BaseException:
    _mask_in_place(exc, masker, clean)
    members = _exceptions.members(exc)
    replaced = any(clean.get(id(member), member) is not member for member in members)
    if not replaced and not masker.finds(_shown(exc)):
        return exc
    group = next((c for c in type(exc).__mro__ if c.__name__ == "BaseExceptionGroup"), None)
    if group is None:
        text = masker.text(f"{type(exc).__name__}: {_exceptions.text_of(exc)}")
        substitute: BaseException = exceptions.MistralException(text)
    else:
        # Its message and members can't be set.
        text = masker.text(getattr(exc, "message", type(exc).__name__))
        substitute = group(text, [clean.get(id(member), member) for member in members])
        vars(substitute).update(vars(exc))
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


def _mask_in_place(exc: BaseException, masker: Masker, clean: dict[int, BaseException]) -> None:
    args = _masked(exc.args, masker)
    if args is not exc.args:
        exc.args = args
    for name, value in list(vars(exc).items()):
        if isinstance(value, BaseException):
            masked: Any = clean.get(id(value), value)
        elif type(value) in (list, tuple) and any(isinstance(e, BaseException) for e in value):
            masked = _masked(type(value)(clean.get(id(part), part) for part in value), masker)
        else:
            masked = _masked(value, masker)
        if masked is not value:
            vars(exc)[name] = masked
    for name in _BUILTIN_FIELDS:
        with contextlib.suppress(Exception):
            # A property may raise, or be read-only: if it is printed, the caller replaces all.
            value = getattr(exc, name)
            if isinstance(value, (str, bytes)) and masker.data(value) != value:
                setattr(exc, name, masker.data(value))


def _masked(value: Any, masker: Masker) -> Any:
    try:
        return masker.objects(value)
    except Exception:
        # Nobody can tell what it holds.
        return f"<{type(value).__name__} without text>"


def _relink(exc: BaseException, clean: dict[int, BaseException]) -> None:
    """Point the chain at the substitutes."""
    # Setting a cause also suppresses the context, hence the order.
    suppress = exc.__suppress_context__
    if exc.__cause__ is not None:
        exc.__cause__ = clean.get(id(exc.__cause__), exc.__cause__)
    if exc.__context__ is not None:
        exc.__context__ = clean.get(id(exc.__context__), exc.__context__)
    exc.__suppress_context__ = suppress
