# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What plug-ins and the library log, on standard error."""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING

from mistral_lib.cli import terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Handler", "shown"]

_LEVELS = (logging.WARNING, logging.INFO, logging.DEBUG)

#: They log with a traceback what the command says in one line of its own.
_SAID_BY_THE_COMMAND = (
    "mistral_lib.actions.errors",
    "mistral_lib.actions.runner",
    "mistral_lib.actions.providers.entry_points",
)


class Handler(logging.Handler):
    """Writes to what is standard error at that time: a progress display puts its own there.

    :param verbosity: see :func:`shown`.
    """

    def __init__(self, verbosity: int) -> None:
        super().__init__(_LEVELS[min(verbosity, len(_LEVELS) - 1)])
        self.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))
        self._quiet = verbosity == 0
        #: Whether a traceback was not printed.
        self.left_out = False

    def emit(self, record: logging.LogRecord) -> None:
        if self._quiet and record.name in _SAID_BY_THE_COMMAND:
            self.left_out = self.left_out or bool(record.exc_info or record.exc_text)
            return
        try:
            terminal.say(self.format(record))
        except Exception:
            self.handleError(record)


@contextlib.contextmanager
def shown(verbosity: int = 0) -> Iterator[Handler]:
    """Print what is logged: warnings; with 1 also information, with 2 everything."""
    root, handler = logging.getLogger(), Handler(verbosity)
    level = root.level
    root.addHandler(handler)
    root.setLevel(handler.level)
    try:
        yield handler
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
