# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Try a request again where that can help and does no harm."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection

from mistral_extra.actions.http import errors
from mistral_extra.actions.http.message import Outgoing
from mistral_extra.actions.http.parameters import Retry
from mistral_extra.actions.http.response import Response
from mistral_extra.actions.network.errors import HostUnknown, Unreachable
from mistral_extra.actions.network.texts import one_line
from mistral_lib import actions, utils

__all__ = ["expected_response"]

#: Those to which the same request may get another answer.
_PASSING = frozenset((408, 425, 429, 500, 502, 503, 504))

#: Of those, the ones that say that nothing was done.
_REFUSALS = frozenset((408, 425, 429, 503))

#: Errors before the server could have seen anything.
_NOTHING_SENT = (HostUnknown, Unreachable, errors.ProxyRefused)

#: Seconds, whatever the number of tries.
_LONGEST_PAUSE = 60.0


def expected_response(
    attempt: Callable[[], Response],
    outgoing: Outgoing,
    expect: Collection[int] | None,
    retry: Retry | None,
    context: actions.ActionContext,
) -> Response:
    """Return the response of the first attempt that is answered as expected.

    :param expect: statuses that are a success; None for 200 to 299.
    :param context: with the deadline of all attempts.
    :raises UnexpectedStatus: the last attempt was answered otherwise.
    :raises ActionException: what the last attempt raised.
    """
    count, delay = (0, 0.0) if retry is None else (retry.count, retry.delay)
    for number in range(count + 1):
        failure: actions.ActionException
        try:
            response = attempt()
        except (*_NOTHING_SENT, errors.ConnectionLost) as e:
            failure = e
        else:
            if response.status in (range(200, 300) if expect is None else expect):
                return response
            failure = _unexpected(response, outgoing)
        # What our own loop must not do, a retry policy of the workflow must not do either.
        failure.retryable = _repeatable(outgoing, failure)
        # Half of it by chance, so that those who failed together don't come back together.
        pause = min(delay * 2**number, _LONGEST_PAUSE) * random.uniform(0.5, 1)
        pause = max(pause, failure.retry_after or 0)
        if number == count or not failure.retryable or _too_long(pause, context):
            raise failure
        context.progress(f"{failure}; the next try comes in {pause:.1f} s")
        context.sleep(pause)
    raise AssertionError("unreachable: the last attempt returns or raises")


def _too_long(pause: float, context: actions.ActionContext) -> bool:
    left = context.time_left
    return left is not None and pause >= left


def _repeatable(outgoing: Outgoing, failure: actions.ActionException) -> bool:
    if not failure.retryable:
        return False
    if outgoing.idempotent or isinstance(failure, _NOTHING_SENT):
        return True
    return (failure.details or {}).get("status") in _REFUSALS


def _unexpected(response: Response, outgoing: Outgoing) -> errors.UnexpectedStatus:
    return errors.UnexpectedStatus(
        f"{outgoing.method} {outgoing.shown} was answered by {response.status} "
        f"{one_line(response.reason)}".rstrip(),
        retryable=response.status in _PASSING,
        retry_after=utils.retry_after(response.headers.get("retry-after")),
        details=vars(response),
    )
