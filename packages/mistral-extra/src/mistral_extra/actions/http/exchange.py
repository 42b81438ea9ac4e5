# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Send a request, follow its redirects, and read the answer no further than its limit.

urllib3 gets the connections ready-made, and no pool: it never sees a name that it could look up.
"""

from __future__ import annotations

import contextlib
import http.client
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection
from urllib3.response import HTTPResponse

from mistral_extra.actions.http import errors, redirects
from mistral_extra.actions.http.message import Outgoing
from mistral_extra.actions.http.response import Response, content_of, headers_of
from mistral_extra.actions.network import connection as connections
from mistral_extra.actions.network.egress import EgressPolicy
from mistral_extra.actions.network.tls import client_context
from mistral_extra.actions.network.watch import Line

__all__ = ["Limits", "NegativeSize", "exchange"]

_CHUNK = 64 * 1024

#: Those that urllib3 unpacks in pieces: what a chunk may grow to is bounded.
_UNPACKED = frozenset(("", "deflate", "gzip", "identity", "x-gzip"))


class NegativeSize(http.client.HTTPException):
    """A chunk says that it is shorter than nothing."""


class _Pieces(io.BufferedReader):
    """What comes from a server, read a number of bytes at a time and never until the end."""

    def read(self, size: int | None = -1, /) -> bytes:
        # What reads chunks takes a size as it comes: -1 would be all that the server ever sends.
        if size is None or size < 0:
            raise NegativeSize
        return super().read(size)


class _Received(http.client.HTTPResponse):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fp = _Pieces(self.fp.detach())


class _Connection(HTTPConnection):
    response_class = _Received


@dataclass(frozen=True)
class Limits:
    """How far a request may go."""

    policy: EgressPolicy
    schemes: frozenset[str]
    max_redirects: int
    #: Of a response's body, in bytes.
    max_size: int


def exchange(outgoing: Outgoing, limits: Limits, line: Line) -> Response:
    """Return the answer to a request, after its redirects.

    Scheme and address are judged anew at each of them.
    """
    history: list[str] = []
    while True:
        with (
            contextlib.closing(_connect(outgoing, limits, line)) as connection,
            _lost(outgoing),
            contextlib.closing(_send(connection, outgoing)) as received,
        ):
            target = None
            if limits.max_redirects:
                location = received.headers.get("location")
                target = redirects.following(outgoing, received.status, location)
            if target is None:
                return _read(received, outgoing, limits, history)
        history.append(outgoing.url.url)
        if len(history) > limits.max_redirects:
            raise errors.RedirectRefused(
                f"{outgoing.shown} redirects once more than max_redirects allows, which is "
                f"{limits.max_redirects}",
                details={"url": outgoing.shown, "location": target.shown},
            )
        outgoing = target


def _connect(outgoing: Outgoing, limits: Limits, line: Line) -> HTTPConnection:
    if outgoing.url.scheme not in limits.schemes:
        raise errors.SchemeBlocked(
            f"{outgoing.shown}: this site requests {' and '.join(sorted(limits.schemes))} only: "
            f"the operator may add {outgoing.url.scheme} to [{limits.policy.group}] schemes",
            details={"url": outgoing.shown},
        )
    host, port = outgoing.host, outgoing.port
    # First, since what is wrong with a certificate is known without a connection.
    tls = client_context(outgoing.tls) if outgoing.url.scheme == "https" else None
    opened = connections.connect(host, port, limits.policy, line)
    if tls is not None:
        opened = connections.secure(opened, host, port, tls, line)
    connection = _Connection(host, port, timeout=opened.gettimeout())
    connection.sock = opened
    return connection


def _send(connection: HTTPConnection, outgoing: Outgoing) -> HTTPResponse:
    connection.request(
        outgoing.method,
        outgoing.url.request_uri,
        body=outgoing.body,
        headers={"Host": outgoing.url.netloc or "", **outgoing.headers, "Connection": "close"},
        preload_content=False,
    )
    return connection.getresponse()


def _read(
    received: HTTPResponse, outgoing: Outgoing, limits: Limits, history: list[str]
) -> Response:
    """Return the response with its body, of which no more is read than the limit."""
    packing = received.headers.get("content-encoding", "").lower()
    body = bytearray()
    for chunk in received.stream(_CHUNK, decode_content=packing in _UNPACKED):
        body += chunk
        if len(body) > limits.max_size:
            raise errors.ResponseTooLarge(
                f"{outgoing.shown} answers with more than {limits.max_size} bytes: ask for less, "
                "or raise max_size, which the operator bounds",
                details={"url": outgoing.shown, "limit": limits.max_size},
            )
    content, form = content_of(bytes(body), received.headers.get("content-type"))
    return Response(
        status=received.status,
        reason=received.reason or "",
        url=outgoing.url.url,
        headers=headers_of(received.headers.iteritems()),
        content=content,
        format=form,
        size=len(body),
        history=history,
    )


@contextlib.contextmanager
def _lost(outgoing: Outgoing) -> Iterator[None]:
    """Turn what can befall a connection in use into the error of this package."""
    try:
        yield
    except (OSError, http.client.HTTPException, urllib3.exceptions.HTTPError) as e:
        # urllib3's texts begin with objects; what the system said is in the cause. That of what
        # can't be unpacked has no name to speak of.
        undone = isinstance(e, urllib3.exceptions.DecodeError)
        wrapped = isinstance(e, urllib3.exceptions.HTTPError) and not undone
        cause = e.__cause__ if wrapped else None
        raise errors.ConnectionLost(
            f"The connection to {outgoing.shown} ended before the answer did: "
            f"{connections.reason(cause or e)}",
            details={"url": outgoing.shown},
        ) from e
