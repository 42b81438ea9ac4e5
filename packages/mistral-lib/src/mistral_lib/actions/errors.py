# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What a workflow reads when an action fails: the error dictionary.

Its keys are stable; a workflow may branch on any of them:

``type``
    Name of the exception's class, for example ``"ActionException"`` or ``"InvalidInput"``.
``message``
    Text for people.
``code``
    The action's own machine-readable code (``error_code``), or None.
``retryable``
    Whether trying again later may succeed: true or false.
``retry_after``
    Seconds to wait before that, or None.
``details``
    JSON-ready facts, or None.
"""

from __future__ import annotations

from typing import Any

from mistral_lib import exceptions
from mistral_lib.actions import types

__all__ = ["error_dict", "exception_of", "log_failure", "result_of"]


_KEYS = frozenset(("type", "message", "code", "retryable", "retry_after", "details"))


def error_dict(error: BaseException) -> dict[str, Any]:
    """Return the error dictionary of an exception; see the module's text for its keys.

    An action that let another's failure pass reports what that one said.
    """
    told = error.error if isinstance(error, exceptions.ActionFailed) else None
    if isinstance(told, dict) and told.keys() >= _KEYS:
        return told
    return {
        "type": type(error).__name__,
        "message": str(error) or type(error).__name__,
        "code": getattr(error, "error_code", None),
        "retryable": bool(getattr(error, "retryable", False)),
        "retry_after": getattr(error, "retry_after", None),
        "details": _json_ready(getattr(error, "details", None)),
    }


def _json_ready(details: Any) -> Any:
    if details is None:
        return None
    from mistral_lib.actions import values

    return values.parameter_ready(details, Any)


def result_of(error: BaseException) -> types.Result:
    """Return the result that reports ``error``; a cancellation is one, not a failure."""
    cancelled = isinstance(error, exceptions.ActionCancelled)
    return types.Result(error=error_dict(error), cancel=cancelled)


_RAISED_AS_THEMSELVES: dict[str, type[exceptions.ActionException]] = {
    cls.__name__: cls
    for cls in (
        exceptions.ActionTimeout,
        exceptions.InvalidInput,
        exceptions.InvalidOutput,
        exceptions.ActionNotFound,
    )
}


def exception_of(result: types.Result, name: str) -> exceptions.ActionException:
    """Return the exception that says what ``result``, an error or cancellation, says."""
    facts = result.error if isinstance(result.error, dict) else {}
    text = facts.get("message") or str(result.error)
    if result.is_cancel():
        return exceptions.ActionCancelled(f"Action '{name}' was cancelled")
    cls = _RAISED_AS_THEMSELVES.get(str(facts.get("type")))
    if cls is not None:
        return cls(
            text,
            retryable=bool(facts.get("retryable")),
            retry_after=facts.get("retry_after"),
            details=facts.get("details"),
        )
    return exceptions.ActionFailed(text, result.error)


def log_failure(name: str, error: BaseException) -> None:
    """Log what led to ``error``: its causes reach the log, not the workflow."""
    if error.__cause__ is None and (error.__context__ is None or error.__suppress_context__):
        return
    import logging

    logging.getLogger(__name__).info("Action '%s' failed: %s", name, error, exc_info=error)
