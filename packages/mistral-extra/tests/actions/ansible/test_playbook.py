# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Real playbooks on this machine: what they return, and how they fail."""

import subprocess
import sys

import pytest
import yaml

from mistral_extra.actions.ansible import environment
from mistral_extra.actions.ansible.playbook import playbook
from mistral_lib import actions, testing

SAY_HELLO = {"name": "Say hello", "debug": {"msg": "hello"}}


@pytest.fixture
def run(local):
    """A function that runs plays on this machine and returns the data."""

    def run(plays, **params):
        return actions.run(playbook, {"playbook": plays, "inventory": local, **params})

    return run


@pytest.mark.slow
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


@pytest.mark.slow
@pytest.mark.parametrize("form", ["path", "text", "structure"])
def test_a_playbook_is_a_path_a_text_or_a_structure(form, run, on_localhost, tmp_path):
    plays = on_localhost(SAY_HELLO)
    path = tmp_path / "site.yml"
    path.write_text(yaml.safe_dump(plays))
    outcome = run({"path": str(path), "text": path.read_text(), "structure": plays}[form])
    assert outcome["stats"]["localhost"]["ok"] == 1


@pytest.mark.slow
def test_files_beside_a_playbook_are_found(run, on_localhost, tmp_path):
    (tmp_path / "tasks.yml").write_text(yaml.safe_dump([SAY_HELLO]))
    (tmp_path / "site.yml").write_text(yaml.safe_dump(on_localhost({"include_tasks": "tasks.yml"})))
    assert "hello" in run(str(tmp_path / "site.yml"))["stdout"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "inventory",
    [
        "[web]\nlocalhost\n[web:vars]\nansible_connection=local\n",
        "web:\n  hosts:\n    localhost:\n      ansible_connection: local\n",
        {"web": {"hosts": {"localhost": {"ansible_connection": "local"}}}},
    ],
    ids=["ini", "yaml", "structure"],
)
def test_an_inventory_is_a_text_or_a_structure(inventory, run, on_localhost):
    told = {"debug": {"msg": "groups {{ group_names }} by {{ ansible_connection }}"}}
    outcome = run(on_localhost(told), inventory=inventory)
    assert "groups ['web'] by local" in outcome["stdout"]


@pytest.mark.slow
@pytest.mark.parametrize("inventory", [["a", "b"], "a,b"], ids=["list", "commas"])
def test_an_inventory_is_names_of_hosts(inventory, run, on_localhost):
    assert sorted(run(on_localhost(SAY_HELLO), inventory=inventory)["stats"]) == ["a", "b"]


@pytest.mark.slow
def test_without_an_inventory_there_is_localhost(on_localhost):
    plays = on_localhost(SAY_HELLO, hosts="localhost")
    assert list(actions.run(playbook, {"playbook": plays})["stats"]) == ["localhost"]


@pytest.mark.slow
def test_variables_hosts_and_tasks_can_be_chosen(run, on_localhost):
    tasks = [
        {"name": f"Task {tag}", "debug": {"msg": f"{tag} {{{{ word }}}}"}, "tags": [tag]}
        for tag in ("one", "two", "three")
    ]
    outcome = run(
        on_localhost(*tasks),
        inventory=["a", "b", "c"],
        extra_vars={"word": "über 'quoted' \U0001f600"},
        limit="a:c",
        tags=["one", "two"],
        skip_tags=["two"],
        forks=2,
        verbosity=1,
    )
    assert {host: stats["ok"] for host, stats in outcome["stats"].items()} == {"a": 1, "c": 1}
    assert "one über 'quoted' \U0001f600" in outcome["stdout"]


@pytest.mark.slow
def test_the_dry_run_changes_nothing_and_tells_what_would_be(local, on_localhost, tmp_path):
    path = tmp_path / "note"
    plays = on_localhost({"copy": {"content": "hello\n", "dest": str(path)}})
    params = {"playbook": plays, "inventory": local, "diff": True}
    rehearsed = actions.Runner().run(playbook, params, dry_run=True)
    assert (rehearsed.data["changed"], path.exists()) == (True, False)
    assert "+hello" in rehearsed.data["stdout"]
    checked = actions.run(playbook, {**params, "check": True})
    assert (checked["changed"], path.exists()) == (True, False)


@pytest.mark.slow
def test_a_failing_task_is_an_error_that_names_host_and_task(run, on_localhost):
    ignored = {"name": "Try", "command": "false", "ignore_errors": True}
    rescued = {"block": [{"name": "Hope", "command": "false"}], "rescue": [SAY_HELLO]}
    failing = {"name": "Break", "command": "ls nowhere"}
    with pytest.raises(
        actions.ActionFailed,
        match=r"The playbook failed: host 'localhost', task 'Hope': .*and 1 more failures",
    ) as caught:
        run(on_localhost(ignored, rescued, failing))
    error = caught.value
    assert (error.error_code, error.retryable) == ("ANSIBLE_FAILED", False)
    assert (error.details["rc"], error.details["status"]) == (2, "failed")
    assert error.details["stats"]["localhost"]["rescued"] == 1
    last = error.details["failures"][-1]
    assert (last["host"], last["task"]) == ("localhost", "Break")
    assert "nowhere" in last["msg"]


@pytest.mark.slow
def test_failures_that_were_rescued_or_ignored_are_none(run, on_localhost):
    ignored = {"name": "Try", "command": "false", "ignore_errors": True}
    rescued = {"block": [{"name": "Hope", "command": "false"}], "rescue": [SAY_HELLO]}
    outcome = run(on_localhost(ignored, rescued))
    assert (outcome["status"], outcome["failures"]) == ("successful", [])


@pytest.mark.slow
def test_each_item_of_a_loop_that_failed_has_its_say(run, on_localhost):
    loop = {"name": "Each", "command": "ls {{ item }}", "loop": ["/", "gone-1", "gone-2"]}
    with pytest.raises(actions.ActionFailed, match=r"gone-1.*\(and 1 more\)"):
        run(on_localhost(loop))


@pytest.mark.slow
def test_an_unreachable_host_is_an_error_worth_another_try(run, on_localhost, free_port):
    inventory = {
        "all": {"hosts": {"node9": {"ansible_host": "127.0.0.1", "ansible_port": free_port}}}
    }
    with pytest.raises(actions.ActionFailed, match="host 'node9', task 'Knock'") as caught:
        run(on_localhost({"name": "Knock", "ping": {}}), inventory=inventory)
    assert (caught.value.error_code, caught.value.retryable) == ("HOST_UNREACHABLE", True)
    assert caught.value.details["stats"]["node9"]["unreachable"] == 1


@pytest.mark.slow
def test_a_playbook_that_can_not_begin_says_why(run):
    with pytest.raises(actions.ActionFailed, match=r"ended with code 4, saying: .*hosts"):
        run("- name: no hosts\n  tasks: []\n")


@pytest.mark.parametrize("what", ["playbook", "inventory"])
def test_a_path_that_leads_nowhere_is_bad_input(what, tmp_path):
    params = {"playbook": "- hosts: all\n", what: str(tmp_path / "gone.yml")}
    with pytest.raises(actions.InvalidInput, match=f"There is no {what} at '.*gone.yml'.*line"):
        actions.run(playbook, params)


@pytest.mark.slow
def test_progress_tells_plays_tasks_and_failures(local, on_localhost):
    env = testing.ActionEnvironment(wire=False)
    failing = {"name": "Break", "command": "false"}
    env.run_result(
        playbook, playbook=on_localhost(SAY_HELLO, failing, name="Greet"), inventory=local
    )
    assert env.progress[:3] == ["Play: Greet", "Task: Say hello", "Task: Break"]
    assert env.progress[3].startswith("Failed on localhost: Break: ")


@pytest.mark.slow
def test_long_output_is_cut_in_the_middle(run, on_localhost):
    outcome = run(on_localhost({"debug": {"msg": "{{ 'x' * 200000 }}"}}))
    assert 64_000 < len(outcome["stdout"]) < 65_000
    assert "characters cut here" in outcome["stdout"]
    assert "PLAY RECAP" in outcome["stdout"]


@pytest.mark.slow
def test_two_hundred_hosts_are_told_apart(run, on_localhost):
    hosts = [f"node{number:03}" for number in range(200)]
    odd = "{{ inventory_hostname[-1] | int is odd }}"
    tasks = [SAY_HELLO, {"name": "Break", "fail": {"msg": "odd"}, "when": odd}]
    with pytest.raises(actions.ActionFailed, match="and 99 more failures") as caught:
        run(on_localhost(*tasks), inventory=hosts, forks=20)
    stats = caught.value.details["stats"]
    assert len(stats) == 200
    assert {host for host, counts in stats.items() if counts["failed"]} == set(hosts[1::2])
    assert {f["host"] for f in caught.value.details["failures"]} == set(hosts[1::2])


@pytest.mark.slow
def test_what_a_vault_encrypted_is_read_with_its_password(run, on_localhost, tmp_path):
    (tmp_path / "password").write_text("open-sesame-1")
    encrypted = subprocess.run(
        [
            environment.executable("ansible-vault"),
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


@pytest.mark.slow
def test_ansible_gets_a_minimal_environment(run, on_localhost, monkeypatch):
    monkeypatch.setenv("OWN_SETTING", "of-the-executor")
    monkeypatch.setenv("ANSIBLE_STDOUT_CALLBACK", "nonsense")
    show = {"command": "env", "register": "found"}
    say = {"debug": {"var": "found.stdout"}}
    printed = run(on_localhost(show, say), environment={"GIVEN_SETTING": "by-the-workflow"})
    assert "GIVEN_SETTING=by-the-workflow" in printed["stdout"]
    assert "of-the-executor" not in printed["stdout"]


def test_without_ansible_the_error_tells_the_remedy(run, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(actions.ActionFailed, match=r"pip install mistral-extra\[ansible\]") as e:
        run([{"hosts": "all"}])
    assert e.value.error_code == "ANSIBLE_MISSING"


@pytest.mark.parametrize("module", ["playbook", "module", "galaxy_install"])
def test_importing_an_action_imports_nothing_of_ansible(module):
    code = (
        f"import sys, mistral_extra.actions.ansible.{module}\n"
        "print([n for n in sys.modules if n.startswith(('ansible', 'pexpect', 'yaml'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.slow
def test_ansible_itself_is_never_imported(run, on_localhost):
    run(on_localhost(SAY_HELLO))
    assert not [name for name in sys.modules if name.partition(".")[0] == "ansible"]
