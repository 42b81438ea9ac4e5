# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The one error tree of mistral-lib.

Every error this library raises on purpose is a :class:`MistralExceptionBase`; an action reports
its own failures with :class:`ActionException`.
"""

from __future__ import annotations

import reprlib
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta
    from typing import Any

__all__ = [
    "ActionCancelled",
    "ActionException",
    "ActionFailed",
    "ActionNotFound",
    "ActionTimeout",
    "DeserializationError",
    "InvalidDeclaration",
    "InvalidInput",
    "InvalidOutput",
    "MistralError",
    "MistralException",
    "MistralExceptionBase",
    "SerializationError",
]


class _HttpCode:
    """Reads ``http_code``; no data descriptor, so that plug-ins may assign ``self.code``."""

    def __get__(self, error: MistralExceptionBase | None, owner: type[MistralExceptionBase]) -> int:
        return owner.http_code if error is None else error.http_code


class MistralExceptionBase(Exception):
    """Root of the tree.

    :param message: what happened; the class's ``message`` when None.
    """

    message: str = "An unknown error occurred"
    #: HTTP status the server's API answers with when this error reaches it.
    http_code: int = 500

    #: HTTP status, the same as :attr:`http_code` unless an error sets its own.
    code = _HttpCode()

    def __init__(self, message: str | None = None) -> None:
        if message is not None:
            try:
                self.message = message
            except AttributeError:
                # A subclass made a property of it, and says itself what it is.
                super().__init__(message)
                return
        super().__init__(self.message)

    def __str__(self) -> str:
        return str(self.message)


class MistralError(MistralExceptionBase):
    """An error that is nobody's input: a defect or a broken environment."""

    message = "An unknown error occurred"


class MistralException(MistralExceptionBase):
    """An error a caller may want to handle."""

    message = "An unknown exception occurred"


class InvalidDeclaration(MistralException):
    """An ``@action`` that cannot work, found when its module is imported."""

    message = "Invalid action declaration"


class SerializationError(MistralException, RuntimeError):
    """A value that cannot be written in the form that goes over the wire."""

    message = "The value can't be serialized"


class DeserializationError(SerializationError, ValueError):
    """A message from the wire that is malformed, or names what may not be loaded."""

    message = "The message can't be deserialized"


class ActionException(MistralException):
    """A failure an action reports to its workflow.

    :param message: one line for people.
    :param error_code: machine-readable code of the author's choice, for a workflow to branch on
        (``.code`` is the HTTP status, which the server's API reads).
    :param retryable: whether trying again later may succeed.
    :param retry_after: seconds to wait before that, a number from 0 or a timedelta, where known.
    :param details: JSON-ready facts about the failure, by name.
    :raises TypeError: one of them is of another type; the message names it.
    :raises ValueError: ``retry_after`` is negative, infinite or not a number.
    """

    message = "Failed to process an action"
    error_code: str | int | None = None
    retryable: bool = False
    retry_after: float | None = None
    details: Mapping[str, Any] | None = None

    def __init__(
        self,
        message: str | None = None,
        error_code: str | int | None = None,
        retryable: bool | None = None,
        retry_after: float | timedelta | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        facts = {
            "error_code": error_code,
            "retryable": retryable,
            "retry_after": retry_after,
            "details": details,
        }
        for name, value in facts.items():
            if value is not None and (problem := _problem_of_fact(name, value)):
                raise problem
        # Only what was given shadows the class, so a subclass may declare its own constants.
        if error_code is not None:
            self.error_code = error_code
        if retryable is not None:
            self.retryable = retryable
        if retry_after is not None:
            self.retry_after = _seconds(retry_after)
        if details is not None:
            self.details = details


def _seconds(value: Any) -> Any:
    return value.total_seconds() if hasattr(value, "total_seconds") else value


def _problem_of_fact(name: str, value: Any) -> Exception | None:
    """Return why ``value`` can't be a fact of an error, None if it can."""
    if name == "details":
        # Not shown: what it holds may be secret.
        problem = f"a dict of facts by name, got {type(value).__name__}"
        return None if hasattr(value, "keys") else TypeError(f"details must be {problem}")
    if name == "retry_after":
        number = _seconds(value)
        fits = isinstance(number, (int, float)) and not isinstance(number, bool)
        if fits and not 0 <= number <= sys.float_info.max:
            return ValueError(
                f"retry_after must be 0 or more seconds, and finite, got {reprlib.repr(value)}"
            )
        expected = "a number of seconds or a timedelta"
    elif name == "retryable":
        fits, expected = isinstance(value, bool), "True or False"
    else:
        fits = isinstance(value, (str, int)) and not isinstance(value, bool)
        expected = "a str or an int"
    if fits:
        return None
    return TypeError(f"{name} must be {expected}, got {type(value).__name__} {reprlib.repr(value)}")


class InvalidInput(ActionException):
    """Parameters that don't fit the action's signature."""

    message = "Invalid input"
    http_code = 400
    error_code = "INVALID_INPUT"


class InvalidOutput(ActionException):
    """A returned value that is not JSON-serializable."""

    message = "The action returned a value that can't be serialized"
    error_code = "INVALID_OUTPUT"


class ActionFailed(ActionException):
    """An action, run by name or from another action, answered with an error.

    :param message: the action's own.
    :param error: its answer as it came. Where that is an error dictionary (see
        :mod:`mistral_lib.actions.errors`), the attributes repeat it.
    """

    def __init__(self, message: str, error: Any = None) -> None:
        super().__init__(message, **_facts_of(error))
        self.error = error


def _facts_of(error: Any) -> dict[str, Any]:
    """Return what an error dictionary says, as arguments of :class:`ActionException`.

    :param error: any error of a result: what is not of the documented type is left out.
    """
    read = error if isinstance(error, dict) else {}
    facts = {
        "error_code": read.get("code"),
        "retryable": bool(read.get("retryable")),
        "retry_after": read.get("retry_after"),
        "details": read.get("details"),
    }
    return {n: v for n, v in facts.items() if v is not None and _problem_of_fact(n, v) is None}


class ActionNotFound(ActionException):
    """No provider knows an action of that name."""

    message = "Action not found"
    http_code = 404
    error_code = "ACTION_NOT_FOUND"


class ActionTimeout(ActionException):
    """The deadline passed before the action answered."""

    message = "The action did not answer before its deadline"
    error_code = "TIMEOUT"
    retryable = True


class ActionCancelled(ActionException):
    """The action was asked to stop, and did."""

    message = "The action was cancelled"
    error_code = "CANCELLED"
