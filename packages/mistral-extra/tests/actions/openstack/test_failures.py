# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
import pytest

from mistral_extra.actions.openstack import failures, refusals, services
from mistral_extra.actions.openstack.utils import exceptions
from mistral_lib import exceptions as lib_exceptions

CALL = failures.Call("NovaAction", "servers.get", services.get("nova"))


def raised(name, *args, bases=(Exception,), **facts):
    """Return an error of a class of that name, with these attributes."""
    error = type(name, bases, {})(*args)
    for key, value in facts.items():
        setattr(error, key, value)
    return error


class Response:
    def __init__(self, status, body=None, **headers):
        self.status_code = status
        self.reason = "Reason"
        self.headers = headers
        self._body = body

    def json(self):
        if self._body is None:
            raise ValueError
        return self._body


def noted(status, body=None, **headers):
    found = refusals.Noted()
    found.response = Response(status, body, **headers)
    return found


WITH_STATUS = {
    "code": raised("NotFound", "no", code=404),
    "http_status": raised("NotFound", "no", http_status=404),
    "status_code": raised("NotFound", "no", status_code=404),
    "as text": raised("NotFound", "no", code="404"),
    "response": raised("HTTPError", "no", response=Response(404)),
    "keywords": raised("BlazarClientException", "no", code=500, kwargs={"code": 404}),
    "inner": raised("SwiftError", "no", exception=raised("ClientException", http_status=404)),
    "argument": raised("HTTPAuthError", "no", 404),
}


@pytest.mark.parametrize("error", WITH_STATUS.values(), ids=WITH_STATUS)
def test_status_is_found_wherever_the_client_keeps_it(error):
    failure = failures.of(error, CALL)
    assert (failure.status, failure.error_code) == (404, "NOT_FOUND")
    assert str(failure) == "NovaAction.servers.get failed: no"


BY_NAME = {
    "SslCertificateValidationError": "TLS_FAILED",
    "ConnectTimeout": "REQUEST_TIMEOUT",
    "ConnectFailure": "CONNECTION_FAILED",
    "CommunicationError": "CONNECTION_FAILED",
    "EndpointNotFound": "ENDPOINT_NOT_FOUND",
    "Unheard": "CLIENT_FAILED",
}


@pytest.mark.parametrize(("name", "code"), BY_NAME.items())
def test_other_failures_are_known_by_their_class(name, code):
    failure = failures.of(raised(name, "no"), CALL)
    assert (failure.error_code, failure.status) == (code, None)


def test_subclass_is_of_its_bases_kind():
    error = raised("Special", "no", bases=(type("ConnectFailure", (Exception,), {}),))
    assert failures.of(error, CALL).error_code == "CONNECTION_FAILED"


def test_cause_tells_more_than_what_the_client_made_of_it():
    try:
        try:
            raise raised("SSLError", "self-signed")
        except Exception:
            raise raised("CommunicationError", "no luck")  # noqa: B904 # As the clients do.
    except Exception as error:
        failure = failures.of(error, CALL)
    assert failure.error_code == "TLS_FAILED"


def test_ring_of_causes_has_an_end():
    one, other = raised("One", "1"), raised("Other", "2")
    one.__cause__, other.__cause__ = other, one
    assert failures.of(one, CALL).error_code == "CLIENT_FAILED"


def test_last_response_tells_what_the_client_lost():
    headers = {"Retry-After": "3", "X-Openstack-Request-Id": "req-1"}
    stumbling = TypeError("got an unexpected keyword argument 'retry_after'")
    failure = failures.of(stumbling, CALL, noted(503, {"error": {"message": "busy"}}, **headers))
    assert str(failure).startswith("NovaAction.servers.get failed: busy; ")
    assert (failure.status, failure.retry_after, failure.request_id) == (503, 3, "req-1")
    assert failure.retryable


def test_last_response_that_was_no_refusal_tells_nothing():
    failure = failures.of(KeyError("zones"), CALL, noted(200))
    assert (failure.error_code, failure.status) == ("CLIENT_FAILED", None)


def test_last_response_does_not_overrule_the_client():
    failure = failures.of(raised("Conflict", "no", code=409), CALL, noted(404))
    assert failure.status == 409


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"title": "Bad", "error": {"message": "it is so"}}, "it is so"),
        ({"errors": [{"detail": "it is so"}]}, "it is so"),
        ({"code": 500}, "Reason (HTTP 500)"),
        (None, "Reason (HTTP 500)"),
    ],
)
def test_body_is_searched_for_words(body, text):
    assert str(failures.of(KeyError("x"), CALL, noted(500, body))).endswith(f"failed: {text}")


def test_body_quoted_raw_is_replaced_by_its_words():
    error = raised("HTTPNotFound", "b'{\"error\": ...}'", code=404)
    failure = failures.of(error, CALL, noted(404, {"error": {"message": "no stack"}}))
    assert str(failure) == "NovaAction.servers.get failed: no stack"


def test_text_is_one_line_of_some_length_without_secrets():
    error = raised("Odd", "two\nlines  {'password': 's3cret'} " + "x" * 5000)
    text = str(failures.of(error, CALL))
    assert "two lines" in text
    assert "\n" not in text
    assert "s3cret" not in text
    assert len(text) < 1100


def test_error_without_words_is_called_by_its_class():
    assert str(failures.of(raised("Odd"), CALL)) == "NovaAction.servers.get failed: Odd"
    broken = type("Broken", (Exception,), {"__str__": lambda self: 1 / 0})()
    assert str(failures.of(broken, CALL)) == "NovaAction.servers.get failed: Broken"


@pytest.mark.parametrize(("value", "seconds"), [("5", 5), ("0", None), ("soon", None)])
def test_time_to_wait_is_a_number_of_seconds(value, seconds):
    error = raised("Busy", "no", code=429, response=Response(429, **{"Retry-After": value}))
    assert failures.of(error, CALL).retry_after == seconds


def test_own_error_gets_the_call_and_keeps_its_kind():
    error = exceptions.UnauthorizedException("the token ended")
    failure = failures.of(error, CALL)
    assert type(failure) is exceptions.UnauthorizedException
    assert str(failure) == "NovaAction.servers.get failed: the token ended"
    assert failure.details == {"service": "nova", "method": "servers.get"}
    assert (failure.service, failure.method) == ("nova", "servers.get")
    # Another thread may be given the same one.
    assert str(error) == "the token ended"


def test_own_error_gets_the_call_once():
    failure = failures.of(exceptions.ActionException("no"), CALL)
    assert failures.of(failure, CALL) is failure


@pytest.mark.parametrize("kind", [lib_exceptions.ActionTimeout, lib_exceptions.ActionCancelled])
def test_librarys_error_stays_as_it_is(kind):
    error = kind()
    assert failures.of(error, CALL) is error


def test_missing_client_names_what_to_install():
    error = ModuleNotFoundError("No module named 'swiftclient'", name="swiftclient")
    failure = failures.of(error, failures.Call("SwiftAction", "x", services.get("swift")))
    assert failure.error_code == "CLIENT_MISSING"
    assert str(failure).endswith("is not installed: pip install 'mistral-extra[swift]'")


def test_client_that_lacks_something_is_not_called_missing():
    error = ModuleNotFoundError("No module named 'webob'", name="webob")
    failure = failures.of(error, CALL)
    assert failure.error_code == "CLIENT_MISSING"
    assert str(failure).endswith("failed: No module named 'webob'; the client can't be imported")


def test_input_is_wrong_where_python_says_so_of_a_method_that_hides_what_it_takes():
    def amphora_show(amphora_id):
        """Behind a decorator that takes anything."""

    with pytest.raises(TypeError, match="missing 1 required") as caught:
        amphora_show()
    failure = failures.of(caught.value, CALL)
    assert failure.error_code == "INVALID_INPUT"
    assert "amphora_show() missing 1 required positional argument: 'amphora_id'" in str(failure)


def test_unknown_input_is_told_with_what_is_taken():
    failure = failures.invalid_input(["server"], ["srver"], ["server"], CALL)
    assert str(failure) == (
        "NovaAction.servers.get failed: parameter 'server' is missing; there is no parameter "
        "'srver': did you mean 'server'? (it takes server)"
    )
    assert str(failures.invalid_input([], ["x"], [], CALL)).endswith(" (it takes none)")


def test_user_and_query_of_a_url_are_not_in_the_error():
    page = Response(200, **{"Content-Type": "text/html"})
    page.content = b"<html><title>Portal</title></html>"
    page.url = "https://ann:S3CRET@cloud.example/portal?token=S3CRET"
    failure = failures.web_page(page, CALL)
    assert "what answered https://cloud.example/portal (HTTP 200, text/html)" in str(failure)
    assert "S3CRET" not in str(failure)
