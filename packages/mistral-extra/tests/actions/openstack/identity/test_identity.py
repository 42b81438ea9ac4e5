# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
import dataclasses
from types import SimpleNamespace
from unittest import mock

import hypothesis
import pytest
from hypothesis import strategies as st

from mistral_extra.actions.openstack import identity
from mistral_extra.actions.openstack.utils import context as thread_context
from mistral_extra.actions.openstack.utils import exceptions
from mistral_lib import actions

BODY = {"catalog": [{"type": "compute", "endpoints": []}], "expires_at": "2036-01-01T00:00:00Z"}

texts = st.sampled_from(
    ["", "a", "b", "ab", "a/", "/a", "None", "True", "token", "trust", "é\ud800"]
)
maybe = st.none() | texts
bodies = st.sampled_from([None, {"catalog": [1]}, {"catalog": [2]}])


@st.composite
def identities(draw):
    return identity.Identity(
        auth_url=draw(maybe),
        verify=draw(st.booleans() | texts),
        is_target=draw(st.booleans()),
        token=draw(maybe),
        trust_id=draw(maybe),
        project_id=draw(maybe),
        body=draw(bodies),
    )


def meant(who):
    """What makes an identity, in plain words: two that differ here must never meet."""
    if who.token is None:
        user = ("trust", who.trust_id or None)
    else:
        catalogue = who.body if who.is_target else who.body is not None
        user = ("token", who.token, repr(catalogue))
    # A path is no truth value, though 1 == True.
    return (user, who.auth_url, repr(who.verify), who.is_target, who.project_id)


@hypothesis.settings(deadline=None)
@hypothesis.given(identities(), identities())
def test_two_identities_share_a_key_only_if_they_are_the_same(one, other):
    assert (one.key == other.key) == (meant(one) == meant(other))
    if one.key == other.key:
        assert hash(one.key) == hash(other.key)


@hypothesis.settings(deadline=None)
@hypothesis.given(identities())
def test_key_of_a_copy_is_the_same(who):
    assert dataclasses.replace(who).key == who.key


def test_neither_key_nor_text_holds_the_token():
    who = identity.identify(
        actions.SecurityContext(auth_token="canary-1f0c", service_catalog={**BODY, "x": "canary"})
    )
    assert who.token == "canary-1f0c"
    assert "canary" not in f"{who.key} {who!r} {who}"


SECURITY = {
    "auth_uri": "https://keystone/v3/",
    "auth_token": "t",
    "project_id": "p",
    "region_name": "North",
    "service_catalog": BODY,
}


@pytest.mark.parametrize(
    "context",
    [
        actions.ActionContext(actions.SecurityContext(**SECURITY)),
        actions.SecurityContext(**SECURITY),
        SimpleNamespace(**SECURITY),
    ],
    ids=["action's", "security", "server's"],
)
def test_context_may_be_the_actions_or_the_servers_own(context):
    who = identity.identify(context)
    assert (who.auth_url, who.token, who.project_id, who.region) == (
        "https://keystone/v3",
        "t",
        "p",
        "North",
    )
    assert who.body["catalog"] == BODY["catalog"]
    assert who.ends_at == identity.timestamp("2036-01-01T00:00:00+00:00")
    assert not who.renewable


def test_without_a_context_it_is_that_of_the_thread():
    with pytest.raises(exceptions.ApplicationContextNotFoundException, match="no application con"):
        identity.identify()
    thread_context.set_ctx(SimpleNamespace(**SECURITY))
    assert identity.identify().token == "t"


@pytest.mark.parametrize(
    "context",
    [actions.ActionContext(), SimpleNamespace(), mock.Mock(), mock.MagicMock(auth_token=b"t")],
    ids=["empty", "strange", "mock", "bytes"],
)
def test_nobody_is_made_of_a_context_without_a_token(context):
    with pytest.raises(exceptions.UnauthorizedException, match=r"has no token.*--os-cloud"):
        identity.identify(context)


@pytest.mark.parametrize(
    "catalogue",
    [BODY, {"token": BODY}, BODY["catalog"]],
    ids=["the server's", "a whole answer", "a bare list"],
)
def test_catalogue_is_found_in_each_form_it_comes_in(catalogue):
    who = identity.identify(actions.SecurityContext(**SECURITY | {"service_catalog": catalogue}))
    assert who.body["catalog"] == BODY["catalog"]
    assert who.body["project"]["id"] == "p"


@pytest.mark.parametrize("catalogue", [None, {}, [], {"catalog": []}, {"user": {}}, "text"])
def test_a_body_without_a_catalogue_is_none(catalogue):
    who = identity.identify(actions.SecurityContext(**SECURITY | {"service_catalog": catalogue}))
    assert who.body is None


@pytest.mark.parametrize(
    ("fields", "verify"),
    [
        ({}, True),
        ({"auth_cacert": "/ca.pem"}, "/ca.pem"),
        ({"insecure": True, "auth_cacert": "/ca.pem"}, False),
        ({"insecure": "False"}, True),
        ({"insecure": 1}, True),
    ],
)
def test_certificates_are_checked_unless_the_context_says_true(fields, verify):
    who = identity.identify(actions.SecurityContext(**SECURITY | fields))
    assert who.verify == verify
    assert type(who.verify) is type(verify)


TRUST = {"is_trust_scoped": True, "trust_id": "T"}


def test_trust_stands_for_the_user_where_the_server_can_renew_the_token(server_options):
    context = actions.SecurityContext(**SECURITY | TRUST)
    assert identity.identify(context).token == "t"
    server_options(auth_type="password", auth_url="https://own/v3", cafile="/own.pem")
    who = identity.identify(context)
    assert (who.token, who.trust_id, who.renewable) == (None, "T", True)
    # Where the server's credentials are valid, and what that Keystone's certificate needs.
    assert (who.auth_url, who.verify) == ("https://own/v3", "/own.pem")
    other = identity.identify(actions.SecurityContext(**SECURITY | TRUST | {"auth_token": "t2"}))
    assert other.key == who.key


@pytest.mark.parametrize(
    "changes", [{"is_target": True}, {"is_trust_scoped": False}, {"trust_id": None}]
)
def test_trust_is_not_used_where_the_context_does_not_run_under_it(server_options, changes):
    server_options(auth_type="password", auth_url="https://own/v3")
    who = identity.identify(actions.SecurityContext(**SECURITY | TRUST | changes))
    assert who.token == "t"


def test_own_cloud_has_the_servers_keystone_and_a_target_never(server_options):
    server_options(auth_url="https://own/v3/", cafile="/own.pem")
    fields = SECURITY | {"auth_uri": None}
    assert identity.identify(actions.SecurityContext(**fields)).auth_url == "https://own/v3"
    target = identity.identify(actions.SecurityContext(**fields, is_target=True))
    assert (target.auth_url, target.verify) == (None, True)


@pytest.mark.parametrize(
    "url",
    [
        "https://k/identity",
        "https://k/identity/",
        "https://k/identity/v3",
        "https://k/identity/v2.0/",
    ],
)
def test_api_version_is_added_to_keystones_url_once(url):
    assert identity.versioned(url) == "https://k/identity/v3"


def test_time_without_a_zone_is_utc_and_nonsense_is_none():
    assert identity.timestamp("1970-01-01T00:01:00") == 60
    assert identity.timestamp("1970-01-01T02:01:00+02:00") == 60
    assert identity.timestamp("soon") is None
