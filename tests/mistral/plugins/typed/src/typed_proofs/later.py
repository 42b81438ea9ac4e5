# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""An action whose result comes later, from another process."""

import os
from pathlib import Path

from mistral_lib import actions
from mistral_lib.actions import completion

__all__ = ["later"]


@actions.action(name="typed.later", sync=False)
def later(orders: str, *, context: actions.ActionContext) -> None:
    """Leave the order for somebody else.

    :param orders: the file that gets the handle.
    """
    # Renamed into place, so that who waits for the file finds it whole.
    draft = Path(f"{orders}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(completion.handle(context).to_json())
    draft.rename(orders)
