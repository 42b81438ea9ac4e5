# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What a service answered last, in case its client does not tell.

Clients make an exception of a refusal, and many lose something on the way: the request's id, the
time to wait. Eight of them even stumble over a ``Retry-After`` header, and what they raise is a
TypeError. So each run has its last response at hand.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from types import TracebackType

    from requests import Response

__all__ = ["Noted", "watch"]

_FIRST_REFUSAL = 400


class Noted:
    """The last response to this thread, while the block runs."""

    __slots__ = ("_token", "response")

    def __init__(self) -> None:
        self.response: Response | None = None

    def __enter__(self) -> Noted:
        self._token = _noting.set(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        _noting.reset(self._token)

    @property
    def refusal(self) -> Response | None:
        """The last response, if it was a refusal."""
        response = self.response
        return None if response is None or response.status_code < _FIRST_REFUSAL else response


_noting: ContextVar[Noted | None] = ContextVar("mistral_extra_noting", default=None)


class _Sender(Protocol):
    """keystoneauth's session, or whatever else sends through a session of requests."""

    @property
    def session(self) -> Any: ...


def watch(sender: _Sender) -> None:
    """Note the responses to whatever ``sender`` sends from now on."""
    hooks = sender.session.hooks["response"]
    if _note not in hooks:
        hooks.append(_note)


def _note(response: Response, *args: Any, **kwargs: Any) -> None:
    noted = _noting.get()
    if noted is not None:
        noted.response = response
