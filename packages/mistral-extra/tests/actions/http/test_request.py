# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What is sent and what comes back."""

import base64

import pytest

from mistral_extra.actions.http import errors
from mistral_extra.actions.http.request import request
from mistral_lib import actions

pytestmark = pytest.mark.usefixtures("loopback")


def sent(server, **params):
    """Return what the server says it was sent."""
    return actions.run(request, {"url": server.url("/echo"), **params})["content"]


def failure(**params):
    """Return the error dictionary of a request that fails."""
    return actions.Runner().run(request, params).error


def test_answer_is_data_that_a_workflow_can_read(server):
    answer = actions.run(request, {"url": server.url("/echo?a=1")})
    assert answer.pop("elapsed") > 0
    assert answer.pop("size") == int(answer["headers"].pop("content-length"))
    assert answer["headers"].pop("server")
    assert answer["headers"].pop("date")
    assert answer["content"]["headers"]["host"] == f"127.0.0.1:{server.server_port}"
    assert answer.pop("content")["path"] == "/echo?a=1"
    assert answer == {
        "status": 200,
        "reason": "OK",
        "url": server.url("/echo?a=1"),
        "headers": {"content-type": "application/json"},
        "format": "json",
        "history": [],
    }


def test_parameters_join_those_of_the_url(server):
    told = sent(
        server,
        url=server.url("/echo?a=1"),
        params={"b": ["x y", "ä&"], "c": True, "d": 2, "e": None},
    )
    assert told["path"] == "/echo?a=1&b=x+y&b=%C3%A4%26&c=true&d=2"


@pytest.mark.parametrize(
    ("params", "body", "content_type"),
    [
        ({"json": {"a": [1, None]}}, '{"a": [1, null]}', "application/json"),
        ({"body": "grün"}, "grün", "text/plain; charset=utf-8"),
        (
            {"form": {"a": ["1", "2"], "b": "x&y"}},
            "a=1&a=2&b=x%26y",
            "application/x-www-form-urlencoded",
        ),
        (
            {"json": [], "headers": {"Content-Type": "application/merge-patch+json"}},
            "[]",
            "application/merge-patch+json",
        ),
    ],
)
def test_body_goes_out_in_the_form_asked_for(server, params, body, content_type):
    told = sent(server, method="POST", **params)
    assert told["method"] == "POST"
    assert told["body"] == body
    assert told["headers"]["content-type"] == content_type


def test_files_go_out_as_a_form_in_parts(server):
    files = {
        "log": {"filename": "a.txt", "text": "grün", "content_type": "text/plain"},
        "disk": {"filename": 'b"\r\n.bin', "data": base64.b64encode(b"\0\1").decode()},
    }
    told = sent(server, method="POST", form={"n": 1}, files=files)
    assert told["headers"]["content-type"].startswith("multipart/form-data; boundary=")
    assert 'name="n"\r\n\r\n1\r\n' in told["body"]
    assert 'name="log"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\ngrün' in told["body"]
    assert 'filename="b%22%0D%0A.bin"' in told["body"]
    assert "\0\1" in told["body"]


def test_more_than_one_body_is_refused(server):
    error = failure(url=server.url("/echo"), body="a", json={})
    assert error["code"] == "INVALID_INPUT"
    assert "'body' and 'json': a request has one body" in error["message"]
    assert server.seen == []


@pytest.mark.parametrize(
    ("params", "complaint"),
    [
        ({"method": "get"}, "parameter 'method' must be str matching"),
        ({"method": "GET\n"}, "'method' must be in capital letters"),
        ({"method": "GET / HTTP/1.1\r\nX: y\r\n"}, "parameter 'method' must be str matching"),
        ({"json": float("nan")}, "parameter 'json' is NaN"),
        ({"expect": []}, "parameter 'expect' must be"),
        ({"timeout": 0}, "parameter 'timeout' must be float > 0"),
        ({"auth": {"bearer": "a\r\nX: y-1234"}}, "'auth.bearer' has a character that no token has"),
        ({"headers": {"A": "1", "a": "2"}}, "Header 'a' is given twice"),
        ({"headers": {"A": "1"}, "secret_headers": {"a": "s-1234"}}, "Header 'a' is given twice"),
        (
            {"auth": {"bearer": "t-1234"}, "secret_headers": {"Authorization": "s-1234"}},
            "Header 'Authorization' is given twice",
        ),
        (
            {"files": {"f": {"filename": "a", "text": "b"}}, "headers": {"Content-Type": "a/b"}},
            "Header 'Content-Type' is given twice",
        ),
        (
            {"files": {"f": {"filename": "a", "text": "b", "content_type": "a/b\r\nX: y"}}},
            "'files.f.content_type' must be as in text/plain",
        ),
    ],
)
def test_parameter_that_makes_no_sense_is_refused(server, params, complaint):
    error = failure(**{"url": server.url("/echo"), **params})
    assert error["code"] == "INVALID_INPUT"
    assert complaint in error["message"]
    assert "1234" not in str(error)
    assert server.seen == []


def test_file_needs_a_content_of_one_kind(server):
    error = failure(url=server.url("/echo"), files={"f": {"filename": "a"}})
    assert "'files.f' needs either 'text' or 'data'" in error["message"]


def test_password_and_token_become_an_authorization(server):
    sent(server, auth={"username": "ann", "password": "pä:ss"})
    sent(server, auth={"bearer": "token-1234"})
    pair = base64.b64encode("ann:pä:ss".encode()).decode()
    told = [headers["authorization"] for _, _, headers, _ in server.seen]
    assert told == [f"Basic {pair}", "Bearer token-1234"]


@pytest.mark.parametrize(
    "auth", [{}, {"username": "ann"}, {"password": "p-1234"}, {"username": "a", "bearer": "b-123"}]
)
def test_half_an_authorization_is_refused(server, auth):
    error = failure(url=server.url("/echo"), auth=auth)
    assert "'auth' needs either 'username' and 'password', or 'bearer'" in error["message"]


@pytest.mark.parametrize(
    ("headers", "complaint"),
    [
        (
            {"Authorization": "Bearer x"},
            "is a credential: give it as 'auth' or in 'secret_headers'",
        ),
        ({"Host": "elsewhere"}, "follows from the URL and the body"),
        ({"X-A": "a\r\nX-B: b"}, "a value has no line breaks"),
        ({"X-A": "€"}, "only characters of ISO 8859-1"),
        ({"X A": "a"}, "a name has letters, digits and dashes"),
    ],
)
def test_header_that_must_not_be_sent_is_refused(server, headers, complaint):
    error = failure(url=server.url("/echo"), headers=headers)
    assert error["code"] == "INVALID_INPUT"
    assert complaint in error["message"]
    assert server.seen == []


def test_names_of_headers_are_sent_as_they_are_written(server):
    params = {"headers": {"X-myOwn": "1", "accept": "a/b"}, "json": 1, "auth": {"bearer": "t-1234"}}
    named = actions.run(request, {"url": server.url("/names"), "method": "POST", **params})
    assert set(named["content"]) >= {"X-myOwn", "accept", "Content-Type", "Authorization", "Host"}
    assert "Accept" not in named["content"]


def test_secret_headers_are_sent(server):
    sent(server, secret_headers={"X-Api-Key": "key-1234"})
    assert server.seen[0][2]["x-api-key"] == "key-1234"


def test_secrets_are_masked_wherever_they_come_back(server, certificate):
    secrets = {
        "key-123456": {"secret_headers": {"X-Api-Key": "key-123456"}},
        "bearer-1234567": {"auth": {"bearer": "bearer-1234567"}},
        "password-12345": {"auth": {"username": "ann", "password": "password-12345"}},
        certificate: {"tls": {"certificate": certificate}},
    }
    for secret, params in secrets.items():
        params |= {"url": server.url("/typed?type=text/plain"), "method": "PUT"}
        params |= {"body": f"({secret})"}
        assert actions.run(request, params)["content"] == "(***)"
        assert failure(**params, expect=[201])["details"]["content"] == "(***)"
    pair = base64.b64encode(b"ann:password-12345").decode()
    auth = {"username": "ann", "password": "password-12345"}
    assert pair not in str(sent(server, auth=auth))


def test_secrets_are_masked_in_the_words_after_the_status(server):
    params = {"url": server.url("/reason"), "secret_headers": {"X-Api-Key": "key-123456"}}
    assert actions.run(request, params)["reason"] == "***"
    assert "key-123456" not in str(failure(**params, expect=[201]))


def test_secrets_are_masked_in_urls_that_redirected(server):
    url = server.url("/redirect?to=/redirect%3Fto=/echo%26key=key-123456")
    answer = actions.run(request, {"url": url, "secret_headers": {"X-Api-Key": "key-123456"}})
    assert answer["history"][1] == server.url("/redirect?to=/echo&key=***")
    assert "key-123456" not in str(answer)


HALF = "\ud83d"


@pytest.mark.parametrize(
    ("params", "complaint"),
    [
        ({"params": {"a": [HALF]}}, "'params' has"),
        ({"body": HALF}, "'body' has"),
        ({"form": {HALF: "1"}}, "'form' has"),
        ({"files": {"f": {"filename": HALF, "text": "b"}}}, "'files' has"),
        ({"form": {}, "files": {"f": {"filename": "a", "text": HALF}}}, "'form' or 'files' has"),
        ({"auth": {"username": HALF, "password": "p-1234"}}, "'auth' has"),
        ({"auth": {"username": "ann", "password": HALF + "p-1234"}}, "'auth' has"),
        ({"auth": {"bearer": HALF}}, "'auth.bearer' has a character that no token has"),
        ({"headers": {"X-A": HALF}}, "only characters of ISO 8859-1"),
    ],
)
def test_half_of_a_surrogate_pair_is_refused(server, params, complaint):
    error = failure(**{"url": server.url("/echo"), "method": "POST", **params})
    assert error["code"] == "INVALID_INPUT"
    assert complaint in error["message"]
    assert server.seen == []


@pytest.mark.parametrize(
    "url",
    [
        "http://{}/",
        "http://{}",
        "http://{}:80/",
        "{}",
        "//{}?a",
        "HTTPS://{}\\a",
        "http://u@{}/",
        "http://{}:b/",
    ],
)
def test_host_that_is_too_long_is_refused_before_it_is_looked_at(url, elapsed):
    # So many take seconds to be turned into IDNA.
    error = failure(url=url.format("ä" * 400_000), timeout=1)
    assert error["code"] == "INVALID_INPUT"
    assert error["message"] == "Parameter 'url' has a host of more than 253 characters"
    assert elapsed() < 1


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("ftp://127.0.0.1/", "got ftp and 127.0.0.1"),
        ("/echo", "got no scheme and no host"),
        ("http://ann:pass-1234@127.0.0.1/", "give them as 'auth'"),
        (f"http://ann:{'pass-1234' * 99}@127.0.0.1/", "give them as 'auth'"),
        ("http://[::1", "can't be parsed"),
        ("http://127.0.0.1:0/", "has port 0"),
        ("http://127.0.0.1:70000/", "can't be parsed"),
        ("file:///etc/passwd", "got file and no host"),
    ],
)
def test_url_that_is_none_is_refused(url, complaint):
    error = failure(url=url)
    assert error["code"] == "INVALID_INPUT"
    assert complaint in error["message"]
    assert "pass-1234" not in str(error)


@pytest.mark.parametrize(
    ("body", "content_type", "content", "form"),
    [
        ('{"a": 1}', "application/problem+json; charset=utf-8", {"a": 1}, "json"),
        ("{broken", "application/json", "{broken", "text"),
        ("[NaN]", "application/json", "[NaN]", "text"),
        ("[1e999]", "application/json", "[1e999]", "text"),
        ("[1.5, -1e3]", "application/json", [1.5, -1000.0], "json"),
        ('["\\ud83d"]', "application/json", '["\\ud83d"]', "text"),
        ('["\\uD83D\\ude00"]', "application/json", ["\N{GRINNING FACE}"], "json"),
        ("[" * 100_000, "application/json", "[" * 100_000, "text"),
        ('{"a": 1}', "text/plain", '{"a": 1}', "text"),
        ("grün", "text/plain", "grün", "text"),
        ("grün", "text/plain; charset=nonsense", "Z3LDvG4=", "base64"),
        ("grün", "text/plain; charset=undefined", "Z3LDvG4=", "base64"),
        ("grün", "text/plain; charset*=utf-8''%00", "Z3LDvG4=", "base64"),
        # Codecs of Python's: one makes what is no text, one takes seconds.
        ("+2D0-", "text/plain; charset=utf-7", "KzJEMC0=", "base64"),
        ("a" * 3, "text/plain; charset=punycode", "YWFh", "base64"),
    ],
)
def test_content_is_data_text_or_base64(server, body, content_type, content, form):
    answer = actions.run(
        request,
        {
            "url": server.url("/typed"),
            "method": "PUT",
            "body": body,
            "params": {"type": content_type},
        },
    )
    assert (answer["content"], answer["format"]) == (content, form)


def test_packing_that_is_not_known_stays_as_it_is(server):
    answer = actions.run(request, {"url": server.url("/odd-packing")})
    assert (answer["content"], answer["format"]) == ("/wA=", "base64")


def test_body_that_is_not_packed_as_it_says_is_no_answer(server):
    error = failure(url=server.url("/not-packed"))
    assert error["code"] == "CONNECTION_LOST"
    assert error["message"].endswith("ended before the answer did: DecodeError")


def test_headers_that_come_twice_are_joined(server):
    headers = actions.run(request, {"url": server.url("/cookies")})["headers"]
    assert headers["vary"] == "accept, cookie"
    assert headers["set-cookie"] == "a=1; Expires=Wed, 01 Dec 2026 00:00:00 GMT\nb=2"


def test_status_that_is_not_expected_is_an_error_with_the_answer(server):
    error = failure(url=server.url("/status?code=507&secret=x"))
    assert error["type"] == "UnexpectedStatus"
    assert error["code"] == "UNEXPECTED_STATUS"
    assert error["message"] == (
        f"GET {server.url('/status')} was answered by 507 Insufficient Storage"
    )
    assert error["retryable"] is False
    assert error["details"]["status"] == 507
    assert error["details"]["content"] == '{"reason": "full"}'


def test_any_status_may_be_expected(server):
    url = server.url("/status?code=404")
    assert actions.run(request, {"url": url, "expect": [200, 404]})["status"] == 404
    assert failure(url=server.url("/echo"), expect=[404])["details"]["status"] == 200


def test_error_that_may_pass_says_so_and_when(server):
    error = failure(url=server.url("/status?code=503&after=120"))
    assert (error["retryable"], error["retry_after"]) == (True, 120)


def test_head_has_headers_and_no_content(server):
    answer = actions.run(request, {"url": server.url("/echo"), "method": "HEAD"})
    assert answer["size"] == 0
    assert int(answer["headers"]["content-length"]) > 0


def test_connection_that_breaks_off_is_no_answer(server):
    error = failure(url=server.url("/cut-short"))
    assert error["code"] == "CONNECTION_LOST"
    assert error["retryable"] is True


def test_server_that_is_not_there_is_named(free_port):
    error = failure(url=f"http://127.0.0.1:{free_port}/x?key=1")
    assert error["code"] == "UNREACHABLE"
    assert error["message"] == f"127.0.0.1:{free_port} can't be reached: Connection refused"


# -- TLS


@pytest.fixture
def names(resolver):
    """Names of this host that are in certificates, and one that is not."""
    resolver.answer("secure.example", ["127.0.0.1"])
    resolver.answer("other.example", ["127.0.0.1"])


@pytest.mark.usefixtures("names")
def test_certificate_of_a_given_authority_is_trusted(tls_server, authority_pem):
    url = tls_server.url("/echo", "secure.example")
    answer = actions.run(request, {"url": url, "tls": {"ca": authority_pem}})
    # By address, and yet under the name: in TLS as in the request.
    assert answer["content"]["headers"]["host"] == f"secure.example:{tls_server.server_port}"


@pytest.mark.usefixtures("names")
def test_certificate_for_another_name_is_refused(tls_server, authority_pem):
    url = tls_server.url("/echo", "other.example")
    error = failure(url=url, tls={"ca": authority_pem})
    assert error["code"] == "UNTRUSTED_SERVER"
    assert "other.example" in error["message"]
    assert tls_server.seen == []


@pytest.mark.usefixtures("names")
def test_certificate_of_an_unknown_authority_is_refused(tls_server):
    error = failure(url=tls_server.url("/echo", "secure.example"))
    assert error["code"] == "UNTRUSTED_SERVER"
    assert "Give the authority that signed it as 'tls.ca'" in error["message"]


def test_verification_can_be_switched_off(tls_server):
    answer = actions.run(request, {"url": tls_server.url("/echo"), "tls": {"verify": False}})
    assert answer["status"] == 200


@pytest.mark.usefixtures("names")
def test_own_certificate_is_presented(tls_server, authority_pem, certificate):
    tls = {"ca": authority_pem, "certificate": certificate}
    url = tls_server.url("/who", "secure.example")
    assert "client.example" in actions.run(request, {"url": url, "tls": tls})["content"]
    without = actions.run(request, {"url": url, "tls": {"ca": authority_pem}})
    assert "client.example" not in without["content"]


@pytest.mark.parametrize(
    ("tls", "complaint"),
    [
        ({"ca": "nothing"}, "'tls.ca' must hold certificates in PEM"),
        ({"certificate": "nothing-1"}, "'tls.certificate' must hold a certificate and its key"),
    ],
)
def test_certificate_that_is_none_is_refused(tls_server, tls, complaint):
    error = failure(url=tls_server.url("/echo"), tls=tls)
    assert error["code"] == "INVALID_INPUT"
    assert complaint in error["message"]


def test_plain_text_where_tls_is_expected_is_unreachable(server):
    error = failure(url=server.url("/echo").replace("http:", "https:"))
    assert error["code"] == "UNREACHABLE"
    assert "wrong version number" in error["message"].lower()


def test_errors_are_those_that_the_page_names():
    codes = [getattr(errors, name).error_code for name in errors.__all__]
    assert len(set(codes)) == len(codes)
