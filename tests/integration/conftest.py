# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Real OpenStack for the tests of this folder: see docs/howto/sandbox.rst."""

import sys
from pathlib import Path

import pytest
import yaml
from keystoneauth1 import session
from keystoneauth1.identity import v3

from mistral_lib import actions

# The tools aren't installed anywhere.
sys.path.append(str(Path(__file__).parents[2]))

from tools.sandbox.fixtures import direct_loopback, sandbox, tls_keystone

__all__ = ["direct_loopback", "sandbox", "tls_keystone"]


@pytest.fixture(scope="session")
def session_of(sandbox):
    """A function that logs in as a user of ``clouds.yaml``; all else is keystoneauth's."""
    clouds = yaml.safe_load(sandbox.clouds_file.read_text())["clouds"]

    def log_in(user, verify=True, **changes):
        auth = v3.Password(**clouds[user]["auth"] | changes)
        return session.Session(auth=auth, verify=verify)

    return log_in


class User:
    """Somebody who runs actions: through the runner, and over the wire as a server sends them."""

    def __init__(self, context):
        self.context = context

    def result(self, action, **params):
        return actions.Runner(wire=True).run(action, params, self.context)

    def __call__(self, action, **params):
        result = self.result(action, **params)
        assert result.error is None
        return result.data

    def error(self, action, **params):
        result = self.result(action, **params)
        assert result.error is not None, f"{action} succeeded: {result.data}"
        return result.error


@pytest.fixture(scope="session")
def user_of(sandbox):
    """A function that makes a user of a session, with a context such as a Mistral server gives."""

    def user(session, **security):
        body = session.auth.get_access(session)._data["token"]
        fields = {
            "auth_uri": sandbox.auth_url,
            "auth_token": session.get_token(),
            "service_catalog": body,
            "expires_at": body["expires_at"],
            "region_name": "RegionOne",
            "project_id": session.get_project_id(),
            "user_name": body["user"]["name"],
        }
        return User(actions.ActionContext(actions.SecurityContext(**fields | security)))

    return user


@pytest.fixture(scope="session")
def demo(session_of, user_of):
    """An ordinary user."""
    return user_of(session_of("demo"))


@pytest.fixture(scope="session")
def admin(session_of, user_of):
    """The administrator."""
    return user_of(session_of("admin"))


@pytest.fixture(scope="session")
def image(demo):
    """ID of an image that servers can be made from."""
    made = demo("glance.images_create", name="base", disk_format="raw", container_format="bare")
    demo("glance.images_upload", image_id=made["id"], image_data={"text": "x" * 1000})
    return made["id"]


@pytest.fixture(scope="session")
def flavor(admin):
    """ID of a flavor that fits the sandbox's one host."""
    return admin("nova.flavors_create", name="small", ram=64, vcpus=1, disk=1)["id"]


@pytest.fixture(scope="session")
def network(demo):
    """ID of a network with a subnet, named ``net``."""
    made = demo("neutron.create_network", body={"network": {"name": "net"}})["network"]["id"]
    subnet = {"network_id": made, "cidr": "10.7.0.0/24", "ip_version": 4}
    demo("neutron.create_subnet", body={"subnet": subnet})
    return made
