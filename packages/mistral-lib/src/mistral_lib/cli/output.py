# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Standard output is for results alone: what plug-ins print goes to standard error."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING

from mistral_lib.cli import outcomes, terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

__all__ = ["Output", "reserved"]


class Output:
    """Where a command's result goes.

    :param stream: standard output as it was.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    @property
    def is_terminal(self) -> bool:
        """Whether a person reads along."""
        return self._stream.isatty()

    @property
    def stream(self) -> TextIO:
        """The stream itself, for what draws by itself; to be used inside :meth:`guarded`."""
        return self._stream

    def can_say(self, text: str) -> bool:
        """Tell whether the stream's encoding has all characters of ``text``."""
        try:
            text.encode(self._stream.encoding or "utf-8")
        except UnicodeEncodeError:
            return False
        return True

    def write(self, text: str) -> None:
        """Write ``text`` and the end of its line; what the encoding lacks is escaped.

        On a terminal, control characters are too; a file or program gets the text as it is.

        :raises ReaderGone: nobody reads it any more.
        :raises Failure: it can't be written, for example because the disk is full.
        """
        if self.is_terminal:
            text = terminal.printable(text)
        encoding = self._stream.encoding or "utf-8"
        text = text.encode(encoding, "backslashreplace").decode(encoding)
        with self.guarded():
            self._stream.write(text + "\n")

    @contextlib.contextmanager
    def guarded(self) -> Iterator[None]:
        """Turn errors of writing to the stream into the ways a command ends.

        :raises ReaderGone: nobody reads it any more.
        :raises Failure: it can't be written.
        """
        try:
            yield
            self._stream.flush()
        except OSError as e:
            # What is still buffered would raise the same once more when the stream is closed.
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())
            if isinstance(e, BrokenPipeError):
                raise outcomes.ReaderGone() from e
            raise outcomes.Failure(f"The result can't be written: {e.strerror}") from e


@contextlib.contextmanager
def reserved() -> Iterator[Output]:
    """Keep standard output for the result, for the length of a command.

    Meanwhile ``print`` in a plug-in, and what its child processes say, goes to standard error.

    :raises Failure: there is no standard output.
    """
    stream = sys.stdout
    if stream is None:
        raise outcomes.Failure("Standard output is closed: there is nowhere to put the result")
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.redirect_stdout(sys.stderr))
        stack.callback(terminal.flush)
        own = _own_descriptor(stream, stack)
        yield Output(stream if own is None else own)


def _own_descriptor(stream: TextIO, stack: contextlib.ExitStack) -> TextIO | None:
    """Lead descriptor 1 to standard error and return a stream to where it led, if that can be."""
    try:
        if stream.fileno() != 1:
            return None
        stream.flush()
        kept = os.dup(1)
    except (AttributeError, OSError):
        # A test's stream, or none at all.
        return None
    try:
        os.dup2(2, 1)
    except OSError:
        # Standard error is closed.
        os.close(kept)
        return None
    stack.callback(os.close, kept)
    stack.callback(os.dup2, kept, 1)
    return stack.enter_context(open(kept, "w", encoding=stream.encoding, closefd=False))
