# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Text that can be sent, and text of a peer that can be shown.

JSON may hold half of a surrogate pair, which UTF-8 has no bytes for. A peer may be hostile: what it
says becomes part of messages, logs and databases.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from mistral_lib import actions

__all__ = ["check_whole", "one_line"]

#: Characters of a peer's text that are shown.
_SHOWN = 300

_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")
_HALF = re.compile(r"[\ud800-\udfff]")


def check_whole(texts: Mapping[str, str | None]) -> None:
    """See whether these parameters, by name, are whole characters.

    :raises InvalidInput: one is not.
    """
    for parameter, text in texts.items():
        if text is not None and _HALF.search(text):
            raise actions.InvalidInput(
                f"Parameter '{parameter}' has half of a surrogate pair, which is no character and "
                "can't be sent"
            )


def one_line(text: str) -> str:
    """Return the beginning of a peer's text, as a line without control characters."""
    # Four times as much is looked at, since what is dropped may come first.
    line = _UNPRINTABLE.sub(" ", text[: 4 * _SHOWN]).strip()
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}..."
