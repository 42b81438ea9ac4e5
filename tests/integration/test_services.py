# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Actions of every service of the sandbox: by the mapping, the catalogue and our own clients.

That a service answers its bare client, which other tests show, does not say that its actions work.
"""

import time
import uuid

import pytest

from mistral_extra import openstack

pytestmark = pytest.mark.slow

WORKFLOW = """
version: '2.0'
greet:
  tasks:
    say:
      action: std.echo output='hello'
"""


def name():
    return f"n{uuid.uuid4().hex}"


def wait(read, wanted, seconds=60):
    """Read a state until it is the wanted one; return the last one read."""
    end = time.monotonic() + seconds
    while (state := read()) != wanted and "error" not in str(state).lower():
        if time.monotonic() > end:
            break
        time.sleep(0.2)
    return state


def test_keystone(admin):
    made = admin("keystone.projects_create", name=name(), domain="default")
    assert admin("keystone.projects_get", project=made["id"])["name"] == made["name"]
    assert admin("keystone.projects_update", project=made["id"], enabled=False)["enabled"] is False
    assert made["id"] in {p["id"] for p in admin("keystone.projects_list")}
    admin("keystone.projects_delete", project=made["id"])
    assert admin.error("keystone.projects_get", project=made["id"])["code"] == "NOT_FOUND"


def test_glance(demo):
    made = demo("glance.images_create", name="i", disk_format="raw", container_format="bare")
    demo("glance.images_upload", image_id=made["id"], image_data={"text": "x" * 1000})
    assert demo("glance.images_get", image_id=made["id"])["size"] == 1000
    assert demo("glance.images_data", image_id=made["id"]) == "x" * 1000
    assert demo("glance.image_tags_update", image_id=made["id"], tag_value="t") is None
    assert "id" in demo("glance.schemas_get", schema_name="image")["properties"]
    demo("glance.images_delete", image_id=made["id"])
    assert made["id"] not in {i["id"] for i in demo("glance.images_list")}


def test_image_that_is_staged_and_imported_gives_null(demo):
    made = demo("glance.images_create", name="s", disk_format="raw", container_format="bare")
    assert demo("glance.images_stage", image_id=made["id"], image_data={"text": "x"}) is None
    assert demo("glance.images_image_import", image_id=made["id"]) is None
    demo("glance.images_delete", image_id=made["id"])


def test_placement(admin):
    """It has no actions: an action of one's own reaches it through the session."""
    session = openstack.session(admin.context)
    where = {"service_type": "placement", "region_name": "RegionOne"}

    def get(path):
        return session.get(path, endpoint_filter=where).json()

    [host] = get("/resource_providers")["resource_providers"]
    assert "VCPU" in get(f"/resource_providers/{host['uuid']}/inventories")["inventories"]
    assert get("/")["versions"]


def test_nova(demo, admin):
    flavor = admin("nova.flavors_create", name=name(), ram=64, vcpus=1, disk=1)
    assert demo("nova.flavors_get", flavor=flavor["id"])["ram"] == 64
    admin("nova.flavors_delete", flavor=flavor["id"])
    group = demo("nova.server_groups_create", name="g", policy="affinity")
    assert group["id"] in {g["id"] for g in demo("nova.server_groups_list")}
    demo("nova.server_groups_delete", id=group["id"])
    assert admin("nova.hypervisors_statistics")["count"] == 1
    pair = demo("nova.keypairs_create", name=name(), public_key=SSH_KEY)
    assert demo("nova.keypairs_get", keypair=pair["name"])["public_key"] == SSH_KEY
    demo("nova.keypairs_delete", key=pair["name"])


SSH_KEY = (
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHJ0dGhpcyBpcyBub3QgYSBwcml2YXRlIGtleSBhdCBh user@host"
)


def test_neutron(demo):
    made = demo("neutron.create_network", body={"network": {"name": name()}})["network"]
    assert demo("neutron.show_network", network=made["id"])["network"]["id"] == made["id"]
    listed = demo("neutron.list_networks", name=made["name"])["networks"]
    assert [n["id"] for n in listed] == [made["id"]]
    demo("neutron.delete_network", network=made["id"])


def test_heat(demo):
    template = {"heat_template_version": "2018-08-31", "resources": {}}
    stack = demo("heat.stacks_create", stack_name=name(), template=template)["stack"]["id"]
    assert demo("heat.stacks_wait", stack_id=stack, timeout=60, interval=0.2)
    assert stack in {s["id"] for s in demo("heat.stacks_list")}
    assert demo("heat.stacks_template", stack_id=stack)["heat_template_version"] == "2018-08-31"
    assert demo("heat.stacks_validate", template=template)["Parameters"] == {}
    demo("heat.stacks_delete", stack_id=stack)


def test_cinder(demo):
    volume = demo("cinder.volumes_create", size=1, name=name())["id"]
    assert demo("cinder.volumes_wait", volume=volume, timeout=60, interval=0.3)["size"] == 1
    demo("cinder.volumes_update", volume=volume, description="d")
    assert demo("cinder.volumes_get", volume_id=volume)["description"] == "d"
    assert volume in {v["id"] for v in demo("cinder.volumes_list")}
    demo("cinder.volumes_delete", volume=volume)


def test_swift(admin):
    container = name()
    admin("swift.put_container", container=container)
    admin("swift.put_object", container=container, obj="o", contents={"text": "hello"})
    assert admin("swift.head_object", container=container, obj="o")["content-length"] == "5"
    assert admin("swift.get_object", container=container, obj="o")[1] == "hello"
    outcome = admin("swiftservice.stat", container=container)
    assert outcome["success"]
    assert outcome["headers"]["x-container-object-count"] == "1"
    [page] = admin("swiftservice.list", container=container)
    assert [o["name"] for o in page["listing"]] == ["o"]
    assert all(o["success"] for o in admin("swiftservice.delete", container=container))


def test_barbican(demo):
    stored = demo("barbican.secrets_store", name="kept", payload="hush")["secret_ref"]
    assert demo("barbican.secrets_get", secret_ref=stored)["name"] == "kept"
    assert demo("barbican.secrets_retrieve", secret_ref=stored) == "hush"
    assert stored in {s["secret_ref"] for s in demo("barbican.secrets_list")}
    demo("barbican.secrets_delete", secret_ref=stored)


def test_designate(demo):
    zone = demo("designate.zones_create", name=f"{name()}.test.", email="ops@sandbox.test")["id"]
    assert wait(lambda: demo("designate.zones_get", zone=zone)["status"], "ACTIVE") == "ACTIVE"
    record = {"zone": zone, "name": "www", "type_": "A", "records": ["10.0.0.1"]}
    demo("designate.recordset_create", **record)
    kinds = {record["type"] for record in demo("designate.recordset_list", zone=zone)}
    assert kinds == {"A", "NS", "SOA"}
    demo("designate.zones_delete", zone=zone)


def test_gnocchi(demo):
    metric = demo("gnocchi.metric_create", name="load", archive_policy_name="low")["id"]
    at = "2026-01-01T12:00:00+00:00"
    measures = [{"timestamp": at, "value": 42.0}]
    demo("gnocchi.measures_add", metric=metric, measures=measures)
    [first, *_] = demo("gnocchi.measures_get", metric=metric, refresh=True)
    assert first[2] == 42.0
    assert "low" in {p["name"] for p in demo("gnocchi.archive_policy_list")}
    demo("gnocchi.metric_delete", metric=metric)


def test_ironic(admin):
    node = admin("ironic.node_create", driver="fake-hardware")["uuid"]
    assert admin("ironic.node_get", node_id=node)["driver"] == "fake-hardware"
    admin("ironic.node_set_provision_state", node_uuid=node, state="manage")

    def state():
        return admin("ironic.node_get", node_id=node)["provision_state"]

    assert wait(state, "manageable") == "manageable"
    assert node in {n["uuid"] for n in admin("ironic.node_list")}
    admin("ironic.node_delete", node_id=node)


def test_manila(admin, demo):
    kind = admin("manila.share_types_create", name=name(), spec_driver_handles_share_servers=False)
    share = demo("manila.shares_create", share_proto="NFS", size=1, share_type=kind["id"])["id"]

    def status():
        return demo("manila.shares_get", share=share)["status"]

    assert wait(status, "available") == "available"
    assert share in {s["id"] for s in demo("manila.shares_list")}
    assert demo("manila.shares_access_list", share=share) == []
    demo("manila.shares_delete", share=share)


def test_mistral(demo):
    namespace = name()
    [made] = demo("mistral.workflows_create", definition=WORKFLOW, namespace=namespace)
    assert made["name"] == "greet"
    run = demo("mistral.executions_create", wf_identifier="greet", namespace=namespace)["id"]

    def state():
        return demo("mistral.executions_get", id=run)["state"]

    assert wait(state, "SUCCESS") == "SUCCESS"
    assert run in {e["id"] for e in demo("mistral.executions_list")}


def test_zaqar(demo):
    queue = name()
    assert demo("zaqar.queue_create", queue_name=queue, metadata={"ttl": 60})["name"] == queue
    demo("zaqar.queue_post", queue_name=queue, messages={"body": {"note": "hello"}, "ttl": 60})
    [message] = demo("zaqar.queue_messages", queue_name=queue, echo=True)
    assert message["body"] == {"note": "hello"}
    [claimed] = demo("zaqar.claim_messages", queue_name=queue, ttl=60, grace=60)
    assert claimed["claim_id"]
    assert demo("zaqar.queue_stats", queue_name=queue)["messages"]["total"] == 1
    demo("zaqar.queue_purge", queue_name=queue)
    demo("zaqar.queue_delete", queue_name=queue)
    assert demo("zaqar.ping")
