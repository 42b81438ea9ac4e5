# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The moment at which a call must be over, with all that belongs to it."""

from __future__ import annotations

import time

from mistral_lib import actions

__all__ = ["POLL", "Deadline"]

#: How often somebody who waits looks whether the action is to stop, in seconds.
POLL = 0.05


class Deadline:
    """When one call of an action must end: at a time, or when the action is asked to stop.

    :param seconds: from now; the action's own deadline, if that is earlier.
    :param what: names the call in the error.
    """

    __slots__ = ("_context", "_seconds", "_until", "_what")

    def __init__(self, context: actions.ActionContext, seconds: float, what: str) -> None:
        left = context.time_left
        self._context = context
        self._seconds = seconds if left is None else min(seconds, left)
        self._until = time.monotonic() + self._seconds
        self._what = what

    @property
    def over(self) -> bool:
        """Whether the call must end."""
        return time.monotonic() >= self._until or self._context.cancelled

    def left(self) -> float:
        """Return the seconds left, more than 0.

        :raises ActionTimeout: there are none.
        :raises ActionCancelled: the action is asked to stop.
        """
        self._context.check_cancelled()
        left = self._until - time.monotonic()
        if left <= 0:
            raise actions.ActionTimeout(f"{self._what} took more than {self._seconds:g} seconds")
        return left

    def step(self) -> float:
        """Return how long to wait before looking here again; raises as :meth:`left`."""
        return min(POLL, self.left())
