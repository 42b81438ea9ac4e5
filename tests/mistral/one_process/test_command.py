# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""``mistral-action`` where a server is installed: its modules import each other in a circle."""

import json
import subprocess

import pytest


@pytest.fixture
def command(python_of, one_process, outside):
    """A function: the words of a command to how it ended."""

    def run(*words):
        command = [python_of("ours").with_name("mistral-action"), *words]
        return subprocess.run(command, capture_output=True, text=True, env=outside, check=False)

    return run


def test_doctor_has_no_complaint(command):
    done = command("doctor", "-f", "json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert [p for p in json.loads(done.stdout)["problems"] if p["kind"] != "unavailable"] == []


@pytest.mark.parametrize("name", ["std.echo", "mistral.actions.std_actions:EchoAction"])
def test_the_server_s_own_actions_run(command, name):
    done = command("run", name, "output=hello")
    assert (done.returncode, done.stdout, done.stderr) == (0, '"hello"\n', "")


def test_wrong_input_of_the_server_s_own_actions_is_refused(command):
    done = command("run", "std.echo", "outptu=hello")
    assert done.returncode == 2
    assert "missing=['output'], unexpected=['outptu']" in done.stderr


def test_doctor_names_what_the_server_s_options_leave_out(command, tmp_path):
    file = tmp_path / "mistral.conf"
    file.write_text("[action_providers]\nallowlist = legacy,adhoc,dynamic\n")
    done = command("--config-file", str(file), "doctor", "-f", "json")
    assert done.returncode == 0, done.stdout + done.stderr
    told = [p["name"].split()[:2] for p in json.loads(done.stdout)["problems"]]
    assert ["provider", "openstack"] in told
