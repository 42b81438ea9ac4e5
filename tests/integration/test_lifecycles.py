# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What people use a cloud for, done by actions alone: through the runner and over the wire."""

import base64
import hashlib

import pytest

from mistral_extra import config

pytestmark = pytest.mark.slow

TEMPLATE = {
    "heat_template_version": "2018-08-31",
    "parameters": {name: {"type": "string"} for name in ("image", "flavor", "network")},
    "resources": {
        "secret": {"type": "OS::Heat::RandomString", "properties": {"length": 8}},
        "server": {
            "type": "OS::Nova::Server",
            "properties": {
                "image": {"get_param": "image"},
                "flavor": {"get_param": "flavor"},
                "networks": [{"network": {"get_param": "network"}}],
            },
        },
    },
    "outputs": {"server": {"value": {"get_resource": "server"}}},
}


@pytest.fixture
def folder(tmp_path):
    """A folder that actions may write to."""
    group = config.OPENSTACK_ACTIONS_GROUP
    config.CONF.set_override("content_folders", [str(tmp_path)], group=group)
    yield tmp_path
    config.CONF.clear_override("content_folders", group=group)


def test_image_goes_up_and_comes_down_again_byte_by_byte(demo, folder):
    content = "".join(chr(32 + i % 90) for i in range(200_000))
    image = demo("glance.images_create", name="up", disk_format="raw", container_format="bare")
    demo("glance.images_upload", image_id=image["id"], image_data={"text": content})
    active = demo("glance.images_wait", image_id=image["id"], timeout=60, interval=0.2)
    assert (active["status"], active["size"]) == ("active", len(content))

    encoded = demo("glance.images_data", image_id=image["id"], action_content="base64")
    assert base64.b64decode(encoded).decode() == content
    target = folder / "image.raw"
    stored = demo("glance.images_data", image_id=image["id"], action_content=f"file:{target}")
    assert target.read_text() == content
    assert stored["sha256"] == hashlib.sha256(content.encode()).hexdigest()

    demo("glance.images_delete", image_id=image["id"])
    assert image["id"] not in {i["id"] for i in demo("glance.images_list")}


def test_network_subnet_and_router(demo):
    network = demo("neutron.create_network", body={"network": {"name": "n"}})["network"]
    subnet = demo(
        "neutron.create_subnet",
        body={"subnet": {"network_id": network["id"], "cidr": "10.9.0.0/24", "ip_version": 4}},
    )["subnet"]
    router = demo("neutron.create_router", body={"router": {"name": "r"}})["router"]
    joined = demo(
        "neutron.add_interface_router", router=router["id"], body={"subnet_id": subnet["id"]}
    )
    assert joined["subnet_id"] == subnet["id"]
    ports = demo("neutron.list_ports", device_id=router["id"])["ports"]
    assert [p["network_id"] for p in ports] == [network["id"]]

    demo("neutron.remove_interface_router", router=router["id"], body={"subnet_id": subnet["id"]})
    demo("neutron.delete_router", router=router["id"])
    demo("neutron.delete_network", network=network["id"])
    assert demo("neutron.list_networks", id=network["id"])["networks"] == []


def test_server_is_created_waited_for_stopped_and_deleted(demo, image, flavor, network):
    server = demo(
        "nova.servers_create",
        name="s",
        image=image,
        flavor=flavor,
        nics=[{"net-id": network}],
    )
    active = demo("nova.servers_wait", server=server["id"], timeout=120, interval=0.3)
    assert active["status"] == "ACTIVE"
    assert [a["addr"] for a in active["addresses"]["net"]]

    demo("nova.servers_stop", server=server["id"])
    stopped = demo(
        "nova.servers_wait", server=server["id"], state="SHUTOFF", timeout=120, interval=0.3
    )
    assert stopped["status"] == "SHUTOFF"

    demo("nova.servers_delete", server=server["id"])
    demo("nova.servers_wait", server=server["id"], state="DELETED", timeout=120, interval=0.3)
    assert server["id"] not in {s["id"] for s in demo("nova.servers_list")}


def test_server_that_can_not_be_built_fails_the_wait_with_its_fault(demo, admin, image, network):
    huge = admin("nova.flavors_create", name="huge", ram=10**9, vcpus=1, disk=1)["id"]
    server = demo(
        "nova.servers_create", name="h", image=image, flavor=huge, nics=[{"net-id": network}]
    )
    error = demo.error("nova.servers_wait", server=server["id"], timeout=120, interval=0.3)
    assert "No valid host" in error["message"]
    demo("nova.servers_delete", server=server["id"])


def test_volume_and_snapshot(demo):
    volume = demo("cinder.volumes_create", size=1, name="v")
    ready = demo("cinder.volumes_wait", volume=volume["id"], timeout=60, interval=0.3)
    assert (ready["status"], ready["size"]) == ("available", 1)
    snapshot = demo("cinder.volume_snapshots_create", volume_id=volume["id"], name="vs")
    ready = demo("cinder.volume_snapshots_wait", snapshot=snapshot["id"], timeout=60)
    assert ready["status"] == "available"
    demo("cinder.volume_snapshots_delete", snapshot=snapshot["id"])
    demo("cinder.volume_snapshots_wait", snapshot=snapshot["id"], state="DELETED", timeout=60)


def test_stack_with_a_server_is_created_waited_for_and_deleted(demo, image, flavor, network):
    stack = demo(
        "heat.stacks_create",
        stack_name="st",
        template=TEMPLATE,
        parameters={"image": image, "flavor": flavor, "network": network},
    )["stack"]
    complete = demo("heat.stacks_wait", stack_id=stack["id"], timeout=180, interval=0.3)
    assert complete["stack_status"] == "CREATE_COMPLETE"
    [output] = complete["outputs"]
    assert demo("nova.servers_get", server=output["output_value"])["status"] == "ACTIVE"

    demo("heat.stacks_delete", stack_id=stack["id"])
    demo(
        "heat.stacks_wait", stack_id=stack["id"], state="DELETE_COMPLETE", timeout=180, interval=0.3
    )
    assert output["output_value"] not in {s["id"] for s in demo("nova.servers_list")}


def test_waiting_for_a_stack_ends_with_whatever_heat_does(demo):
    def template(length):
        secret = {"type": "OS::Heat::RandomString", "properties": {"length": length}}
        return {"heat_template_version": "2018-08-31", "resources": {"secret": secret}}

    stack = demo("heat.stacks_create", stack_name="up", template=template(8))["stack"]["id"]
    assert demo("heat.stacks_wait", stack_id=stack)["stack_status"] == "CREATE_COMPLETE"
    demo("heat.stacks_update", stack_id=stack, template=template(9))
    updated = demo("heat.stacks_wait", stack_id=stack, state="UPDATE_COMPLETE", timeout=120)
    assert updated["stack_status"] == "UPDATE_COMPLETE"
    assert demo("heat.stacks_wait", stack_id=stack)["stack_status"] == "UPDATE_COMPLETE"
    error = demo.error("heat.stacks_wait", stack_id=stack, state="CREATE_COMPLETE", timeout=120)
    assert error["code"] == "RESOURCE_FAILED"

    demo("heat.stacks_delete", stack_id=stack)
    demo("heat.stacks_wait", stack_id=stack, state="DELETED", timeout=120)
    assert demo("heat.stacks_wait", stack_id=stack, state="DELETED", timeout=120)
    missing = demo.error("heat.stacks_wait", stack_id="6f3e0000-0000-4000-8000-000000000000")
    assert missing["code"] == "NOT_FOUND"


def test_extra_specs_and_times(admin, demo, flavor):
    specs = {"lab:a": "1", "lab:b": "2", "lab:c": "3"}
    admin("nova.flavors_set_keys", flavor=flavor, metadata=specs)
    assert admin("nova.flavors_get_keys", flavor=flavor) == specs
    admin("nova.flavors_unset_keys", flavor=flavor, keys=["lab:a", "lab:b"])
    assert admin("nova.flavors_get_keys", flavor=flavor) == {"lab:c": "3"}
    admin("nova.flavors_unset_keys", flavor=flavor, keys="lab:c")

    kind = admin("cinder.volume_types_create", name="specs")["id"]
    admin("cinder.volume_types_set_keys", volume_type=kind, metadata={"a": "1", "b": "2"})
    admin("cinder.volume_types_unset_keys", volume_type=kind, keys=["a", "b"])
    assert admin("cinder.volume_types_get_keys", volume_type=kind) == {}
    admin("cinder.volume_types_delete", volume_type=kind)

    admin("nova.usage_list", start="2020-01-01T00:00:00Z", end="2020-02-01")
    created = demo(
        "keystone.application_credentials_create", name="c", expires_at="2100-01-01T01:00:00+01:00"
    )
    assert created["expires_at"] == "2100-01-01T00:00:00.000000"
    demo("keystone.application_credentials_delete", application_credential=created["id"])


def test_listings_are_narrowed_as_they_are_asked_to(admin, demo, image, network):
    assert len(admin("neutron.list_ports", limit=1)["ports"]) <= 1
    assert len(admin("keystone.users_list", limit=2)) == 2
    assert [n["id"] for n in demo("neutron.list_networks", name="net", limit=5)["networks"]] == [
        network
    ]
    for action in ("glance.images_list", "keystone.users_list", "neutron.list_networks"):
        assert admin.error(action, nonsense="x")["code"] == "INVALID_INPUT"


def test_object_is_stored_and_read(admin):
    admin("swift.put_container", container="c")
    admin("swift.put_object", container="c", obj="o", contents="hello")
    headers, content = admin("swift.get_object", container="c", obj="o")
    assert (content, headers["content-length"]) == ("hello", "5")
    _, objects = admin("swift.get_container", container="c")
    assert [o["name"] for o in objects] == ["o"]
    admin("swift.delete_object", container="c", obj="o")
    admin("swift.delete_container", container="c")


def test_preinstalled_workflows_actions_with_the_inputs_they_give(demo, image, flavor, network):
    """The steps of create_instance.yaml and delete_instance.yaml, by hand."""
    name = demo("glance.images_get", image_id=image)["name"]
    assert [i["id"] for i in demo("glance.images_list", filters={"name": name})] == [image]
    flavor_name = demo("nova.flavors_get", flavor=flavor)["name"]
    assert demo("nova.flavors_find", name=flavor_name)["id"] == flavor
    networks = demo("neutron.list_networks", name="net")["networks"]
    assert [n["id"] for n in networks] == [network]

    server = demo(
        "nova.servers_create",
        name="w",
        image=image,
        flavor=flavor,
        key_name=None,
        nics=[{"net-id": network}],
    )
    demo("nova.servers_wait", server=server["id"], timeout=120, interval=0.3)
    assert demo("nova.servers_find", id=server["id"])["status"] == "ACTIVE"

    demo("nova.servers_delete", server=server["id"])
    demo("nova.servers_wait", server=server["id"], state="DELETED", timeout=120, interval=0.3)
    assert demo.error("nova.servers_find", id=server["id"])["code"] == "NOT_FOUND"
