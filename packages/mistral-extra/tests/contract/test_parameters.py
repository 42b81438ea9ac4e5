# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What becomes of the parameters that an action is given: nothing, whatever its client does."""

import copy
import json

import pytest

from mistral_extra.actions.openstack import catalogue, descriptors, services
from mistral_lib.actions import Runner

from .test_failures import VERSIONS

NESTED = {"name": "ü", "a": {"b": ["c", {"d": "e"}]}}


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    """Clients that try again sleep between attempts: not here."""
    monkeypatch.setattr("swiftclient.client.sleep", lambda seconds: None)


def value_of(parameter):
    if parameter.type.startswith("list"):
        return ["ü", copy.deepcopy(NESTED)]
    return copy.deepcopy(NESTED) if parameter.type in ("", "dict", "Any") else "1"


def actions_with_containers(service):
    """Return the actions of a service that take lists and dictionaries, with parameters."""
    for name, target in catalogue.mapping().get(service, {}).items():
        entry = catalogue.entry(service, target)
        if ":" in target or entry is None:
            continue
        params = {p.name: value_of(p) for p in (*entry.params, *entry.keywords)}
        if any(isinstance(value, dict | list) for value in params.values()):
            yield f"{service}.{name}", target, params


@pytest.mark.slow
@pytest.mark.parametrize("service", [s.name for s in services.all()])
def test_no_action_changes_what_it_is_given(cloud, need, service, tmp_path, monkeypatch):
    need(service)
    monkeypatch.chdir(tmp_path)
    if service in VERSIONS:
        cloud.answer("GET", *VERSIONS[service])
    cloud.answer_all({})
    context = cloud.context()
    changed, runs = [], 0
    for name, target, params in actions_with_containers(service):
        before = copy.deepcopy(params)
        action = descriptors.create(name, service, target, False).instantiate(params, None)
        Runner().run(action, context=context, timeout=60)
        runs += 1
        if params != before:
            changed.append(name)
    assert runs
    assert changed == []


def test_filters_of_a_listing_stay_text(cloud, action_of):
    cloud.answer("GET", "/v2/schemas/image", {"name": "image", "properties": {}})
    cloud.answer("GET", "/v2/images", {"images": []})
    filters = {"name": "ü"}
    action = action_of("glance", "images.list", filters=filters)
    for _ in range(2):
        assert Runner().run(action, context=cloud.context()).data == []
        assert filters == {"name": "ü"}


@pytest.mark.parametrize(
    ("service", "method", "params", "request_"),
    [
        ("nova", "servers.add_tag", {"server": "1", "tag": "t"}, ("PUT", "/v2.1/servers/1/tags/t")),
        ("nova", "servers.delete", {"server": "1"}, ("DELETE", "/v2.1/servers/1")),
        ("nova", "servers.pause", {"server": "1"}, ("POST", "/v2.1/servers/1/action")),
        ("neutron", "delete_network", {"network": "1"}, ("DELETE", "/v2.0/networks/1")),
        ("cinder", "volumes.delete", {"volume": "1"}, ("DELETE", "/v3/p1/volumes/1")),
        ("keystone", "projects.delete", {"project": "1"}, ("DELETE", "/v3/projects/1")),
        ("heat", "stacks.delete", {"stack_id": "1"}, ("DELETE", "/v1/p1/stacks/1")),
        ("trove", "instances.delete", {"instance": "1"}, ("DELETE", "/v1.0/p1/instances/1")),
        ("manila", "shares.delete", {"share": "1"}, ("DELETE", "/v2/shares/1")),
        ("ironic", "node.delete", {"node_id": "1"}, ("DELETE", "/v1/nodes/1")),
    ],
)
def test_answer_without_a_body_is_null(cloud, action_of, service, method, params, request_):
    if service in VERSIONS:
        cloud.answer("GET", *VERSIONS[service])
    cloud.answer(*request_, status=204)
    result = Runner(wire=True).run(action_of(service, method, **params), context=cloud.context())
    assert result.is_success(), result.error
    assert result.data is None


@pytest.mark.parametrize(
    ("service", "method", "params", "newest", "version", "answer"),
    [
        (
            "manila",
            "shares.access_list",
            {"share": "1"},
            {"versions": [{"status": "CURRENT", "version": "2.90", "min_version": "2.0"}]},
            ("x-openstack-manila-api-version", "2.44"),
            ("POST", "/v2/shares/1/action", {"access_list": [{"id": "a"}]}, [{"id": "a"}]),
        ),
        (
            "manila",
            "shares.access_list",
            {"share": "1"},
            {"versions": [{"status": "CURRENT", "version": "2.40", "min_version": "2.0"}]},
            ("x-openstack-manila-api-version", "2.40"),
            ("POST", "/v2/shares/1/action", {"access_list": [{"id": "a"}]}, [{"id": "a"}]),
        ),
        (
            "nova",
            "hypervisors.statistics",
            {},
            {"version": {"id": "v2.1", "version": "2.96", "min_version": "2.1"}},
            ("x-openstack-nova-api-version", "2.87"),
            (
                "GET",
                "/v2.1/os-hypervisors/statistics",
                {"hypervisor_statistics": {"count": 1}},
                {"count": 1},
            ),
        ),
    ],
)
def test_method_that_the_newest_api_lacks_is_called_as_it_was(
    cloud, action_of, service, method, params, newest, version, answer
):
    cloud.answer("GET", VERSIONS[service][0], newest)
    verb, path, body, data = answer
    cloud.answer(verb, path, body)
    result = Runner(wire=True).run(action_of(service, method, **params), context=cloud.context())
    assert result.is_success(), result.error
    assert result.data == data
    header, number = version
    assert cloud.requests[-1].headers[header] == number


def test_roles_of_a_trust_are_a_list(cloud, action_of):
    taken = {p.name: p.type for p in catalogue.entry("keystone", "trusts.create").params}
    assert (taken["role_names"], taken["role_ids"]) == ("list[str]", "list[str]")
    cloud.answer("POST", "/v3/OS-TRUST/trusts", {"trust": {"id": "1"}})
    users = {"trustor_user": "a", "trustee_user": "b"}
    action = action_of("keystone", "trusts.create", role_names=["member", "reader"], **users)
    assert Runner().run(action, context=cloud.context()).data["id"] == "1"
    sent = json.loads(cloud.requests[-1].body)["trust"]["roles"]
    assert sent == [{"name": "member"}, {"name": "reader"}]
