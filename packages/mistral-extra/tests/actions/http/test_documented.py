# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The workflows on the documentation's page do what the page says."""

import pytest

from mistral_extra.actions.http import errors
from mistral_extra.actions.network import errors as network_errors
from mistral_lib import actions

PAGE = "howto/http.rst"


@pytest.fixture
def tracker(server):
    """The system on the page: it makes tickets, for those who have its token."""
    tickets = {}

    class Handler(server.RequestHandlerClass):
        def tickets(self):
            assert self.headers["authorization"] == "Bearer token-1234"
            tickets["1"] = self.body
            self.answer(status=201, location=server.url("/ticket/1"))

        def questions(self):
            self.answer(status=202)

        def do_GET(self):
            if self.path == "/ticket/1":
                assert self.headers["authorization"] == "Bearer token-1234"
                self.answer(tickets["1"], content_type="application/json")
            else:
                super().do_GET()

        do_POST = do_GET

    server.RequestHandlerClass = Handler
    return server


@pytest.mark.usefixtures("loopback")
def test_workflow_runs(page, tracker):
    inputs = {"tracker": tracker.url(""), "subject": "Full disk"}
    output = page(PAGE).play("open_ticket", inputs, {"tracker_token": "token-1234"})
    assert output == {"ticket": {"subject": "Full disk"}}


@pytest.mark.usefixtures("loopback")
def test_workflow_that_waits_sends_its_question(page, tracker):
    inputs = {"desk": tracker.url(""), "question": "Go?"}
    output = page(PAGE).play("approve", inputs, {}, {"ask": {"approved": True}})
    assert output == {"answer": True}
    ((method, path, _, body),) = tracker.seen
    assert (method, path, body) == ("POST", "/questions", b'{"question": "Go?"}')


def test_other_task_on_the_page_has_parameters_that_its_action_takes(page):
    task = page(PAGE).blocks[1]["call"]
    assert set(task["input"]["tls"]) == {"ca", "certificate"}
    actions.EntryPointActionProvider().find(task["action"]).check_parameters(task["input"])


def test_every_code_is_documented(page, undocumented):
    assert undocumented(page(PAGE), errors, network_errors) == []
