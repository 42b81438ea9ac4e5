# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A host as a workflow writes it: ``[USER@]HOST[:PORT]``."""

from __future__ import annotations

import re
from typing import NamedTuple

from mistral_lib import actions

__all__ = ["PORT", "Target", "parse"]

#: Where a host listens that says nothing else.
PORT = 22

_FORM = re.compile(
    r"(?:(?P<username>[^@\s\0\ud800-\udfff]+)@)?"
    r"(?:\[(?P<bracketed>[0-9A-Fa-f:.%\w]+)\]|(?P<host>[^@:\[\]\s\0\ud800-\udfff]+))"
    r"(?::(?P<port>[0-9]{1,5}))?"
)


class Target(NamedTuple):
    """One host."""

    #: As the workflow wrote it, for results and messages.
    text: str
    host: str
    port: int
    username: str | None


def parse(text: str) -> Target:
    """Return the parts of ``[USER@]HOST[:PORT]``; an IPv6 address stands in brackets.

    >>> parse("ann@[::1]:2222")
    Target(text='ann@[::1]:2222', host='::1', port=2222, username='ann')

    :raises InvalidInput: it is something else.
    """
    match = _FORM.fullmatch(text)
    port = int(match["port"] or PORT) if match else 0
    if match is None or not 0 < port < 65536:
        raise actions.InvalidInput(
            f"{text!r} is no host: expected [USER@]HOST[:PORT], with an IPv6 address in brackets"
        )
    return Target(text, match["bracketed"] or match["host"], port, match["username"])
