# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Each action is what a workflow's author, and a server, may expect of it."""

import pytest

from mistral_extra.actions.ansible import errors
from mistral_lib import testing

pytestmark = pytest.mark.slow

SECRETS = {
    "secret_vars": {"word": "correct-horse-battery"},
    "private_key": "correct-horse-key",
    "vault_password": "correct-horse-vault",
}
NOTHING_NEW = {
    "installed": [],
    "changed": False,
    "stdout": "Skipping install, no requirements found\n",
}


@pytest.mark.parametrize("name", ["ansible.galaxy_install", "ansible.module", "ansible.playbook"])
def test_an_action_conforms(name, local, on_localhost):
    fine = on_localhost({"name": "Greet {{ word }}", "debug": {"msg": "hi {{ word }}"}})
    broken = on_localhost({"name": "Break", "fail": {"msg": "no {{ word }}"}})
    common = {"inventory": local, **SECRETS}
    examples = {
        "ansible.galaxy_install": [
            ({"requirements": {"roles": [], "collections": []}}, NOTHING_NEW),
            ({"requirements": "- src: [\n"}, errors.AnsibleFailed),
        ],
        "ansible.module": [{"module": "debug", "args": {"msg": "{{ word }}"}, **common}],
        "ansible.playbook": [
            {"playbook": fine, **common},
            ({"playbook": broken, **common}, errors.AnsibleFailed),
        ],
    }
    report = testing.check_action(name, examples[name])
    assert len(report.checks) == 9
