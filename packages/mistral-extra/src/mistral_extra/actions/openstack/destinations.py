# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Where requests of a cloud's clients may go, and what they may carry there.

The server's own catalogue is the operator's word: its endpoints may be wherever the operator put
them. That of a target cloud is whatever a workflow's author sent, as are links in what its services
answer. Requests to a target cloud obey the policy of the HTTP actions, ``[http_action]
blocked_networks`` and ``allowed_networks``, on the address that is connected to.

A token goes to nobody but whom it was meant for: a redirect that leads to another host is followed
without it.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from keystoneauth1 import session as keystone_session
from urllib3 import exceptions
from urllib3.util.connection import create_connection

from mistral_extra.actions.network import egress, errors, names
from mistral_extra.actions.openstack import connections
from mistral_extra.actions.openstack.utils import exceptions as openstack_exceptions

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Mapping

    import requests

    from mistral_extra.actions.network.names import Address

__all__ = ["Guard", "Session", "guarded_pools", "is_credential", "may_carry_token", "without_token"]

_POLICY = "http_action"

_PORTS = {"http": 80, "https": 443}

#: Headers that say who one is; in lower case.
_CREDENTIALS = frozenset(
    {"authorization", "cookie", "x-auth-token", "x-service-token", "x-subject-token"}
)

#: As keystoneauth follows them.
_REDIRECTS = frozenset({301, 302, 303, 305, 307, 308})


class Guard:
    """Says which addresses may be connected to."""

    def __init__(self) -> None:
        self._policy: egress.EgressPolicy | None = None

    def has_changed(self) -> bool:
        """Tell whether the policy is another than when this was asked last."""
        before, self._policy = self._policy, egress.policy_of(_POLICY)
        return before is not None and before != self._policy

    def addresses(self, host: str) -> list[Address]:
        """Return the addresses of a host that may be connected to.

        :raises HostUnknown: there is none.
        :raises AddressBlocked: none is permitted.
        """
        return egress.policy_of(_POLICY).permitted(host, names.look_up(host))


def guarded_pools(guard: Guard) -> Mapping[str, Callable[..., Any]]:
    """Return what makes the pools of an ``urllib3.PoolManager`` by scheme."""
    return connections.pools(functools.partial(_Http, guard), functools.partial(_Https, guard))


class _Guarded(connections.Http):
    """Looks the host's name up once, and connects to an address that passed."""

    def __init__(self, guard: Guard, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._guard = guard

    def _new_conn(self) -> socket.socket:
        try:
            addresses = self._guard.addresses(self.host)
        except errors.HostUnknown as e:
            raise exceptions.NewConnectionError(self, str(e)) from e
        failure: OSError | None = None
        for address in addresses:
            try:
                return create_connection(
                    (str(address), self.port),
                    self.timeout,
                    source_address=self.source_address,
                    socket_options=self.socket_options,
                )
            except OSError as e:
                failure = e
        if isinstance(failure, TimeoutError):
            raise exceptions.ConnectTimeoutError(
                self, f"Connection to {self.host} timed out. (connect timeout={self.timeout})"
            ) from failure
        raise exceptions.NewConnectionError(
            self, f"Failed to establish a new connection: {failure}"
        ) from failure


class _Http(_Guarded):
    """Without TLS."""


class _Https(_Guarded, connections.Https):
    """With TLS; the certificate must still be the name's."""


class Session(keystone_session.Session):
    """keystoneauth's session; it takes the token to no other host."""

    def request(  # type: ignore[override]
        self, url: str, method: str, *, redirect: int | bool | None = None, **kwargs: Any
    ) -> requests.Response:
        """Send a request; a redirect to another host is followed without the token.

        :raises ActionException: ``CONTENT_NOT_SENT``, a stream would have to be sent again.
        """
        left = self.redirect if redirect is None else redirect
        response = super().request(url, method, redirect=False, **kwargs)
        past: list[requests.Response] = []
        while response.status_code in _REDIRECTS and left and "location" in response.headers:
            left = left if isinstance(left, bool) else left - 1
            target = urljoin(response.url, response.headers["location"])
            past.append(response)
            if hasattr(kwargs.get("data"), "__next__"):
                raise openstack_exceptions.ActionException(
                    f"{method} {url} is redirected to another place, and what was streamed can't "
                    "be sent a second time: nothing was stored",
                    error_code="CONTENT_NOT_SENT",
                )
            # The query, if any, is in the URL.
            kwargs = {**kwargs, "params": {}}
            if not may_carry_token(response.url, target):
                kwargs["authenticated"] = False
                kwargs["headers"] = without_token(kwargs.get("headers") or {})
            response = super().request(target, method, redirect=False, **kwargs)
            response.history = past[:]
        return response


def may_carry_token(url: str, target: str) -> bool:
    """Tell whether what was sent to ``url`` may be sent to where it redirects.

    To the same host and port, that is, and never from TLS to none.
    """
    (scheme, *place), (target_scheme, *target_place) = _place(url), _place(target)
    if scheme == target_scheme:
        return place == target_place
    upgraded = (scheme, target_scheme) == ("http", "https") and place[0] == target_place[0]
    return upgraded and (place[1] == target_place[1] or (place[1], target_place[1]) == (80, 443))


def without_token(headers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the headers that say nothing of who one is."""
    return {name: value for name, value in headers.items() if not is_credential(name)}


def is_credential(header: str) -> bool:
    """Tell whether a header says who one is."""
    return header.lower() in _CREDENTIALS


def _place(url: str) -> tuple[str, str, int | None]:
    """Return scheme, host and port of a URL."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ("", "", None)
    return (parts.scheme, (parts.hostname or "").rstrip("."), port or _PORTS.get(parts.scheme))
