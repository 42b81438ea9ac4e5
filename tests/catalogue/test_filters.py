# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Of every listing that takes any names, either the catalogue knows which, or it is open here."""

import ast

import pytest

from mistral_extra.actions.openstack import catalogue
from mistral_lib import exceptions
from tools.catalogue import filters

#: Listings that take any names, and why.
OPEN = {
    # The service refuses what it does not know with a 400.
    "mistral": {"*"},
    # Attributes of SOL's resources select, as documented by each NFV release.
    "tacker": {"*"},
    # Nobody documents what the service filters by; most of it is gone from Neutron.
    "neutron": {
        "list_bgp_speaker_on_dragent",
        "list_dhcp_agent_hosting_networks",
        "list_dragents_hosting_bgp_speaker",
        "list_ext",
        "list_firewalls",
        "list_gateway_devices",
        "list_health_monitors",
        "list_l3_agent_hosting_routers",
        "list_lbaas_healthmonitors",
        "list_lbaas_l7policies",
        "list_lbaas_l7rules",
        "list_lbaas_loadbalancers",
        "list_lbaas_members",
        "list_lbaas_pools",
        "list_loadbalancers_on_lbaas_agent",
        "list_network_gateways",
        "list_network_loggable_resources",
        "list_networks_on_dhcp_agent",
        "list_pools_on_lbaas_agent",
        "list_qos_queues",
        "list_route_advertised_from_bgp_speaker",
        "list_routers_on_l3_agent",
        "list_sfc_service_graphs",
        "list_vips",
    },
    "keystone": {
        "oauth1.access_tokens.list",
        "oauth1.consumers.list",
        "oauth1.request_tokens.list",
    },
    "trove": {"mgmt_instances.list"},
    "zun": {"availability_zones.list", "containers.list", "registries.list"},
}


def open_listings():
    for service, actions in catalogue.mapping().items():
        for target in sorted(set(actions.values())):
            entry = catalogue.entry(service, target)
            name = target.rpartition(".")[2]
            is_list = name == "list" or name.startswith("list_") or name.endswith("_list")
            if is_list and entry.extra and entry.accepted is None:
                yield service, target


def test_every_open_listing_has_its_reason():
    found = list(open_listings())
    unexplained = [
        (service, target)
        for service, target in found
        if not {"*", target} & OPEN.get(service, set())
    ]
    assert unexplained == []
    named = {(s, t) for s, targets in OPEN.items() for t in targets if t != "*"}
    assert named <= set(found)


def test_nonsense_is_refused_of_every_listing_that_is_not_open(descriptors):
    tried, passed = 0, []
    for service, actions in catalogue.mapping().items():
        for action, target in actions.items():
            entry = catalogue.entry(service, target)
            is_list = "list" in action.split("_")
            if not is_list or {"*", target} & OPEN.get(service, set()) or entry.extra == "":
                continue
            params = {p.name: "x" for p in entry.params if p.default is catalogue.REQUIRED}
            name = f"{service}.{action}"
            descriptors[name].check_parameters(params)
            tried += 1
            try:
                descriptors[name].check_parameters({**params, "nonsense": 1})
            except exceptions.InvalidInput as e:
                assert "nonsense" in str(e)  # noqa: PT017 # The names of those that pass are told.
            else:
                passed.append(name)
    assert passed == []
    assert tried > 100


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("def f(self, **kw): return kw['a'], kw.get('b'), kw.pop('c', 1), 'd' in kw", set("abcd")),
        ("def f(self, **kw): return kw.get(name)", None),
        ("def f(self, **kw): return g(**kw)", None),
        ("def f(self, **kw): kw['a'] = 1", None),
        ("def f(self, **kw): return kw.items()", None),
        ("def f(self, **kw): return 1", set()),
    ],
)
def test_what_a_function_reads_of_its_keywords(source, names):
    assert filters._names_read(ast.parse(source).body[0], "kw") == names
