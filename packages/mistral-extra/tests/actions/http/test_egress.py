# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Where requests may go: the first one, and each that a redirect asks for."""

import pytest

from mistral_extra.actions.http.request import request
from mistral_lib import actions


def run(url, **params):
    return actions.Runner().run(request, {"url": url, **params})


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.1", "0x7f.1", "2130706433", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"],
)
def test_this_host_is_out_of_bounds_in_every_spelling(server, host):
    error = run(server.url("/echo", host)).error
    assert error["code"] == "ADDRESS_BLOCKED"
    assert "[http_action] allowed_networks" in error["message"]
    assert server.seen == []


@pytest.mark.parametrize("url", ["http://169.254.169.254/latest", "http://[fe80::a9fe:a9fe%25lo]/"])
def test_metadata_service_is_out_of_bounds(url):
    assert run(url).error["code"] == "ADDRESS_BLOCKED"


def test_name_is_judged_by_the_address_it_resolves_to(server, resolver):
    resolver.answer("harmless.example", ["127.0.0.1"])
    error = run(server.url("/echo", "harmless.example")).error
    assert error["code"] == "ADDRESS_BLOCKED"
    assert error["details"] == {"host": "harmless.example", "addresses": ["127.0.0.1"]}
    assert server.seen == []


@pytest.mark.usefixtures("loopback")
def test_name_is_looked_up_once_so_its_answer_cannot_change(server, resolver, configure):
    # 127.0.0.1 passes and is what is judged; 127.0.0.2 is what a second look-up would get.
    resolver.answer("rebinding.example", ["127.0.0.1"], ["127.0.0.2"])
    answer = run(server.url("/echo", "rebinding.example"))
    assert answer.is_success()
    assert resolver.asked == ["rebinding.example"]
    assert len(server.seen) == 1
    # And the answer that comes next is judged by itself.
    again = run(server.url("/echo", "rebinding.example"))
    assert again.error["code"] == "ADDRESS_BLOCKED"
    assert again.error["details"]["addresses"] == ["127.0.0.2"]


@pytest.mark.usefixtures("loopback")
def test_of_several_addresses_only_permitted_ones_are_connected_to(server, resolver):
    resolver.answer("mixed.example", ["169.254.169.254", "127.0.0.1"])
    assert run(server.url("/echo", "mixed.example")).is_success()
    assert len(server.seen) == 1


def test_next_address_is_tried_where_one_does_not_answer(server, resolver, configure):
    configure("http_action", "allowed_networks", ["127.0.0.0/8"])
    resolver.answer("twins.example", ["127.0.0.9", "127.0.0.1"])
    assert run(server.url("/echo", "twins.example")).is_success()


@pytest.mark.usefixtures("loopback")
def test_redirect_to_a_blocked_address_is_not_followed(server):
    error = run(server.url("/redirect?to=http://169.254.169.254/latest/meta-data")).error
    assert error["code"] == "ADDRESS_BLOCKED"
    assert error["details"]["addresses"] == ["169.254.169.254"]


@pytest.mark.usefixtures("loopback")
def test_name_that_changes_its_address_between_redirects_is_judged_again(server, resolver):
    resolver.answer("rebinding.example", ["127.0.0.1"], ["127.0.0.2"])
    error = run(server.url("/redirect?to=/echo", "rebinding.example")).error
    assert error["code"] == "ADDRESS_BLOCKED"
    assert error["details"]["addresses"] == ["127.0.0.2"]
    assert [path for _, path, *_ in server.seen] == ["/redirect?to=/echo"]


@pytest.mark.usefixtures("loopback")
def test_scheme_that_the_site_forbids_is_not_requested_at_a_redirect_either(
    server, tls_server, configure
):
    configure("http_action", "schemes", ["https"])
    assert run(server.url("/echo")).error["code"] == "SCHEME_BLOCKED"
    redirecting = tls_server.url(f"/redirect?to={server.url('/echo')}")
    assert run(redirecting, tls={"verify": False}).error["code"] == "SCHEME_BLOCKED"
    assert server.seen == []


def test_name_without_an_address_is_named(resolver):
    error = run("http://nowhere.example/").error
    assert error["code"] == "HOST_UNKNOWN"
    assert error["message"].startswith("nowhere.example can't be resolved: ")


def test_proxies_of_the_environment_are_not_used(server, other_server, monkeypatch, configure):
    configure("http_action", "allowed_networks", ["127.0.0.1/32"])
    monkeypatch.setenv("http_proxy", other_server.url(""))
    assert run(server.url("/echo")).is_success()
    assert other_server.seen == []
