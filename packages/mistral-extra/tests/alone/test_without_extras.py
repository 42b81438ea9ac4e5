# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The package as pip installs it without extras: the environment `extra-alone` alone runs this."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from mistral_extra import openstack
from mistral_extra.actions.openstack import provider
from mistral_lib import actions

#: What it brings the clients of.
HERE = {"nova", "glance", "keystone", "heat"}


@pytest.fixture(scope="module")
def command():
    """A function that runs ``mistral-action`` and returns its exit code and all that it said."""

    def run(*arguments):
        program = Path(sys.executable).with_name("mistral-action")
        done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    return run


def test_no_other_client_and_no_server_is_here():
    strangers = ("neutronclient", "cinderclient", "mistralclient", "ironicclient", "mistral")
    assert [name for name in strangers if find_spec(name)] == []


def test_the_actions_of_the_clients_that_are_here_are_listed_and_no_others():
    listed = provider.OpenStackActionProvider("openstack").find_all()
    services = {descriptor.name.partition(".")[0] for descriptor in listed}
    assert services >= HERE
    assert services.isdisjoint({"neutron", "cinder", "ironic", "octavia"})


def test_doctor_names_what_helps_and_finds_no_fault(command):
    code, said = command("doctor")
    assert code == 0
    assert "mistral-extra[neutron]" in said


def test_an_action_whose_client_is_missing_says_what_to_install(command):
    code, said = command("run", "neutron.list_networks")
    assert code != 0
    assert "pip install 'mistral-extra[neutron]'" in said


def test_a_borrowed_client_that_is_missing_says_what_to_install():
    context = actions.ActionContext(actions.SecurityContext(auth_token="t", auth_uri="http://k"))
    with pytest.raises(actions.ActionException, match=r"pip install 'mistral-extra\[cinder\]'"):
        openstack.client("cinder", context)


def test_a_missing_client_takes_nothing_else_out(command):
    code, said = command("show", "nova.servers_create")
    assert code == 0
    assert "servers" in said
