# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A cluster behind the Keystone of a sandbox, which logs all it can; who logs in there."""

import os
import uuid
from pathlib import Path

import pytest
from keystoneauth1 import session
from keystoneauth1.identity import v3

from tools.mistral import starting as servers
from tools.mistral.deployment import Plan
from tools.sandbox import starting
from tools.sandbox.fixtures import direct_loopback
from tools.supervision import folder

__all__ = ["direct_loopback"]

SERVICES = ("keystone", "glance", "nova", "neutron", "cinder", "heat")


@pytest.fixture(scope="session")
def sandbox(direct_loopback):
    """A sandbox with what these tests ask for; SANDBOX_FOLDER names one that runs."""
    place = Path(os.environ.get("SANDBOX_FOLDER", folder.HOME / "test-identity-sandbox"))
    running = starting.bring_up(SERVICES, place)
    try:
        yield running
        running.check()
    finally:
        running.release()


@pytest.fixture(scope="session")
def guarded(sandbox):
    """A Mistral that asks the sandbox's Keystone who may what, and logs at DEBUG."""
    options = {"DEFAULT": {"debug": True}}
    plan = Plan(cluster=True, keystone=str(sandbox.folder), options=options)
    server = servers.bring_up(plan, folder.HOME / "test-identity")
    try:
        yield server
        server.check()
    finally:
        server.take_down()


@pytest.fixture(scope="session")
def login(sandbox):
    """A function that logs a user in."""

    def log_in(user, project=None, password=None):
        auth = v3.Password(
            sandbox.auth_url,
            username=user,
            password=password or sandbox.passwords[user],
            project_name=project or user,
            user_domain_id="default",
            project_domain_id="default",
        )
        return session.Session(auth=auth)

    return log_in


@pytest.fixture(scope="session")
def workflows_of(guarded, workflows_on):
    """A function that gives the workflows of whoever has logged in."""

    def workflows(who):
        found = workflows_on(guarded)
        found.api = guarded.api(who.get_token())
        return found

    return workflows


@pytest.fixture(scope="session")
def offered(login):
    """The name of an image and of a flavor, which the administrator offers to all."""
    admin, name = login("admin"), f"tiny-{uuid.uuid4().hex[:8]}"
    image = {"service_type": "image", "interface": "public"}
    fields = {"name": name, "disk_format": "raw", "container_format": "bare"}
    made = admin.post(
        "/v2/images", json=fields | {"visibility": "public"}, endpoint_filter=image
    ).json()
    kind = {"Content-Type": "application/octet-stream"}
    path = f"/v2/images/{made['id']}/file"
    admin.put(path, data=b"image", headers=kind, endpoint_filter=image)
    flavor = {"name": name, "ram": 64, "vcpus": 1, "disk": 1}
    compute = {"service_type": "compute", "interface": "public"}
    admin.post("/flavors", json={"flavor": flavor}, endpoint_filter=compute)
    return name


@pytest.fixture(scope="session")
def network(login):
    """The name of a network of the user demo's own."""
    demo, name = login("demo"), f"net-{uuid.uuid4().hex[:8]}"
    found = {"service_type": "network", "interface": "public"}
    fields = {"network": {"name": name}}
    made = demo.post("/v2.0/networks", json=fields, endpoint_filter=found).json()["network"]
    subnet = {"network_id": made["id"], "ip_version": 4, "cidr": "10.11.12.0/24"}
    demo.post("/v2.0/subnets", json={"subnet": subnet}, endpoint_filter=found)
    return name
