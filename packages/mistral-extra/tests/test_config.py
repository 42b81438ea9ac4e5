# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
from importlib import metadata
from pathlib import Path

import pytest
from oslo_config import cfg

from mistral_extra import config

# Group, names and defaults that existing mistral.conf files rely on.
REGION_AWARE = [
    "nova",
    "glance",
    "heat",
    "neutron",
    "cinder",
    "trove",
    "ironic",
    "designate",
    "tacker",
    "aodh",
    "gnocchi",
]


@pytest.fixture
def read_conf(tmp_path):
    """Return what the package's options say after reading a configuration file of that text."""

    def read(text):
        path = tmp_path / "mistral.conf"
        path.write_text(text)
        conf = cfg.ConfigOpts()
        for group, opts in config.list_opts():
            conf.register_opts(opts, group=group)
        conf(["--config-file", str(path)], project="mistral")
        return conf

    return read


def test_importing_the_module_registers_every_option_with_the_process_wide_configuration():
    registered = cfg.CONF
    assert registered.openstack_actions_mapping_path == "actions/openstack/mapping.json"
    assert registered.openstack_actions.os_actions_endpoint_type == "public"
    assert registered.openstack_actions.modules_support_region == REGION_AWARE
    assert registered.openstack_actions.default_region is None


def test_mapping_path_is_an_option_object_in_the_default_group():
    option = config.os_actions_mapping_path
    assert isinstance(option, cfg.StrOpt)
    assert option.dest == "openstack_actions_mapping_path"
    # A second registration, as mistral-db-manage does it, is no conflict.
    assert cfg.CONF.register_opt(option) is False


def test_configuration_file_sets_every_option(read_conf):
    conf = read_conf(
        """
[DEFAULT]
openstack_actions_mapping_path = /etc/mistral/mapping.json
[openstack_actions]
os_actions_endpoint_type = internal
modules_support_region = nova, octavia
default_region = north
"""
    )
    assert conf.openstack_actions_mapping_path == "/etc/mistral/mapping.json"
    assert conf.openstack_actions.os_actions_endpoint_type == "internal"
    assert conf.openstack_actions.modules_support_region == ["nova", "octavia"]
    assert conf.openstack_actions.default_region == "north"


def test_endpoint_type_is_still_read_from_the_default_group(read_conf):
    conf = read_conf("[DEFAULT]\nos_actions_endpoint_type = admin\n")
    assert conf.openstack_actions.os_actions_endpoint_type == "admin"


def test_endpoint_type_that_keystone_does_not_know_is_refused(read_conf):
    with pytest.raises(cfg.ConfigFileValueError, match="'private'"):
        _ = read_conf(
            "[openstack_actions]\nos_actions_endpoint_type = private\n"
        ).openstack_actions.os_actions_endpoint_type


def test_every_option_says_what_it_is_for():
    undocumented = [
        option.name for _, opts in config.list_opts() for option in opts if not option.help
    ]
    assert undocumented == []


def test_entry_point_offers_the_options_to_the_sample_generator():
    (entry_point,) = metadata.entry_points(group="oslo.config.opts", name="mistral_extra")
    assert entry_point.load() is config.list_opts


def test_number_of_results_is_bounded_unless_an_operator_says_otherwise(read_conf):
    assert cfg.CONF.openstack_actions.max_results == 100_000
    assert read_conf("[openstack_actions]\nmax_results = 0\n").openstack_actions.max_results == 0
    with pytest.raises(cfg.ConfigFileValueError, match="greater than or equal to 0"):
        _ = read_conf("[openstack_actions]\nmax_results = -1\n").openstack_actions.max_results


# -- the options of the actions that connect to where a workflow says

EGRESS = [config.HTTP_ACTION_GROUP, config.SSH_ACTION_GROUP, config.EMAIL_ACTION_GROUP]


@pytest.mark.parametrize("group", EGRESS)
def test_configuration_file_sets_where_actions_connect_to(read_conf, group):
    before = read_conf("")[group]
    assert "169.254.0.0/16" in before.blocked_networks
    assert before.allowed_networks == []
    conf = read_conf(
        f"[{group}]\nblocked_networks = 10.0.0.0/8, ::/0\nallowed_networks = 10.0.0.1/32\n"
    )
    assert conf[group].blocked_networks == ["10.0.0.0/8", "::/0"]
    assert conf[group].allowed_networks == ["10.0.0.1/32"]


def test_groups_are_independent_of_each_other(read_conf):
    conf = read_conf("[http_action]\nblocked_networks = 10.0.0.0/8\n")
    assert conf.ssh_action.blocked_networks == conf.email_action.blocked_networks
    assert conf.ssh_action.blocked_networks != conf.http_action.blocked_networks


def test_configuration_file_sets_the_other_options_of_http_and_ssh(read_conf):
    conf = read_conf(
        """
[http_action]
schemes = https
max_response_size = 10
[ssh_action]
known_hosts = /etc/mistral/known_hosts
source_folders = /srv/images, /srv/keys
"""
    )
    assert conf.http_action.schemes == ["https"]
    assert conf.http_action.max_response_size == 10
    assert conf.ssh_action.known_hosts == "/etc/mistral/known_hosts"
    assert conf.ssh_action.source_folders == ["/srv/images", "/srv/keys"]
    assert read_conf("").ssh_action.source_folders == []
    with pytest.raises(cfg.ConfigFileValueError, match="greater than or equal to 1"):
        _ = read_conf("[http_action]\nmax_response_size = 0\n").http_action.max_response_size


def test_schemes_are_those_that_there_are(read_conf):
    with pytest.raises(cfg.ConfigFileValueError, match="ftp"):
        _ = read_conf("[http_action]\nschemes = https, ftp\n").http_action.schemes


def test_every_option_is_on_the_reference_page_with_its_default():
    page = Path(__file__).parents[3] / "docs" / "reference" / "extra.rst"
    text = page.read_text(encoding="utf-8")
    for group, opts in config.list_opts():
        for option in opts:
            assert f"``[{group or 'DEFAULT'}] {option.dest}``" in text
            for default in option.default if option.name == "blocked_networks" else []:
                assert default in text
