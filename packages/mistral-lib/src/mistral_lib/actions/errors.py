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

import threading
from typing import Any

from mistral_lib import exceptions
from mistral_lib.actions import types

__all__ = ["error_dict", "exception_of", "instead_of_ending", "log_failure", "result_of"]


_KEYS = frozenset(("type", "message", "code", "retryable", "retry_after", "details"))


def error_dict(error: BaseException) -> dict[str, Any]:
    """Return the error dictionary of an exception; see the module's text for its keys.

    An action that let another's failure pass reports what that one said.
    """
    told = error.error if isinstance(error, exceptions.ActionFailed) else None
    if isinstance(told, dict) and told.keys() >= _KEYS:
        return told
    # Another library's exception may have attributes of these names that mean something else.
    ours = error if isinstance(error, exceptions.MistralException) else None
    return {
        "type": type(error).__name__,
        "message": str(error) or type(error).__name__,
        "code": _json_ready(getattr(ours, "error_code", None)),
        "retryable": bool(getattr(ours, "retryable", False)),
        "retry_after": _seconds(getattr(ours, "retry_after", None)),
        "details": _json_ready(getattr(ours, "details", None)),
    }


def _seconds(value: Any) -> float | None:
    number = value.total_seconds() if hasattr(value, "total_seconds") else value
    return number if isinstance(number, (int, float)) and not isinstance(number, bool) else None


def _json_ready(fact: Any) -> Any:
    """Return a fact as JSON-ready data; its text where it has no such form."""
    if fact is None or type(fact) in (str, int):
        return fact
    from mistral_lib.actions import values

    try:
        return values.parameter_ready(fact, Any)
    except (exceptions.SerializationError, TypeError, ValueError, RecursionError):
        # The error itself must reach the workflow.
        return str(fact)


def instead_of_ending(error: BaseException) -> exceptions.ActionException | None:
    """Return what to raise for an error that is no ``Exception``; None where it must pass.

    The thread in which a server's executor runs an action catches ``Exception`` only: with a
    ``sys.exit()`` somewhere below it, the action would be a success with the result null. In the
    main thread Ctrl-C passes, and a script that means to end.
    """
    if isinstance(error, Exception):
        return None
    in_main = threading.current_thread() is threading.main_thread()
    if in_main and isinstance(error, (SystemExit, KeyboardInterrupt)):
        return None
    return exceptions.ActionException(f"The action raised {type(error).__name__}: {error}")


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
