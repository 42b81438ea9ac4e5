# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
import collections
import datetime

import pytest

from mistral_extra.actions.openstack import arguments, catalogue
from mistral_lib import exceptions

NOON = datetime.datetime(2030, 1, 31, 12)
TRUST = ("keystone.trusts_create", "keystone", "trusts.create")


@pytest.mark.parametrize(
    "given",
    [
        "2030-01-31T12:00:00Z",
        "2030-01-31T12:00:00.000000Z",
        "2030-01-31T14:00:00+02:00",
        "2030-01-31 12:00:00",
        " 20300131T120000 ",
        "2030-01-31t12:00:00z",
        NOON,
        NOON.replace(tzinfo=datetime.UTC),
    ],
)
def test_a_time_becomes_what_the_client_formats(given):
    params = {"expires_at": given, "trustee_user": "u"}
    before = dict(params)
    assert arguments.prepared(*TRUST, params) == {"expires_at": NOON, "trustee_user": "u"}
    assert params == before


def test_a_day_is_its_first_moment():
    made = arguments.prepared(*TRUST, {"expires_at": "2030-01-31"})
    assert made == {"expires_at": datetime.datetime(2030, 1, 31)}


def test_no_time_stays_none():
    assert arguments.prepared(*TRUST, {"expires_at": None}) == {"expires_at": None}


@pytest.mark.parametrize(
    "given", ["soon", "", 1893456000, True, ["2030-01-31"], "9999-12-31T23:59:59-01:00"]
)
def test_what_is_not_a_time_is_named_with_the_form(given):
    message = r"trusts_create\]: parameter 'expires_at' is not a date and time, got .*ISO 8601"
    with pytest.raises(exceptions.InvalidInput, match=message):
        arguments.prepared(*TRUST, {"expires_at": given})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (float("nan"), "parameter 'meta' is NaN, which JSON cannot represent"),
        ({"a": [1, {"b": float("-inf")}]}, r"parameter 'meta\.a\[1\]\.b' is -Infinity"),
        ({1, 2}, None),
        (object(), None),
    ],
)
def test_what_no_service_can_be_sent_is_named(value, text):
    call = ("nova.servers_update", "nova", "servers.update", {"server": "1", "meta": value})
    if text is None:
        # A mock, or a set that the wire makes a list of.
        assert arguments.prepared(*call)["meta"] is value
        return
    for check in (arguments.check, arguments.prepared):
        with pytest.raises(exceptions.InvalidInput, match=text):
            check(*call)


def test_dictionaries_of_any_class_stay_as_they_are():
    nested = collections.OrderedDict(a=[collections.OrderedDict(b=1)])
    made = arguments.prepared("an action", "nova", "servers.update", {"meta": nested})
    made["meta"]["a"][0].clear()
    made["meta"].clear()
    assert nested == {"a": [{"b": 1}]}


def test_a_missing_parameter_is_found_beside_any_names():
    with pytest.raises(exceptions.InvalidInput, match=r"\[name=.*, missing=\['trustee_user', "):
        arguments.check(*TRUST, {"anything": 1})


def test_a_method_that_nobody_knows_takes_anything():
    params = {"a": 1}
    arguments.check("x.y", "nova", "servers.fly", params)
    assert arguments.prepared("x.y", "nova", "servers.fly", params) is params


def refusal(service, action, target, **params):
    with pytest.raises(exceptions.InvalidInput, match="unexpected=") as caught:
        arguments.check(f"{service}.{action}", service, target, params)
    return str(caught.value)


def test_a_filter_that_the_client_drops_is_refused_with_where_it_goes():
    told = refusal("glance", "images_list", "images.list", name="x")
    assert told.startswith("Invalid input [name=glance.images_list, unexpected=['name']]. ")
    assert "It would be ignored; known are filters, limit, marker, page_size, sort" in told
    assert told.endswith("A property to look for goes into filters: {'name': ...}")


def test_a_filter_that_the_api_does_not_know_is_refused_with_the_nearest():
    assert "No parameter 'enabeld': did you mean 'enabled'?" in refusal(
        "keystone", "users_list", "users.list", enabeld=True
    )
    assert "'nonsense'. It would be ignored; known are default_project, " in refusal(
        "keystone", "users_list", "users.list", nonsense=1
    )
    assert "did you mean 'status'?" in refusal("neutron", "list_ports", "list_ports", statis="UP")
    assert "did you mean 'vip_address'?" in refusal(
        "octavia", "load_balancer_list", "load_balancer_list", vip_adress="1"
    )
    assert "known are limit, marker, search_opts, sort" in refusal(
        "cinder", "messages_list", "messages.list", x=1
    )


LEGITIMATE = [
    ("glance", "images.list", {"filters": {"name": "x", "hw_custom": "1"}, "limit": 2}),
    ("keystone", "users.list", {"name__contains": "a", "domain_id": "d", "enabled": True}),
    ("keystone", "users.list", {"domain": "d", "limit": 5, "marker": "m"}),
    ("keystone", "projects.list", {"tags": "a", "not-tags-any": "b", "is_domain": False}),
    ("keystone", "projects.list", {"tags_any": "a", "not_tags": "b", "not_tags_any": "c"}),
    ("keystone", "projects.find", {"name": "p", "domain_id": "d", "tags_any": "a,b"}),
    ("keystone", "roles.list", {"name": "admin"}),
    ("keystone", "endpoints.list", {"service_id": "s", "interface": "public"}),
    ("keystone", "users.create", {"name": "u", "my_own_field": "kept by keystone"}),
    ("glance", "images.create", {"name": "i", "hw_custom": "a property"}),
    ("neutron", "list_ports", {"device_id": "d", "fixed_ips": ["ip_address=1.2.3.4"]}),
    ("neutron", "list_ports", {"binding:host_id": "h", "vendor:anything": "x"}),
    ("neutron", "list_ports", {"fields": ["id"], "sort_key": "id", "sort_dir": "asc"}),
    ("neutron", "list_networks", {"router:external": True, "name": "n", "tags": "a"}),
    ("neutron", "list_networks", {"tenant_id": "p", "project_id": "p", "shared": True}),
    ("neutron", "list_subnets", {"ip_version": 4, "network_id": "n", "cidr": "10.0.0.0/8"}),
    ("neutron", "list_security_group_rules", {"security_group_id": "g", "direction": "ingress"}),
    ("neutron", "list_floatingips", {"floating_ip_address": "1.2.3.4", "port_id": "p"}),
    ("neutron", "list_agents", {"host": "h", "binary": "b", "agent_type": "L3 agent"}),
    ("neutron", "list_extensions", {"fields": "alias"}),
    ("neutron", "list_rbac_policies", {"object_type": "network", "target_tenant": "*"}),
    ("heat", "stacks.list", {"filters": {"name": "s"}, "show_nested": True, "sort_keys": "name"}),
    ("octavia", "load_balancer_list", {"name": "l", "vip_address": "1.2.3.4", "project_id": "p"}),
    ("octavia", "member_list", {"pool_id": "p", "address": "1.2.3.4"}),
    ("mistral", "workflows.list", {"name": "w", "anything": "the service knows"}),
    ("nova", "flavors.findall", {"vcpus": 2}),
]


@pytest.mark.parametrize(("service", "target", "params"), LEGITIMATE)
def test_filters_that_the_api_documents_pass(service, target, params):
    assert catalogue.has(service, target)
    arguments.check("the action", service, target, params)


def test_a_filter_inside_a_dictionary_that_the_service_ignores_is_logged(caplog):
    params = {"search_opts": {"nmae": "x", "status": "available"}}
    call = ("cinder.volumes_list", "cinder", "volumes.list", params)
    arguments.check(*call)
    assert caplog.text == ""
    assert arguments.prepared(*call) == params
    assert "cinder.volumes_list: the API documents no filter 'nmae': did you mean 'name' in " in (
        caplog.text
    )
    assert "'status'" not in caplog.text


@pytest.mark.parametrize(
    ("service", "target", "filters"),
    [
        ("nova", "servers.list", {"all_tenants": 1, "changes-since": "2026-01-01", "host": "h"}),
        ("cinder", "volumes.list", {"name~": "web", "migration_status": "none", "host": "h"}),
        ("cinder", "volumes.list", {"display_name": "web", "with_count": True}),
        ("cinder", "attachments.list", {"attach_status": "attached", "instance_id": "i"}),
        ("manila", "shares.list", {"description~": "x", "export_location": "/path"}),
        ("manila", "shares.list", {"is_soft_deleted": True, "extra_specs": {"a": "b"}}),
    ],
)
def test_documented_filters_inside_a_dictionary_are_quiet(caplog, service, target, filters):
    arguments.prepared("the action", service, target, {"search_opts": filters})
    assert caplog.text == ""


def test_names_of_filters_may_be_anything(caplog):
    arguments.prepared("an action", "nova", "servers.list", {"search_opts": {1: "x", "nmae": "y"}})
    assert "no filter '1' in search_opts" in caplog.text
    assert "no filter 'nmae': did you mean 'name' in search_opts" in caplog.text


def test_what_a_client_reads_nothing_of_is_refused():
    # It has a **kwargs, and never looks into it.
    told = refusal("trove", "instances_create", "instances.create", name="a", flavor_id="1", x=1)
    assert "No parameter 'x'" in told
