# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
from unittest import mock

import pytest
from oslo_config import cfg

from mistral_extra.actions.openstack import actions, base, services

UPSTREAMS = [
    "Nova",
    "Glance",
    "Keystone",
    "Heat",
    "Neutron",
    "Cinder",
    "Mistral",
    "Trove",
    "Ironic",
    "BaremetalIntrospection",
    "Swift",
    "SwiftService",
    "Zaqar",
    "Barbican",
    "Designate",
    "Magnum",
    "Tacker",
    "Aodh",
    "Gnocchi",
    "Zun",
    "Manila",
]

#: What upstream looks up, in its order; ours may have more behind.
UPSTREAMS_TYPES = {
    "Cinder": ["block-storage", "volumev3", "block-store"],
    "Mistral": ["workflowv2"],
    "Aodh": ["alarming"],
    "Zun": ["application-container"],
    "Manila": ["sharev2"],
}


def test_every_service_has_one_class():
    declared = [cls._declared_as for cls in vars(actions).values() if hasattr(cls, "_declared_as")]
    assert sorted(declared) == sorted(service.name for service in services.all())


def test_page_names_all_its_classes():
    assert actions.__all__ == sorted(n for n in vars(actions) if n.endswith("Action"))


@pytest.mark.parametrize("name", UPSTREAMS)
def test_upstreams_class_is_there_and_travels_under_its_name(name):
    cls = getattr(actions, f"{name}Action")
    assert issubclass(cls, base.OpenStackAction)
    assert cls.__module__ == "mistral_extra.actions.openstack.actions"
    assert cls.get_serialization_key() == "mistral_extra.actions.openstack.base.OpenStackAction"


@pytest.mark.parametrize(("name", "types"), UPSTREAMS_TYPES.items())
def test_service_types_begin_with_upstreams(name, types):
    assert getattr(actions, f"{name}Action")._service_types[: len(types)] == types


def test_module_that_can_not_be_imported_is_none():
    assert actions._try_import("json").__name__ == "json"
    assert actions._try_import("no_such_module_anywhere") is None


def test_module_that_breaks_when_imported_is_none_too(caplog):
    from oslo_utils import importutils

    with mock.patch.object(importutils, "try_import", side_effect=RuntimeError("broken")):
        assert actions._try_import("whatever") is None
    assert "whatever can't be imported" in caplog.text


@pytest.fixture
def server_options():
    """Register what a Mistral server has, for the length of a test."""
    pytest.importorskip("mistralclient")
    enabled = cfg.BoolOpt("auth_enable")
    host, port = cfg.HostAddressOpt("host"), cfg.PortOpt("port")
    cfg.CONF.register_opt(enabled, group="pecan")
    cfg.CONF.register_opts([host, port], group="api")
    yield cfg.CONF
    cfg.CONF.reset()
    for option, group in [(enabled, "pecan"), (host, "api"), (port, "api")]:
        cfg.CONF.clear_override(option.dest, group=group)
        cfg.CONF.unregister_opt(option, group=group)


def test_mistral_without_authentication_is_found_where_it_listens(server_options):
    server_options.set_override("auth_enable", False, group="pecan")
    server_options.set_override("host", "127.0.0.1", group="api")
    server_options.set_override("port", 8989, group="api")
    client = actions.MistralAction()._get_client(mock.Mock())
    assert client.workbooks.http_client.base_url == "http://127.0.0.1:8989/v2"


def test_mistral_with_authentication_is_found_in_the_catalogue(server_options):
    server_options.set_override("auth_enable", True, group="pecan")
    found = {"auth": mock.Mock(endpoint="http://workflow.example:8989"), "session": None}
    with mock.patch.object(actions.MistralAction, "get_session_and_auth", return_value=found):
        client = actions.MistralAction()._get_client(mock.Mock())
    assert client.workbooks.http_client.base_url == "http://workflow.example:8989/v2"
