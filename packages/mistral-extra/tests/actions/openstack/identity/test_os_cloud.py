# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Contexts for a laptop, from clouds.yaml and the environment, as openstacksdk reads them."""

import json
import os
import socket
import sys

import pytest
import yaml

from mistral_extra import openstack
from mistral_extra.actions.openstack import os_cloud
from mistral_extra.actions.openstack.utils import exceptions
from mistral_lib import cli, serialization
from mistral_lib import exceptions as lib_exceptions

pytest.importorskip("openstack")

# Importing openstacksdk alone takes longer than a unit test may.
pytestmark = [
    pytest.mark.slow,
    # openstacksdk's own, whatever it is used for.
    pytest.mark.filterwarnings("ignore:Support for InfluxDB requires the influxdb library"),
]


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch, tmp_path):
    for name in [name for name in os.environ if name.startswith("OS_")]:
        monkeypatch.delenv(name)
    # Where else it looks, openstacksdk decides when it is imported.
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(tmp_path / "clouds.yaml"))


@pytest.fixture
def auth(keystone, password):
    return {
        "auth_url": keystone.auth_url,
        "username": "ann",
        "password": password,
        "project_name": "p-1",
        "user_domain_id": "d",
        "project_domain_id": "d",
    }


@pytest.fixture
def clouds(tmp_path, auth):
    """A function that writes clouds.yaml, with changes to the cloud named home."""

    def write(auth_changes=None, **changes):
        home = {"auth": auth | (auth_changes or {}), "region_name": "South"} | changes
        (tmp_path / "clouds.yaml").write_text(yaml.safe_dump({"clouds": {"home": home}}))

    write()
    return write


@pytest.fixture
def variables(monkeypatch, auth):
    """A function that sets OS_* to the same, with changes."""

    def set_variables(**changes):
        for name, value in (auth | changes).items():
            monkeypatch.setenv(f"OS_{name.upper()}", value)

    return set_variables


def test_cloud_is_logged_in_to_once_for_a_whole_run(clouds, keystone, compute):
    context = os_cloud.log_in("home")
    security = context.security
    assert (security.user_name, security.project_id, security.region_name) == (
        "ann",
        "p-1",
        "South",
    )
    assert security.auth_uri == keystone.auth_url
    assert security.service_catalog == keystone.tokens[security.auth_token]
    assert openstack.session(context).get(f"{keystone.url}/x").json() == {"user": "ann"}
    assert keystone.logins == 1
    assert keystone.requests[-1].token == security.auth_token


def test_password_is_no_part_of_the_context(clouds, password):
    context = os_cloud.log_in("home")
    fields = json.dumps(context.security.to_dict())
    assert context.security.auth_token in fields
    assert password not in fields
    assert password not in repr(context)


def test_token_is_renewed_by_the_process_that_logged_in(clouds, keystone, clock):
    context = os_cloud.log_in("home")
    clock.later = 60
    keystone.revoke(context.security.auth_token)
    assert openstack.session(context).get(f"{keystone.url}/x").json() == {"user": "ann"}
    assert keystone.logins == 2


def test_interface_and_certificates_are_the_clouds(clouds, compute, cache):
    clouds(interface="internal", region_name="North", verify=False)
    context = os_cloud.log_in("home")
    assert context.security.insecure is True
    assert cache.client(compute, context).endpoint_override.endswith("/North/internal")


@pytest.mark.parametrize(
    ("auth_changes", "changes", "kind", "message"),
    [
        ({"password": "wrong"}, {}, exceptions.UnauthorizedException, "refuses the user of the cl"),
        (
            {"auth_url": "http://127.0.0.1:1/v3"},
            {},
            exceptions.MistralKeystoneException,
            "the cloud 'home' can't be logged in to",
        ),
        (
            {},
            {"auth": {"username": "ann", "password": "x"}},
            exceptions.ActionException,
            r"way into the cloud 'home': .*auth_url",
        ),
        (
            {},
            {"auth_type": "none", "auth": {"endpoint": "http://127.0.0.1:1"}},
            exceptions.ActionException,
            "auth_type of the cloud 'home'",
        ),
        ({}, {"cert": "c.pem", "key": "k.pem"}, exceptions.ActionException, "client's certificate"),
    ],
)
def test_cloud_that_lets_nobody_in_says_why(clouds, auth_changes, changes, kind, message):
    clouds(auth_changes, **changes)
    with pytest.raises(kind, match=message):
        os_cloud.log_in("home")


def test_unknown_cloud_is_named(clouds):
    with pytest.raises(lib_exceptions.ActionException, match="Cloud nope was not found"):
        os_cloud.log_in("nope")


def test_without_openstacksdk_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "openstack.config", None)
    monkeypatch.setitem(sys.modules, "openstack", None)
    with pytest.raises(lib_exceptions.ActionException, match=r"pip install 'mistral-extra\[sdk\]'"):
        os_cloud.log_in("home")


# -- as a source of mistral-action


def context_of(os_cloud_option=None):
    return os_cloud.OsCloudSource().context({"os_cloud": os_cloud_option})


def test_option_is_asked_before_the_environment(clouds, variables):
    variables(username="bob")
    assert context_of("home").security.user_name == "ann"
    assert context_of().security.user_name == "bob"


def test_environment_may_name_a_cloud(clouds, monkeypatch):
    monkeypatch.setenv("OS_CLOUD", "home")
    assert context_of().security.user_name == "ann"


def test_without_any_of_them_there_is_no_context(clouds, monkeypatch, keystone):
    monkeypatch.setenv("OS_REGION_NAME", "South")
    assert context_of() is None
    assert keystone.requests == []


def test_variables_that_lead_nowhere_stop_no_action(variables, capsys):
    variables(password="wrong")
    assert context_of() is None
    assert "OS_* lead to none: Keystone refuses the user" in capsys.readouterr().err


def test_named_cloud_that_lets_nobody_in_stops_the_command(clouds):
    clouds({"password": "wrong"})
    with pytest.raises(exceptions.UnauthorizedException, match="refuses the user"):
        context_of("home")


def test_command_runs_an_action_as_the_clouds_user(clouds, keystone, password, capfd):
    clouds(region_name="North")
    words = ["run", "-vv", "--os-cloud", "home", "keystone.users_get", "user=u-1"]
    cli.main(words)
    assert keystone.asked("GET /v3/users/u-1") == ["GET /v3/users/u-1"]
    token = keystone.requests[-1].token
    assert token in keystone.tokens
    said = "".join(capfd.readouterr())
    assert "{SHA256}" in said
    assert "canary" not in said


# -- what a cloud says of its services


@pytest.mark.parametrize(
    ("changes", "ending"),
    [
        ({}, "/South/public"),
        ({"interface": "internal", "region_name": "North"}, "/North/internal"),
        ({"compute_interface": "internal", "compute_region_name": "North"}, "/North/internal"),
        ({"compute_region_name": "North"}, "/North/public"),
        ({"compute_endpoint_override": "http://127.0.0.1:1/c"}, "http://127.0.0.1:1/c"),
        ({"volume_endpoint_override": "http://127.0.0.1:1/v"}, "/South/public"),
    ],
)
def test_endpoint_is_where_the_cloud_says(clouds, compute, cache, changes, ending):
    clouds(**changes)
    context = os_cloud.log_in("home")
    assert cache.client(compute, context).endpoint_override.endswith(ending)


def test_interface_that_no_cloud_names_is_the_sites(clouds, compute, cache, configure):
    configure("openstack_actions", "os_actions_endpoint_type", "internal")
    clouds(region_name="North")
    assert cache.client(compute, os_cloud.log_in("home")).endpoint_override.endswith("/internal")
    clouds(region_name="North", interface="public")
    assert cache.client(compute, os_cloud.log_in("home")).endpoint_override.endswith("/public")


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, {}),
        ({"compute_default_microversion": "2.60"}, {"compute": {"microversion": "2.60"}}),
        ({"compute_api_version": 2.79}, {"compute": {"microversion": "2.79"}}),
        ({"compute_api_version": "2"}, {}),
        ({"identity_api_version": "3"}, {}),
        ({"network_api_version": "2.0"}, {}),
        ({"baremetal_api_version": "1.latest"}, {"baremetal": {"microversion": "latest"}}),
        ({"volume_api_version": "3.60"}, {"block-storage": {"microversion": "3.60"}}),
        (
            {"block_storage_endpoint_override": "http://c/v3"},
            {"block-storage": {"endpoint": "http://c/v3"}},
        ),
        (
            {"volumev3_endpoint_override": "http://c/v3"},
            {"block-storage": {"endpoint": "http://c/v3"}},
        ),
        ({"share_default_microversion": "2.50"}, {"sharev2": {"microversion": "2.50"}}),
    ],
)
def test_settings_of_services_go_by_any_of_their_types(clouds, changes, found):
    clouds(**changes)
    assert os_cloud.log_in("home").security.services == found


@pytest.mark.parametrize(
    ("key", "asked"),
    [("compute_default_microversion", "2.60"), ("compute_api_version", "2.79")],
)
def test_client_speaks_the_microversion_that_the_cloud_says(clouds, compute, cache, key, asked):
    clouds(**{key: asked})
    context = os_cloud.log_in("home")
    assert cache.client(compute, context).default_microversion == asked
    assert cache.client(compute, context, microversion="2.1").default_microversion == "2.1"


def test_settings_survive_the_way_over_the_wire(clouds):
    clouds(compute_endpoint_override="http://c/v2.1")
    context = os_cloud.log_in("home")
    wire = serialization.get_polymorphic_serializer()
    assert wire.deserialize(wire.serialize(context)).security.services == context.security.services


def test_keystone_that_never_answers_is_given_up(clouds, configure):
    configure("openstack_actions", "read_timeout", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        clouds({"auth_url": f"http://127.0.0.1:{silent.getsockname()[1]}/v3"})
        with pytest.raises(exceptions.ActionException, match=r"no answer within 0\.1 seconds") as e:
            os_cloud.log_in("home")
    assert e.value.error_code == "REQUEST_TIMEOUT"
