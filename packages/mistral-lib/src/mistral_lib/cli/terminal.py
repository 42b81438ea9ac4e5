# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Text for a person at a terminal, which must not drive it: much of it comes from elsewhere.

An escape sequence can retitle the window, hide lines, or have the terminal type an answer.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys

import click

__all__ = ["flush", "printable", "say"]

#: Control characters but the end of a line and the tabulator, in both of their ranges (U+009B
#: alone begins a sequence), and those that turn the direction of writing.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    """Return ``text`` with control characters escaped, in a form that JSON and YAML know too."""
    return _CONTROL.sub(lambda c: f"\\u{ord(c[0]):04x}", text.replace("\r\n", "\n"))


def say(text: str) -> None:
    """Print a line on standard error, where somebody reads it."""
    with contextlib.suppress(OSError):
        click.echo(printable(text), err=True)


def flush() -> None:
    """Write what standard error has buffered, or drop it where it can't be written.

    Kept, Python would try again at the end, and make the exit code 120.
    """
    if sys.stderr is None:
        return
    try:
        sys.stderr.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
        sys.stderr.flush()
