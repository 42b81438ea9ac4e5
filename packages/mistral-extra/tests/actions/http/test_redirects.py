# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Redirects, and what of a request goes along."""

import pytest

from mistral_extra.actions.http.request import request
from mistral_lib import actions

pytestmark = pytest.mark.usefixtures("loopback")

SECRETS = {
    "auth": {"bearer": "token-1234"},
    "secret_headers": {"X-Api-Key": "key-1234"},
    "headers": {"Cookie2": "mine", "Accept": "text/plain"},
}


def run(url, **params):
    return actions.Runner().run(request, {"url": url, **params})


def test_redirect_is_followed_and_told(server):
    data = run(server.url("/redirect?to=/echo%3Fa=1")).data
    assert data["url"] == server.url("/echo?a=1")
    assert data["history"] == [server.url("/redirect?to=/echo%3Fa=1")]


def test_credentials_stay_with_the_server_they_were_given_for(server, other_server):
    url = server.url(f"/redirect?to={other_server.url('/echo')}")
    headers = run(url, **SECRETS).data["content"]["headers"]
    assert set(headers) == {"host", "connection", "accept", "accept-encoding", "user-agent"}
    assert headers["accept"] == "text/plain"
    assert server.seen[0][2]["authorization"] == "Bearer token-1234"


def test_another_scheme_is_another_server(server, tls_server):
    url = tls_server.url(f"/redirect?to={server.url('/echo')}")
    headers = run(url, tls={"verify": False}, **SECRETS).data["content"]["headers"]
    assert "authorization" not in headers
    assert "x-api-key" not in headers


def test_own_certificate_is_shown_to_no_other_server(
    tls_server, other_tls_server, authority_pem, certificate, resolver
):
    resolver.answer("secure.example", ["127.0.0.1"])
    tls = {"ca": authority_pem, "certificate": certificate}

    def asked(to):
        url = tls_server.url("/redirect", "secure.example")
        return run(url, params={"to": to}, tls=tls).data["content"]

    assert "client.example" in asked("/who")
    assert "client.example" not in asked(other_tls_server.url("/who", "secure.example"))


def test_credentials_go_along_on_the_same_server(server):
    assert run(server.url("/redirect?to=/echo"), **SECRETS).is_success()
    for _, _, headers, _ in server.seen:
        assert headers["authorization"] == "Bearer token-1234"
        assert headers["x-api-key"] == "key-1234"
    assert len(server.seen) == 2


def test_credentials_do_not_come_back_from_another_server(server, other_server):
    back = server.url("/echo")
    there = other_server.url(f"/redirect?to={back}")
    headers = run(server.url(f"/redirect?to={there}"), **SECRETS).data["content"]["headers"]
    assert "authorization" not in headers


@pytest.mark.parametrize(
    ("status", "method", "arrives_as", "body"),
    [
        (301, "POST", "GET", ""),
        (302, "POST", "GET", ""),
        (303, "PUT", "GET", ""),
        (307, "POST", "POST", "[1]"),
        (308, "PUT", "PUT", "[1]"),
        (302, "PUT", "PUT", "[1]"),
    ],
)
def test_method_and_body_follow_the_standard(server, status, method, arrives_as, body):
    url = server.url(f"/redirect?to=/echo&status={status}")
    told = run(url, method=method, json=[1]).data["content"]
    assert (told["method"], told["body"]) == (arrives_as, body)
    assert ("content-type" in told["headers"]) is bool(body)


def test_body_is_not_given_to_another_server(server, other_server):
    url = server.url(f"/redirect?to={other_server.url('/echo')}&status=307")
    error = run(url, method="POST", json={"password": "x"}).error
    assert error["code"] == "REDIRECT_REFUSED"
    assert error["details"]["location"] == other_server.url("/echo")
    assert other_server.seen == []


@pytest.mark.parametrize(
    "to", ["file:///etc/passwd", "ftp://example/", "http://a:b@127.0.0.1/", "http://["]
)
def test_redirect_to_what_is_no_http_url_is_refused(server, to):
    assert run(server.url("/redirect?to=" + to)).error["code"] == "REDIRECT_REFUSED"


def test_circle_ends(server):
    error = run(server.url("/circle"), max_redirects=3).error
    assert error["code"] == "REDIRECT_REFUSED"
    assert "once more than max_redirects allows, which is 3" in error["message"]
    assert len(server.seen) == 4


def test_redirect_is_an_answer_where_none_is_to_be_followed(server):
    url = server.url("/redirect?to=/echo")
    assert run(url, max_redirects=0).error["details"]["status"] == 302
    answer = run(url, max_redirects=0, expect=[302]).data
    assert answer["headers"]["location"] == "/echo"
    assert answer["content"] == "moved"
