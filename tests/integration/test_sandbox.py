# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The sandbox is an OpenStack: every service answers its own client, by a token."""

import io
import stat
import time
from urllib.parse import urljoin

import cinderclient.client
import glanceclient
import heatclient.client
import keystoneauth1.exceptions
import keystoneclient.v3.client
import neutronclient.v2_0.client
import novaclient.client
import pytest
import swiftclient

from tools.sandbox.cloud import ADDRESSES

pytestmark = pytest.mark.slow

INTERFACES = [(region, interface) for region, by in ADDRESSES.items() for interface in by]


@pytest.fixture(scope="module")
def admin(session_of):
    return session_of("admin")


@pytest.fixture(scope="module")
def demo(session_of):
    return session_of("demo")


def wait(read, wanted, seconds=60):
    """Read a state until it is the wanted one; return the last one read."""
    end = time.monotonic() + seconds
    while (state := read()) != wanted and "ERROR" not in state and time.monotonic() < end:
        time.sleep(0.2)
    return state


# -- each service, through its client


def test_keystone_knows_its_users(admin):
    users = {user.name for user in keystoneclient.v3.client.Client(session=admin).users.list()}
    assert {"admin", "demo", "mistral", "service"} <= users


def test_glance_returns_the_image_it_was_given(demo):
    glance = glanceclient.Client("2", session=demo)
    image = glance.images.create(name="kept", disk_format="raw", container_format="bare")
    glance.images.upload(image.id, io.BytesIO(b"x" * 100_000))
    assert glance.images.get(image.id).status == "active"
    assert b"".join(glance.images.data(image.id)) == b"x" * 100_000
    glance.images.delete(image.id)


def test_placement_knows_the_compute_host(admin):
    service = {"service_type": "placement", "region_name": "RegionOne"}
    answer = admin.get("/resource_providers", endpoint_filter=service)
    assert [provider["name"] for provider in answer.json()["resource_providers"]] == ["sandbox"]


def test_neutron_makes_a_network(demo):
    neutron = neutronclient.v2_0.client.Client(session=demo)
    network = neutron.create_network({"network": {"name": "made"}})["network"]
    assert network["status"] == "ACTIVE"
    neutron.delete_network(network["id"])


def test_cinder_makes_a_volume(demo):
    cinder = cinderclient.client.Client("3.60", session=demo)
    volume = cinder.volumes.create(1, name="made")
    assert wait(lambda: cinder.volumes.get(volume.id).status, "available") == "available"
    cinder.volumes.delete(volume.id)


def test_heat_makes_a_stack(demo):
    heat = heatclient.client.Client("1", session=demo)
    template = {
        "heat_template_version": "2018-08-31",
        "resources": {"word": {"type": "OS::Heat::RandomString", "properties": {"length": 8}}},
        "outputs": {"word": {"value": {"get_attr": ["word", "value"]}}},
    }
    stack = heat.stacks.create(stack_name="made", template=template)["stack"]["id"]
    assert wait(lambda: heat.stacks.get(stack).stack_status, "CREATE_COMPLETE") == "CREATE_COMPLETE"
    assert len(heat.stacks.get(stack).outputs[0]["output_value"]) == 8
    heat.stacks.delete(stack)


def test_nova_starts_a_server_on_a_network(admin, demo):
    neutron = neutronclient.v2_0.client.Client(session=demo)
    network = neutron.create_network({"network": {"name": "servers"}})["network"]["id"]
    subnet = {"network_id": network, "cidr": "10.9.0.0/24", "ip_version": 4}
    neutron.create_subnet({"subnet": subnet})
    glance = glanceclient.Client("2", session=demo)
    image = glance.images.create(name="boot", disk_format="raw", container_format="bare")
    glance.images.upload(image.id, io.BytesIO(b"boot"))
    # Without a disk it could start from volumes alone.
    flavor = novaclient.client.Client("2.60", session=admin).flavors.create("sandbox", 64, 1, 1)
    nova = novaclient.client.Client("2.60", session=demo)
    server = nova.servers.create("made", image.id, flavor.id, nics=[{"net-id": network}])
    assert wait(lambda: nova.servers.get(server.id).status, "ACTIVE") == "ACTIVE"
    assert nova.servers.get(server.id).addresses["servers"][0]["addr"].startswith("10.9.0.")
    nova.servers.delete(server.id)
    assert wait(lambda: str(len(nova.servers.list())), "0") == "0"
    flavor.delete()


def test_swift_keeps_the_objects_of_two_regions_apart(demo):
    one, two = (
        swiftclient.Connection(session=demo, os_options={"region_name": region})
        for region in ADDRESSES
    )
    for connection in (one, two):
        connection.put_container("box")
    one.put_object("box", "note", b"hello")
    assert one.get_object("box", "note")[1] == b"hello"
    assert two.get_container("box")[1] == []
    one.delete_object("box", "note")


# -- identity


def test_a_trust_lets_the_service_user_act_as_who_gave_it(session_of, demo):
    mistral = session_of("mistral")
    trust = keystoneclient.v3.client.Client(session=demo).trusts.create(
        trustor_user=demo.get_user_id(),
        trustee_user=mistral.get_user_id(),
        project=demo.get_project_id(),
        role_names=["member"],
        impersonation=True,
    )
    trusted = session_of("mistral", trust_id=trust.id, project_name=None, project_domain_id=None)
    assert trusted.get_user_id() == demo.get_user_id()
    assert isinstance(list(glanceclient.Client("2", session=trusted).images.list()), list)


def test_a_revoked_token_is_refused_at_once(session_of, demo):
    nova = {"service_type": "compute", "region_name": "RegionOne"}
    mine = session_of("demo")
    headers = {"X-Auth-Token": mine.get_token()}
    assert demo.get("/servers", endpoint_filter=nova, headers=headers).status_code == 200
    keystoneclient.v3.client.Client(session=mine).tokens.revoke_token(mine.get_token())
    with pytest.raises(keystoneauth1.exceptions.Unauthorized, match="requires authentication"):
        demo.get("/servers", endpoint_filter=nova, headers=headers, authenticated=False)


@pytest.mark.parametrize(("region", "interface"), INTERFACES)
def test_every_endpoint_of_the_catalogue_answers_at_its_own_address(
    region, interface, sandbox, demo
):
    catalogue = demo.auth.get_access(demo).service_catalog
    endpoints = catalogue.get_endpoints(region_name=region, interface=interface)
    urls = [endpoint["url"] for found in endpoints.values() for endpoint in found]
    assert len(urls) > len(sandbox.services) - 1
    for url in urls:
        assert f"//{ADDRESSES[region][interface]}:" in url
        answer = demo.get(urljoin(url, "/"), raise_exc=False, redirect=False)
        assert answer.status_code < 500


def test_tls_is_accepted_from_its_own_authority_alone(session_of, tls_keystone):
    url = f"{tls_keystone.url}/v3"
    trusting = session_of("demo", verify=str(tls_keystone.ca_file), auth_url=url)
    assert trusting.get_token()
    for verify in (str(tls_keystone.other_ca_file), True):
        with pytest.raises(keystoneauth1.exceptions.SSLError, match="certificate verify failed"):
            session_of("demo", verify=verify, auth_url=url).get_token()


# -- what a test may do to it


def test_a_stopped_service_refuses_connections_until_it_is_started(sandbox, demo):
    glance = glanceclient.Client("2", session=demo)
    image = glance.images.create(name="remembered")
    sandbox.stop("glance")
    try:
        assert sandbox.status()["glance"] == "stopped"
        with pytest.raises(keystoneauth1.exceptions.ConnectFailure, match="Unable to establish"):
            demo.get(sandbox.url("glance", "/v2/images"))
    finally:
        sandbox.start("glance")
    assert glance.images.get(image.id).name == "remembered"
    glance.images.delete(image.id)


def test_what_holds_passwords_is_for_its_owner_alone(sandbox):
    assert stat.S_IMODE(sandbox.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(sandbox.clouds_file.stat().st_mode) == 0o600
