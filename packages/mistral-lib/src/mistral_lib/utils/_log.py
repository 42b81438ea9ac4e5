# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Logging calls."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from mistral_lib.utils import _masking

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable

__all__ = ["log_exec"]

_P = ParamSpec("_P")
_R = TypeVar("_R")

#: The value of ``logging.DEBUG``; the module itself is not needed.
_DEBUG = 10


def log_exec(
    logger: logging.Logger | logging.LoggerAdapter[Any], level: int = _DEBUG
) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """Return a decorator that logs each call with its arguments, secrets masked.

    Nothing is rendered unless ``logger`` takes records of ``level``.
    """

    def decorate(func: Callable[_P, _R]) -> Callable[_P, _R]:
        name = getattr(func, "__name__", repr(func))

        @functools.wraps(func)
        def logged(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            if logger.isEnabledFor(level):
                logger.log(
                    level,
                    "Called method [name=%s, doc='%s', params=%s]",
                    name,
                    func.__doc__,
                    _params(func, args, kwargs),
                )
            return func(*args, **kwargs)

        return logged

    return decorate


def _params(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    if not args and not kwargs:
        return ""
    code = getattr(func, "__code__", None)
    names = code.co_varnames[: code.co_argcount] if code else ()
    shown = tuple(
        _masking.MASK if i < len(names) and _masking.is_secret_name(names[i]) else value
        for i, value in enumerate(args)
    )
    try:
        masked = _masking.mask_data({"args": shown, "kw": kwargs})
    except RecursionError:
        # An argument that contains itself must not make the call fail.
        return "[arguments nested too deeply to show]"
    return f"[args={masked['args']!r}, kw={masked['kw']!r}]"
