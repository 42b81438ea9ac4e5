# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Upstream's libraries on some nodes and ours on others, in one cluster: same answers.

Ours on executor-1, upstream's on executor-2, and either on the engine.
"""

import json
import uuid
from collections import Counter

import pytest

#: Mistral drops a task's ``target``. So items run until each executor had one; who had which, the
#: logs tell.
ITEMS = """
version: '2.0'
items:
  input: [action, items]
  tasks:
    each:
      with-items: params in <% $.items %>
      action: <% $.action %>
      input: <% $.params %>
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
REST = ("engine", "api", "notifier")


@pytest.fixture(scope="module")
def changing(guarded):
    """A cluster whose parts may change their libraries."""
    yield guarded
    guarded.change_libraries(dict.fromkeys((*REST, *EXECUTORS), "ours"))


@pytest.fixture(scope="module", params=["upstream", "ours"], ids="engine has {}".format)
def mixed(request, changing):
    """A cluster with either on the engine, ours on one executor, upstream's on the other."""
    changing.change_libraries(dict.fromkeys(REST, request.param) | EXECUTORS)
    return changing


@pytest.fixture
def anywhere(mixed, workflows_of, login):
    """A user's workflows on that cluster."""
    return workflows_of(login("demo"))


def answers(workflows, action, *params):
    """Return what either executor makes of an action.

    :param params: of the action; several for several answers.
    :returns: by executor, a list of (state, result), one for each of ``params``.
    """
    found = {node: {} for node in EXECUTORS}
    # The broker serves the executors in turn.
    items = [given for given in params for _ in EXECUTORS]
    for _ in range(5):
        run = workflows.run(ITEMS, {"action": action, "items": items})
        for execution in workflows.action_executions(run.tasks["each"]):
            answer = (execution["state"], execution["output"].get("result"))
            found[ran_on(workflows.server, execution["id"])][key_of(execution["input"])] = answer
        if all(len(answered) == len(params) for answered in found.values()):
            break
    return {node: [answered[key_of(given)] for given in params] for node, answered in found.items()}


def key_of(given):
    return json.dumps(given, sort_keys=True)


def ran_on(server, execution):
    """Return the executor that ran an action."""
    (node,) = [node for node in EXECUTORS if execution in server.log(node).read_text()]
    return node


def test_values_come_back_from_both_as_they_went(anywhere):
    found = answers(anywhere, "classic.sees", *({"value": value} for value in VALUES))
    for answered in found.values():
        assert [(state, seen["value"]) for state, seen in answered] == [
            ("SUCCESS", value) for value in VALUES
        ]


def test_both_see_the_same_context(anywhere):
    found = answers(anywhere, "classic.sees", {})
    ours, theirs = (answered[0][1] for answered in found.values())
    assert ours["security"] == theirs["security"]
    assert ours["security"]["user_name"] == "demo"
    assert ours["execution"].keys() == theirs["execution"].keys()
    own = {"action_execution_id", "callback_url", "with_items_index"}
    for name in ours["execution"].keys() - own:
        assert ours["execution"][name] == theirs["execution"][name], name
    assert ours["execution"]["workflow_name"] == "items"
    assert ours["execution"]["callback_url"].startswith("/v2/")


def from_both(state, *results):
    """Return the answers of two executors that agree."""
    return {node: [(state, result) for result in results] for node in EXECUTORS}


def test_an_error_result_is_the_same_from_both(anywhere):
    errors = ["a text", {"code": "FULL", "details": {"free": 0}}]
    found = answers(anywhere, "classic.fails", *({"error": error} for error in errors))
    assert found == from_both("ERROR", *errors)


def test_an_exception_fails_the_task_on_both(anywhere):
    found = answers(anywhere, "classic.fails", {"error": "it broke", "raises": True})
    for ((state, result),) in found.values():
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
    assert answers(anywhere, action, params) == from_both("SUCCESS", expected)


#: What upstream's resources have beside the fields of the service's API, and ours do not.
NO_FIELDS = {"_info", "_loaded", "manager", "x_openstack_request_ids"}


def api_fields(answer):
    """Return an answer with its resources' fields of the service's API alone.

    Upstream has all of them in ``_info`` only: one that the client's class knows as a property, as
    ``is_public`` of a volume type, is not beside it.
    """
    if isinstance(answer, dict):
        fields = answer.get("_info", {}) | answer
        return {key: api_fields(fields[key]) for key in fields.keys() - NO_FIELDS}
    if isinstance(answer, list):
        return [api_fields(item) for item in answer]
    return answer


@pytest.mark.parametrize(
    ("action", "params", "has"),
    [
        ("nova.flavors_list", {}, "{offered}"),
        ("nova.flavors_find", {"name": "{offered}"}, "{offered}"),
        ("glance.images_list", {}, "{offered}"),
        ("neutron.list_networks", {"name": "{network}"}, "{network}"),
        ("neutron.list_subnets", {}, "10.11.12.0/24"),
        ("cinder.volume_types_list", {}, "__DEFAULT__"),
        ("heat.build_info_build_info", {}, "engine"),
        ("keystone.services_list", {}, "identity"),
    ],
)
def test_openstack_answers_the_same_from_both(
    mixed, workflows_of, login, offered, network, action, params, has
):
    names = {"offered": offered, "network": network}
    given = {key: value.format(**names) for key, value in params.items()}
    found = answers(workflows_of(login("admin")), action, given)
    (ours,), (theirs,) = found.values()
    assert (ours[0], theirs[0]) == ("SUCCESS", "SUCCESS"), found
    assert api_fields(ours[1]) == api_fields(theirs[1])
    # Nothing would be the same as well.
    assert has.format(**names) in str(ours[1])


def test_what_openstack_refuses_fails_on_both(anywhere):
    found = answers(anywhere, "nova.servers_get", {"server": str(uuid.uuid4())})
    for ((state, result),) in found.values():
        assert state == "ERROR"
        assert "could not be found" in str(result)


ADHOC = """
version: '2.0'
{name}:
  base: {base}
  base-input:
    {given}: <% $.word %>
  input:
    - word
  output:
    made: <% $ %>
"""


@pytest.mark.parametrize(
    ("base", "given", "result_of"),
    [
        ("std.echo", "output", lambda made: made),
        ("classic.sees", "value", lambda made: made["value"]),
        ("nova.flavors_find", "name", lambda made: made["name"]),
    ],
    ids=["server's", "class", "OpenStack"],
)
def test_an_adhoc_action_answers_the_same_from_both(anywhere, offered, base, given, result_of):
    name = f"adhoc_{uuid.uuid4().hex[:8]}"
    text = ADHOC.format(name=name, base=base, given=given)
    anywhere.api.request("POST", "actions", text, kind="text/plain")
    found = answers(anywhere, name, {"word": offered})
    for ((state, result),) in found.values():
        assert state == "SUCCESS", found
        assert result_of(result["made"]) == offered


SOURCE = """
from mistral_lib import actions

class Greet(actions.Action):
    greeting = "Hello"

    def __init__(self, name, to=None):
        super().__init__()
        self.name = name
        self.to = to

    def run(self, context):
        if self.to:
            return actions.Result(error={"code": "AWAY", "name": self.to})
        return {"said": f"{self.greeting} {self.name}", "in": context.execution.workflow_name}
"""


def test_an_uploaded_action_answers_the_same_from_both(mixed, workflows_of, login):
    # Only the administrator may upload code.
    admin = workflows_of(login("admin"))
    name = f"dynamic_{uuid.uuid4().hex[:8]}"
    admin.api.request("POST", "code_sources", SOURCE, kind="text/plain", name=name)
    body = {"name": name, "class_name": "Greet", "code_source_name": name}
    admin.api.request("POST", "dynamic_actions", body)
    said = {"said": "Hello Ada", "in": "items"}
    assert answers(admin, name, {"name": "Ada"}) == from_both("SUCCESS", said)
    away = {"code": "AWAY", "name": "Bob"}
    assert answers(admin, name, {"name": "Ada", "to": "Bob"}) == from_both("ERROR", away)


SHARED = """
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


def test_work_that_anybody_may_take_is_shared(anywhere, journal):
    run = anywhere.run(SHARED, {"journal": str(journal)})
    assert run.state == "SUCCESS", run.info
    assert Counter(place["node"] for place in run.output["places"]).keys() == EXECUTORS.keys()
    assert len(list(journal.iterdir())) == 40
