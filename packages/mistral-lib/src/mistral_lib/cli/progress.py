# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What a person at a terminal sees of a run that takes long."""

from __future__ import annotations

import contextlib
import sys
import time
from typing import TYPE_CHECKING, Any

from mistral_lib.cli import terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Progress"]

#: Seconds after which a run counts as long.
_LONG = 0.5


class Progress:
    """Shows progress texts on standard error.

    On a terminal, one line that changes, from half a second on (by rich; without it, a line for
    each text). Elsewhere nothing, unless ``verbose``: then a line for each text, everywhere.

    :param name: the action's.
    :param verbose: print lines in any case.
    """

    def __init__(self, name: str, verbose: bool) -> None:
        self._name = name
        self._verbose = verbose
        self._text = ""
        self._began = time.monotonic()
        self._status: Any = None
        watched = sys.stderr is not None and sys.stderr.isatty()
        self._rich = None if verbose or not watched else _rich_console()
        self._lines = verbose or (watched and self._rich is None)

    def report(self, text: str) -> None:
        """Show a text; may be called by any thread."""
        self._text = terminal.printable(text)
        if self._lines:
            terminal.say(f"{self._name}: {text}")

    def tick(self) -> None:
        """Bring the line up to date; to be called a few times a second by one thread."""
        elapsed = time.monotonic() - self._began
        if self._rich is None or elapsed < _LONG:
            return
        from rich import text

        line = text.Text(f"{self._name}  {elapsed:.0f} s  {' '.join(self._text.split())}")
        line.truncate(max(20, self._rich.width - 4), overflow="ellipsis")
        if self._status is None:
            self._status = self._rich.status(line)
            self._status.start()
        else:
            self._status.update(line)

    def clear(self) -> None:
        """Take the line away."""
        if self._status is not None:
            self._status.stop()
            self._status = None

    @contextlib.contextmanager
    def shown(self) -> Iterator[None]:
        """Take the line away at the end."""
        try:
            yield
        finally:
            self.clear()


def _rich_console() -> Any:
    try:
        from rich import console
    except ImportError:
        return None
    return console.Console(stderr=True, highlight=False)
