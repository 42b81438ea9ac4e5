# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The HTTP actions keep what every action promises."""

import pytest

from mistral_extra.actions.http import errors, request, request_async
from mistral_extra.actions.network.errors import Unreachable
from mistral_lib import testing

pytestmark = pytest.mark.usefixtures("loopback")

SECRETS = {
    "auth": {"username": "ann", "password": "correct-horse"},
    "secret_headers": {"X-Api-Key": "battery-staple"},
}


def test_request_conforms(server, free_port):
    report = testing.check_action(
        request.request,
        [
            {"url": server.url("/status?code=200"), "method": "POST", "json": [1], **SECRETS},
            ({"url": server.url("/status?code=500"), **SECRETS}, errors.UnexpectedStatus),
            ({"url": f"http://127.0.0.1:{free_port}/"}, Unreachable),
        ],
    )
    assert "secrets" in report.checks


def test_request_async_conforms(server):
    example = {"url": server.url("/status?code=202"), "json": {"a": 1}, **SECRETS}
    assert "wire" in testing.check_action(request_async.request_async, [example]).checks
