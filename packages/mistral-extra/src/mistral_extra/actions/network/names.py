# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""From a host's name to its addresses."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import threading

from mistral_extra.actions.network import errors
from mistral_lib import actions

__all__ = ["LONGEST_NAME", "Address", "look_up", "look_up_until"]

#: Characters, with the dot that may end it (RFC 1035, 2.3.4): turning more into IDNA takes seconds.
LONGEST_NAME = 254

#: Of a resolver's errors, what may be otherwise next time: that no server answered, and that this
#: machine is short of something. The others say that there is no such name.
_PASSING = frozenset((socket.EAI_AGAIN, socket.EAI_MEMORY, socket.EAI_SYSTEM))

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def look_up(host: str) -> list[Address]:
    """Return the addresses of a host, in the system's order of preference.

    :raises HostUnknown: it has none.
    """
    if len(host) > LONGEST_NAME:
        raise errors.HostUnknown(
            f"{host[:32]}... can't be resolved: a name has at most 253 characters",
            retryable=False,
            details={"host": host[:LONGEST_NAME]},
        )
    try:
        # Port and type of no matter, but one of each: an entry an address.
        found = socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as e:
        reason = e.strerror if isinstance(e, OSError) and e.strerror else str(e)
        raise errors.HostUnknown(
            f"{host} can't be resolved: {reason}. Check the name, and the executor's DNS",
            retryable=isinstance(e, OSError) and e.errno in _PASSING,
            details={"host": host},
        ) from e
    return list(dict.fromkeys(ipaddress.ip_address(sockaddr[0]) for *_, sockaddr in found))


def look_up_until(context: actions.ActionContext, host: str) -> list[Address]:
    """Return the addresses of a host, if they are known before the action is to stop.

    :raises HostUnknown: it has none.
    :raises ActionTimeout: the deadline passed first.
    :raises ActionCancelled: the action was asked to stop first.
    """
    with contextlib.suppress(ValueError):
        return [ipaddress.ip_address(host)]
    answer: list[list[Address] | Exception] = []
    done = threading.Event()

    def work() -> None:
        try:
            answer.append(look_up(host))
        except Exception as e:
            answer.append(e)
        finally:
            done.set()

    forget = context.on_cancel(done.set)
    # Nothing ends a look-up: whoever can't wait for it leaves it alone.
    threading.Thread(target=work, name=f"look-up-{host}", daemon=True).start()
    try:
        done.wait()
        context.check_cancelled()
    finally:
        forget()
    (found,) = answer
    if isinstance(found, Exception):
        raise found
    return found
