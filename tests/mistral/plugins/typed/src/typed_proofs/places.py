# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Actions that say where they ran, in each form that a function action has."""

import asyncio
from dataclasses import dataclass

from classic_proofs import places

from mistral_lib import actions

__all__ = ["Place", "where", "where_async", "where_nested"]


@dataclass
class Place:
    """Where an action ran."""

    item: int
    node: str
    pid: int


@actions.action(name="typed.where", idempotent=True)
def where(
    item: int, sleep: float = 0, journal: str | None = None, gate: str | None = None
) -> Place:
    """Say which process this is.

    :param item: returned as it is.
    :param sleep: seconds.
    :param journal: folder to write it down in.
    :param gate: file to wait for.
    """
    return Place(**places.where(item, sleep, journal, gate))


@actions.action(name="typed.where_async", idempotent=True)
async def where_async(item: int, sleep: float = 0, journal: str | None = None) -> Place:
    """Say which process this is, as a coroutine."""
    await asyncio.sleep(sleep)
    return Place(**places.where(item, 0, journal))


@actions.action(name="typed.where_nested", idempotent=True)
def where_nested(
    item: int, sleep: float = 0, journal: str | None = None, *, context: actions.ActionContext
) -> Place:
    """Have other actions say it: a class, which a coroutine must agree with."""
    inner = context.run("classic.where", item=item, sleep=sleep, journal=journal)
    again = context.run("typed.where_async", item=item)
    if inner["pid"] != again["pid"]:
        raise actions.ActionException("an inner action ran in another process")
    return Place(**inner)
