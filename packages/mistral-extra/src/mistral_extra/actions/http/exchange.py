# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Send a request, follow its redirects, and read the answer no further than its limit.

urllib3 gets the connections ready-made, and no pool: it never sees a name that it could look up.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from urllib3.response import HTTPResponse

from mistral_extra.actions.http import errors, failures, proxies, redirects
from mistral_extra.actions.http.message import Outgoing
from mistral_extra.actions.http.proxies import Proxy
from mistral_extra.actions.http.response import Response, content_of, headers_of
from mistral_extra.actions.http.transport import Connection
from mistral_extra.actions.network import connection as connections
from mistral_extra.actions.network.egress import EgressPolicy
from mistral_extra.actions.network.tls import client_context
from mistral_extra.actions.network.watch import Line

__all__ = ["Limits", "exchange"]

_CHUNK = 64 * 1024

_PROXY_WANTS_LOGIN = 407

#: Bytes of headers that come with any answer; servers send and take no more than that.
_USUAL_HEADERS = 16 * 1024

#: Those that urllib3 unpacks in pieces: what a chunk may grow to is bounded.
_UNPACKED = frozenset(("", "deflate", "gzip", "identity", "x-gzip"))


@dataclass(frozen=True)
class Limits:
    """How far a request may go."""

    policy: EgressPolicy
    schemes: frozenset[str]
    max_redirects: int
    #: Of a response's body, in bytes, with those of its headers that are more than usual.
    max_size: int
    proxy: Proxy | None = None


def exchange(outgoing: Outgoing, limits: Limits, line: Line) -> Response:
    """Return the answer to a request, after its redirects.

    Scheme and address are judged anew at each of them.
    """
    history: list[str] = []
    while True:
        with (
            contextlib.closing(_connect(outgoing, limits, line)) as connection,
            _lost(outgoing),
            contextlib.closing(_send(connection, outgoing, limits, line)) as received,
        ):
            if received.status == _PROXY_WANTS_LOGIN and limits.proxy is not None:
                raise proxies.refused(outgoing, received.status, received.reason or "")
            headers = list(received.headers.iteritems())
            beyond = max(0, _size(headers) + len(received.reason or "") - _USUAL_HEADERS)
            if beyond > limits.max_size:
                raise _too_large(outgoing, limits, " of headers")
            target = None
            if limits.max_redirects:
                location = received.headers.get("location")
                target = redirects.following(outgoing, received.status, location)
            if target is None:
                return _read(received, headers, beyond, outgoing, limits, history)
        history.append(outgoing.url.url)
        if len(history) > limits.max_redirects:
            raise errors.RedirectRefused(
                f"{outgoing.shown} redirects once more than max_redirects allows, which is "
                f"{limits.max_redirects}",
                details={"url": outgoing.shown, "location": target.shown},
            )
        outgoing = target


def _connect(outgoing: Outgoing, limits: Limits, line: Line) -> Connection:
    if outgoing.url.scheme not in limits.schemes:
        raise errors.SchemeBlocked(
            f"{outgoing.shown}: this site requests {' and '.join(sorted(limits.schemes))} only: "
            f"the operator may add {outgoing.url.scheme} to [{limits.policy.group}] schemes",
            details={"url": outgoing.shown},
        )
    host, port = outgoing.host, outgoing.port
    # First, since what is wrong with a certificate is known without a connection.
    tls = client_context(outgoing.tls) if outgoing.url.scheme == "https" else None
    if limits.proxy is None:
        opened = connections.connect(host, port, limits.policy, line)
    else:
        opened = limits.proxy.connect(outgoing, limits.policy, line)
    if tls is not None:
        opened = connections.secure(opened, host, port, tls, line)
    return Connection(host, port, opened)


def _send(connection: Connection, outgoing: Outgoing, limits: Limits, line: Line) -> HTTPResponse:
    line.may_have_acted |= not outgoing.idempotent
    # Under TLS the proxy sees nothing of the request, and is asked for the connection alone.
    proxied = limits.proxy is not None and outgoing.url.scheme == "http"
    connection.request(
        outgoing.method,
        outgoing.url._replace(fragment=None).url if proxied else outgoing.url.request_uri,
        body=outgoing.body,
        headers={
            "Host": outgoing.url.netloc or "",
            **outgoing.headers,
            **(limits.proxy.authorization if limits.proxy and proxied else {}),
            "Connection": "close",
        },
        preload_content=False,
    )
    return connection.getresponse()


def _read(
    received: HTTPResponse,
    headers: Sequence[tuple[str, str]],
    beyond: int,
    outgoing: Outgoing,
    limits: Limits,
    history: list[str],
) -> Response:
    """Return the response with its body, of which no more is read than the limit.

    :param beyond: bytes of the headers that count toward the limit.
    """
    packing = received.headers.get("content-encoding", "").lower()
    body = bytearray()
    for chunk in received.stream(_CHUNK, decode_content=packing in _UNPACKED):
        body += chunk
        if len(body) + beyond > limits.max_size:
            raise _too_large(outgoing, limits, "")
    content, form = content_of(bytes(body), received.headers.get("content-type"))
    return Response(
        status=received.status,
        reason=received.reason or "",
        url=outgoing.url.url,
        headers=headers_of(headers),
        content=content,
        format=form,
        size=len(body),
        history=history,
    )


def _size(headers: Sequence[tuple[str, str]]) -> int:
    """Return how many bytes headers take: a line has a colon, a blank and a line break."""
    return sum(len(name) + len(value) + 4 for name, value in headers)


def _too_large(outgoing: Outgoing, limits: Limits, what: str) -> errors.ResponseTooLarge:
    return errors.ResponseTooLarge(
        f"{outgoing.shown} answers with more than {limits.max_size} bytes{what}: ask for less, or "
        "raise max_size, which the operator bounds",
        details={"url": outgoing.shown, "limit": limits.max_size},
    )


@contextlib.contextmanager
def _lost(outgoing: Outgoing) -> Iterator[None]:
    """Turn what can befall a connection in use into the error of this package."""
    try:
        yield
    except failures.FAILURES as e:
        raise failures.lost(e, outgoing) from e
