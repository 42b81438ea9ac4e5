# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Ansible's actions where the extra is not installed, seen by a user of the command."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

REMEDY = "pip install 'mistral-extra[ansible]'"


@pytest.fixture(scope="module")
def command():
    """A function that runs ``mistral-action`` and returns its exit code and all that it said."""
    assert find_spec("ansible_runner") is None

    def run(*arguments):
        program = Path(sys.executable).with_name("mistral-action")
        done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    return run


def test_the_actions_are_listed_and_described(command):
    assert "ansible.playbook" in command("list")[1]
    code, said = command("show", "ansible.playbook")
    assert code == 0
    assert "Run an Ansible playbook" in said


def test_one_that_runs_says_what_to_install(command):
    code, said = command("run", "ansible.module", "module=ping")
    assert code == 1
    assert f"there is no module 'ansible_runner'. {REMEDY} [code NOT_INSTALLED]" in said


def test_doctor_names_what_helps_and_finds_no_fault(command):
    code, said = command("doctor")
    assert code == 0
    assert "Not available: ansible.galaxy_install, ansible.module, ansible.playbook\n" in said
    assert f"what to do: {REMEDY}\n" in said
