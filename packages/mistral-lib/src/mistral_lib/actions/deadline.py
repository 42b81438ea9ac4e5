# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Call something in a thread of its own, and stop waiting for it at a deadline.

Python can't stop a thread. The caller gets its answer at the deadline, the action is asked to
stop through its control, and what it returns later is dropped. Threads are daemons, so none keeps
the process from ending.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from mistral_lib import exceptions
from mistral_lib.utils import _threads

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from mistral_lib.actions.control import Control

    T = TypeVar("T")

__all__ = ["call"]

#: How often the waiting caller looks at the deadline of a clock that is not the system's, seconds.
_POLL = 0.1


def call(function: Callable[[], T], control: Control, name: str) -> T:
    """Return what ``function`` returns, called with the caller's thread-locals and contextvars.

    :param control: whose deadline ends the wait; it is cancelled then.
    :param name: of the action, for the message.
    :raises ActionTimeout: the deadline passed first.
    :raises ActionCancelled: ``control`` was cancelled first, and the action did not react.
    """
    import contextvars

    outcome: list[tuple[Any, BaseException | None]] = []
    done = threading.Event()
    context = contextvars.copy_context()
    thread_locals = _threads.snapshot()

    def work() -> None:
        _threads.restore(thread_locals)
        try:
            outcome.append((context.run(function), None))
        except BaseException as e:
            outcome.append((None, e))
        finally:
            done.set()

    threading.Thread(target=work, name=f"action-{name}", daemon=True).start()
    try:
        _wait(done, control)
    except BaseException:
        # The caller was interrupted (Ctrl-C): it can't wait any more, the action should not go on.
        control.cancel()
        raise
    if not outcome:
        timed_out = control.time_left == 0
        control.cancel()
        if timed_out:
            raise exceptions.ActionTimeout(
                f"Action '{name}' did not answer before its deadline and was asked to stop"
            )
        raise exceptions.ActionCancelled(f"Action '{name}' was cancelled")
    value, error = outcome.pop()
    if error is not None:
        raise error
    return value  # type: ignore[no-any-return]


#: Seconds a cancelled action has to come to an end of its own.
_GRACE = 0.5


def _wait(done: threading.Event, control: Control) -> None:
    while not control.cancelled:
        left = control.time_left
        if done.wait(_POLL if left is None else min(left, _POLL)):
            return
    if control.time_left != 0:
        done.wait(_GRACE)
