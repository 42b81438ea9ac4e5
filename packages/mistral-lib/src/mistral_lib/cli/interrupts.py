# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Run an action so that Ctrl-C asks it to stop, and the caller gets away if it does not."""

from __future__ import annotations

import contextlib
import contextvars
import signal
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

from mistral_lib.utils import _threads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mistral_lib.actions.control import Control
    from mistral_lib.actions.types import Result

__all__ = ["GRACE", "Ending", "call"]

#: Seconds an action has to come to an end after Ctrl-C.
GRACE = 5.0

#: Seconds it has after its deadline: it was to be over by then.
_GRACE_AFTER_DEADLINE = 0.2

#: How often the waiting thread looks around, in seconds.
_POLL = 0.1


class Ending(NamedTuple):
    """How a run ended."""

    #: None where the action did not answer in time.
    result: Result | None
    #: Number of the signal that interrupted it, None where none did.
    signal: int | None


def call(
    run: Callable[[], Result],
    control: Control,
    *,
    on_interrupt: Callable[[], None],
    on_wait: Callable[[], None],
) -> Ending:
    """Call ``run`` in a daemon thread and wait: for it, its deadline, or a signal and some grace.

    The first Ctrl-C (or SIGTERM, SIGHUP) cancels ``control``; a second one ends the wait at once.

    :param on_interrupt: called at the first, in the waiting thread.
    :param on_wait: called a few times a second, in the waiting thread.
    :raises BaseException: what ``run`` raised.
    """
    results: list[Result] = []
    defects: list[BaseException] = []
    done = threading.Event()
    context, thread_locals = contextvars.copy_context(), _threads.snapshot()

    def work() -> None:
        _threads.restore(thread_locals)
        try:
            results.append(context.run(run))
        except BaseException as e:
            defects.append(e)
        finally:
            done.set()

    with _caught() as signals:
        threading.Thread(target=work, name="action", daemon=True).start()
        _wait(done, control, signals, on_interrupt, on_wait)
        if defects:
            raise defects[0]
        return Ending(results[0] if results else None, signals[0] if signals else None)


def _wait(
    done: threading.Event,
    control: Control,
    signals: list[int],
    on_interrupt: Callable[[], None],
    on_wait: Callable[[], None],
) -> None:
    while not done.wait(_POLL if control.time_left is None else min(_POLL, control.time_left)):
        on_wait()
        if signals:
            control.cancel()
            on_interrupt()
            break
        if control.time_left == 0:
            done.wait(_GRACE_AFTER_DEADLINE)
            return
    left = GRACE
    while left > 0 and len(signals) < 2 and not done.wait(_POLL):
        left -= _POLL


def _interrupts() -> list[signal.Signals]:
    """Return the signals that ask the action to stop."""
    found = [signal.SIGINT, signal.SIGTERM]
    # Not every system has it; and nohup, which wants it ignored, is obeyed.
    hangup = getattr(signal, "SIGHUP", None)
    if hangup is not None and signal.getsignal(hangup) is not signal.SIG_IGN:
        found.append(hangup)
    return found


@contextlib.contextmanager
def _caught() -> Iterator[list[int]]:
    """Collect what asks the process to end instead of raising, where its signals are ours."""
    signals: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield signals
        return

    def note(number: int, frame: Any) -> None:
        signals.append(number)

    before = {n: signal.signal(n, note) for n in _interrupts()}
    try:
        yield signals
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
