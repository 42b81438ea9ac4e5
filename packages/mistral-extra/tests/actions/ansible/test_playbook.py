# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Real playbooks on this machine: what they take and what they return."""

import json
import re
import shutil
import subprocess

import pytest
import yaml

from mistral_extra.actions import availability
from mistral_extra.actions.ansible import environment
from mistral_extra.actions.ansible.playbook import playbook
from mistral_lib import actions, testing

pytestmark = pytest.mark.slow

SAY_HELLO = {"name": "Say hello", "debug": {"msg": "hello"}}


def test_the_outcome_tells_what_was_done_on_which_host(run, on_localhost, tmp_path):
    touch = {"name": "Touch", "file": {"path": f"{tmp_path}/new", "state": "touch"}}
    skipped = {"name": "Not now", "debug": {"msg": "no"}, "when": False}
    outcome = run(on_localhost(SAY_HELLO, touch, skipped))
    assert outcome.pop("stdout").count("TASK [Touch]") == 1
    assert outcome == {
        "rc": 0,
        "status": "successful",
        "stats": {
            "localhost": {
                "ok": 2,
                "changed": 1,
                "unreachable": 0,
                "failed": 0,
                "skipped": 1,
                "rescued": 0,
                "ignored": 0,
            }
        },
        "failures": [],
        "changed": True,
    }


INVENTORIES = {
    "path": "[web]\nlocalhost\n[web:vars]\nansible_connection=local\n",
    "ini": "[web]\nlocalhost\n[web:vars]\nansible_connection=local\n",
    "yaml": "web:\n  hosts:\n    localhost:\n      ansible_connection: local\n",
    "structure": {"web": {"hosts": {"localhost": {"ansible_connection": "local"}}}},
}


@pytest.mark.parametrize("form", INVENTORIES)
def test_playbook_and_inventory_are_paths_texts_or_structures(form, run, on_localhost, tmp_path):
    told = {"debug": {"msg": "groups {{ group_names }} by {{ ansible_connection }}"}}
    plays, inventory = on_localhost(told), INVENTORIES[form]
    if form == "path":
        # What lies beside a playbook is found.
        (tmp_path / "tasks.yml").write_text(yaml.safe_dump([told]))
        (tmp_path / "hosts").write_text(inventory)
        including = on_localhost({"include_tasks": "tasks.yml"})
        (tmp_path / "site.yml").write_text(yaml.safe_dump(including))
        plays, inventory = str(tmp_path / "site.yml"), str(tmp_path / "hosts")
    elif form != "structure":
        plays = yaml.safe_dump(plays)
    assert "groups ['web'] by local" in run(plays, inventory=inventory)["stdout"]


def test_without_an_inventory_there_is_localhost(on_localhost):
    plays = on_localhost(SAY_HELLO, hosts="localhost")
    outcome = actions.run(playbook, {"playbook": plays})
    assert list(outcome["stats"]) == ["localhost"]


@pytest.mark.parametrize("what", ["playbook", "inventory"])
def test_a_path_that_leads_nowhere_is_bad_input(what, tmp_path):
    params = {"playbook": "- hosts: all\n", what: str(tmp_path / "gone.yml")}
    with pytest.raises(actions.InvalidInput, match=f"There is no {what} at '.*gone.yml'.*line"):
        actions.run(playbook, params)


def test_variables_hosts_tasks_and_manner_can_be_chosen(run, on_localhost):
    tell = "{{ [forks, ansible_forks, ansible_verbosity, ansible_diff_mode, ansible_check_mode] }}"
    tasks = [
        {"name": f"Task {tag}", "debug": {"msg": f"{tag} {{{{ word }}}}"}, "tags": [tag]}
        for tag in ("one", "two", "three")
    ]
    tasks.append({"debug": {"msg": tell}, "tags": ["one"], "run_once": True})
    outcome = run(
        on_localhost(*tasks),
        inventory="a,b,c",
        extra_vars={"word": "über 'quoted' \U0001f600 {{ forks + 1 }}", "forks": 1},
        limit="a:c",
        tags=["one", "two"],
        skip_tags=["two"],
        forks=2,
        verbosity=1,
        check=True,
        diff=True,
    )
    assert {host: stats["ok"] for host, stats in outcome["stats"].items()} == {"a": 2, "c": 1}
    assert "one über 'quoted' \U0001f600 2" in outcome["stdout"]
    (told,) = re.findall(r'"msg": (\[[^\]]*\])', outcome["stdout"])
    assert json.loads(told) == [1, 2, 1, True, True]


def test_a_playbook_can_work_as_another_user(run, on_localhost, tmp_path):
    # In the stead of sudo, which may not be there: notes its words, and runs the last three.
    become = tmp_path / "become"
    become.write_text(
        f'#!/bin/sh\necho "$@" > {tmp_path}/words\n'
        'while [ "$#" -gt 3 ]; do shift; done\nexec "$@"\n'
    )
    become.chmod(0o700)
    settings = {"ANSIBLE_BECOME_EXE": str(become), "ANSIBLE_BECOME_ALLOW_SAME_USER": "True"}
    outcome = run(on_localhost({"command": "true"}), become=True, environment=settings)
    assert outcome["changed"]
    assert " -u root " in (tmp_path / "words").read_text()


def test_the_dry_run_changes_nothing_and_tells_what_would_be(local, on_localhost, tmp_path):
    path = tmp_path / "note"
    plays = on_localhost({"copy": {"content": "hello\n", "dest": str(path)}})
    params = {"playbook": plays, "inventory": local, "diff": True}
    rehearsed = actions.Runner().run(playbook, params, dry_run=True)
    assert (rehearsed.data["changed"], path.exists()) == (True, False)
    assert "+hello" in rehearsed.data["stdout"]
    real = actions.run(playbook, {**params, "diff": False})
    assert (real["changed"], path.read_text()) == (True, "hello\n")
    assert "+hello" not in real["stdout"]


def test_progress_tells_plays_tasks_and_failures(local, on_localhost):
    env = testing.ActionEnvironment(wire=False)
    failing = {"name": "Break", "command": "false"}
    env.run_result(
        playbook, playbook=on_localhost(SAY_HELLO, failing, name="Greet"), inventory=local
    )
    assert env.progress[:3] == ["Play: Greet", "Task: Say hello", "Task: Break"]
    assert env.progress[3].startswith("Failed on localhost: Break: ")


def test_long_output_is_cut_in_the_middle(run, on_localhost):
    outcome = run(on_localhost({"debug": {"msg": "{{ 'x' * 200000 }}"}}))
    assert 64_000 < len(outcome["stdout"]) < 65_000
    assert "characters cut here" in outcome["stdout"]
    assert "PLAY RECAP" in outcome["stdout"]


def test_two_hundred_hosts_are_told_apart(run, on_localhost):
    hosts = [f"node{number:03}" for number in range(200)]
    odd = "{{ inventory_hostname[-1] | int is odd }}"
    breaking = {"name": "Break", "fail": {"msg": "odd"}, "when": odd}
    with pytest.raises(actions.ActionFailed, match="and 99 more") as caught:
        run(on_localhost(breaking), inventory=hosts, forks=20)
    stats = caught.value.details["stats"]
    assert len(stats) == 200
    assert {host for host, counts in stats.items() if counts["failed"]} == set(hosts[1::2])
    assert {f["host"] for f in caught.value.details["failures"]} == set(hosts[1::2])


def test_what_a_vault_encrypted_is_read_with_its_password(run, on_localhost, tmp_path):
    (tmp_path / "password").write_text("open-sesame-1")
    encrypted = subprocess.run(
        [
            shutil.which("ansible-vault", path=availability.search_path()),
            "encrypt_string",
            "--name=found",
            f"--vault-password-file={tmp_path / 'password'}",
            "the-treasure",
        ],
        env=environment.minimal(),
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    plays = yaml.safe_dump(on_localhost({"debug": {"var": "found"}}, vars_files="vars.yml"))
    (tmp_path / "site.yml").write_text(plays)
    (tmp_path / "vars.yml").write_text(encrypted)
    outcome = run(str(tmp_path / "site.yml"), vault_password="open-sesame-1")
    assert "the-treasure" in outcome["stdout"]
    with pytest.raises(actions.ActionFailed, match=r"(?i)decrypt"):
        run(str(tmp_path / "site.yml"), vault_password="wrong-password-2")


def test_ansible_gets_a_minimal_environment(run, on_localhost, monkeypatch):
    monkeypatch.setenv("OWN_SETTING", "of-the-executor")
    monkeypatch.setenv("OS_PASSWORD", "of-the-executor-too")
    monkeypatch.setenv("ANSIBLE_STDOUT_CALLBACK", "nonsense")
    show = {"command": "env", "register": "found"}
    say = {"debug": {"var": "found.stdout"}}
    printed = run(on_localhost(show, say), environment={"GIVEN_SETTING": "by-the-workflow"})
    assert "GIVEN_SETTING=by-the-workflow" in printed["stdout"]
    assert "of-the-executor" not in printed["stdout"]
