# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Which actions the server lists."""

import json
from collections import Counter
from pathlib import Path

import pytest
import tomllib

from tools.supervision import folder

ROOT = Path(__file__).parents[3]
MAPPING = ROOT / "packages/mistral-extra/src/mistral_extra/actions/openstack/mapping.json"


def openstack():
    """Return the names of all OpenStack actions: what the mapping says, one for one."""
    return {
        f"{service}.{action}"
        for service, actions in json.loads(MAPPING.read_text()).items()
        if isinstance(actions, dict)
        for action in actions
        if not action.startswith("_")
    }


def plugged_in(manifest):
    """Return the names that a package's entry points announce."""
    project = tomllib.loads((ROOT / manifest).read_text())["project"]
    return set(project.get("entry-points", {}).get("mistral.actions", {}))


FILES = plugged_in("examples/pyproject.toml")
OTHERS = plugged_in("packages/mistral-extra/pyproject.toml")


@pytest.fixture(scope="module")
def listed(one_process):
    """All actions as the server lists them."""
    return one_process.api().get("actions")["actions"]


def test_every_action_we_ship_is_listed_once(listed):
    times = Counter(action["name"] for action in listed)
    expected = openstack() | FILES | OTHERS
    assert sorted(expected - times.keys()) == []
    assert {name: count for name, count in times.items() if count != 1} == {}


def test_every_openstack_action_has_a_description_and_its_input(listed):
    ours = [action for action in listed if action["name"] in openstack()]
    assert [action["name"] for action in ours if not action["description"]] == []
    texts = {action["name"]: action["description"] for action in listed}
    # The server has no other place for what is said of parameters.
    assert "\n:param flavor: " in texts["nova.servers_create"]
    assert "\n:param code: " in texts["typed.fails"]
    assert ":param word: no secret" in texts["typed.keeps"]
    assert texts["classic.undocumented"] is None
    inputs = {action["name"]: action["input"] for action in ours}
    assert inputs["nova.servers_get"].startswith("server")
    assert "name, image, flavor" in inputs["nova.servers_create"]


@pytest.mark.parametrize("name", ["nova.servers_list", "neutron.list_networks", "files.verify"])
def test_one_action_is_shown_as_it_is_listed(one_process, listed, name):
    (expected,) = [action for action in listed if action["name"] == name]
    assert one_process.api().get(f"actions/{name}") == expected


def test_filters_narrow_the_listing(one_process):
    api = one_process.api()
    (one,) = api.get("actions", name="eq:heat.stacks_list")["actions"]
    assert one["name"] == "heat.stacks_list"
    some = {action["name"] for action in api.get("actions", name="has:files.")["actions"]}
    assert some == FILES


def services(server):
    return Counter(
        action["name"].partition(".")[0] for action in server.api().get("actions")["actions"]
    )


def log(server):
    return folder.log_of(server.folder, "server").read_text()


def test_allow_and_deny_lists_are_obeyed(serve):
    options = {
        "action_providers": {"allowlist": "legacy,adhoc"},
        "legacy_action_provider": {"denylist": "files.sign,files.sizes"},
    }
    denying = serve("denying", options=options)
    found = services(denying)
    assert found.keys() >= {"classic", "files", "std", "typed"}
    assert not found.keys() & json.loads(MAPPING.read_text()).keys()
    assert found["files"] == len(FILES) - 2
    # What is missing is not so without a word.
    (warning,) = [line for line in log(denying).splitlines() if "does not name" in line]
    assert "WARNING mistral_lib.actions.providers.left_out" in warning
    assert "[action_providers] allowlist does not name the installed action provider" in warning
    assert "Add openstack,typed-refusals to" in warning
    denying.take_down()

    allowing = serve(
        "allowing",
        options={
            "action_providers": {"denylist": "adhoc,dynamic,typed-refusals"},
            "legacy_action_provider": {"allowlist": "files.sign"},
        },
    )
    found = services(allowing)
    assert (found["files"], found["std"], found["typed"]) == (1, 0, 0)
    assert sum(found.values()) == 1 + len(openstack())
    assert "does not name" not in log(allowing)
