# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A clock that a test moves by hand."""

from __future__ import annotations

import math
import threading
import time
from typing import TYPE_CHECKING

from mistral_lib.actions import control

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ManualClock"]


class ManualClock(control.Clock):
    """Time that passes when a test says so, or when the action sleeps through its context.

    :param running: real time passes too, and sleeping really waits; for actions that talk to
        something outside the test.
    :param step: seconds that pass whenever somebody looks at the clock; lets an action that polls
        without sleeping reach its deadline.

    >>> from mistral_lib.testing.clock import ManualClock
    >>> clock = ManualClock()
    >>> clock.sleep(3600)
    >>> clock.now()
    3600.0
    """

    __slots__ = ("_alarms", "_lock", "_now", "_started", "poll", "step")

    def __init__(self, *, running: bool = False, step: float = 0.0) -> None:
        # Alarms look at the clock, and so come back here from inside the lock.
        self._lock = threading.RLock()
        self._now = 0.0
        self._started = time.monotonic() if running else None
        self._alarms: list[tuple[float, Callable[[], object]]] = []
        self.step = step
        # Time that stands still need not be slept through bit by bit.
        self.poll = control.Clock.poll if running else math.inf

    def now(self) -> float:
        """Return the seconds that passed since the clock was made."""
        with self._lock:
            if self.step:
                self.advance(self.step)
            return self._read()

    def sleep(self, seconds: float) -> None:
        """Let ``seconds`` pass, at once, or for real on a running clock; at most to an alarm."""
        if self._started is None:
            now = self._read()
            self.advance(min([seconds, *(max(0.0, at - now) for at, _ in self._alarms)]))
        else:
            time.sleep(seconds)
            self.advance(0)

    def advance(self, seconds: float) -> None:
        """Move the clock forward.

        :raises ValueError: ``seconds`` is negative.
        """
        if seconds < 0:
            raise ValueError(f"A clock can't go back: advance() got {seconds} seconds")
        with self._lock:
            self._now += seconds
            now = self._read()
            due = [alarm for alarm in self._alarms if alarm[0] <= now]
            self._alarms = [alarm for alarm in self._alarms if alarm[0] > now]
        for _, call in due:
            call()

    def call_after(self, seconds: float, call: Callable[[], object]) -> None:
        """Have ``call`` called once that many seconds from now have passed.

        Whoever moves the clock calls it: the action, when it sleeps.
        """
        with self._lock:
            self._alarms.append((self._read() + seconds, call))

    def call_at(self, when: float, call: Callable[[], object]) -> Callable[[], object]:
        """Have ``call`` called at a time of this clock; return what takes that back.

        On a running clock it is called without anybody moving that, too.
        """
        alarm = when, call
        with self._lock:
            self._alarms.append(alarm)
            left = when - self._read()
        ring = None
        if self._started is not None:
            ring = super().call_at(time.monotonic() + left, lambda: self.advance(0))

        def take_back() -> None:
            with self._lock:
                self._alarms = [each for each in self._alarms if each is not alarm]
            if ring is not None:
                ring()

        return take_back

    def _read(self) -> float:
        elapsed = 0.0 if self._started is None else time.monotonic() - self._started
        return self._now + elapsed
