# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
import os

import pytest

from mistral_extra.actions.openstack import catalogue


def test_comments_are_no_actions():
    assert catalogue.mapping()["nova"]["servers_list"] == "servers.list"
    assert not any("_comment" in actions for actions in catalogue.mapping().values())


def test_a_configured_file_replaces_the_mapping(mapped):
    mapped({"_comment": "ours", "nova": {"_comment": "few", "servers_get": "servers.get"}})
    assert catalogue.mapping() == {"nova": {"servers_get": "servers.get"}}


def test_the_mapping_is_read_once_and_again_when_its_file_changes(mapped):
    file = mapped({"nova": {"servers_get": "servers.get"}})
    first = catalogue.mapping()
    assert catalogue.mapping() is first
    mapped({"nova": {"servers_del": "servers.delete"}})
    later = file.stat().st_mtime + 10
    os.utime(file, (later, later))
    assert catalogue.mapping() == {"nova": {"servers_del": "servers.delete"}}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("{", r"is no JSON: .*line 1"),
        ("[]", r"must hold a JSON object"),
        ({"nova": ["servers.list"]}, r"'nova' must be a JSON object"),
        ({"nova": {"servers_list": 3}}, r"'nova\.servers_list' must be the path .* got 3"),
        ({"nova": {"servers_list": ""}}, r"'nova\.servers_list' must be the path .* got ''"),
    ],
)
def test_a_bad_mapping_is_named_with_what_to_do(mapped, content, problem):
    file = mapped(content)
    with pytest.raises(catalogue.MappingError, match=problem) as caught:
        catalogue.mapping()
    assert str(file) in str(caught.value)
    assert "openstack_actions_mapping_path" in str(caught.value)


def test_a_mapping_that_is_not_there_is_named(configured, tmp_path):
    configured(openstack_actions_mapping_path=str(tmp_path / "none.json"))
    with pytest.raises(catalogue.MappingError, match=r"none\.json, can't be read: No such file"):
        catalogue.mapping()


def test_an_entry_says_what_a_method_takes_and_returns():
    entry = catalogue.entry("nova", "servers.delete_meta")
    assert [p.name for p in entry.params] == ["server", "keys"]
    assert all(p.default is catalogue.REQUIRED for p in entry.params)
    assert entry.params[1].type == "list"
    assert "metadata keys" in entry.params[1].doc
    assert entry.doc == "Delete metadata from a server"
    assert entry.params_spec() == "server, keys"


def test_defaults_are_json_and_what_takes_any_name_goes_last():
    entry = catalogue.entry("neutron", "list_networks")
    assert entry.extra == "_params"
    assert entry.params_spec(['x=""']) == 'retrieve_all=true, x="", **_params'


def test_keywords_are_what_a_docstring_adds_to_a_signature():
    entry = catalogue.entry("glance", "images.list")
    assert entry.extra == "kwargs"
    assert [keyword.name for keyword in entry.keywords] == ["page_size"]


def test_what_the_client_returns_is_told():
    assert catalogue.entry("glance", "images.data").returns == "binary"
    assert catalogue.entry("glance", "images.list").returns == "generator"
    assert catalogue.entry("nova", "servers.list").returns == "list"
    assert catalogue.entry("nova", "servers.get").returns == "resource"
    assert catalogue.entry("neutron", "list_networks").returns == "data"
    assert catalogue.entry("gnocchi", "metric.delete").returns == "none"


def test_a_deprecated_method_says_what_to_use_instead():
    entry = catalogue.entry("trove", "instances.modify")
    assert entry.deprecated == "use update instead."


def test_what_it_does_not_know_is_none():
    assert catalogue.entry("nova", "servers.fly") is None
    assert catalogue.entry("nowhere", "servers.list") is None
    assert not catalogue.has("nowhere", "servers.list")
