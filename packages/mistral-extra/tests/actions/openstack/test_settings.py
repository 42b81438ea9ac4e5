# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest
from oslo_config import cfg

import mistral_extra
from mistral_extra import config
from mistral_extra.actions.openstack import settings


def default(name, group=None):
    options = config.openstack_actions_opts if group else [config.os_actions_mapping_path]
    return next(option.default for option in options if option.dest == name)


def test_defaults_are_those_that_the_options_declare():
    assert default("openstack_actions_mapping_path") == settings.DEFAULT_MAPPING
    assert default("modules_support_region", "x") == list(settings.DEFAULT_REGION_SERVICES)


def test_a_relative_mapping_starts_at_the_package(configured):
    configured(openstack_actions_mapping_path="my/map.json")
    package = Path(mistral_extra.__file__).parent
    assert settings.mapping_path() == str(package / "my" / "map.json")


def test_an_absolute_mapping_is_taken_as_it_is(configured, tmp_path):
    configured(openstack_actions_mapping_path=str(tmp_path / "map.json"))
    assert settings.mapping_path() == str(tmp_path / "map.json")


def test_services_with_regions_are_configured(configured):
    configured("openstack_actions", modules_support_region=["swift"])
    assert settings.region_services() == ("swift",)


@pytest.fixture
def servers_option():
    """The option that a server registers for its provider of legacy actions."""
    group = "legacy_action_provider"
    option = cfg.BoolOpt("load_action_generators", default=True)
    config.CONF.register_opt(option, group)
    yield lambda value: config.CONF.set_override("load_action_generators", value, group)
    config.CONF.clear_override("load_action_generators", group)
    config.CONF.unregister_opt(option, group)


def test_there_are_actions_where_no_server_registered_its_option():
    assert settings.is_enabled() is True


@pytest.mark.parametrize("value", [True, False])
def test_a_servers_option_decides_whether_there_are_actions(servers_option, value):
    servers_option(value)
    assert settings.is_enabled() is value
