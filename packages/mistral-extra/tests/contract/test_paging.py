# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""How much of a listing is fetched, by the real clients over a cloud that has more."""

import json
from urllib.parse import parse_qs

import pytest
from oslo_config import cfg

VERSIONS = {
    "nova": ("/v2.1", {"version": {"id": "v2.1", "version": "2.96", "min_version": "2.1"}}),
    "cinder": ("", {"versions": [{"status": "CURRENT", "version": "3.70", "min_version": "3.0"}]}),
}
MORE = [{"id": str(i), "name": f"n{i}"} for i in range(7)]

#: Services that answer with everything, whatever limit says: action, path, name in the body.
LISTS = [
    ("nova", "servers.list", "/v2.1/servers/detail", "servers"),
    ("nova", "flavors.list", "/v2.1/flavors/detail", "flavors"),
    ("keystone", "users.list", "/v3/users", "users"),
    ("keystone", "projects.list", "/v3/projects", "projects"),
    ("cinder", "volumes.list", "/v3/p1/volumes/detail", "volumes"),
    ("heat", "stacks.list", "/v1/p1/stacks", "stacks"),
    ("neutron", "list_networks", "/v2.0/networks", "networks"),
    ("neutron", "list_agents", "/v2.0/agents", "agents"),
    ("octavia", "load_balancer_list", "/v2.0/lbaas/loadbalancers", "loadbalancers"),
    ("glance", "images.list", "/v2/images", "images"),
    ("glance", "metadefs_namespace.list", "/v2/metadefs/namespaces", "namespaces"),
    ("ironic", "node.list", "/v1/nodes", "nodes"),
    ("magnum", "cluster_templates.list", "/v1/clustertemplates", "clustertemplates"),
    ("trove", "instances.list", "/v1.0/p1/instances", "instances"),
]


@pytest.fixture
def listed(cloud, action_of):
    """Run a listing of a service that has seven items; return the items that come back."""
    schema = {"name": "x", "properties": {"id": {}, "name": {}}}
    for name in ("image", "images", "metadefs/namespace"):
        cloud.answer("GET", f"/v2/schemas/{name}", schema)

    def run(service, target, path, key, **params):
        if service in VERSIONS:
            cloud.answer("GET", *VERSIONS[service])
        cloud.answer("GET", path, {key: MORE})
        found = action_of(service, target, **params).run(cloud.context())
        return found[key] if isinstance(found, dict) else found

    return run


@pytest.fixture
def max_results():
    def override(number):
        cfg.CONF.set_override("max_results", number, group="openstack_actions")

    yield override
    cfg.CONF.clear_override("max_results", group="openstack_actions")


@pytest.mark.parametrize(("service", "target", "path", "key"), LISTS)
def test_limit_is_the_most_that_comes_back(listed, service, target, path, key):
    assert [i["id"] for i in listed(service, target, path, key, limit=3)] == ["0", "1", "2"]


@pytest.mark.parametrize(("service", "target", "path", "key"), LISTS)
def test_a_limit_of_digits_is_an_integer(listed, service, target, path, key):
    assert [i["id"] for i in listed(service, target, path, key, limit="3")] == ["0", "1", "2"]


@pytest.mark.parametrize("limit", [-1, "-1", 0])
@pytest.mark.parametrize(
    ("service", "target", "path", "key"), [each for each in LISTS if each[0] != "nova"]
)
def test_no_limit_is_not_cut_off_by_it(listed, service, target, path, key, limit):
    assert len(listed(service, target, path, key, limit=limit)) == 7


def test_nova_pages_through_everything_for_minus_one(listed, cloud, action_of):
    cloud.answer("GET", *VERSIONS["nova"])
    path = "/v2.1/servers/detail"
    cloud.answer_in_turn("GET", path, {"body": {"servers": MORE}}, {"body": {"servers": []}})
    assert len(action_of("nova", "servers.list", limit="-1").run(cloud.context())) == 7
    assert [parse_qs(r.query) for r in cloud.requests if r.path == path] == [{}, {"marker": ["6"]}]


@pytest.mark.parametrize(("service", "target", "path", "key"), LISTS)
def test_no_listing_has_more_than_the_operator_allows(
    listed, max_results, service, target, path, key
):
    max_results(5)
    with pytest.raises(Exception, match=r"has more than 5 items: narrow it .*limit") as caught:
        listed(service, target, path, key)
    assert caught.value.error_code == "RESULT_TOO_LARGE"
    assert len(listed(service, target, path, key, limit=5)) == 5
    max_results(7)
    assert len(listed(service, target, path, key)) == 7


def page(cloud, *numbers, following=None):
    body = {"ports": [{"id": str(i)} for i in numbers]}
    if following:
        body["ports_links"] = [{"rel": "next", "href": f"{cloud.url}/x?marker={following}"}]
    return {"body": body}


@pytest.fixture
def ports(cloud, action_of):
    """List the ports of a Neutron with three pages; return ids, and how often it was asked."""
    pages = [page(cloud, 0, 1, following="1"), page(cloud, 2, 3, following="3"), page(cloud, 4)]

    def run(**params):
        cloud.answer_in_turn("GET", "/v2.0/ports", *pages)
        cloud.requests.clear()
        found = action_of("neutron", "list_ports", **params).run(cloud.context())
        assert set(found) == {"ports"}
        return [int(p["id"]) for p in found["ports"]], len(cloud.requests)

    return run


def test_neutron_is_asked_for_no_more_pages_than_are_wanted(ports):
    assert ports() == ([0, 1, 2, 3, 4], 3)
    assert ports(limit=2) == ([0, 1], 1)
    assert ports(limit=3) == ([0, 1, 2], 2)
    assert ports(limit="1") == ([0], 1)
    assert ports(limit=-1) == ([0, 1, 2, 3, 4], 3)
    assert ports(retrieve_all=False) == ([0, 1], 1)


def test_neutron_is_not_asked_for_what_a_result_can_not_hold(ports, max_results, cloud):
    max_results(3)
    with pytest.raises(Exception, match="more than 3 items"):
        ports()
    assert len(cloud.requests) == 2


def test_limit_and_marker_reach_the_service(ports, cloud):
    ports(limit=2, marker="0")
    assert parse_qs(cloud.requests[0].query) == {"limit": ["2"], "marker": ["0"]}


def test_a_generator_asks_for_no_page_more_than_is_wanted(cloud, action_of):
    schema = {"name": "image", "properties": {}}
    cloud.answer("GET", "/v2/schemas/image", schema)
    cloud.answer("GET", "/v2/images", {"images": MORE[:2], "next": "/v2/images?marker=1"})
    found = action_of("glance", "images.list", limit=2).run(cloud.context())
    assert [image["id"] for image in found] == ["0", "1"]
    assert [r.path for r in cloud.requests].count("/v2/images") == 1


def test_swifts_listings_are_bounded_as_well(cloud, action_of, max_results):
    cloud.answer("GET", "/v1/AUTH_p1/c", [{"name": str(i)} for i in range(7)])
    headers, objects = action_of("swift", "get_container", container="c", limit=2).run(
        cloud.context()
    )
    assert [o["name"] for o in objects] == ["0", "1"]
    assert headers["content-type"] == "application/json"
    max_results(5)
    with pytest.raises(Exception, match="more than 5 items"):
        action_of("swift", "get_container", container="c").run(cloud.context())


def test_an_id_called_limit_is_no_number_of_items(cloud, action_of):
    cloud.answer("GET", "/v3/limits/2", {"limit": {"id": "2", "names": [1, 2, 3]}})
    found = action_of("keystone", "limits.get", limit="2").run(cloud.context())
    assert found["names"] == [1, 2, 3]
    assert json.dumps(found)
