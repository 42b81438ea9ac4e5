# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
import pytest

from mistral_extra.actions.openstack.utils import exceptions
from mistral_lib import exceptions as lib_exceptions

HTTP_CODES = [
    (exceptions.ActionException, 400),
    (exceptions.UnauthorizedException, 401),
    (exceptions.ApplicationContextNotFoundException, 400),
    (exceptions.MistralKeystoneException, 500),
]


@pytest.mark.parametrize(("error", "code"), HTTP_CODES)
def test_error_answers_with_its_http_code(error, code):
    assert error.http_code == code
    assert error("x").code == code


@pytest.mark.parametrize(("error", "code"), HTTP_CODES)
def test_error_is_caught_as_an_action_exception_of_the_library(error, code):
    with pytest.raises(lib_exceptions.ActionException, match="no such flavor"):
        raise error("no such flavor")


def test_message_given_replaces_the_default():
    assert str(exceptions.UnauthorizedException()) == "Unauthorized"
    assert str(exceptions.UnauthorizedException("token expired")) == "token expired"


def test_each_kind_has_an_error_code_of_its_own():
    kinds = [error for error, _ in HTTP_CODES if error is not exceptions.ActionException]
    codes = {error().error_code for error in kinds}
    assert len(codes) == len(kinds)
    assert None not in codes


def test_facts_in_the_details_are_attributes():
    details = {"status": 404, "request_id": "req-1", "service": "nova", "method": "servers.get"}
    error = exceptions.ActionException("no such server", "NOT_FOUND", details=details)
    assert (error.status, error.request_id) == (404, "req-1")
    assert (error.service, error.method) == ("nova", "servers.get")
    assert error.details == details


def test_facts_that_nobody_knows_are_none():
    error = exceptions.ActionException("x", details={"status": None})
    assert [error.status, error.request_id, error.service, error.method] == [None] * 4
