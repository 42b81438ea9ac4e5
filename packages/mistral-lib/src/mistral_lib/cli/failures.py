# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What the user is told of a run that did not succeed, and the exit code."""

from __future__ import annotations

import io
import itertools
import json
import re
import sys
import traceback
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import click

from mistral_lib import exceptions
from mistral_lib.actions import errors
from mistral_lib.cli import formats, outcomes, output, terminal
from mistral_lib.utils import _exceptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mistral_lib.actions.types import Result
    from mistral_lib.cli.interrupts import Ending

__all__ = ["Failed", "of", "report", "show", "show_defect"]


class Failed(NamedTuple):
    """A run that did not succeed."""

    name: str
    #: The action's error as a workflow would get it; mostly the error dictionary.
    error: Any
    exit_code: int
    #: The action may still be running in its thread.
    unfinished: bool


def of(ending: Ending, name: str, timeout: float | None) -> Failed | None:
    """Return what went wrong in a run, None if nothing did.

    :param name: of the action.
    :param timeout: the one given on the command line.
    """
    result = ending.result
    if ending.signal is not None:
        error = errors.error_dict(exceptions.ActionCancelled(f"Action '{name}' was interrupted"))
        return Failed(name, error, 128 + ending.signal, unfinished=result is None)
    if result is None:
        late = exceptions.ActionTimeout(
            f"Action '{name}' did not answer within {timeout:g} s and was asked to stop"
        )
        return Failed(name, errors.error_dict(late), outcomes.DEADLINE, unfinished=True)
    if result.is_success():
        return None
    if result.is_cancel() and not result.error:
        cancelled = exceptions.ActionCancelled(f"Action '{name}' was cancelled")
        return Failed(name, errors.error_dict(cancelled), outcomes.FAILED, unfinished=False)
    code = _exit_code(result)
    return Failed(name, result.error, code, unfinished=code == outcomes.DEADLINE)


def _exit_code(result: Result) -> int:
    facts = result.error if isinstance(result.error, dict) else {}
    if facts.get("type") == exceptions.ActionTimeout.__name__:
        return outcomes.DEADLINE
    return outcomes.USAGE if facts.get("code") == "NO_DRY_RUN" else outcomes.FAILED


def report(failed: Failed, format_: str | None, *, hidden_log: bool) -> NoReturn:
    """Print the error on standard error and end the command.

    :param format_: what the user asked for; None for one line.
    :param hidden_log: whether there is more to be seen with ``-v``.
    """
    if format_ in _STRUCTURED:
        _write(format_, failed.error if isinstance(failed.error, dict) else _wrapped(failed))
    else:
        more = " (-v shows where)" if hidden_log else ""
        terminal.say(f"Error: {_line(failed)}{more}")
    if failed.unfinished:
        raise outcomes.Unfinished(failed.exit_code)
    raise click.exceptions.Exit(failed.exit_code)


def show(error: click.ClickException, words: Sequence[str]) -> None:
    """Print what ended the command: in the format that its words ask for, or as one line.

    :param words: of the command line.
    """
    format_ = _format_among(words)
    if sys.stderr is None:
        return
    if format_ not in _STRUCTURED:
        shown = io.StringIO()
        error.show(shown)
        terminal.say(shown.getvalue().removesuffix("\n"))
        return
    cause = error.__cause__
    if not isinstance(cause, exceptions.MistralException):
        is_usage = error.exit_code == outcomes.USAGE
        cause = exceptions.ActionException(error_code="USAGE" if is_usage else None)
    facts = errors.error_dict(cause)
    if type(cause) is exceptions.ActionException:
        facts["type"] = "UsageError" if error.exit_code == outcomes.USAGE else "Failure"
    _write(format_, {**facts, "message": error.format_message()})


def show_defect(error: Exception, words: Sequence[str]) -> None:
    """Print what nobody foresaw as one line, and with ``-v`` where it happened."""
    text = f"{type(error).__name__}: {_exceptions.text_of(error)}"
    if any(word in ("-v", "-vv", "--verbose") for word in words):
        terminal.say("".join(traceback.format_exception(error)).rstrip("\n"))
    show(outcomes.Failure(f"Something is broken: {text} (run -v shows where)"), words)


_STRUCTURED = ("json", "yaml")


def _format_among(words: Sequence[str]) -> str | None:
    """Return the format that words of a command line ask for, in a line that can't be parsed."""
    found = None
    for word, following in itertools.zip_longest(words, words[1:]):
        if word == "--":
            break
        if option := re.fullmatch(r"--format(?:=(.*))?|-v*f(.*)", word, re.DOTALL):
            found = option[1] or option[2] or following
    return found


def _write(format_: str, error: Any) -> None:
    if sys.stderr is not None:
        terminal.say(formats.structured(output.Output(sys.stderr), format_, error))


def _wrapped(failed: Failed) -> dict[str, Any]:
    """Return the error dictionary of an error that is none: the text or data of a class."""
    is_text = isinstance(failed.error, str)
    text = failed.error if is_text else json.dumps(failed.error)
    details = None if is_text else {"error": failed.error}
    return errors.error_dict(exceptions.ActionException(text, details=details))


def _line(failed: Failed) -> str:
    error = failed.error
    if not isinstance(error, dict) or "message" not in error:
        text = error if isinstance(error, str) else json.dumps(error)
        return text if text.startswith("Action '") else f"Action '{failed.name}' failed: {text}"
    text = str(error["message"])
    type_ = str(error.get("type") or "")
    if type_ and not hasattr(exceptions, type_):
        # A crash: without its type, the text of a KeyError is just a word.
        text = f"{type_}: {text}"
    if not text.startswith("Action '"):
        text = f"Action '{failed.name}' failed: {text}"
    return text + _notes(error)


def _notes(error: dict[str, Any]) -> str:
    notes = []
    if error.get("code") is not None and error.get("type") not in _TELLING_TYPES:
        notes.append(f"code {error['code']}")
    if error.get("retryable") and error.get("type") not in _TELLING_TYPES:
        after = errors.seconds(error.get("retry_after"))
        notes.append("may succeed later" if after is None else f"may succeed after {after:g} s")
    return f" [{', '.join(notes)}]" if notes else ""


#: Their message says already what their code does.
_TELLING_TYPES = (exceptions.ActionTimeout.__name__, exceptions.ActionCancelled.__name__)
