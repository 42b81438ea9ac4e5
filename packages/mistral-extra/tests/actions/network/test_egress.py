# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Which addresses may be connected to: decided by networks, in every form an address has."""

import ipaddress
import socket

import pytest

from mistral_extra import config
from mistral_extra.actions.network import egress, errors
from mistral_lib import actions

GROUPS = [config.HTTP_ACTION_GROUP, config.SSH_ACTION_GROUP, config.EMAIL_ACTION_GROUP]


def policy(blocked=(), allowed=()):
    networks = (tuple(map(ipaddress.ip_network, group)) for group in (blocked, allowed))
    return egress.EgressPolicy("some_group", *networks)


def permits(made, address):
    return made.permits(ipaddress.ip_address(address))


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.255.255.254",
        "0.0.0.0",
        "169.254.169.254",
        "169.254.0.1",
        "100.100.100.200",
        "168.63.129.16",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "ff02::1",
        "fd00:ec2::254",
        "fd00:ec2::23",
        "fd00:42::42",
        "fd00:a9fe:a9fe::1",
        "fd00:c1::a9fe:a9fe",
        "fd20:ce::254",
        "192.0.0.192",
        # IPv6 for one of the above: mapped, compatible, translated, 6to4, Teredo, NAT64.
        "::127.0.0.1",
        "::a9fe:a9fe",
        "::ffff:0:169.254.169.254",
        "2001:0:c000:201::5601:5601",
        "64:ff9b:1::a9fe:a9fe",
        "64:ff9b:1:a9fe:a9:fe00::",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "2002:7f00:1::1",
        "2002:a9fe:a9fe::",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
    ],
)
def test_this_host_its_link_and_metadata_services_are_blocked_by_default(group, address):
    assert not permits(egress.policy_of(group), address)


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize(
    "address",
    [
        "192.0.2.1",
        "10.0.0.1",
        "192.168.0.1",
        "2001:db8::1",
        "fd00::1",
        "::ffff:192.0.2.1",
        "::c000:201",
    ],
)
def test_everything_else_is_permitted_by_default(group, address):
    assert permits(egress.policy_of(group), address)


def test_allowed_networks_are_exceptions_to_blocked_ones():
    made = policy(["10.0.0.0/8"], ["10.1.0.0/16"])
    assert permits(made, "10.1.2.3")
    assert not permits(made, "10.2.0.1")
    assert permits(made, "192.0.2.1")


def test_address_that_stands_for_another_must_pass_as_both():
    assert not permits(policy(["10.0.0.0/8"]), "::ffff:10.0.0.1")
    assert not permits(policy(["::ffff:0:0/96"]), "::ffff:10.0.0.1")
    assert not permits(policy(["::/0"], ["10.0.0.0/8"]), "64:ff9b::a00:1")
    assert permits(policy(["::/0"], ["64:ff9b::/96"]), "64:ff9b::a00:1")
    # Teredo's is the client's, with its bits turned over; the other one is a server's.
    assert not permits(policy(["10.0.0.0/8"]), "2001:0:c000:201::f5ff:fffe")
    assert permits(policy(["192.0.2.0/24"]), "2001:0:c000:201::f5ff:fffe")


def test_this_host_in_ipv6_stands_for_no_ipv4_address():
    assert permits(policy(["0.0.0.0/8", "::/127"], ["::1/128"]), "::1")


def test_everything_can_be_blocked_but_what_is_allowed():
    made = policy(["0.0.0.0/0", "::/0"], ["192.0.2.0/24"])
    assert permits(made, "192.0.2.9")
    assert not permits(made, "198.51.100.1")
    assert not permits(made, "2001:db8::1")


def test_permitted_addresses_keep_their_order():
    addresses = [ipaddress.ip_address(a) for a in ("192.0.2.2", "10.0.0.1", "192.0.2.1")]
    found = policy(["10.0.0.0/8"]).permitted("a.example", addresses)
    assert list(map(str, found)) == ["192.0.2.2", "192.0.2.1"]


def test_host_with_forbidden_addresses_alone_is_named_with_what_the_operator_may_do():
    addresses = [ipaddress.ip_address("10.0.0.1"), ipaddress.ip_address("10.0.0.2")]
    expected = r"a\.example is at 10\.0\.0\.1, 10\.0\.0\.2.*\[some_group\] allowed_networks"
    with pytest.raises(errors.AddressBlocked, match=expected) as caught:
        policy(["10.0.0.0/8"]).permitted("a.example", addresses)
    assert caught.value.details == {"host": "a.example", "addresses": ["10.0.0.1", "10.0.0.2"]}


def test_options_are_read_at_each_call(configure):
    address = "192.0.2.1"
    assert permits(egress.policy_of("http_action"), address)
    configure("http_action", "blocked_networks", ["192.0.2.0/24"])
    assert not permits(egress.policy_of("http_action"), address)
    assert permits(egress.policy_of("ssh_action"), address)
    configure("http_action", "allowed_networks", ["192.0.2.1/32"])
    assert permits(egress.policy_of("http_action"), address)


@pytest.mark.parametrize("value", ["nonsense", "10.0.0.1/8", "10.0.0.0/99"])
def test_option_that_is_no_network_is_the_operators_mistake(configure, value):
    configure("ssh_action", "blocked_networks", [value])
    with pytest.raises(actions.ActionException, match=r"\[ssh_action\]") as caught:
        egress.policy_of("ssh_action")
    assert caught.value.error_code == "BAD_CONFIGURATION"


@pytest.fixture
def own_address():
    """Return an address of this host's that is not its loopback address."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        try:
            # A documentation address: nothing is sent.
            datagrams.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this host has no address but its loopback address")
        return datagrams.getsockname()[0]


def test_every_address_of_this_host_counts_as_its_loopback_address(own_address):
    assert not permits(policy(["127.0.0.0/8"]), own_address)
    assert not permits(policy(["127.0.0.0/8"]), f"::ffff:{own_address}")
    assert permits(policy(["127.0.0.0/8"]), "192.0.2.1")
    assert permits(policy(), own_address)
    assert permits(policy(["127.0.0.0/8"], [f"{own_address}/32"]), own_address)
    assert permits(policy(["127.0.0.0/8"], ["127.0.0.1/32"]), own_address)
    assert not permits(policy([own_address], ["127.0.0.1/32"]), own_address)


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "::ffff:0.0.0.0", "64:ff9b::"])
def test_no_address_counts_as_the_loopback_address_of_this_host(address):
    assert not permits(policy(["127.0.0.0/8"]), address)
    assert permits(policy(), address)
    assert permits(policy(["127.0.0.0/8"], ["127.0.0.1/32"]), address)


def test_host_at_its_own_address_is_blocked_by_default(own_address):
    with pytest.raises(errors.AddressBlocked, match=own_address):
        egress.policy_of("http_action").permitted("here", [ipaddress.ip_address(own_address)])
