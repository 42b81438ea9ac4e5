# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Where an action may connect to: decided on addresses, never on names.

An executor reaches what a workflow's author does not: itself, its link, the metadata service of its
cloud. A name says nothing about that, and may resolve to something else a moment later. So a name
is looked up once, each address is judged, and the caller connects to an address that passed.
"""

from __future__ import annotations

import functools
import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass

from mistral_extra.actions.network import errors
from mistral_extra.actions.network.names import Address
from mistral_lib import actions

__all__ = ["EgressPolicy", "policy_of"]

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

#: Their last four bytes are an IPv4 address, which a gateway or tunnel connects to: NAT64
#: (RFC 6052), translated (RFC 2765), compatible (RFC 4291, 2.5.5.1).
_EMBEDDING = tuple(map(ipaddress.IPv6Network, ("64:ff9b::/96", "::ffff:0:0:0/96", "::/96")))

#: They look compatible, and are IPv6's own: no address, and this host.
_OWN = ipaddress.IPv6Network("::/127")


_LOOPBACK = ipaddress.IPv4Address("127.0.0.1")


@dataclass(frozen=True)
class EgressPolicy:
    """Which addresses one family of actions may connect to."""

    #: The group of options it comes from, for messages.
    group: str
    blocked: tuple[Network, ...]
    #: Exceptions to ``blocked``.
    allowed: tuple[Network, ...] = ()

    def permits(self, address: Address) -> bool:
        """Tell whether an address may be connected to.

        An IPv6 address that stands for an IPv4 one must pass as both.
        """
        return all(self._permits(form) for form in _forms(address))

    def _permits(self, address: Address) -> bool:
        if any(address in network for network in self.allowed):
            return True
        if any(address in network for network in self.blocked):
            return False
        # Every address of this host leads where its loopback address does.
        return address.is_loopback or not _is_own(address) or self._permits(_LOOPBACK)

    def permitted(self, host: str, addresses: Sequence[Address]) -> list[Address]:
        """Return those of the host's addresses that may be connected to, in the same order.

        :raises AddressBlocked: there is none.
        """
        permitted = [address for address in addresses if self.permits(address)]
        if not permitted:
            found = [str(address) for address in addresses]
            raise errors.AddressBlocked(
                f"{host} is at {', '.join(found)}, where this site lets no action connect to: the "
                f"operator may add it to [{self.group}] allowed_networks",
                details={"host": host, "addresses": found},
            )
        return permitted


def policy_of(group: str) -> EgressPolicy:
    """Return the policy that the options of ``group`` describe, as they are now.

    :raises ActionException: ``BAD_CONFIGURATION``, an option has what is no network.
    """
    from mistral_extra import config

    options = config.CONF[group]
    return _policy(group, tuple(options.blocked_networks), tuple(options.allowed_networks))


@functools.lru_cache(maxsize=16)
def _policy(group: str, blocked: tuple[str, ...], allowed: tuple[str, ...]) -> EgressPolicy:
    try:
        return EgressPolicy(
            group,
            tuple(map(ipaddress.ip_network, blocked)),
            tuple(map(ipaddress.ip_network, allowed)),
        )
    except ValueError as e:
        raise actions.ActionException(
            f"Option blocked_networks or allowed_networks of [{group}]: {e}; expected CIDR, as in "
            "10.0.0.0/8",
            error_code="BAD_CONFIGURATION",
        ) from e


def _is_own(address: Address) -> bool:
    """Tell whether an address is one of this host's.

    Who connects to no address (0.0.0.0, ::) is connected to this host. To itself a host talks from
    the address that it talks to. Nothing is sent: connecting a datagram socket chooses its route.
    (Whether it can be bound says nothing where non-local addresses may be, as on hosts that share
    one.)
    """
    if address.is_unspecified:
        return True
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as datagrams:
            datagrams.connect((str(address), 9))
            chosen = datagrams.getsockname()[0]
    except OSError:
        return False  # There is no route.
    return bool(ipaddress.ip_address(chosen) == address)


def _forms(address: Address) -> list[Address]:
    """Return the address, and the IPv4 address that it stands for."""
    if address.version == 4:
        return [address]
    embedded = address.ipv4_mapped or address.sixtofour
    if address.teredo:
        _, embedded = address.teredo
    elif address not in _OWN and any(address in network for network in _EMBEDDING):
        embedded = ipaddress.IPv4Address(address.packed[-4:])
    return [address] if embedded is None else [address, embedded]
