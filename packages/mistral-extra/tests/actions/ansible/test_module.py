# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Single modules on real hosts."""

import json

import pytest

from mistral_extra.actions.ansible.module import module
from mistral_lib import actions, testing

pytestmark = pytest.mark.slow


@pytest.fixture
def two(local):
    """An inventory of two hosts that are both this machine."""
    (settings,) = local["all"]["hosts"].values()
    return {"all": {"hosts": {"a": settings, "b": settings}}}


def test_each_host_answers(two):
    answer = actions.run(
        module, {"module": "command", "args": "echo {{ inventory_hostname }}", "inventory": two}
    )
    assert {host: result["stdout"] for host, result in answer["results"].items()} == {
        "a": "a",
        "b": "b",
    }
    assert [k for k in answer["results"]["a"] if k == "invocation" or k[0] == "_"] == []


def test_arguments_come_by_name_and_hosts_by_pattern(two, tmp_path):
    params = {"path": f"{tmp_path}/{{{{ inventory_hostname }}}}", "state": "directory"}
    answer = actions.run(
        module, {"module": "ansible.builtin.file", "args": params, "hosts": "b", "inventory": two}
    )
    assert answer["changed"]
    assert [path.name for path in tmp_path.iterdir()] == ["b"]


def test_the_dry_run_changes_nothing(two, tmp_path):
    params = {"path": f"{tmp_path}/new", "state": "directory"}
    answer = actions.Runner().run(
        module, {"module": "file", "args": params, "inventory": two}, dry_run=True
    )
    assert (answer.data["changed"], list(tmp_path.iterdir())) == (True, [])


def test_a_secret_argument_is_masked_in_the_answer(local):
    env = testing.ActionEnvironment(wire=False)
    answer = env.run(
        module,
        module="debug",
        args={"msg": ["it is {{ word }}", "{{ pin }}"]},
        inventory=local,
        secret_vars={"word": "correct-horse-battery", "pin": 907342},
    )
    assert answer["results"]["localhost"]["msg"] == ["it is ***", "***"]
    assert "correct-horse" not in json.dumps(answer)
    assert "907342" not in json.dumps(answer)
    assert env.secrets_seen() == []


def test_the_error_has_what_other_hosts_answered(two):
    choose = "test {{ inventory_hostname }} = a"
    with pytest.raises(actions.ActionFailed, match="Module command failed: host 'b'") as caught:
        actions.run(module, {"module": "command", "args": choose, "inventory": two})
    results = caught.value.details["results"]
    assert {host: result["rc"] for host, result in results.items()} == {"a": 0, "b": 1}


def test_an_unknown_module_is_an_error_that_names_it(local):
    with pytest.raises(actions.ActionFailed, match=r"Module no_such failed: .*no_such"):
        actions.run(module, {"module": "no_such", "inventory": local})
