# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The sandbox's further services answer their own clients, by a token."""

import time
import uuid

import barbicanclient.client
import designateclient.v2.client
import gnocchiclient.client
import ironicclient.client
import manilaclient.client
import mistralclient.api.v2.client
import pytest
import zaqarclient.queues.v2.client

pytestmark = pytest.mark.slow

WORKFLOW = """
version: '2.0'
greet:
  tasks:
    say:
      action: std.echo output='hello'
      publish:
        said: <% task().result %>
  output:
    said: <% $.said %>
"""


@pytest.fixture(scope="module")
def admin(session_of):
    return session_of("admin")


@pytest.fixture(scope="module")
def demo(session_of):
    return session_of("demo")


def wait(read, wanted, seconds=60):
    """Read a state until it is the wanted one; return the last one read."""
    end = time.monotonic() + seconds
    while (state := read()) != wanted and "error" not in str(state).lower():
        if time.monotonic() > end:
            break
        time.sleep(0.2)
    return state


def test_barbican_keeps_a_secret(demo):
    barbican = barbicanclient.client.Client(session=demo)
    secret = barbican.secrets.create(name="kept", payload="hush")
    reference = secret.store()
    assert barbican.secrets.get(reference).payload == "hush"
    secret.delete()


def test_designate_makes_a_zone_that_its_name_server_answers_for(demo):
    designate = designateclient.v2.client.Client(session=demo)
    zone = designate.zones.create(f"z{uuid.uuid4().hex}.test.", email="ops@sandbox.test")
    assert wait(lambda: designate.zones.get(zone["id"])["status"], "ACTIVE") == "ACTIVE"
    designate.recordsets.create(zone["id"], "www", "A", ["10.0.0.1"])
    kinds = {record["type"] for record in designate.recordsets.list(zone["id"])}
    assert kinds == {"A", "NS", "SOA"}
    designate.zones.delete(zone["id"])


def test_gnocchi_works_on_the_measures_it_is_given(demo):
    gnocchi = gnocchiclient.client.Client("1", session=demo)
    metric = gnocchi.metric.create(name="load", archive_policy_name="low")
    at = "2026-01-01T12:00:00+00:00"
    gnocchi.metric.add_measures(metric["id"], [{"timestamp": at, "value": 42.0}])
    assert gnocchi.metric.get_measures(metric["id"], refresh=True)[0][2] == 42.0
    gnocchi.metric.delete(metric["id"])


def test_ironic_switches_a_fake_machine_on(admin):
    ironic = ironicclient.client.get_client("1", session=admin)
    node = ironic.node.create(driver="fake-hardware").uuid
    ironic.node.set_provision_state(node, "manage")
    state = wait(lambda: ironic.node.get(node).provision_state, "manageable")
    assert state == "manageable"
    ironic.node.set_power_state(node, "on")
    assert wait(lambda: ironic.node.get(node).power_state, "power on") == "power on"
    ironic.node.delete(node)


def test_manila_makes_a_share(admin, demo):
    types = manilaclient.client.Client("2.60", session=admin).share_types
    kind = types.create(f"kind-{uuid.uuid4().hex}", spec_driver_handles_share_servers=False)
    manila = manilaclient.client.Client("2.60", session=demo)
    share = manila.shares.create("NFS", 1, share_type=kind.id)
    assert wait(lambda: manila.shares.get(share.id).status, "available") == "available"
    manila.shares.delete(share.id)


def test_mistral_runs_a_workflow(demo):
    url = demo.get_endpoint(service_type="workflowv2")
    mistral = mistralclient.api.v2.client.Client(session=demo, mistral_url=url)
    mistral.workflows.create(WORKFLOW, namespace=(namespace := uuid.uuid4().hex))
    run = mistral.executions.create("greet", namespace=namespace).id
    assert wait(lambda: mistral.executions.get(run).state, "SUCCESS") == "SUCCESS"
    assert mistral.executions.get(run).output == '{"said": "hello"}'


def test_zaqar_passes_a_message_on(demo):
    # A session alone is not enough for it: it sends the project in a header of its own.
    options = {"auth_opts": {"options": {"os_project_id": demo.get_project_id()}}}
    zaqar = zaqarclient.queues.v2.client.Client(conf=options, session=demo)
    queue = zaqar.queue("box")
    queue.post({"body": {"note": "hello"}, "ttl": 60})
    assert [message.body for message in queue.messages(echo=True)] == [{"note": "hello"}]
    queue.delete()
