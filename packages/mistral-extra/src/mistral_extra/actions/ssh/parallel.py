# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Do the same on many hosts: so many at once, and all before one deadline."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any, NamedTuple, TypeVar

import asyncssh

from mistral_extra.actions.network.cleanup import cut_when_late
from mistral_extra.actions.ssh import connecting, failures, results, targets
from mistral_extra.actions.ssh.parameters import Jump, Login
from mistral_extra.actions.ssh.results import R
from mistral_lib import actions

__all__ = ["Fleet", "on_each"]

T = TypeVar("T")


class Fleet(NamedTuple):
    """The hosts, and how to get there; the actions describe it."""

    hosts: Sequence[str]
    login: Login
    known_hosts: str | None
    verify_host_key: bool
    jump: Jump | None
    at_once: int
    timeout: float


async def on_each(
    fleet: Fleet,
    result: Callable[[str], R],
    work: Callable[[asyncssh.SSHClientConnection, R], Coroutine[Any, Any, None]],
    *,
    repeatable: bool,
) -> list[R]:
    """Do ``work`` on each host; return what came of it, in the order of the hosts.

    A host that fails, or is not done at the deadline, fails alone.

    :param result: makes the result of a host, which ``work`` fills in.
    :param repeatable: whether ``work`` may be done once more when nobody knows if it was done.
    :raises InvalidInput: a parameter is wrong, before any host is connected to.
    :raises ActionTimeout: the jump host was not there in time.
    """
    aims = [targets.parse(host) for host in fleet.hosts]
    until = asyncio.get_running_loop().time() + fleet.timeout
    late = f"not done within {fleet.timeout:g} seconds"
    try:
        async with asyncio.timeout_at(until):
            by = await connecting.access(fleet.login, fleet.known_hosts, fleet.verify_host_key)
    except TimeoutError as e:
        raise actions.ActionTimeout(f"The private key: {late}", retryable=False) from e
    places = asyncio.Semaphore(fleet.at_once)

    async def visit(
        target: targets.Target, through: asyncssh.SSHClientConnection | None, outcome: R
    ) -> R:
        start = time.monotonic()
        try:
            async with (
                asyncio.timeout_at(until),
                places,
                connecting.connected(target, by, through) as connection,
            ):
                start = time.monotonic()
                await cut_when_late(work(connection, outcome), connection.abort)
        except actions.ActionException as e:
            results.failed(outcome, e)
        except TimeoutError:
            results.failed(outcome, actions.ActionTimeout(late))
        except (asyncssh.Error, OSError, ValueError) as e:
            results.failed(outcome, failures.lost(e, repeatable=repeatable))
        outcome.seconds = round(time.monotonic() - start, 3)
        return outcome

    jump = connecting.tunnel(fleet.jump, fleet.known_hosts, fleet.verify_host_key, fleet.login)
    async with _in_time(jump, until, f"The jump host: {late}") as through:
        visits = (visit(target, through, result(target.text)) for target in aims)
        return await asyncio.gather(*visits)


@contextlib.asynccontextmanager
async def _in_time(
    jump: contextlib.AbstractAsyncContextManager[T], until: float, late: str
) -> AsyncIterator[T]:
    """Open ``jump``, but by ``until`` on the loop's clock.

    :raises ActionTimeout: it took longer; with the text ``late``.
    """
    async with contextlib.AsyncExitStack() as stack:
        try:
            async with asyncio.timeout_at(until):
                opened = await stack.enter_async_context(jump)
        except TimeoutError as e:
            raise actions.ActionTimeout(late) from e
        yield opened
