# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What the user is told of a run that did not succeed, and the exit code."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import click

from mistral_lib import exceptions
from mistral_lib.actions import errors
from mistral_lib.cli import formats, outcomes, output, terminal

if TYPE_CHECKING:
    from mistral_lib.actions.types import Result
    from mistral_lib.cli.interrupts import Ending

__all__ = ["Failed", "of", "report"]


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
        return Failed(name, f"Action '{name}' was cancelled", outcomes.FAILED, unfinished=False)
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
    if format_ in ("json", "yaml"):
        where = output.Output(sys.stderr)
        where.write(formats.structured(where, format_, failed.error))
    else:
        more = " (-v shows where)" if hidden_log else ""
        terminal.say(f"Error: {_line(failed)}{more}")
    if failed.unfinished:
        raise outcomes.Unfinished(failed.exit_code)
    raise click.exceptions.Exit(failed.exit_code)


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
        after = error.get("retry_after")
        notes.append("may succeed later" if after is None else f"may succeed after {after:g} s")
    return f" [{', '.join(notes)}]" if notes else ""


#: Their message says already what their code does.
_TELLING_TYPES = (exceptions.ActionTimeout.__name__, exceptions.ActionCancelled.__name__)
