# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
import pytest

from mistral_extra.actions.openstack import identity
from mistral_extra.actions.openstack.utils import context as thread_context
from mistral_extra.actions.openstack.utils import exceptions
from mistral_extra.actions.openstack.utils import keystone as utils
from mistral_lib import exceptions as lib_exceptions


@pytest.fixture(params=["explicit", "of the thread"])
def given(request, keystone):
    """What leads to a context: itself, or nothing after it was set in the thread."""
    context = keystone.context()
    if request.param == "explicit":
        return {"context": context}
    thread_context.set_ctx(context)
    return {}


def test_client_is_of_the_contexts_user_and_kept(given, keystone):
    client = utils.client(**given)
    assert utils.client(**given) is client
    assert client.session.get_user_id() == "id-of-ann"
    assert keystone.requests == []


def test_endpoint_is_found_by_name_or_type(given, keystone):
    for which in ({"service_name": "nova"}, {"service_type": "compute"}):
        endpoint = utils.get_endpoint_for_project(**which, **given)
        assert endpoint.url == f"{keystone.url}/compute/North/public"
        assert endpoint.region == "North"
    south = utils.get_endpoint_for_project("nova", region_name="South", **given)
    assert south.region == "South"
    assert keystone.requests == []


def test_endpoint_is_of_the_configured_interface(keystone, configure):
    configure("openstack_actions", "os_actions_endpoint_type", "internal")
    endpoint = utils.get_endpoint_for_project("nova", context=keystone.context())
    assert endpoint.url.endswith("/internal")


def test_endpoint_of_nothing_in_particular_is_asked_back(keystone):
    with pytest.raises(lib_exceptions.MistralException, match="service_name or service_type"):
        utils.get_endpoint_for_project(context=keystone.context())


def test_endpoint_that_is_not_there_is_an_error(given):
    with pytest.raises(exceptions.MistralKeystoneException, match="'nope': its service types are"):
        utils.get_endpoint_for_project(service_type="nope", **given)


def test_session_and_auth_make_a_client_of_old(given, keystone):
    ctx = given.get("context")
    found = utils.get_session_and_auth(ctx=ctx, service_type="compute", region_name="South")
    assert found["auth"].endpoint == f"{keystone.url}/compute/South/public"
    answer = found["session"].get(
        "/servers", auth=found["auth"], endpoint_filter={"service_type": "any"}
    )
    assert answer.json() == {"user": "ann"}
    assert found["auth"].token == keystone.requests[-1].token
    assert keystone.asked() == ["GET /compute/South/public/servers"]


def test_auth_of_a_trust_has_the_token_of_now(trusting, clock):
    trusting.trusts["T"] = "tom"
    context = trusting.context(is_trust_scoped=True, trust_id="T")
    auth = utils.get_session_and_auth(context, service_name="nova")["auth"]
    first = auth.token
    clock.later = 60
    assert auth.invalidate()
    assert auth.token != first


def test_catalogue_is_keystoneclients(given, keystone):
    catalogue = utils.obtain_service_catalog(ctx=given.get("context"))
    [internal] = catalogue.get_endpoints(service_type="compute", endpoint_type="internal")[
        "compute"
    ]
    assert internal["region"] == "North"
    assert catalogue.url_for(service_type="identity") == keystone.auth_url


def test_empty_catalogue_is_an_error(keystone):
    context = keystone.context(bare=True)
    keystone.tokens[context.security.auth_token]["catalog"] = []
    with pytest.raises(exceptions.UnauthorizedException, match="not scoped to a project"):
        utils.obtain_service_catalog(context)


def test_keystone_itself_is_found(given, keystone):
    assert utils.get_keystone_url(**given) == keystone.auth_url
    assert utils.get_keystone_endpoint(**given).region == "North"


@pytest.mark.parametrize(
    ("template", "url"),
    [
        ("https://x/v1/$(tenant_id)s/%(project_id)s", "https://x/v1/t/p"),
        ("https://x/%41/plain%", "https://x/%41/plain%"),
    ],
)
def test_values_of_a_url_are_filled_in(template, url):
    assert utils.format_url(template, {"tenant_id": "t", "project_id": "p"}) == url


def test_missing_value_of_a_url_is_named(keystone):
    with pytest.raises(exceptions.MistralKeystoneException, match="needs user_id; there are a, b"):
        utils.format_url("https://x/%(user_id)s", {"b": 1, "a": 2})


def test_servers_own_clients_need_its_credentials():
    for function in (utils.client_for_admin, utils.get_admin_session):
        with pytest.raises(exceptions.MistralKeystoneException, match="no credentials of its own"):
            function()
    with pytest.raises(exceptions.MistralKeystoneException, match="no credentials of its own"):
        utils.client_for_trusts("T")


def test_servers_own_clients_log_in_once(trusting):
    trusting.trusts["T"] = "tom"
    assert utils.client_for_admin() is utils.client_for_admin()
    assert utils.client_for_admin().session is utils.get_admin_session()
    assert utils.get_admin_session().get_user_id() == "id-of-mistral"
    assert utils.client_for_trusts("T").session.get_user_id() == "id-of-tom"
    assert trusting.logins == 2
    scopes = [request.body["auth"]["scope"] for request in trusting.requests if request.body]
    assert scopes[0]["project"]["name"] == "service"
    assert scopes[1] == {"OS-TRUST:trust": {"id": "T"}}


@pytest.mark.parametrize("trusted", [True, False])
def test_token_tells_whether_it_came_from_a_trust(keystone, trusted):
    more = {"OS-TRUST:trust": {"id": "T"}} if trusted else {}
    token, _ = keystone.issue("tom", **more)
    context = keystone.context()
    assert utils.is_token_trust_scoped(token, context) is trusted
    # On a laptop it asks for itself.
    assert [request.token for request in keystone.requests] == [token]


def test_server_asks_as_itself_whether_a_token_came_from_a_trust(trusting):
    token, _ = trusting.issue("tom", **{"OS-TRUST:trust": {"id": "T"}})
    assert utils.is_token_trust_scoped(token) is True
    assert trusting.requests[-1].token not in (None, token)


@pytest.mark.parametrize("trust", [None, "t-1"])
def test_login_that_is_never_answered_is_given_up(trusting, configure, cache, trust):
    configure("openstack_actions", "read_timeout", 0.1)
    trusting.open.clear()
    session = cache.session_of(identity.own(trust))
    try:
        with pytest.raises(exceptions.ActionException, match=r"no answer within 0\.1 seconds") as e:
            session.get_token()
    finally:
        trusting.open.set()
    assert (e.value.error_code, e.value.retryable) == ("REQUEST_TIMEOUT", True)
