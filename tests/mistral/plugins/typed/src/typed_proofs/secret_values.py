# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""An action that gets a secret and is careless with it."""

import logging
from typing import Annotated

from mistral_lib import actions

__all__ = ["keeps"]


@actions.action(name="typed.keeps")
def keeps(
    password: actions.Secret[str],
    word: Annotated[str, actions.Param("no secret")],
    fail: bool = False,
) -> str:
    """Log a secret, and fail with it where asked to."""
    logging.getLogger(__name__).warning("the password is %s, the word is %s", password, word)
    if fail:
        raise ValueError(f"{password} was refused")
    return word
