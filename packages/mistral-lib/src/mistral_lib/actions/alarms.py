# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Call something once: when an action is asked to stop, or when a time has come.

One thread of the process looks after the times of all runs, and sleeps until the earliest. (A
thread a call would take longer than many a call.)
"""

from __future__ import annotations

import math
import os
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Once", "call_at"]


class Once:
    """A function that is called at most once, by whoever comes first."""

    __slots__ = ("_call", "_lock")

    def __init__(self, call: Callable[[], object]) -> None:
        self._call: Callable[[], object] | None = call
        # The function may itself withdraw it.
        self._lock = threading.RLock()

    def ring(self) -> None:
        """Call it; what it raises goes to the log, since nobody here is to blame."""
        with self._lock:
            call, self._call = self._call, None
            if call is None:
                return
            try:
                call()
            except Exception as e:
                import logging

                logging.getLogger(__name__).error("%r, called on cancel, raised", call, exc_info=e)

    def withdraw(self) -> None:
        """See to it that it is not called any more; wait for the end of a call under way."""
        with self._lock:
            self._call = None


def call_at(when: float, call: Callable[[], object]) -> Callable[[], object]:
    """Have ``call`` called at a time of ``time.monotonic()``; return what takes that back."""
    return _WATCH.add(when, call)


class _Watch:
    """The thread and what it waits for."""

    def __init__(self) -> None:
        self.begin_anew()

    def begin_anew(self) -> None:
        """Wait for nothing, with a lock that nobody holds."""
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._calls: dict[object, tuple[float, Callable[[], object]]] = {}
        #: When the thread wakes by itself.
        self._wakes = math.inf

    def add(self, when: float, call: Callable[[], object]) -> Callable[[], object]:
        key = object()
        with self._changed:
            self._calls[key] = when, call
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="alarms", daemon=True)
                self._thread.start()
            elif when < self._wakes:
                self._changed.notify()

        def take_back() -> None:
            with self._changed:
                self._calls.pop(key, None)

        return take_back

    def _run(self) -> None:
        while True:
            for call in self._due():
                call()

    def _due(self) -> list[Callable[[], object]]:
        """Return what is due; if nothing is, only after a sleep."""
        with self._changed:
            now = time.monotonic()
            keys = [key for key, (when, _) in self._calls.items() if when <= now]
            if not keys:
                self._wakes = min((when for when, _ in self._calls.values()), default=math.inf)
                # Those that are taken back meanwhile cost one look in vain.
                self._changed.wait(min(self._wakes - now, threading.TIMEOUT_MAX))
            return [self._calls.pop(key)[1] for key in keys]


_WATCH = _Watch()


if hasattr(os, "register_at_fork"):
    # Thread and calls stay with the process that this one was forked from. The same object, since
    # a call that is taken back later locks it.
    os.register_at_fork(after_in_child=_WATCH.begin_anew)
