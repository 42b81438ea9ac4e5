# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Playbooks on two hosts, each behind a real SSH server."""

import json

import pytest

from mistral_extra.actions.ansible.module import module
from mistral_extra.actions.ansible.playbook import playbook
from mistral_lib import actions, testing

pytestmark = pytest.mark.slow

# The fixture `place` looks for what is left after each test: also of connections, which ssh keeps.


@pytest.fixture
def there(nodes):
    """The parameters that lead to both hosts."""
    return {"inventory": nodes.inventory, "private_key": nodes.private_key}


def test_a_playbook_works_on_both_hosts(there, tmp_path, on_localhost):
    content = f"{tmp_path}/{{{{ inventory_hostname }}}}"
    plays = on_localhost(
        {"name": "Leave a note", "copy": {"content": "{{ note }}\n", "dest": content}}
    )
    outcome = actions.run(playbook, {**there, "playbook": plays, "extra_vars": {"note": "hello"}})
    assert outcome["changed"]
    assert {host: stats["changed"] for host, stats in outcome["stats"].items()} == {
        "node1": 1,
        "node2": 1,
    }
    assert (tmp_path / "node1").read_text() == (tmp_path / "node2").read_text() == "hello\n"


def test_the_key_shows_nowhere(there, place):
    env = testing.ActionEnvironment(wire=False)
    # As a workflow may have it, which YAML strips of its last line break.
    there["private_key"] = there["private_key"].strip()
    answer = env.run(module, {**there, "module": "command", "args": "ps axwwe"})
    body = there["private_key"].splitlines()[1]
    assert "ansible-playbook" in answer["results"]["node1"]["stdout"]
    assert body not in json.dumps(answer)
    assert env.secrets_seen() == []
    left = [path for path in place.rglob("*") if path.is_file() and body in path.read_text()]
    assert left == []


def test_a_host_whose_key_is_another_is_refused(there, tmp_path):
    (tmp_path / "known").touch()
    hosts = there["inventory"]["all"]["hosts"]
    shared = {
        **there["inventory"]["all"]["vars"],
        "ansible_ssh_common_args": f"-o UserKnownHostsFile={tmp_path / 'known'}",
    }
    there["inventory"] = {"all": {"hosts": hosts, "vars": shared}}
    with pytest.raises(actions.ActionFailed, match=r"host 'node[12]', task 'ping'") as caught:
        actions.run(module, {**there, "module": "ping"})
    assert caught.value.error_code == "HOST_UNREACHABLE"
    # ssh says why, unless it ends before Ansible has written to it, as Ansible 2.17 may under load.
    message = caught.value.details["failures"][0]["msg"]
    assert "ost key" in message or "Broken pipe" in message


def test_a_run_on_both_hosts_is_stopped_in_time(there):
    with pytest.raises(actions.ActionTimeout, match="Ansible took more than 2 seconds"):
        actions.run(module, {**there, "module": "command", "args": "sleep 60", "timeout": 2})
