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

import sys
import threading
from typing import Any

from mistral_lib import exceptions
from mistral_lib.actions import types
from mistral_lib.utils import _exceptions, _json, _text

__all__ = [
    "ends_main_thread",
    "error_dict",
    "exception_of",
    "instead_of_ending",
    "log_failure",
    "result_of",
    "seconds",
]


_KEYS = frozenset(("type", "message", "code", "retryable", "retry_after", "details"))


def error_dict(error: BaseException) -> dict[str, Any]:
    """Return the error dictionary of an exception; see the module's text for its keys.

    An action that let another's failure pass reports what that one said. Of an exception group,
    as ``asyncio.TaskGroup`` raises it, come the facts of its one member. More members that differ
    are listed in ``message``, and their error dictionaries in ``details["errors"]``; the group is
    retryable if each of them is, after the longest time that one of them asks for. Members that
    were cancelled count only where nothing else went wrong.
    """
    if _exceptions.members(error):
        return _group_dict(error)
    told = error.error if isinstance(error, exceptions.ActionFailed) else None
    if isinstance(told, dict) and told.keys() >= _KEYS:
        return told
    # Another library's exception may have attributes of these names that mean something else.
    ours = error if isinstance(error, exceptions.MistralException) else None
    return {
        # Of an error that left a descriptor, the class has another name: see server_errors.
        "type": getattr(error, "_reported_type", type(error).__name__),
        "message": _exceptions.text_of(error),
        "code": _json_ready(_fact(ours, "error_code")),
        "retryable": bool(_fact(ours, "retryable")),
        "retry_after": seconds(_fact(ours, "retry_after")),
        "details": _json_ready(_fact(ours, "details")),
    }


#: Members of a group whose facts reach the workflow, at most.
_MOST_MEMBERS = 20


def _group_dict(group: BaseException) -> dict[str, Any]:
    found: list[dict[str, Any]] = []
    for leaf in _failures(group):
        facts = error_dict(leaf)
        if facts not in found:
            found.append(facts)
    if len(found) == 1:
        return found[0]
    codes, kinds = ([facts[key] for facts in found] for key in ("code", "type"))
    retryable = all(facts["retryable"] for facts in found)
    waits = [facts["retry_after"] for facts in found if facts["retry_after"] is not None]
    title = getattr(group, "message", None)
    texts = "; ".join(facts["message"] for facts in found[:_MOST_MEMBERS])
    more = len(found) - _MOST_MEMBERS
    return {
        "type": kinds[0] if kinds.count(kinds[0]) == len(kinds) else type(group).__name__,
        "message": f"{title or type(group).__name__}: {texts}"
        + (f"; and {more} more" if more > 0 else ""),
        "code": codes[0] if codes.count(codes[0]) == len(codes) else None,
        "retryable": retryable,
        "retry_after": max(waits) if waits and retryable else None,
        "details": {"errors": found[:_MOST_MEMBERS]},
    }


def _failures(error: BaseException) -> list[BaseException]:
    """Return what an exception, or the members of a group, report.

    Of several tasks, the failure of one has the others cancelled: that is no failure of theirs.
    """
    leaves = list(_exceptions.leaves(error))
    if failures := [e for e in leaves if not _is_cancellation(e)]:
        return failures
    ours = (e for e in leaves if isinstance(e, exceptions.ActionCancelled))
    return [next(ours, exceptions.ActionCancelled())]


def _is_cancellation(error: BaseException) -> bool:
    if isinstance(error, exceptions.ActionCancelled):
        return True
    # Without asyncio's import, which is heavy, nothing raised its exception.
    asyncio = sys.modules.get("asyncio")
    return asyncio is not None and isinstance(error, asyncio.CancelledError)


def _fact(error: exceptions.MistralException | None, name: str) -> Any:
    """Return a fact of an error, None where its class fails to tell it."""
    try:
        return getattr(error, name, None)
    except BaseException:
        # As in text_of(): a SystemExit would end the run that reports the error.
        return None


def seconds(value: Any) -> float | None:
    """Return a ``retry_after`` in seconds; None where it is not a time to wait."""
    number = value.total_seconds() if hasattr(value, "total_seconds") else value
    if not isinstance(number, (int, float)) or isinstance(number, bool):
        return None
    return number if 0 <= number <= sys.float_info.max else None


#: Characters kept of a fact that has no JSON form.
_LONGEST_FACT = 1000


def _json_ready(fact: Any) -> Any:
    """Return a fact as JSON-ready data; its text where it has no such form."""
    if fact is None or type(fact) is str:
        return fact
    from mistral_lib.actions import values

    try:
        ready = values.parameter_ready(fact, Any)
    except Exception:
        # The methods of somebody's class may raise anything.
        ready = fact
    if _json.is_plain(ready) and _json.is_writable(ready):
        return ready
    # The error itself must reach the workflow.
    return _text.brief(fact, _LONGEST_FACT)


def instead_of_ending(error: BaseException) -> exceptions.ActionException | None:
    """Return what to raise for an error that is no ``Exception``; None where it must pass.

    The thread in which a server's executor runs an action catches ``Exception`` only: with a
    ``sys.exit()`` somewhere below it, the action would be a success with the result null. In the
    main thread Ctrl-C passes, and a script that means to end.
    """
    if isinstance(error, Exception):
        return None
    if ends_main_thread(error):
        return None
    if not _exceptions.members(error):
        text = _exceptions.text_of(error)
        return exceptions.ActionException(f"The action raised {type(error).__name__}: {text}")
    failures = _failures(error)
    if isinstance(failures[0], exceptions.ActionCancelled):
        return failures[0]
    facts = error_dict(error)
    return exceptions.ActionFailed(facts["message"], facts)


def ends_main_thread(error: BaseException, kinds: Any = (SystemExit, KeyboardInterrupt)) -> bool:
    """Tell whether ``error`` is, or holds, what ends a program, and this is its main thread.

    :param kinds: the classes that do.
    """
    if threading.current_thread() is not threading.main_thread():
        return False
    return any(isinstance(e, kinds) for e in _exceptions.leaves(error))


def result_of(error: BaseException) -> types.Result:
    """Return the result that reports ``error``; a cancellation is one, not a failure."""
    cancelled = isinstance(_failures(error)[0], exceptions.ActionCancelled)
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
    error = result.error if isinstance(result.error, str) else _text.brief(result.error, 1000)
    text = facts.get("message") or error
    if result.is_cancel():
        return exceptions.ActionCancelled(f"Action '{name}' was cancelled")
    failed = exceptions.ActionFailed(text, result.error)
    cls = _RAISED_AS_THEMSELVES.get(str(facts.get("type")))
    if cls is None:
        return failed
    return cls(
        text,
        retryable=failed.retryable,
        retry_after=failed.retry_after,
        details=failed.details,
    )


def log_failure(name: str, error: BaseException) -> None:
    """Log what led to ``error``: its causes reach the log, not the workflow."""
    hidden = error.__context__ is None or error.__suppress_context__
    if error.__cause__ is None and hidden and not _exceptions.members(error):
        return
    import logging

    logging.getLogger(__name__).info(
        "Action '%s' failed: %s", name, _exceptions.text_of(error), exc_info=error
    )
