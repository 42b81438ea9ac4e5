# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
import pytest

from mistral_extra.actions.openstack import credentials
from mistral_extra.actions.openstack.utils import exceptions

PASSWORD = {
    "auth_type": "password",
    "auth_url": "https://own/v3",
    "username": "mistral",
    "password": "canary-password",
    "user_domain_name": "Default",
    "project_name": "service",
    "project_domain_name": "Default",
}


def test_on_a_laptop_there_are_none():
    assert not credentials.available()
    assert credentials.auth_url() is None
    assert credentials.verify() is True
    with pytest.raises(exceptions.MistralKeystoneException, match=r"in \[keystone_authtoken\]"):
        credentials.load()


def test_plugin_of_a_trust_is_scoped_to_nothing_beside_it(server_options):
    server_options(**PASSWORD)
    plugin = credentials.load("T")
    scope = {name: plugin.get_cache_id_elements()[name] for name in ("trust_id", "project_name")}
    assert scope == {"trust_id": "T", "project_name": None}
    assert credentials.load().get_cache_id_elements()["project_name"] == "service"


def test_a_missing_option_is_named(server_options):
    server_options(auth_type="password", username="mistral")
    with pytest.raises(exceptions.MistralKeystoneException, match=r"auth_url|auth-url"):
        credentials.load()


def test_a_type_that_gets_no_token_from_keystone_is_refused(server_options):
    server_options(auth_type="none")
    with pytest.raises(exceptions.MistralKeystoneException, match="auth_type = none"):
        credentials.load()


def test_certificates_are_checked_as_configured(server_options):
    server_options(cafile="/ca.pem")
    assert credentials.verify() == "/ca.pem"
    server_options(insecure=True)
    assert credentials.verify() is False


def test_options_that_nobody_registered_are_not_there(server_options):
    server_options(**PASSWORD)
    assert credentials.available()
    assert credentials.verify() is True
    assert credentials.auth_url() == "https://own/v3"


def test_credentials_may_stand_in_a_section_of_their_own(server_options):
    server_options("elsewhere", **PASSWORD)
    server_options(auth_section="elsewhere")
    assert credentials.available()
    assert credentials.auth_url() == "https://own/v3"
    assert credentials.load("T").get_cache_id_elements()["trust_id"] == "T"
