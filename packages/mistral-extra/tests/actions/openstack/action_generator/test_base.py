# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
import sys

import pytest

from mistral_extra.actions import generator_factory
from mistral_extra.actions.openstack import actions, catalogue
from mistral_extra.actions.openstack.action_generator import base


def generator(namespace):
    return next(g for g in generator_factory.all_generators() if g.action_namespace == namespace)


@pytest.mark.parametrize(
    ("origin", "added", "expected"),
    [
        ("a,b,c", ["region=One"], "a, b, c, region=One"),
        ("a,b,c=1", ["region=One"], "a, b, region=One, c=1"),
        ("a,b,c=1,d=2", ["region=One"], "a, b, region=One, c=1, d=2"),
        ("a,b,c=1,**kwargs", ["region=One"], "a, b, region=One, c=1, **kwargs"),
        ("**kwargs", ["region=One"], "region=One, **kwargs"),
        ("", ["region=One"], "region=One"),
        ("a=[1, 2]", ["b"], "b, a=[1, 2]"),
        ("a", [], "a"),
    ],
)
def test_parameters_are_added_where_they_belong(origin, added, expected):
    assert base.OpenStackActionGenerator.prepare_action_inputs(origin, added) == expected


def test_an_action_has_a_class_a_name_a_description_and_parameters():
    made = {a["name"]: a for a in generator("nova").create_actions()}
    found = made["nova.servers_delete_meta"]
    assert issubclass(found["class"], actions.NovaAction)
    assert found["class"].client_method_name == "servers.delete_meta"
    assert found["description"].startswith("Delete metadata from a server\n\n:param server: ")
    assert found["arg_list"] == 'server, keys, action_region="", action_timeout=null'
    assert made["nova.servers_wait"]["arg_list"].startswith("server, ")


def test_a_service_that_is_not_mapped_has_no_actions(mapped):
    mapped({"nova": {"servers_get": "servers.get"}})
    assert len(generator("nova").create_actions()) == 1
    assert generator("heat").create_actions() == []


def test_a_missing_client_gives_none_and_a_line_in_the_log(monkeypatch, caplog):
    monkeypatch.setitem(sys.modules, "novaclient", None)
    assert generator("nova").create_actions() == []
    assert "No actions of nova: its client, python-novaclient, is not installed" in caplog.text


def test_a_method_that_the_client_lacks_is_left_out_and_logged(mapped, caplog):
    mapped({"nova": {"servers_get": "servers.get", "servers_fly": "servers.fly"}})
    assert [a["name"] for a in generator("nova").create_actions()] == ["nova.servers_get"]
    assert "nova.servers_fly" in caplog.text


def test_no_method_has_no_class():
    assert generator("nova").create_action_class("") is None


def test_the_mapping_is_the_callers_own():
    mine = base.get_mapping()
    assert mine["nova"]["servers_get"] == "servers.get"
    mine["nova"].clear()
    assert catalogue.mapping()["nova"]


def test_a_bad_mapping_says_so(mapped):
    mapped("{")
    with pytest.raises(catalogue.MappingError, match="is no JSON"):
        generator("nova").create_actions()
