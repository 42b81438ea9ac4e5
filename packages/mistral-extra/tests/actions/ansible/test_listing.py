# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The actions without Ansible: what they say of themselves, and what they say of its absence."""

import subprocess
import sys

import pytest

from mistral_lib import actions

NAMES = ["ansible.galaxy_install", "ansible.module", "ansible.playbook"]
DESCRIBE = """
import sys
from mistral_lib import actions
from mistral_lib.cli import facts

provider = actions.EntryPointActionProvider(allow=["ansible.*"])
assert provider.problems() == []
for descriptor in provider.find_all():
    described = facts.of(descriptor)
    print(descriptor.name, *(p.name for p in described.parameters if p.secret))
print([name for name in sys.modules if name.partition(".")[0] in ("ansible", "ansible_runner")])
"""


@pytest.mark.slow
def test_listing_and_describing_imports_nothing_of_ansible():
    done = subprocess.run(
        [sys.executable, "-c", DESCRIBE], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == [
        "ansible.galaxy_install token",
        "ansible.module secret_vars private_key vault_password",
        "ansible.playbook secret_vars private_key vault_password",
        "[]",
    ]


@pytest.fixture
def without_ansible(monkeypatch):
    """As if the extra were not installed."""
    monkeypatch.setitem(sys.modules, "ansible_runner", None)


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("ansible.galaxy_install", {"requirements": {}}),
        ("ansible.module", {"module": "ping"}),
        ("ansible.playbook", {"playbook": [{"hosts": "all"}]}),
    ],
)
def test_without_ansible_the_error_tells_the_remedy(without_ansible, name, params):
    remedy = r"no module 'ansible_runner'\. pip install 'mistral-extra\[ansible\]'"
    with pytest.raises(actions.ActionFailed, match=remedy) as caught:
        actions.run(name, params)
    assert caught.value.error_code == "NOT_INSTALLED"


def test_without_ansible_each_action_tells_what_is_missing(without_ansible):
    provider = actions.EntryPointActionProvider(allow=["ansible.*"])
    told = {d.name: d.action_class.unavailable() for d in provider.find_all()}
    assert sorted(told) == NAMES
    assert {problem.remedy for problem in told.values()} == {"pip install 'mistral-extra[ansible]'"}


def test_with_ansible_none_is_missing():
    provider = actions.EntryPointActionProvider(allow=["ansible.*"])
    assert [d.action_class.unavailable() for d in provider.find_all()] == [None] * 3
