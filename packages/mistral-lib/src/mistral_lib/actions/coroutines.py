# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Run an ``async def`` action from ordinary code."""

from __future__ import annotations

import asyncio
import atexit
import contextvars
import threading
from concurrent import futures
from typing import TYPE_CHECKING, Any

from mistral_lib import exceptions
from mistral_lib.actions import context as contexts
from mistral_lib.utils import _threads

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from mistral_lib.actions.control import Control

__all__ = ["GRACE", "control_of", "run"]

#: Seconds that a cancelled coroutine has to clean up, before it is cancelled again.
GRACE = 5.0


def run(coroutine: Coroutine[Any, Any, Any], control: Control | None) -> Any:
    """Return what ``coroutine`` returns, run in an event loop of its own.

    :param control: when it is cancelled, so is the coroutine, which may clean up, with ``await``:
        it is cancelled once, and again only where it is not done in 5 seconds. A process that ends
        meanwhile waits as long for it.
    :raises ActionTimeout: the deadline passed.
    :raises ActionCancelled: somebody else cancelled the coroutine.
    """
    try:
        if not _loop_is_running():
            return _to_its_end(coroutine, control)
        # Called from a coroutine: its loop is busy with us, and a thread has only one.
        return _in_thread(lambda: _to_its_end(coroutine, control))
    except asyncio.CancelledError as e:
        raise (exceptions.ActionCancelled() if control is None else control.ending()) from e


def control_of(context: Any) -> Control | None:
    """Return the control of a context; of anything else, such as a test's mock, None."""
    return context._control if isinstance(context, contexts.ActionContext) else None


def _loop_is_running() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _to_its_end(coroutine: Coroutine[Any, Any, Any], control: Control | None) -> Any:
    """Run a coroutine; a process that ends waits for one that was cancelled."""
    ended = threading.Event()

    def wait_at_exit() -> None:
        # Who waited for the action got an answer and may be leaving; this thread is a daemon.
        if control is not None and control.cancelled:
            ended.wait(GRACE)

    atexit.register(wait_at_exit)
    try:
        return asyncio.run(_watched(coroutine, control))
    finally:
        atexit.unregister(wait_at_exit)
        ended.set()


async def _watched(coroutine: Coroutine[Any, Any, Any], control: Control | None) -> Any:
    loop = asyncio.get_running_loop()
    loop.set_default_executor(_DaemonExecutor())
    if control is None:
        return await coroutine

    def stop() -> None:
        if not task.done():
            task.cancel()
            loop.call_later(GRACE, stop)

    # Before the task is made, so that what is cancelled already does not even begin.
    forget = control.on_cancel(lambda: loop.call_soon_threadsafe(stop))
    task = loop.create_task(coroutine)
    try:
        await asyncio.wait([task])
        return task.result()
    finally:
        forget()


class _DaemonExecutor(futures.ThreadPoolExecutor):
    """Runs each call in a daemon thread: the pool's own threads keep a process from ending."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> futures.Future[Any]:
        future: futures.Future[Any] = futures.Future()
        thread_locals = _threads.snapshot()

        def work() -> None:
            _threads.restore(thread_locals)
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(fn(*args, **kwargs))
            except BaseException as e:
                future.set_exception(e)

        threading.Thread(target=work, daemon=True).start()
        return future


def _in_thread(function: Callable[[], Any]) -> Any:
    context = contextvars.copy_context()
    return _DaemonExecutor().submit(context.run, function).result()
