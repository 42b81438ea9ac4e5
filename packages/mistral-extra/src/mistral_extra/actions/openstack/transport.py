# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""How requests reach a service: bounded in time and size, whichever client sends them.

Most clients send through keystoneauth's session, some through sessions of requests that they make
themselves, and none of them has a limit of its own. So the limits are in the adapter below all of
them: for a connection, for each next part of an answer, and for the whole of one. What a client
streams, such as an image, may take as long and be as large as it is.
"""

from __future__ import annotations

import contextlib
import io
from contextvars import ContextVar
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

import requests
import urllib3
from keystoneauth1.session import TCPKeepAliveAdapter
from requests.utils import select_proxy

from mistral_extra.actions.openstack import connections, destinations, refusals
from mistral_extra.actions.openstack.utils import exceptions
from mistral_lib import exceptions as lib_exceptions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from keystoneauth1 import session as keystone_session

    from mistral_extra.actions.openstack.destinations import Guard

__all__ = [
    "SAFE_METHODS",
    "BoundedAdapter",
    "OneRequestSessions",
    "Timeouts",
    "bound",
    "fetched",
    "guard_of",
    "reading",
    "shown_url",
    "timeouts",
]

#: Methods that change nothing (RFC 9110, 9.2.1): sent again, they do no harm.
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})

#: How many redirects a URL's content may be away.
_REDIRECTS = 5

#: Digits that no number of bytes has.
_LONGEST_NUMBER = 19

#: A longer body, in bytes, may have to wait for its reader as long as an answer may take.
_SHORT_BODY = 64 * 1024


class Timeouts(NamedTuple):
    """Seconds of one request."""

    #: Until there is a connection.
    connect: float
    #: Between two pieces of the answer.
    read: float
    #: Until the answer is whole, however it comes.
    answer: float


#: ``action_timeout`` of the action that runs.
_read_timeout: ContextVar[float | None] = ContextVar("mistral_extra_read_timeout", default=None)


@contextlib.contextmanager
def reading(seconds: Any) -> Iterator[None]:
    """Wait so many seconds for each answer while the block runs; None is as configured.

    :raises ActionException: it is not a number of seconds.
    """
    if seconds is not None and (
        isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds < 1e6
    ):
        raise exceptions.ActionException(
            f"action_timeout is a number of seconds, more than 0; got {seconds!r:.80}",
            error_code="INVALID_INPUT",
        )
    token = _read_timeout.set(seconds)
    try:
        yield
    finally:
        _read_timeout.reset(token)


def timeouts() -> Timeouts:
    """Return what holds for a request that is sent now, in this thread."""
    from mistral_extra import config

    options = config.CONF[config.OPENSTACK_ACTIONS_GROUP]
    read = _read_timeout.get() or options.read_timeout
    return Timeouts(options.connect_timeout, read, max(read, options.answer_timeout))


class BoundedAdapter(TCPKeepAliveAdapter):
    """Gives up a request that takes too long.

    What it raises is an error of ours, not one of requests: a client would take that for a lost
    connection and send the request again, whether or not the service is at work on it.

    :param guard: says where the requests may go; anywhere without it.
    :param limits: other than those of the thread that sends.
    :param streams_json: JSON may be content, too, which a client that streams does not hold.
    """

    def __init__(
        self,
        guard: Guard | None = None,
        limits: Timeouts | None = None,
        *,
        streams_json: bool = True,
        **kwargs: Any,
    ) -> None:
        # Before the pools are made, which takes the guard.
        self.guard = guard
        self._limits = limits
        self._streams_json = streams_json
        super().__init__(**kwargs)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        pools: Any = destinations.guarded_pools(self.guard) if self.guard else connections.pools()
        self.poolmanager.pool_classes_by_scheme = pools

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Return the pools of the connections to a proxy."""
        manager = super().proxy_manager_for(proxy, **kwargs)
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = connections.pools()
        return manager

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        """Send a request, and read the answer unless it is to be streamed.

        :param timeout: what the client asks for; it may be less than what is configured.
        :raises ActionException: ``REQUEST_TIMEOUT``; retryable if the request can do no harm twice.
        """
        refusals.note_request(request)
        limits = _least(self._limits or timeouts(), timeout)
        if self.guard is not None:
            if self.guard.has_changed():
                # The connections that are open were permitted before.
                self.poolmanager.clear()
            if select_proxy(request.url or "", proxies):
                # The proxy connects: to what the name is for it.
                self.guard.addresses(urlsplit(request.url or "").hostname or "")
        # urllib3 lets a body take as long, piece by piece, as the connection.
        connect = limits.connect if _is_short(request.body) else max(limits.connect, limits.read)
        allowed = connections.AnswerTime(limits.answer)
        token = connections.answer_time.set(allowed)
        try:
            response = super().send(request, stream, (connect, limits.read), verify, cert, proxies)
            if not stream or self._is_read_at_once(response, request):
                # As requests does next, outside of this method, but to an end.
                _read(response, request)
                if stream:
                    # Swift's client reads below requests.
                    response.raw = io.BytesIO(response.content)
            else:
                allowed.lift()
        except requests.ConnectTimeout as e:
            raise _timed_out(request, f"no connection within {connect:g} seconds", True) from e
        except requests.RequestException as e:
            if not _is_timeout(e):
                raise
            harmless = request.method in SAFE_METHODS or _is_login(request)
            what = f"no answer within {limits.read:g} seconds"
            if not allowed.left():
                what = f"no whole answer within {limits.answer:g} seconds"
            raise _timed_out(request, what, harmless) from e
        finally:
            connections.answer_time.reset(token)
        return response

    def _is_read_at_once(
        self, response: requests.Response, request: requests.PreparedRequest
    ) -> bool:
        """Return whether a client that streams everything will hold this answer."""
        if self._streams_json:
            # So Swift's client asks for a listing.
            return "format=json" in urlsplit(request.url or "").query.split("&")
        return response.headers.get("Content-Type", "").lower().startswith("application/json")


def bound(
    session: requests.Session, guard: Guard | None = None, limits: Timeouts | None = None
) -> None:
    """Bound whatever is sent through ``session`` from now on.

    A redirect to another host is followed without a token, too.

    :param guard: says where the requests may go; anywhere without it.
    :param limits: other than those of the thread that sends.
    """
    adapter = BoundedAdapter(guard, limits)
    for scheme in list(session.adapters):
        session.mount(scheme, adapter)
    rebuild = session.rebuild_auth

    def without_token_elsewhere(
        request: requests.PreparedRequest, response: requests.Response
    ) -> None:
        rebuild(request, response)
        if not destinations.may_carry_token(response.url, request.url or ""):
            for name in list(request.headers):
                if destinations.is_credential(name):
                    del request.headers[name]

    session.rebuild_auth = without_token_elsewhere  # type: ignore[method-assign,assignment]


def guard_of(session: keystone_session.Session) -> Guard | None:
    """Return what says where the requests of a keystoneauth session may go."""
    return getattr(session.session.get_adapter("https://"), "guard", None)


class OneRequestSessions:
    """Stands for the module requests: its functions, bounded, each with a session of its own.

    The answers are noted, as those to other clients are.

    :param guard: as for :func:`bound`.
    """

    def __init__(self, guard: Guard | None = None) -> None:
        self._guard = guard

    def __getattr__(self, name: str) -> Any:
        method = getattr(requests.Session, name)

        def request(*args: Any, **kwargs: Any) -> requests.Response:
            with requests.Session() as session:
                bound(session, self._guard)
                refusals.watch(SimpleNamespace(session=session))
                response: requests.Response = method(session, *args, **kwargs)
                return response

        return request


@contextlib.contextmanager
def fetched(url: str, what: str) -> Iterator[tuple[BinaryIO, int | None]]:
    """Get what is at a URL, as far as the policy of the HTTP actions permits.

    Nothing of an identity is sent along.

    :param what: names the URL in errors.
    :returns: the bytes, to be read in pieces, and their number where the server says it.
    :raises InvalidInput: it is not a URL that may be fetched, or there is nothing.
    :raises AddressBlocked: the policy forbids it.
    """
    from mistral_extra import config

    schemes = config.CONF[config.HTTP_ACTION_GROUP].schemes
    with requests.Session() as session:
        # Neither proxies nor passwords of the executor's environment.
        session.trust_env = False
        session.max_redirects = _REDIRECTS
        bound(session, destinations.Guard())
        for scheme in ("http", "https"):
            if scheme not in schemes:
                del session.adapters[f"{scheme}://"]
        try:
            response = session.get(url, stream=True, headers={"Accept-Encoding": "identity"})
        except (requests.RequestException, ValueError) as e:
            raise lib_exceptions.InvalidInput(
                f"{what}: {shown_url(url)} can't be fetched: {type(e).__name__}"
            ) from e
        with response:
            if response.status_code != requests.codes.ok:
                raise lib_exceptions.InvalidInput(
                    f"{what}: {shown_url(url)} answered with status {response.status_code}, "
                    "expected 200"
                )
            size = response.headers.get("Content-Length", "")
            is_number = size.isdecimal() and len(size) < _LONGEST_NUMBER
            body: Any = _Body(response.raw, f"{what}: {shown_url(url)}")
            yield body, int(size) if is_number else None


class _Body:
    """What is fetched. Where it breaks, the service that it is sent to is not to blame."""

    def __init__(self, raw: Any, what: str) -> None:
        self._raw = raw
        self._what = what

    def seekable(self) -> bool:
        return False

    def read(self, size: int | None = None) -> bytes:
        try:
            content: bytes = self._raw.read(size)
        except (OSError, urllib3.exceptions.HTTPError) as e:
            raise exceptions.ActionException(
                f"{self._what} ended before it was whole ({type(e).__name__}): nothing was stored",
                error_code="CONTENT_NOT_FETCHED",
                retryable=True,
            ) from e
        return content


def _least(limits: Timeouts, timeout: Any) -> Timeouts:
    parts = timeout if isinstance(timeout, tuple) else (timeout, timeout)
    connect, read = (
        min(limit, part) if isinstance(part, int | float) and part > 0 else limit
        for limit, part in zip(limits[:2], parts, strict=True)
    )
    return limits._replace(connect=connect, read=read)


def _read(response: requests.Response, request: requests.PreparedRequest) -> None:
    """Read an answer whole, unless it is larger than any that is held in memory."""
    from mistral_extra import config

    most: int = config.CONF[config.OPENSTACK_ACTIONS_GROUP].max_answer_size
    pieces, size = [], 0
    for piece in response.iter_content(_SHORT_BODY):
        pieces.append(piece)
        size += len(piece)
        if size > most:
            response.close()
            raise exceptions.ActionException(
                f"{request.method} {shown_url(request.url or '')}: the answer is larger than "
                f"{most} bytes, which [openstack_actions] max_answer_size sets: ask for less of it",
                error_code="CONTENT_TOO_LARGE",
            )
    # What response.content returns, once all is read.
    response._content = b"".join(pieces)


def _is_login(request: requests.PreparedRequest) -> bool:
    # It makes a token and changes nothing; what the action is about was not sent yet.
    return urlsplit(request.url or "").path.endswith("/auth/tokens")


def _is_short(body: Any) -> bool:
    return body is None or (isinstance(body, bytes | str) and len(body) <= _SHORT_BODY)


def _is_timeout(error: BaseException) -> bool:
    """Return whether an error of requests is about time, also while a body was read."""
    if isinstance(error, requests.Timeout):
        return True
    return any(type(part).__name__ == "ReadTimeoutError" for part in error.args)


def _timed_out(
    request: requests.PreparedRequest, what: str, retryable: bool
) -> exceptions.ActionException:
    return exceptions.ActionException(
        f"{request.method} {shown_url(request.url or '')}: {what}; [openstack_actions] "
        "connect_timeout, read_timeout and answer_timeout, or the action's parameter "
        "action_timeout, allow more",
        error_code="REQUEST_TIMEOUT",
        retryable=retryable,
        details={"status": None, "request_id": None},
    )


def shown_url(url: str) -> str:
    """Return a URL without user, query and fragment, which may hold secrets; cut."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "the URL"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"[:200]
