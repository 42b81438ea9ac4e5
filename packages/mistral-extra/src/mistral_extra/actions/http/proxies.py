# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The site's proxy, ``[http_action] proxy``: those of the environment are ignored.

A proxy connects on its own, so the policy can't choose the address. The target's name is resolved
here all the same, and each of its addresses must pass; what the proxy makes of the name is up to
the proxy's own rules.
"""

from __future__ import annotations

import base64
import re
import socket
from typing import NamedTuple
from urllib.parse import unquote

from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from mistral_extra import config
from mistral_extra.actions.http import errors
from mistral_extra.actions.http.message import Outgoing
from mistral_extra.actions.network import connection, names
from mistral_extra.actions.network.egress import EgressPolicy
from mistral_extra.actions.network.texts import one_line
from mistral_extra.actions.network.watch import Line
from mistral_lib import actions

__all__ = ["Proxy", "configured", "refused"]

#: Bytes of an answer to CONNECT.
_LONGEST_ANSWER = 16 * 1024

_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([0-9]{3})(?: ([^\r\n]*))?\r?\n")

#: Answers of a proxy that may be others next time.
_PASSING = frozenset((408, 425, 429, 500, 502, 503, 504))

#: The operator says where the proxy is, so any address will do.
_ANYWHERE = EgressPolicy(config.HTTP_ACTION_GROUP, blocked=())


class Proxy(NamedTuple):
    """Where the proxy is, and who we are to it."""

    host: str
    port: int
    #: Header to send to the proxy, and to nobody else.
    authorization: dict[str, str]
    #: What must not show.
    secrets: tuple[str, ...]

    def connect(self, target: Outgoing, policy: EgressPolicy, line: Line) -> socket.socket:
        """Return a connection over which to send a request, under TLS where that is https.

        :raises AddressBlocked: an address of the target is one that the policy forbids.
        :raises Unreachable: nobody is at the proxy's address, or it hung up.
        :raises ProxyRefused: the proxy connects to no such target.
        """
        for address in names.look_up_until(line.context, target.host):
            policy.permitted(target.host, [address])
        opened = connection.connect(self.host, self.port, _ANYWHERE, line)
        if target.url.scheme == "https":
            try:
                self._tunnel(opened, target)
            except BaseException:
                opened.close()
                raise
        return opened

    def _tunnel(self, opened: socket.socket, target: Outgoing) -> None:
        """Have the proxy connect to the target (RFC 9110, 9.3.6)."""
        host = f"[{target.host}]" if ":" in target.host else target.host
        authority = f"{host}:{target.port}"
        lines = [f"CONNECT {authority} HTTP/1.1", f"Host: {authority}"]
        lines += [f"{name}: {value}" for name, value in self.authorization.items()]
        answer = bytearray()
        try:
            opened.sendall("\r\n".join([*lines, "", ""]).encode("ascii"))
            # A byte at a time: what follows is TLS, which another reads.
            while not answer.endswith(b"\r\n\r\n") and len(answer) < _LONGEST_ANSWER:
                byte = opened.recv(1)
                if not byte:
                    raise ConnectionAbortedError("the proxy hung up")
                answer += byte
        except OSError as e:
            raise connection.unreachable(self.host, self.port, e) from e
        status = _STATUS_LINE.match(answer)
        if status is None or not status[1].startswith(b"2"):
            code, words = (int(status[1]), status[2] or b"") if status else (0, b"")
            raise refused(target, code, words.decode("latin-1"))


def refused(target: Outgoing, status: int, reason: str) -> errors.ProxyRefused:
    """Return what to raise when the proxy does not pass a request on."""
    answer = f"{status} {one_line(reason)}".rstrip() if status else "something that is not HTTP"
    return errors.ProxyRefused(
        f"The proxy of this site does not connect to {target.shown}: it answered {answer}. The "
        "operator sets it by [http_action] proxy",
        retryable=status in _PASSING,
        details={"url": target.shown, "status": status},
    )


def configured() -> Proxy | None:
    """Return the proxy that the options name, as they are now; None where they name none.

    :raises ActionException: ``BAD_CONFIGURATION``, the option is no such URL.
    """
    url = config.CONF[config.HTTP_ACTION_GROUP].proxy
    if not url:
        return None
    try:
        parts = parse_url(url)
    except LocationParseError:
        parts = None
    if parts is None or parts.scheme != "http" or not parts.host or parts.path not in (None, "/"):
        # Not shown, since it may hold a password.
        raise actions.ActionException(
            "Option proxy of [http_action] must be http://[USER:PASSWORD@]HOST[:PORT]",
            error_code="BAD_CONFIGURATION",
        )
    authorization: dict[str, str] = {}
    secrets: tuple[str, ...] = ()
    if parts.auth:
        user, _, password = (unquote(part) for part in parts.auth.partition(":"))
        pair = base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
        authorization = {"Proxy-Authorization": f"Basic {pair}"}
        secrets = (password, pair)
    return Proxy(parts.host.strip("[]"), parts.port or 3128, authorization, secrets)
