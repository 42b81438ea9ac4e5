# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""One authentication: whose token a service sees, where it is asked, and what a trust outlives."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from keystoneauth1 import loading
from keystoneclient.v3 import client as keystone_client

from mistral_extra import config, openstack
from mistral_lib import actions

pytestmark = pytest.mark.slow

#: Read-only actions, one of each service that is sure to answer.
READ_ONLY = [
    "nova.servers_list",
    "glance.images_list",
    "neutron.list_networks",
    "cinder.volumes_list",
    "heat.stacks_list",
    "keystone.projects_list",
    "swift.get_account",
]


@pytest.fixture(autouse=True)
def counted():
    """A function that returns what the cache, empty at first, has counted in this test so far."""
    openstack.clear_cache()
    before = openstack.statistics()

    def since(name):
        return getattr(openstack.statistics(), name) - getattr(before, name)

    return since


@pytest.fixture
def requests_of(monkeypatch):
    """A function that runs an action and returns the HTTP requests it made: (method, URL)."""
    seen = []
    send = requests.Session.send

    def recording(session, request, **kwargs):
        seen.append((request.method, request.url))
        return send(session, request, **kwargs)

    monkeypatch.setattr(requests.Session, "send", recording)

    def run(user, action, **params):
        seen.clear()
        user(action, **params)
        return list(seen)

    return run


@pytest.fixture
def server_credentials(sandbox):
    """``[keystone_authtoken]`` as a server has it, with the user that trusts are given to."""
    group = "keystone_authtoken"
    loading.register_auth_conf_options(config.CONF, group)
    loader = loading.get_plugin_loader("password")
    config.CONF.register_opts(loading.get_auth_plugin_conf_options(loader), group=group)
    values = {
        "auth_type": "password",
        "auth_url": sandbox.auth_url,
        "username": "mistral",
        "password": sandbox.passwords["mistral"],
        "user_domain_id": "default",
        "project_name": "service",
        "project_domain_id": "default",
    }
    for name, value in values.items():
        config.CONF.set_override(name, value, group=group)
    yield
    for name in values:
        config.CONF.clear_override(name, group=group)


def revoke(session):
    """Revoke a session's token, and return when Keystone refuses it: it caches what it verified."""
    token = session.get_token()
    keystone_client.Client(session=session, interface="public").tokens.revoke_token(token)
    url = session.auth.auth_url + "/users/" + session.get_user_id()
    for _ in range(500):
        if requests.get(url, headers={"X-Auth-Token": token}, timeout=10).status_code == 401:
            return
    raise AssertionError("Keystone still takes a revoked token")


@pytest.fixture
def trusting(session_of, user_of, server_credentials):
    """A user with a trust-scoped context, whose own token has been revoked since."""
    own, trustee = session_of("demo"), session_of("mistral")
    keystone = keystone_client.Client(session=own, interface="public")
    trust = keystone.trusts.create(
        trustor_user=own.get_user_id(),
        trustee_user=trustee.get_user_id(),
        project=own.get_project_id(),
        role_names=["member"],
        impersonation=True,
    )
    user = user_of(own, trust_id=trust.id, is_trust_scoped=True)
    revoke(own)
    return user


@pytest.mark.parametrize("action", READ_ONLY)
def test_warm_action_is_one_request_and_a_cold_one_two(requests_of, demo, admin, action):
    user = admin if action.startswith(("keystone", "swift")) else demo
    assert len(requests_of(user, action)) <= 2
    assert len(requests_of(user, action)) == 1


@pytest.mark.parametrize("action", ["nova.servers_list", "cinder.volumes_list"])
def test_trust_costs_at_most_three_requests_once_and_outlives_the_token(
    requests_of, trusting, counted, action
):
    assert len(requests_of(trusting, action)) <= 4
    assert len(requests_of(trusting, action)) == 1
    assert counted("logins") == 1


def test_token_that_keystone_refuses_is_a_clear_error_and_forgotten(session_of, user_of, counted):
    session = session_of("demo")
    user = user_of(session, auth_token=session.get_token()[:-8] + "Aaaaaaaa")
    error = user.error("keystone.users_get", user=session.get_user_id())
    assert error["details"]["status"] == 401
    assert counted("evictions") == 1


def test_region_and_interface_say_which_endpoint_is_asked(requests_of, sandbox, demo):
    [*_, (_, one)] = requests_of(demo, "glance.images_list")
    [*_, (_, two)] = requests_of(demo, "glance.images_list", action_region="RegionTwo")
    assert one.startswith(sandbox.url("glance", region="RegionOne"))
    assert two.startswith(sandbox.url("glance", region="RegionTwo"))
    config.CONF.set_override("os_actions_endpoint_type", "internal", group="openstack_actions")
    try:
        [*_, (_, internal)] = requests_of(demo, "glance.images_list")
    finally:
        config.CONF.clear_override("os_actions_endpoint_type", group="openstack_actions")
    assert internal.startswith(sandbox.url("glance", interface="internal"))
    error = demo.error("glance.images_list", action_region="Nowhere")
    assert "Nowhere" in error["message"]
    assert "RegionTwo" in error["message"]


def test_wrong_ca_is_refused_and_the_right_one_taken(tls_keystone, session_of, user_of):
    session = session_of("demo")
    fields = {"auth_uri": tls_keystone.url, "service_catalog": None}
    stranger = user_of(session, auth_cacert=str(tls_keystone.other_ca_file), **fields)
    error = stranger.error("glance.images_list")
    assert error["code"] == "TLS_FAILED"
    assert str(tls_keystone.other_ca_file) not in error["message"]
    trusting = user_of(session, auth_cacert=str(tls_keystone.ca_file), **fields)
    assert isinstance(trusting("glance.images_list"), list)


def test_stopped_service_is_a_clear_error_and_works_again_without_a_restart(sandbox, demo):
    assert isinstance(demo("heat.stacks_list"), list)
    sandbox.stop("heat")
    try:
        error = demo.error("heat.stacks_list")
    finally:
        sandbox.start("heat")
    assert error["retryable"]
    assert "heat" in error["message"].lower()
    assert isinstance(demo("heat.stacks_list"), list)


def test_nobody_meets_the_client_of_another(session_of, user_of, counted):
    sessions = [session_of("demo") for _ in range(12)] + [session_of("admin") for _ in range(12)]
    users = [(session, user_of(session)) for session in sessions]

    def who(pair):
        session, user = pair
        token = session.get_token()
        # Keystone's own word on whose token it was that came.
        body = user("keystone.tokens_get_token_data", token=token)
        seen = openstack.session(user.context).get_token()
        return (body["token"]["user"]["id"], seen) == (session.get_user_id(), token)

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(who, users * 5))
    assert counted("logins") == 0


def test_no_secret_is_in_logs_results_errors_or_repr(sandbox, demo, caplog):
    caplog.set_level("DEBUG")
    token = demo.context.security.auth_token
    results = [demo.result(name) for name in READ_ONLY]
    results.append(demo.result("nova.servers_get", server="no-such-server"))
    shown = caplog.text + repr(results) + repr(demo.context) + str([r.to_dict() for r in results])
    assert "GET" in shown
    for secret in (token, *sandbox.passwords.values()):
        assert secret not in shown


def test_action_that_uses_two_services_shares_one_session(demo, counted):
    @actions.action
    def count(*, context: actions.ActionContext) -> int:
        """Count images and servers."""
        return len(context.run("glance.images_list")) + len(context.run("nova.servers_list"))

    assert actions.run(count, {}, demo.context) >= 0
    assert (counted("logins"), openstack.statistics().sessions) == (0, 1)
