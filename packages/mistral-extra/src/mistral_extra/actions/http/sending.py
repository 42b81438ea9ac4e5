# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A request from its first try to its result: within the author's bounds and the site's."""

from __future__ import annotations

import dataclasses
import time
from typing import NamedTuple

from mistral_extra import config
from mistral_extra.actions.http import proxies, retrying
from mistral_extra.actions.http.exchange import Limits, exchange
from mistral_extra.actions.http.message import Outgoing
from mistral_extra.actions.http.parameters import Retry
from mistral_extra.actions.http.response import Response
from mistral_extra.actions.network import egress
from mistral_extra.actions.network.watch import watched
from mistral_lib import actions

__all__ = ["Bounds", "send"]


#: Fields of a response that hold the server's words, or where it sent us.
_TOLD = ("reason", "url", "headers", "content", "history")


class Bounds(NamedTuple):
    """What the author of the workflow sets; the actions describe it."""

    expect: list[int] | None
    retry: Retry | None
    max_redirects: int
    max_size: int | None
    timeout: float


def send(outgoing: Outgoing, bounds: Bounds, context: actions.ActionContext) -> Response:
    """Return the expected response to a request."""
    started = time.monotonic()
    limits = _limits(bounds)
    context = context.with_timeout(bounds.timeout, f"{outgoing.method} {outgoing.shown}")

    # The proxy's password is in no parameter, so nobody else masks it.
    masker = actions.Masker((outgoing.secrets, limits.proxy and limits.proxy.secrets))

    def attempt() -> Response:
        with watched(context) as line:
            response = exchange(outgoing, limits, line)
        told = {name: masker.data(getattr(response, name)) for name in _TOLD} if masker else {}
        return dataclasses.replace(response, **told)

    response = retrying.expected_response(attempt, outgoing, bounds.expect, bounds.retry, context)
    return dataclasses.replace(response, elapsed=round(time.monotonic() - started, 6))


def _limits(bounds: Bounds) -> Limits:
    options = config.CONF[config.HTTP_ACTION_GROUP]
    most = options.max_response_size
    if bounds.max_size is not None and bounds.max_size > most:
        raise actions.InvalidInput(
            f"Parameter 'max_size' must be at most {most}, which this site sets by "
            "[http_action] max_response_size"
        )
    return Limits(
        policy=egress.policy_of(config.HTTP_ACTION_GROUP),
        schemes=frozenset(options.schemes),
        max_redirects=bounds.max_redirects,
        max_size=bounds.max_size or most,
        proxy=proxies.configured(),
    )
