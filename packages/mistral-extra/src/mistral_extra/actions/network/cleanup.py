# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""How long a call may clean up: the one bound, whatever the peer does or does not answer.

The deadline of a call ends its work. What follows, a goodbye, a process to kill, a file to remove,
waits for the same peer, which may be hung or hostile: so it has a bound of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from mistral_lib import actions

__all__ = ["CLEAN_UP", "GOODBYE", "cut_when_late"]

T = TypeVar("T")

#: Seconds for everything: less than the 5 that a cancelled coroutine has.
CLEAN_UP = 4.75

#: Seconds of those for a goodbye, after which the connection is dropped.
GOODBYE = 0.5


async def cut_when_late(work: Coroutine[Any, Any, T], cut: Callable[[], None]) -> T:
    """Return what ``work`` returns; when cancelled, let it clean up, but no longer than allowed.

    :param cut: drops the connection that ``work`` waits for, so that its waiting ends.
    :raises ActionTimeout: cancelled, and what the clean-up could not do is worth a message.
    """
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait([task])
    except asyncio.CancelledError:
        task.cancel()
        for each in asyncio.all_tasks():
            # Of those that a library began below it, nobody will ask how they ended.
            each.add_done_callback(lambda done: done.cancelled() or done.exception())
        timer = asyncio.get_running_loop().call_later(CLEAN_UP - GOODBYE, cut)
        try:
            await asyncio.wait([task], timeout=CLEAN_UP)
        finally:
            timer.cancel()
        if task.done() and not task.cancelled():
            error = task.exception()
            if isinstance(error, actions.ActionTimeout):
                raise error from error.__cause__
        raise
    return task.result()
