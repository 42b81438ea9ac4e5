# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""On a server Ansible is off until the operator turns it on; then, only what is opened is named."""

import json
import os
import subprocess
import sys

import pytest

from mistral_extra import interactive
from mistral_extra.actions.ansible.galaxy_install import galaxy_install
from mistral_extra.actions.ansible.module import module
from mistral_extra.actions.ansible.playbook import playbook
from mistral_lib import actions

PLAYS = [{"hosts": "all"}]
ROLES = {"roles": []}
EACH = [
    ("ansible.galaxy_install", {"requirements": {"roles": []}}),
    ("ansible.module", {"module": "ping"}),
    ("ansible.playbook", {"playbook": []}),
]


def refusal(action, params, context=None):
    """Return the error of an action that must not run."""
    error = actions.Runner().run(action, params, context).error
    assert error["code"] == "ANSIBLE_NOT_ALLOWED", error
    assert error["retryable"] is False
    return error["message"]


@pytest.mark.parametrize(("name", "params"), EACH)
def test_on_a_server_each_is_refused_until_the_operator_turns_it_on(name, params, server):
    assert "[ansible_action] enabled = true" in refusal(name, params)


@pytest.mark.parametrize(("name", "params"), EACH)
def test_what_the_operator_turned_off_is_off_everywhere(name, params, options, monkeypatch):
    options(enabled=False)
    monkeypatch.setattr(interactive, "_declared", True)
    refusal(name, params)


class Renamed(playbook.action_class):
    """A third party's."""


@actions.action
def around(context: actions.ActionContext) -> object:
    """Run another action."""
    return context.run("ansible.module", module="ping")


def test_no_way_leads_around_the_refusal(server):
    # As an engine does it, without a check; from another action; as a subclass; by the function.
    for action in (playbook.action_class(playbook=[]), Renamed(playbook=[])):
        refusal(action, {})
        assert actions.Runner().run(action, dry_run=True).error["code"] == "ANSIBLE_NOT_ALLOWED"
    refusal(around, {})
    for function, params in (
        (playbook, {"playbook": []}),
        (module, {"module": "ping"}),
        (galaxy_install, {"requirements": {}}),
    ):
        with pytest.raises(actions.ActionException, match="Ansible actions are off"):
            function(**params, context=actions.ActionContext())


def test_nothing_of_the_machine_is_looked_at_before_the_refusal(server, tmp_path):
    for path in (str(tmp_path), str(tmp_path / "gone")):
        message = refusal("ansible.playbook", {"playbook": path, "inventory": path})
        assert str(tmp_path) not in message


def test_the_refusal_is_logged_once(server, caplog):
    for _ in range(3):
        refusal("ansible.module", {"module": "ping"})
    logged = [r for r in caplog.records if r.name == "mistral_extra.actions.ansible.policy"]
    assert [record.levelname for record in logged] == ["WARNING"]
    assert "enabled = true" in logged[0].message


def context(project, **fields):
    return actions.ActionContext(actions.SecurityContext(project_id=project, **fields))


def test_projects_that_are_not_listed_are_refused(server, options):
    options(enabled=True, projects=["p1", "p2"])
    for other in (context("p3"), context(None), context("p1", is_target=True), None):
        assert "[ansible_action] projects" in refusal("ansible.module", {"module": "ping"}, other)


@pytest.mark.slow
def test_a_listed_project_may(server, options, on_localhost, local, monkeypatch, caplog):
    options(enabled=True, projects=["p1"])
    params = {"playbook": on_localhost({"ping": {}}), "inventory": local}
    assert actions.run(playbook, params, context("p1"))["status"] == "successful"
    assert "without isolation" in caplog.text


@pytest.mark.slow
def test_a_server_without_the_option_and_the_command_differ(server, local):
    command = [sys.executable, "-m", "mistral_lib.cli"]

    def run(*words, **variables):
        known = {**os.environ, "PYTHONPATH": str(server), **variables}
        return subprocess.run([*command, *words], capture_output=True, text=True, env=known)

    params = ("module=ping", f"inventory={json.dumps(local)}")
    asked = ("run", "ansible.module", *params, "-f", "json")
    assert json.loads(run(*asked).stdout)["results"]["localhost"]["ping"] == "pong"
    warning, brace, error = run(*asked, OS_ANSIBLE_ACTION__ENABLED="false").stderr.partition("{")
    assert warning.startswith("WARNING: Ansible actions are refused")
    assert json.loads(brace + error)["code"] == "ANSIBLE_NOT_ALLOWED"


@pytest.mark.slow
def test_the_doctor_names_what_a_server_would_refuse(server, tmp_path):
    file = tmp_path / "mistral.conf"

    def doctor(text, **variables):
        file.write_text(text)
        command = [sys.executable, "-m", "mistral_lib.cli", "--config-file", str(file), "doctor"]
        done = subprocess.run(command, capture_output=True, text=True, env=os.environ | variables)
        return done.stdout

    refused = "Not available: ansible.galaxy_install, ansible.module, ansible.playbook\n"
    assert refused in (told := doctor("[DEFAULT]\n"))
    assert "[ansible_action] enabled = true" in told
    assert refused in doctor("[ansible_action]\nenabled = false\n", PYTHONPATH=str(server))
    assert refused not in doctor("[ansible_action]\nenabled = true\n")


# ------------------------------------------------------------------------------------------------
# Paths
# ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("ansible.playbook", {"playbook": "<path>"}),
        ("ansible.playbook", {"playbook": PLAYS, "inventory": "<path>"}),
        ("ansible.module", {"module": "ping", "inventory": "<path>"}),
        ("ansible.module", {"module": "ping", "inventory": "<path>,x"}),
        ("ansible.galaxy_install", {"requirements": "<path>"}),
        ("ansible.galaxy_install", {"requirements": ROLES, "collections_path": "<path>"}),
        ("ansible.galaxy_install", {"requirements": ROLES, "roles_path": "<path>"}),
        *(
            ("ansible.playbook", {"playbook": PLAYS, "environment": {name: value}})
            for name, value in {
                "ANSIBLE_CONFIG": "<path>",
                "ANSIBLE_INVENTORY": "web1,<path>",
                "ANSIBLE_ROLES_PATH": "roles:<path>",
                "ANSIBLE_COLLECTIONS_PATH": "<path>",
                "ANSIBLE_LIBRARY": "<path>",
                "ANSIBLE_LOG_PATH": "<path>",
                "ANSIBLE_CALLBACK_PLUGINS": "<path>",
                "ANSIBLE_PRIVATE_KEY_FILE": "<path>",
                "ANSIBLE_VAULT_PASSWORD_FILE": "<path>",
                "ANSIBLE_VAULT_IDENTITY_LIST": "dev@<path>",
            }.items()
        ),
        (
            "ansible.galaxy_install",
            {"requirements": ROLES, "environment": {"ANSIBLE_HOME": "<path>"}},
        ),
    ],
)
def test_a_path_elsewhere_is_refused(name, params, options, content, tmp_path):
    options(enabled=True, content_folders=[str(content)])
    (tmp_path / "secret").write_text("canary: [\n")
    (content / "link").symlink_to(tmp_path)
    inside = [f"{content}/../secret", f"{content}/link/secret"]
    for path in (f"{tmp_path}/secret", *inside, "~/secret", "../secret"):
        given = json.loads(json.dumps(params).replace("<path>", path))
        error = actions.Runner().run(name, given).error
        assert error["code"] == "INVALID_INPUT"
        assert "[ansible_action] content_folders" in error["message"]
        assert "canary" not in json.dumps(error)


@pytest.mark.slow
def test_what_is_in_an_opened_folder_can_be_named(options, content, local, on_localhost):
    options(enabled=True, content_folders=[str(content)])
    (content / "site.yml").write_text(json.dumps(on_localhost({"ping": {}})))
    (content / "hosts").write_text(json.dumps(local))
    params = {"playbook": str(content / "site.yml"), "inventory": str(content / "hosts")}
    params["environment"] = {"ANSIBLE_ROLES_PATH": f"{content}/roles"}
    assert actions.run(playbook, params)["stats"]["localhost"]["ok"] == 1
