# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Upstream's libraries on some nodes and ours on others, in one cluster: same answers."""

from collections import Counter

import pytest

ACTION = """
version: '2.0'
anywhere:
  input: [action, params, node]
  output:
    result: <% $.result %>
  output-on-error:
    result: <% $.result %>
  tasks:
    does:
      action: <% $.action %>
      input: <% $.params %>
      target: <% $.node %>
      publish:
        result: <% task().result %>
      publish-on-error:
        result: <% task().result %>
"""

#: What either library can send: values of each type that JSON has, and some that YAQL makes.
VALUES = [
    None,
    True,
    0,
    -1.5,
    "",
    "Grüße, 世界 \u2028",
    [],
    {},
    [1, [2, {"three": [None]}]],
    {"nested": {"list": [1.0, "two"], "__serial_key": "no key of ours"}},
    "x" * 20_000,
]

EXECUTORS = {"executor-1": "ours", "executor-2": "upstream"}


@pytest.fixture(scope="module", params=["upstream", "ours"], ids="engine has {}".format)
def mixed(request, serve):
    """A cluster with either on the engine, ours on one executor, upstream's on the other."""
    libraries = {"engine": request.param, "api": request.param, "notifier": request.param}
    server = serve("mixed", cluster=True, libraries=libraries | EXECUTORS)
    yield server
    server.take_down()


@pytest.fixture
def anywhere(mixed, workflows_on):
    """Workflows on that cluster."""
    return workflows_on(mixed)


def answers(workflows, action, params):
    """Return what each executor makes of an action: state and result."""
    found = {}
    for node in EXECUTORS:
        run = workflows.run(ACTION, {"action": action, "params": params, "node": node})
        found[node] = (run.state, run.output["result"])
    return found


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_a_value_comes_back_from_both_as_it_went(anywhere, value):
    found = answers(anywhere, "classic.sees", {"value": value})
    assert {node: answer[1]["value"] for node, answer in found.items()} == dict.fromkeys(
        EXECUTORS, value
    )


def test_both_see_the_same_context(anywhere):
    found = answers(anywhere, "classic.sees", {})
    contexts = [answer[1] for answer in found.values()]
    fields = [{part: sorted(seen[part]) for part in ("security", "execution")} for seen in contexts]
    assert fields[0] == fields[1]
    assert [seen["execution"]["workflow_name"] for seen in contexts] == ["anywhere"] * 2
    assert all(seen["execution"]["callback_url"].startswith("/v2/") for seen in contexts)


@pytest.mark.parametrize(
    "error", ["a text", {"code": "FULL", "details": {"free": 0}}], ids=["text", "object"]
)
def test_an_error_result_is_the_same_from_both(anywhere, error):
    found = answers(anywhere, "classic.fails", {"error": error})
    assert found["executor-1"] == found["executor-2"] == ("ERROR", error)


def test_an_exception_fails_the_task_on_both(anywhere):
    found = answers(anywhere, "classic.fails", {"error": "it broke", "raises": True})
    for state, result in found.values():
        assert state == "ERROR"
        assert "it broke" in result


@pytest.mark.parametrize(
    ("action", "params", "expected"),
    [
        ("std.echo", {"output": {"a": 1}}, {"a": 1}),
        ("std.test_dict", {"size": 2, "key_prefix": "k", "val": "v"}, {"k0": "v", "k1": "v"}),
    ],
)
def test_the_servers_own_actions_answer_the_same_from_both(anywhere, action, params, expected):
    found = answers(anywhere, action, params)
    assert found == dict.fromkeys(EXECUTORS, ("SUCCESS", expected))


def test_work_that_anybody_may_take_is_shared(anywhere, journal):
    text = """
version: '2.0'
shared:
  input: [journal]
  output:
    places: <% task(each).result %>
  tasks:
    each:
      with-items: i in <% range(40).toList() %>
      action: classic.where item=<% $.i %> journal=<% $.journal %>
"""
    run = anywhere.run(text, {"journal": str(journal)})
    assert run.state == "SUCCESS", run.info
    assert Counter(place["node"] for place in run.output["places"]).keys() == EXECUTORS.keys()
    assert len(list(journal.iterdir())) == 40


def test_a_node_changes_libraries_while_the_others_work(mixed, anywhere):
    before = answers(anywhere, "classic.sees", {"value": 1})
    mixed.stop("executor-2")
    mixed.start("executor-2", "ours")
    try:
        after = answers(anywhere, "classic.sees", {"value": 1})
    finally:
        mixed.stop("executor-2")
        mixed.start("executor-2", "upstream")
    assert {node: answer[1]["value"] for node, answer in after.items()} == {
        node: answer[1]["value"] for node, answer in before.items()
    }
