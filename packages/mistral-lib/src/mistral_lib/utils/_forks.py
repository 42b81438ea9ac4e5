# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Let no process be forked in the middle of an import that an action needs.

Much is imported when it is first needed. A thread that does so holds the module's lock; in a
process that is forked meanwhile nobody would release it, and whoever needs the module next would
hang.
"""

from __future__ import annotations

import sys
import time

__all__ = ["wait_for_imports"]

_ACTIONS_NEED = frozenset(("mistral_lib", "mistral_extra", *sys.stdlib_module_names))

#: Seconds. An import may wait in turn for what the forking thread holds, such as a lock of logging.
_LONGEST_WAIT = 0.5


def wait_for_imports() -> None:
    """Wait, for a moment at most, until no thread imports anything of ours or of Python's."""
    until = time.monotonic() + _LONGEST_WAIT
    while True:
        # Who comes back from a sleep may go on for a few milliseconds before another thread takes
        # its turn: what is seen then still holds when the process is copied.
        time.sleep(0.0005)
        if not _is_importing() or time.monotonic() > until:
            return


def _is_importing() -> bool:
    return any(
        getattr(getattr(module, "__spec__", None), "_initializing", False)
        for name, module in list(sys.modules.items())
        if name.partition(".")[0] in _ACTIONS_NEED
    )
