# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The ways a command ends, and their exit codes."""

from __future__ import annotations

import click

__all__ = [
    "DEADLINE",
    "FAILED",
    "INTERRUPTED",
    "READER_GONE",
    "USAGE",
    "Failure",
    "ReaderGone",
    "Unfinished",
]

#: The action failed, or a plug-in is broken.
FAILED = 1

#: Unknown action, bad input, bad option.
USAGE = 2

#: The deadline passed; the code of the command timeout(1).
DEADLINE = 124

#: Ctrl-C, as shells say it: 128 and the number of the signal.
INTERRUPTED = 130

#: Whoever read standard output went away: what shells report of others that SIGPIPE ends.
READER_GONE = 141


class Failure(click.ClickException):
    """Ends the command with one line on standard error.

    :param message: the line.
    :param exit_code: how the process ends.
    """

    def __init__(self, message: str, exit_code: int = FAILED) -> None:
        super().__init__(message)
        self.exit_code = exit_code  # type: ignore[misc] # click reads it from the instance, too


class ReaderGone(Exception):
    """Nobody reads standard output any more, as in ``mistral-action list | head -1``."""


class Unfinished(Exception):
    """Ends the process while an action may still be running in a thread.

    :param exit_code: how the process ends.
    """

    def __init__(self, exit_code: int) -> None:
        super().__init__(f"Ended with exit code {exit_code}, an action unfinished")
        self.exit_code = exit_code
