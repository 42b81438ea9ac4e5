# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What an API's user gets who asks for what can't be: 4xx with one line, never 500.

Between API and engine is RabbitMQ. Exceptions cross it as name and text, and the API knows them by
name alone.
"""

import ast
import json
from pathlib import Path

import pytest

from tools.mistral.api import ApiError

SOURCES = Path(__file__).parents[3] / "packages"
MESSAGE = "this is refused on purpose"


def classes_in(path):
    """Yield the classes of a module, each with the names of its bases."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.ClassDef):
            yield node.name, {ast.unparse(base).rpartition(".")[2] for base in node.bases}


def errors_of_ours():
    """Return each exception class of both packages, as ``module:name``, without importing any."""
    found = {}
    for source in (SOURCES / "mistral-lib/src", SOURCES / "mistral-extra/src"):
        for path in source.rglob("*.py"):
            module = ".".join(path.relative_to(source).with_suffix("").parts)
            found |= {(module, name): bases for name, bases in classes_in(path)}
    known = {"MistralExceptionBase"}
    while more := {name for (_, name), bases in found.items() if bases & known} - known:
        known |= more
    return sorted(f"{module}:{name}" for module, name in found if name in known)


OURS = errors_of_ours()
CALLED = ("find", "check_parameters", "instantiate", "constructor")


def refusal(api, name, params, **details):
    """Run an action by itself; return the status of the answer and its text."""
    body = {"name": name, "input": json.dumps(params), **details}
    with pytest.raises(ApiError, match="faultstring") as raised:
        api.request("POST", "action_executions", body)
    return raised.value.status, json.loads(raised.value.text)["faultstring"]


@pytest.fixture(scope="module")
def api(cluster):
    return cluster.api()


def test_the_errors_of_both_packages_are_looked_through():
    assert len(OURS) > 30
    assert "mistral_lib.exceptions:InvalidInput" in OURS
    assert "mistral_extra.actions.availability:NotInstalled" in OURS


@pytest.mark.parametrize("where", CALLED)
def test_every_error_of_ours_is_the_users_in_one_line(api, where):
    answers = {}
    for error in OURS:
        name = f"typed.refuses {error}" if where == "find" else "typed.refuses"
        answers[error] = refusal(api, name, {"error": error, "where": where})
    wrong = {e: a for e, a in answers.items() if not 400 <= a[0] < 500 or "\n" in a[1]}
    assert wrong == {}
    assert {e: a for e, a in answers.items() if MESSAGE not in a[1]} == {}


@pytest.mark.parametrize(
    ("error", "status"),
    [
        ("mistral_lib.exceptions:InvalidInput", 400),
        ("mistral_lib.exceptions:ActionNotFound", 400),
        # A class of that name is the server's too.
        ("mistral_extra.actions.openstack.utils.exceptions:UnauthorizedException", 401),
    ],
)
def test_the_text_of_an_error_is_all_that_is_said(api, error, status):
    params = {"error": error, "where": "check_parameters"}
    assert refusal(api, "typed.refuses", params) == (status, MESSAGE)


@pytest.mark.parametrize("error", ["builtins:ValueError", "builtins:TypeError", "builtins:OSError"])
def test_an_error_of_an_action_s_constructor_is_the_users_too(api, error):
    params = {"error": error, "where": "constructor"}
    assert refusal(api, "typed.refuses", params) == (400, MESSAGE)


def test_an_error_while_an_action_runs_is_its_result(api):
    for error in OURS:
        params = {"error": error, "where": "run"}
        made = api.run_action("typed.refuses", params)
        assert made["state"] == "ERROR"
        # The text names the action, not what it was given.
        assert "[action=Refuses(error, where), " in made["output"]["result"]
        assert f"msg='{MESSAGE}'" in made["output"]["result"]


def test_an_error_about_a_result_that_comes_later_is_one_line(api):
    for error in ("mistral_lib.exceptions:InvalidOutput", "mistral_lib.exceptions:MistralError"):
        params = {"error": error, "where": "post_process_result"}
        body = {"name": "typed.refuses", "input": json.dumps(params), "params": {}}
        made = api.request("POST", "action_executions", body)
        result = {"state": "SUCCESS", "output": json.dumps({"result": error})}
        with pytest.raises(ApiError, match=MESSAGE) as raised:
            api.request("PUT", f"action_executions/{made['id']}", result)
        said = json.loads(raised.value.text)["faultstring"]
        assert (raised.value.status, said) == (400, MESSAGE)


#: Actions of the server's and ours, each with input that is wrong in another way.
WRONG = {
    "missing": ("std.ssh", {}),
    "unexpected": ("std.echo", {"output": 1, "wrong": 2}),
    "misspelt": ("std.http", {"ulr": "http://h"}),
    "function's missing": ("typed.where", {}),
    "function's type": ("typed.where", {"item": "three"}),
    "function's unexpected": ("typed.where", {"item": 1, "jornal": "x"}),
    "generic": ("http.request", {"url": 5}),
    "OpenStack's": ("nova.servers_get", {"wrong": 1}),
    "no object": ("std.echo", [1]),
    "no object for a function": ("typed.where", [1]),
    "a text": ("typed.where", "item"),
    "no object for OpenStack": ("nova.servers_get", [1]),
    "a lone number": ("std.noop", 5),
    "unknown action": ("std.nothing", {}),
    "unknown service": ("nothing.at_all", {}),
    "unknown in a service": ("nova.servers_lst", {}),
    "odd name": ("a b/c\n'\"%s{}", {}),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_input_is_one_line(api, case):
    status, text = refusal(api, *WRONG[case])
    assert status == 400, text
    assert "\n" not in text.replace(WRONG[case][0], "")
    assert "Traceback" not in text


def test_every_action_refuses_what_it_does_not_know(api):
    """Actions of every kind and origin, of each namespace of names the first."""
    names = sorted({a["name"].partition(".")[0]: a["name"] for a in api.all_actions()}.values())
    assert len(names) > 25
    answers = {}
    for name in names:
        try:
            answers[name] = refusal(api, name, {"no_such_parameter_of_it": 1})
        except pytest.fail.Exception:
            # One that takes any parameters.
            continue
    assert {n: a for n, a in answers.items() if a[0] != 400 or "\n" in a[1]} == {}
