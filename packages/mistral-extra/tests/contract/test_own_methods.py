# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What is done with Zaqar's queues and Barbican's secrets beyond a method of the client."""

import json
from urllib.parse import parse_qs

import pytest

from mistral_lib.actions import Runner

REF = "http://k/v1/secrets/7f0e6c4e-5a43-4d3e-9a52-0c1b2f4c3d10"
VERSIONS = {
    "versions": {
        "values": [
            {
                "id": "v1",
                "status": "CURRENT",
                "min_version": "1.0",
                "max_version": "1.1",
                "links": [{"rel": "self", "href": "http://k/v1/"}],
            }
        ]
    }
}
MESSAGE = {"id": "5", "href": "/v2/queues/q/messages/5?claim_id=9", "ttl": 60, "age": 1, "body": {}}


@pytest.fixture
def run(action_of, cloud):
    cloud.answer("GET", "", VERSIONS)
    context = cloud.context()

    def run_(service, method, **params):
        result = Runner(wire=True).run(action_of(service, method, **params), context=context)
        assert result.is_success(), result.error
        return result.data

    return run_


def last(cloud):
    request = cloud.requests[-1]
    return request.method, request.path, json.loads(request.body) if request.body else None


def test_message_is_posted(cloud, run):
    cloud.answer("POST", "/v2/queues/q/messages", {"resources": ["/v2/queues/q/messages/5"]})
    data = run("zaqar", "queue_post", queue_name="q", messages={"body": "hi", "ttl": 60})
    assert data == {"resources": ["/v2/queues/q/messages/5"]}
    assert last(cloud) == (
        "POST",
        "/v2/queues/q/messages",
        {"messages": [{"body": "hi", "ttl": 60}]},
    )


def test_messages_are_popped(cloud, run):
    cloud.answer("DELETE", "/v2/queues/q/messages", {"messages": [MESSAGE]})
    (message,) = run("zaqar", "queue_pop", queue_name="q", count=2)
    assert cloud.requests[-1].headers["x-project-id"] == "p1"
    assert message["id"] == "5"
    assert cloud.requests[-1].query == "pop=2"


def test_messages_are_claimed_with_the_id_of_the_claim(cloud, run):
    cloud.answer("POST", "/v2/queues/q/claims", {"messages": [MESSAGE]})
    (message,) = run("zaqar", "claim_messages", queue_name="q", ttl=60, grace=60, limit=1)
    assert (message["id"], message["claim_id"]) == ("5", "9")
    assert len(cloud.requests) == 1


def test_messages_are_deleted(cloud, run):
    cloud.answer("DELETE", "/v2/queues/q/messages", status=204)
    run("zaqar", "delete_messages", queue_name="q", messages=["5", "6"])
    assert sorted(parse_qs(cloud.requests[-1].query)["ids"]) == ["5", "6"]


@pytest.mark.parametrize("metadata", [None, {"ttl": 60}])
def test_queue_is_created_with_its_metadata(cloud, run, metadata):
    cloud.answer("PUT", "/v2/queues/q", status=201)
    cloud.answer("GET", "/v2/queues/q", {})
    cloud.answer("PATCH", "/v2/queues/q", {})
    data = run("zaqar", "queue_create", queue_name="q", metadata=metadata)
    assert data == {"name": "q", "metadata": metadata or {}}
    assert "PUT" in [r.method for r in cloud.requests]


def test_queues_are_listed(cloud, run):
    cloud.answer("GET", "/v2/queues", {"queues": [{"name": "q", "href": "/v2/queues/q"}]})
    (queue,), count = run("zaqar", "queues", limit=5)
    assert (queue["name"], queue["href"], count) == ("q", "/v2/queues/q", None)


@pytest.mark.parametrize(
    ("method", "verb", "path", "answer"),
    [
        ("queue_stats", "GET", "/v2/queues/q/stats", {"messages": {"free": 1}}),
        ("queue_metadata", "GET", "/v2/queues/q", {"_max": 1}),
        ("queue_purge", "POST", "/v2/queues/q/purge", None),
        ("queue_delete", "DELETE", "/v2/queues/q", None),
    ],
)
def test_queue_is_asked(cloud, run, method, verb, path, answer):
    cloud.answer(verb, path, answer, status=200 if answer else 204)
    assert run("zaqar", method, queue_name="q") == answer
    assert last(cloud)[:2] == (verb, path)


def test_secret_is_stored_in_one_request_and_its_payload_not_repeated(cloud, run):
    cloud.answer("POST", "/v1/secrets", {"secret_ref": REF})
    data = run("barbican", "secrets_store", name="key", payload="s3cret", algorithm="aes")
    assert (data["secret_ref"], data["name"], data["algorithm"]) == (REF, "key", "aes")
    assert "s3cret" not in json.dumps(data)
    assert last(cloud)[2]["payload"] == "s3cret"
    assert [r.method for r in cloud.requests] == ["GET", "POST"]


def test_secret_is_retrieved(cloud, run):
    path = REF.removeprefix("http://k")
    cloud.answer("GET", path, {"name": "key", "content_types": {"default": "text/plain"}})
    cloud.answer("GET", f"{path}/payload", b"s3cret")
    assert run("barbican", "secrets_retrieve", secret_ref=REF) == "s3cret"


def test_secret_got_is_its_metadata(cloud, run):
    path = REF.removeprefix("http://k")
    cloud.answer("GET", path, {"name": "key", "status": "ACTIVE", "secret_type": "opaque"})
    data = run("barbican", "secrets.get", secret_ref=REF)
    assert (data["secret_ref"], data["name"], data["secret_type"]) == (REF, "key", "opaque")
    assert "payload" not in data
    assert [r.path.rstrip("/") for r in cloud.requests] == ["", path]


def test_key_is_ordered(cloud, run):
    cloud.answer("POST", "/v1/orders", {"order_ref": "http://k/v1/orders/1"})
    data = run("barbican", "orders_create_key", name="key", algorithm="aes", bit_length=256)
    assert data == {"order_ref": "http://k/v1/orders/1"}
    _, _, sent = last(cloud)
    assert sent["type"] == "key"
    assert sent["meta"]["bit_length"] == 256


def test_key_pair_is_ordered(cloud, run):
    cloud.answer("POST", "/v1/orders", {"order_ref": "http://k/v1/orders/1"})
    data = run("barbican", "orders_create_asymmetric", name="pair", algorithm="rsa")
    assert data == {"order_ref": "http://k/v1/orders/1"}
    assert last(cloud)[2]["type"] == "asymmetric"


@pytest.mark.parametrize(
    ("method", "params", "kind"),
    [
        ("containers_create", {"secrets": {"key": REF}}, "generic"),
        ("containers_create_rsa", {"public_key": REF, "private_key": REF}, "rsa"),
        ("containers_create_certificate", {"certificate": REF}, "certificate"),
    ],
)
def test_secrets_are_put_into_a_container(cloud, run, method, params, kind):
    cloud.answer("POST", "/v1/containers", {"container_ref": "http://k/v1/containers/1"})
    data = run("barbican", method, name="box", **params)
    assert data == {"container_ref": "http://k/v1/containers/1"}
    _, _, sent = last(cloud)
    assert sent["type"] == kind
    assert {part["secret_ref"] for part in sent["secret_refs"]} == {REF}


def test_readers_of_a_secret_are_named(cloud, run):
    path = REF.removeprefix("http://k") + "/acl"
    cloud.answer("PUT", path, {"acl_ref": f"{REF}/acl"})
    data = run("barbican", "acls_submit", entity_ref=REF, users=["u2"], project_access=False)
    assert data == {"acl_ref": f"{REF}/acl"}
    assert last(cloud)[2] == {"read": {"users": ["u2"], "project-access": False}}


def test_order_is_its_fields(cloud, run):
    ref = REF.replace("secrets", "orders")
    order = {
        "order_ref": ref,
        "type": "key",
        "status": "ACTIVE",
        "meta": {"name": "key", "algorithm": "aes"},
        "secret_ref": REF,
        "created": "2026-01-01T00:00:00",
        "updated": "2026-01-01T00:00:00",
    }
    cloud.answer("GET", ref.removeprefix("http://k"), order)
    data = run("barbican", "orders.get", order_ref=ref)
    assert data["order_ref"] == ref
    assert data["secret_ref"] == REF
    assert (data["type"], data["meta"]) == ("key", {"name": "key", "algorithm": "aes"})
