# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Text that can be sent: JSON may hold half of a surrogate pair, which UTF-8 has no bytes for."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mistral_lib import actions

__all__ = ["check_whole"]

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
