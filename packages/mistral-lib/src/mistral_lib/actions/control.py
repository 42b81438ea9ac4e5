# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""How a running action is steered: its deadline, the wish that it stop, and its progress."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from mistral_lib import exceptions
from mistral_lib.actions import redaction
from mistral_lib.utils import _text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import timedelta
    from typing import Any

    from mistral_lib.actions import alarms
    from mistral_lib.actions.base import ActionProvider
    from mistral_lib.actions.types import Result

__all__ = ["Clock", "Control", "duration", "seconds"]


class Clock:
    """Time as an action's deadline sees it; a test may put its own in place."""

    __slots__ = ()

    #: How often a sleeping action looks whether it was asked to stop, in seconds.
    poll: float = 0.05

    def now(self) -> float:
        """Return seconds; their zero is arbitrary."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Let ``seconds`` pass."""
        time.sleep(seconds)

    def call_at(self, when: float, call: Callable[[], object]) -> Callable[[], object]:
        """Have ``call`` called once :meth:`now` is ``when``; return what takes that back."""
        from mistral_lib.actions import alarms

        return alarms.call_at(when, call)


_SYSTEM_CLOCK = Clock()


def seconds(value: Any) -> float:
    """Return a timeout, a number or a timedelta, in seconds.

    :raises ValueError: it is nothing to wait for.
    """
    number = _number(value)
    if number is None or not number > 0:
        raise ValueError(f"must be a number of seconds above 0, got {_text.brief(value)}")
    return number


def duration(value: Any) -> float:
    """Return a time to wait, a number or a timedelta, in seconds; below 0, it is over.

    :raises ValueError: it is neither.
    """
    number = _number(value)
    if number is None:
        raise ValueError(
            f"The time to sleep must be a number of seconds or a timedelta, "
            f"got {_text.brief(value)}"
        )
    return number


def _number(value: Any) -> float | None:
    number = value.total_seconds() if hasattr(value, "total_seconds") else value
    if not isinstance(number, (int, float)) or isinstance(number, bool):
        return None
    try:
        number = float(number)
    except OverflowError:
        return None
    # A NaN is not equal to itself.
    return number if number == number else None


class Control:
    """The line between one running action and whoever runs it.

    :param timeout: seconds until the deadline, None for no deadline.
    :param parent: the control of the action that runs this one; stopping that one stops this one.
    :param on_progress: called with each progress text.
    :param provider: where actions named by this one are looked up.
    :param clock: the time that deadline and :meth:`sleep` go by.
    :param on_child: called with each action that this one ran, its parameters and its result.
    :param watched: somebody else waits for the deadline, and stops waiting then; False for that of
        a part of an action, which the action alone looks at.
    :param late: what the error says when the deadline has passed.
    """

    __slots__ = (
        "_asked",
        "_calls",
        "_late",
        "_on_progress",
        "_parent",
        "_watched",
        "bounded",
        "clock",
        "completes_later",
        "deadline",
        "on_child",
        "provider",
    )

    def __init__(
        self,
        timeout: float | None = None,
        parent: Control | None = None,
        on_progress: Callable[[str], None] | None = None,
        provider: ActionProvider | None = None,
        clock: Clock | None = None,
        on_child: Callable[[Any, Mapping[str, Any], Result], None] | None = None,
        watched: bool = True,
        late: str | None = None,
    ) -> None:
        self._parent = parent
        self._asked = False
        self._calls: dict[alarms.Once, None] = {}
        self._watched = watched
        self._late = late
        if parent is not None:
            on_progress = on_progress or parent._on_progress
            provider = provider or parent.provider
            clock = clock or parent.clock
            on_child = on_child or parent.on_child
        self._on_progress: Callable[[str], None] | None = on_progress
        self.on_child: Callable[[Any, Mapping[str, Any], Result], None] | None = on_child
        self.provider: ActionProvider | None = provider
        self.clock: Clock = clock or _SYSTEM_CLOCK
        #: Whether the action that ran said that its result is delivered later.
        self.completes_later = False
        #: On the clock; the parent's, if that is earlier.
        self.deadline: float | None = None if timeout is None else self.clock.now() + timeout
        #: Whether that deadline is its own: whoever watches the parent's knows nothing of it.
        self.bounded = self.deadline is not None
        if parent is not None and parent.deadline is not None:
            self.bounded = self.deadline is not None and self.deadline < parent.deadline
            if not self.bounded:
                self.deadline = parent.deadline
                self._late = parent._late
                self.bounded = parent.bounded and not parent._watched

    def cancel(self) -> None:
        """Ask the action, and those it runs, to stop."""
        self._asked = True
        for once in list(self._calls):
            once.ring()

    def on_cancel(self, call: Callable[[], object]) -> Callable[[], None]:
        """Have ``call`` called once: when :attr:`cancelled` becomes true, or now if it is.

        It is called in the thread of whoever cancels, or in one that all runs share, and so has
        to be quick. What it raises goes to the log.

        :returns: what takes that back, and must be called in the end. When it returns, ``call`` is
            not under way and will not be.
        """
        from mistral_lib.actions import alarms

        once = alarms.Once(call)
        line = list(self._line())
        for control in line:
            control._calls[once] = None
        alarm = None if self.deadline is None else self.clock.call_at(self.deadline, once.ring)
        if self.cancelled:
            # Asked before it was in the list.
            once.ring()

        def forget() -> None:
            once.withdraw()
            for control in line:
                control._calls.pop(once, None)
            if alarm is not None:
                alarm()

        return forget

    def _line(self) -> Iterator[Control]:
        """Yield this control and those above it."""
        control: Control | None = self
        while control is not None:
            yield control
            control = control._parent

    @property
    def cancelled(self) -> bool:
        """Whether it was asked to, or its deadline passed."""
        if self._asked:
            return True
        if self.deadline is not None and self.clock.now() >= self.deadline:
            return True
        return self._parent is not None and self._parent.cancelled

    def check(self) -> None:
        """Raise if the action is asked to stop.

        :raises ActionTimeout: the deadline passed.
        :raises ActionCancelled: somebody asked.
        """
        if self.cancelled:
            raise self.ending()

    def ending(self) -> exceptions.ActionException:
        """Return how an action that stopped when asked to has ended."""
        if self.time_left == 0:
            return exceptions.ActionTimeout(self._late)
        return exceptions.ActionCancelled()

    @property
    def time_left(self) -> float | None:
        """Seconds until the deadline, at least 0; None when there is none."""
        return None if self.deadline is None else max(0.0, self.deadline - self.clock.now())

    def sleep(self, seconds: float | timedelta) -> None:
        """Wait ``seconds``, or until asked to stop.

        :raises ValueError: it is not a time; the message says what came.
        """
        seconds = duration(seconds)
        until = self.clock.now() + seconds
        while not self.cancelled:
            left = until - self.clock.now()
            if left <= 0:
                return
            if self.deadline is not None:
                left = min(left, max(0.0, self.deadline - self.clock.now()))
            self.clock.sleep(min(left, self.clock.poll))

    def progress(self, text: object) -> None:
        """Hand a progress text, masked, to whoever watches, or to the log.

        :param text: of anything but text, what ``str`` makes of it.
        """
        text = redaction.masked(_text.string(text))
        if self._on_progress is not None:
            self._on_progress(text)
        else:
            import logging

            logging.getLogger(__name__).info("%s", text)
