# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A connection to a host, at an address that the policy lets pass."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeVar

from mistral_extra.actions.network import errors, names
from mistral_extra.actions.network.egress import EgressPolicy
from mistral_extra.actions.network.names import Address
from mistral_extra.actions.network.watch import Line

if TYPE_CHECKING:
    import ssl

__all__ = ["connect", "passes", "reason", "secure", "unreachable"]

S = TypeVar("S", bound=socket.socket)

#: Seconds that an address has to take a connection before the next one is tried.
_CONNECT = 10.0


def connect(host: str, port: int, policy: EgressPolicy, line: Line) -> socket.socket:
    """Return a connection to the first address that takes one.

    Its timeout is what the deadline leaves.

    :raises HostUnknown: the name has no address.
    :raises AddressBlocked: it has only such as the policy forbids.
    :raises Unreachable: none takes a connection.
    """
    addresses = policy.permitted(host, names.look_up_until(line.context, host))
    failure: OSError | None = None
    for address in addresses:
        try:
            return _connect(address, port, line)
        except OSError as e:
            failure = e
    assert failure is not None
    raise unreachable(host, port, failure) from failure


def _connect(address: Address, port: int, line: Line) -> socket.socket:
    with _closed_on_error(socket.socket(_FAMILIES[address.version])) as connection:
        line.hold(connection)
        connection.settimeout(min(_CONNECT, line.left() or _CONNECT))
        connection.connect((str(address), port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(line.left())
        return connection


def secure(
    connection: socket.socket, host: str, port: int, context: ssl.SSLContext, line: Line
) -> ssl.SSLSocket:
    """Return the connection under TLS; ``host`` is who must be at the other end.

    :raises UntrustedServer: the certificate does not verify, or is another host's.
    :raises Unreachable: the peer speaks no TLS.
    """
    import ssl

    details = {"host": host, "port": port}
    secured = context.wrap_socket(connection, server_hostname=host, do_handshake_on_connect=False)
    with _closed_on_error(secured):
        line.hold(secured)
        try:
            secured.do_handshake()
        except ssl.SSLCertVerificationError as e:
            raise errors.UntrustedServer(
                f"The certificate of {host}:{port} is refused: {e.verify_message.rstrip('.')}. "
                f"{_REMEDIES.get(e.verify_code, _NEW_AUTHORITY)}",
                details=details,
            ) from e
        except OSError as e:
            raise errors.Unreachable(
                f"{host}:{port} can't be reached by TLS: {reason(e)}",
                retryable=passes(e),
                details=details,
            ) from e
    return secured


def unreachable(host: str, port: int, failure: OSError) -> errors.Unreachable:
    """Return what to raise when no connection came about."""
    return errors.Unreachable(
        f"{host}:{port} can't be reached: {reason(failure)}",
        retryable=passes(failure),
        details={"host": host, "port": port},
    )


def passes(error: OSError) -> bool:
    """Tell whether what the system or TLS says of a connection may be otherwise next time."""
    import ssl

    if isinstance(error, ssl.SSLError):
        # The others say that the two don't understand, or don't trust, each other.
        return isinstance(error, (ssl.SSLEOFError, ssl.SSLSyscallError, ssl.SSLZeroReturnError))
    return error.errno not in _PERMANENT


def reason(error: BaseException | None) -> str:
    """Return in a few words what the system says."""
    if isinstance(error, OSError):
        if error.errno and type(error).__module__ == "builtins":
            # asyncio says more in its own words, and not what was the matter.
            return os.strerror(error.errno)
        if error.strerror:
            return error.strerror
    return "no answer in time" if isinstance(error, TimeoutError) else type(error).__name__


#: What the executor's system does not let, or can't, do at all.
_PERMANENT = frozenset(
    (
        errno.EACCES,
        errno.EAFNOSUPPORT,
        errno.EINVAL,
        errno.EPERM,
        errno.EPROTONOSUPPORT,
        errno.EPROTOTYPE,
    )
)

_NEW_AUTHORITY = "Give the authority that signed it as 'tls.ca'"
_OTHER_NAME = "Connect by a name or address that is in the certificate"

#: By OpenSSL's codes X509_V_ERR_*.
_REMEDIES = {
    9: "Its time has not come: check the clocks",
    10: "Its time is over: the server needs a new one",
    62: _OTHER_NAME,
    64: _OTHER_NAME,
}

_FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}


@contextlib.contextmanager
def _closed_on_error(connection: S) -> Iterator[S]:
    try:
        yield connection
    except BaseException:
        connection.close()
        raise
