# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Extra specs and tags: actions that get a resource and call its method, by the real clients."""

import json

import pytest

#: Service, manager, what the id is called, URL, what a GET of the resource answers, path of the
#: specs, and their name where it is another.
TYPES = [
    ("nova", "flavors", "flavor", "/flavors/1", "flavor", "os-extra_specs", "extra_specs"),
    ("cinder", "volume_types", "volume_type", "/types/1", "volume_type", "extra_specs", None),
    ("cinder", "group_types", "group_type", "/group_types/1", "group_type", "group_specs", None),
    ("manila", "share_types", "share_type", "/types/1", "share_type", "extra_specs", None),
    (
        "manila",
        "share_group_types",
        "share_group_type",
        "/share-group-types/1",
        "share_group_type",
        "group-specs",
        "group_specs",
    ),
    ("manila", "qos_types", "qos_type", "/qos-types/1", "qos_type", "specs", None),
]
VERSIONS = {
    "nova": ("/v2.1", {"version": {"id": "v2.1", "version": "2.96", "min_version": "2.1"}}),
    "cinder": ("", {"versions": [{"status": "CURRENT", "version": "3.70", "min_version": "3.0"}]}),
    "manila": ("", {"versions": [{"status": "CURRENT", "version": "2.95", "min_version": "2.0"}]}),
}
ROOT = {"nova": "/v2.1", "cinder": "/v3/p1", "manila": "/v2"}


@pytest.mark.parametrize(("service", "manager", "key", "url", "body", "path", "field"), TYPES)
def test_keys_of_types_are_set_read_and_unset(
    cloud, action_of, service, manager, key, url, body, path, field
):
    field = field or path
    url = ROOT[service] + url
    cloud.answer("GET", *VERSIONS[service])
    cloud.answer("GET", url, {body: {"id": "1", "name": "t", field: {"a": "1"}}})
    cloud.answer("GET", f"{url}/{path}", {field: {"a": "1"}})
    cloud.answer("POST", f"{url}/{path}", {field: {"a": "1"}})
    for name in ("a", "b"):
        cloud.answer("DELETE", f"{url}/{path}/{name}", status=204)
    context = cloud.context()
    metadata = "group_specs" if manager == "share_group_types" else "metadata"
    params = {key: "1", metadata: {"a": "1"}}
    assert action_of(service, f"{manager}.set_keys", **params).run(context) == {"a": "1"}
    assert json.loads(cloud.requests[-1].body) == {field: {"a": "1"}}
    assert action_of(service, f"{manager}.get_keys", **{key: "1"}).run(context) == {"a": "1"}
    action_of(service, f"{manager}.unset_keys", **{key: "1"}, keys=["a", "b"]).run(context)
    # Not "c" for each character.
    cloud.answer("DELETE", f"{url}/{path}/cc", status=204)
    action_of(service, f"{manager}.unset_keys", **{key: "1"}, keys="cc").run(context)
    deleted = [r.path for r in cloud.requests if r.method == "DELETE"]
    assert deleted == [f"{url}/{path}/a", f"{url}/{path}/b", f"{url}/{path}/cc"]


def test_all_tags_of_a_project_are_deleted(cloud, action_of):
    cloud.answer("GET", "/v3/projects/1", {"project": {"id": "1", "name": "p"}})
    cloud.answer("PUT", "/v3/projects/1/tags", {"tags": []})
    action_of("keystone", "projects.delete_all_tags", project="1").run(cloud.context())
    assert json.loads(cloud.requests[-1].body) == {"tags": []}


def test_a_resource_that_is_not_there_is_a_404_of_the_action(cloud, action_of):
    cloud.answer("GET", *VERSIONS["nova"])
    action = action_of("nova", "flavors.set_keys", flavor="1", metadata={})
    with pytest.raises(Exception, match=r"NovaAction\.flavors\.set_keys failed: ") as caught:
        action.run(cloud.context())
    assert caught.value.error_code == "NOT_FOUND"


def test_a_dry_run_knows_the_parameters(action_of):
    assert action_of("nova", "flavors.set_keys", flavor="1", metadata={}).test(None) == {
        "flavor": "test",
        "metadata": "test",
    }
    with pytest.raises(Exception, match="parameter 'metadata' is missing"):
        action_of("nova", "flavors.set_keys", flavor="1").test(None)


def test_times_reach_keystone_and_nova(cloud, action_of):
    cloud.answer("GET", *VERSIONS["nova"])
    cloud.answer("GET", "/v2.1/os-simple-tenant-usage", {"tenant_usages": []})
    cloud.answer("GET", "/v2.1/os-simple-tenant-usage/p1", {"tenant_usage": {}})
    cloud.answer("POST", "/v3/OS-TRUST/trusts", {"trust": {"id": "t"}})
    url = "/v3/users/u1/application_credentials"
    cloud.answer("POST", url, {"application_credential": {"id": "c"}})
    context = cloud.context()
    period = {"start": "2030-01-01T00:00:00Z", "end": "2030-02-01T02:00:00+02:00"}
    action_of("nova", "usage.list", **period).run(context)
    expected = "start=2030-01-01T00:00:00&end=2030-02-01T00:00:00"
    assert cloud.requests[-1].query.startswith(expected)
    action_of("nova", "usage.get", tenant_id="p1", **period).run(context)
    assert cloud.requests[-1].query.startswith(expected)
    action_of(
        "keystone",
        "trusts.create",
        trustee_user="a",
        trustor_user="b",
        project="p1",
        expires_at="2030-01-01T01:00:00+01:00",
    ).run(context)
    trust = json.loads(cloud.requests[-1].body)["trust"]
    assert trust["expires_at"] == "2030-01-01T00:00:00.000000Z"
    credentials = {"name": "n", "user": "u1", "expires_at": "2030-01-01"}
    action_of("keystone", "application_credentials.create", **credentials).run(context)
    created = json.loads(cloud.requests[-1].body)["application_credential"]
    assert created["expires_at"] == "2030-01-01T00:00:00.000000Z"
