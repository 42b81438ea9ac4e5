# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A bounded mapping whose missing values are made once, however many threads ask for them.

Of the well-kept packages, ``cachetools`` comes nearest: its caches reorder themselves at each
lookup, so each lookup needs a lock, and making a value either holds that lock or is done by
every thread that misses. Here a lookup takes no lock, and who makes a value stops only those
who want the same one.
"""

from __future__ import annotations

import itertools
import math
import threading
import time
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator
    from concurrent.futures import Future

__all__ = ["Made", "SingleFlightCache", "Tallies", "Tally"]

V = TypeVar("V")


class Made(NamedTuple, Generic[V]):
    """A new value, and until when it is good, in seconds since the epoch."""

    value: V
    until: float = math.inf


class Tally:
    """A number that many threads count up: ``next`` of a count is one step, and takes no lock."""

    def __init__(self) -> None:
        self._count = itertools.count()
        self._reads = 0
        self._lock = threading.Lock()

    def add(self) -> int:
        """Count one up; return a number greater than the one before."""
        return next(self._count)

    @property
    def value(self) -> int:
        """How often it was counted up."""
        with self._lock:
            # There is no looking at a count without counting.
            found = next(self._count) - self._reads
            self._reads += 1
            return found


class Tallies(NamedTuple):
    """What is counted; caches may count together."""

    #: How often a value was asked for.
    lookups: Tally
    #: How often one had to be made, and this was begun.
    misses: Tally
    #: How often one went because of its age, the bound or by name.
    drops: Tally

    @classmethod
    def new(cls) -> Tallies:
        """Return tallies that begin at 0."""
        return cls(Tally(), Tally(), Tally())


class _Entry(Generic[V]):
    __slots__ = ("until", "used", "value")

    def __init__(self, made: Made[V], used: int) -> None:
        self.value, self.until = made
        self.used = used


class SingleFlightCache(Generic[V]):
    """Keeps the ``size`` values used last, each until its time."""

    def __init__(self, size: int, tallies: Tallies | None = None) -> None:
        self._size = size
        self.tallies = Tallies.new() if tallies is None else tallies
        self._lock = threading.Lock()
        self._entries: dict[Hashable, _Entry[V]] = {}
        self._flights: dict[Hashable, Future[V]] = {}

    def clear(self) -> None:
        """Forget all values; what is being made goes to those who wait for it, and is not kept."""
        with self._lock:
            self._entries = {}
            self._flights = {}

    def after_fork(self) -> None:
        """Forget all values, in a new process, where no other thread will release the lock."""
        self._lock = threading.Lock()
        self.tallies = Tallies.new()
        self.clear()

    def __len__(self) -> int:
        return len(self._entries)

    def values(self) -> Iterator[V]:
        """Iterate over the values there are."""
        return (entry.value for entry in list(self._entries.values()))

    def get(self, key: Hashable, make: Callable[[], Made[V]]) -> V:
        """Return the value, which ``make`` makes when there is none.

        What ``make`` raises, all who wait for the value raise; it is not remembered.
        """
        used = self.tallies.lookups.add()
        entry = self._entries.get(key)
        if entry is not None and entry.until > time.time():
            entry.used = used
            return entry.value
        return self._fly(key, used, make)

    def drop(self, key: Hashable, value: V | None = None) -> None:
        """Forget a value; given one, only if it is that."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None and (value is None or entry.value is value):
                del self._entries[key]
                self.tallies.drops.add()

    def _fly(self, key: Hashable, used: int, make: Callable[[], Made[V]]) -> V:
        from concurrent.futures import CancelledError, Future

        while True:
            with self._lock:
                entry = self._entries.get(key)
                if entry is not None and entry.until > time.time():
                    return entry.value
                flight = self._flights.get(key)
                if flight is None:
                    own = self._flights[key] = Future()
                    break
            try:
                return flight.result()
            except CancelledError:
                # Whoever was making it was interrupted, which is no answer for others.
                continue
        self.tallies.misses.add()
        return self._make(key, used, own, make)

    def _make(self, key: Hashable, used: int, flight: Future[V], make: Callable[[], Made[V]]) -> V:
        try:
            made = make()
        except Exception as e:
            self._land(key, flight, None)
            flight.set_exception(e)
            raise
        except BaseException:
            self._land(key, flight, None)
            flight.cancel()
            raise
        self._land(key, flight, _Entry(made, used))
        flight.set_result(made.value)
        return made.value

    def _land(self, key: Hashable, flight: Future[V], entry: _Entry[V] | None) -> None:
        """End a flight; keep what it brought, unless all was forgotten meanwhile."""
        with self._lock:
            if self._flights.get(key) is not flight:
                return
            del self._flights[key]
            if entry is not None:
                self._entries[key] = entry
                self._make_room()

    def _make_room(self) -> None:
        now = time.time()
        for key in [key for key, entry in self._entries.items() if entry.until <= now]:
            del self._entries[key]
            self.tallies.drops.add()
        while len(self._entries) > self._size:
            del self._entries[min(self._entries, key=lambda key: self._entries[key].used)]
            self.tallies.drops.add()
