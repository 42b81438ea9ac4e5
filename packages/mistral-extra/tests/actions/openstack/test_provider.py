# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
import logging
import sys
from importlib import metadata

import pytest

from mistral_extra.actions.openstack import provider
from mistral_lib import exceptions


@pytest.fixture
def actions():
    return provider.OpenStackActionProvider()


@pytest.fixture
def without_neutron(monkeypatch):
    """Have no neutronclient: what this says to Python is that there is no such module."""
    monkeypatch.setitem(sys.modules, "neutronclient", None)


THREE = {
    "servers_get": "servers.get",
    "servers_list": "servers.list",
    "servers_delete": "servers.delete",
}


def test_it_is_announced_to_servers():
    (announced,) = metadata.entry_points(group="mistral.action.providers", name="openstack")
    assert announced.load() is provider.OpenStackActionProvider
    assert announced.load()(announced.name).name == "openstack"


def test_generators_are_not_announced_beside_it():
    assert list(metadata.entry_points(group="mistral.generators")) == []


def test_there_are_all_actions_sorted_by_name(actions):
    names = [d.name for d in actions.find_all()]
    assert len(names) > 2000
    assert names == sorted(names) == actions.names()


def test_an_action_is_found_by_its_name_whatever_the_namespace(actions):
    found = actions.find("nova.servers_list", namespace="somebody's")
    assert found.name == "nova.servers_list"
    assert found.namespace == ""
    assert actions.find("nova.servers_list") is found


@pytest.mark.parametrize(
    "name", ["nova.servers_fly", "nowhere.servers_list", "nova", "", "std.echo"]
)
def test_what_it_does_not_know_is_none(actions, name):
    assert actions.find(name) is None


def test_a_listing_is_filtered_sorted_and_cut(actions):
    filters = {"name": {"has": "servers_"}, "namespace": {"eq": ""}}
    found = actions.find_all(filters=filters, sort_fields=["name"], sort_dirs=["desc"], limit=3)
    names = [d.name for d in found]
    assert len(names) == 3
    assert all("servers_" in name for name in names)
    assert names == sorted(names, reverse=True)
    assert filters == {"name": {"has": "servers_"}, "namespace": {"eq": ""}}


def test_three_mapped_actions_are_three_actions(actions, mapped):
    mapped({"nova": THREE})
    assert actions.names() == [f"nova.{name}" for name in sorted(THREE)]


def test_a_changed_configuration_is_seen(actions, mapped, configured):
    assert "action_region" in actions.find("nova.servers_get").params_spec
    configured("openstack_actions", modules_support_region=["heat"])
    assert actions.find("nova.servers_get").params_spec == "server, action_timeout=null"
    mapped({"nova": {"one": "servers.get"}})
    assert actions.find("nova.servers_get") is None
    assert actions.find("nova.one").params_spec == "server, action_timeout=null"


def test_a_bad_mapping_is_logged_once_and_there_are_no_actions(mapped, caplog):
    file = mapped("{")
    actions = provider.OpenStackActionProvider()
    assert actions.find_all() == actions.names() == []
    assert actions.find("nova.servers_list") is None
    logged = [r for r in caplog.records if r.levelno == logging.ERROR]
    assert len(logged) == 1
    assert str(file) in logged[0].getMessage()
    (problem,) = actions.problems()
    assert "is no JSON" in problem.error
    assert problem.target == str(file)


def test_a_method_that_the_client_lacks_takes_its_own_action_out(actions, mapped, caplog):
    mapped({"nova": {**THREE, "servers_fly": "servers.fly"}})
    assert len(actions.find_all()) == 3
    assert actions.find("nova.servers_fly") is None
    assert caplog.text.count("nova.servers_fly") == 1
    (problem,) = actions.problems()
    assert problem.name == "nova.servers_fly"
    assert "fly" in problem.error


def test_a_service_that_nobody_knows_is_a_problem(actions, mapped, caplog):
    caplog.set_level(logging.INFO)
    mapped({"nova": THREE, "senlin": {"clusters_list": "clusters.list"}})
    assert len(actions.find_all()) == 3
    assert "'senlin' is no service that has actions" in caplog.text
    (problem,) = actions.problems()
    assert problem.name == "senlin"


def test_a_missing_client_takes_its_own_actions_out(without_neutron, actions, caplog):
    caplog.set_level(logging.INFO)
    listed = {d.name.partition(".")[0] for d in actions.find_all()}
    assert "neutron" not in listed
    assert "nova" in listed
    assert actions.find("neutron.list_networks") is None
    remedy = "python-neutronclient, is not installed (pip install 'mistral-extra[neutron]')"
    assert remedy in caplog.text
    actions.find_all()
    assert caplog.text.count(remedy) == 1


def test_a_missing_client_is_told_with_what_installs_it(without_neutron, actions):
    told = {p.target: p for p in actions.unavailable()}["neutronclient"]
    assert told.name.startswith("neutron (")
    assert told.remedy == "pip install 'mistral-extra[neutron]'"
    assert actions.problem_of("neutron.list_networks").name == "neutron.list_networks"
    assert actions.problem_of("neutron.fly") is None
    assert actions.problem_of("nova.servers_list") is None


def test_all_is_well_where_nothing_is_wrong(actions):
    assert actions.problems() == []


def test_a_parameter_that_is_wrong_is_refused(actions):
    with pytest.raises(exceptions.InvalidInput, match=r"nova\.servers_get.*did you mean 'server'"):
        actions.find("nova.servers_get").check_parameters({"serverr": "x"})
