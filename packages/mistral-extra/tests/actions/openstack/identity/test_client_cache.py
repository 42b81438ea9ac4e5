# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The cache on a Keystone and a service over HTTP: who asks what, and how often."""

import multiprocessing
import os
import threading
from concurrent import futures

import pytest
from keystoneauth1 import exceptions as keystone_errors

from mistral_extra.actions.openstack import authentication, client_cache
from mistral_extra.actions.openstack.utils import context as thread_context
from mistral_extra.actions.openstack.utils import exceptions

SERVERS = "GET /compute/North/public/servers"


def act(cache, compute, context, **options):
    """Do what an action does: one request."""
    return cache.client(compute, context, **options).get("/servers").json()["user"]


# -- how many requests


def test_token_with_its_catalogue_needs_no_keystone(cache, keystone, compute):
    context = keystone.context()
    assert [act(cache, compute, context) for _ in range(3)] == ["ann"] * 3
    assert keystone.asked() == [SERVERS] * 3
    assert {request.token for request in keystone.requests} == {context.security.auth_token}
    assert cache.statistics() == client_cache.Statistics(
        hits=2, misses=1, logins=0, evictions=0, sessions=1, clients=1
    )


def test_token_alone_asks_for_its_catalogue_once_and_stays_the_token(cache, keystone, compute):
    context = keystone.context(bare=True)
    for _ in range(3):
        act(cache, compute, context)
    assert keystone.asked() == ["GET /v3/auth/tokens", *[SERVERS] * 3]
    assert {request.token for request in keystone.requests} == {context.security.auth_token}
    assert cache.statistics().logins == 1


def test_trust_logs_in_once_as_the_server_and_acts_as_the_trustor(cache, trusting, compute):
    trusting.trusts["T"] = "tom"
    context = trusting.context(is_trust_scoped=True, trust_id="T", auth_token="ended", bare=True)
    assert [act(cache, compute, context) for _ in range(3)] == ["tom"] * 3
    # Discovery is once for a cloud.
    assert trusting.asked() == ["GET /v3", "POST /v3/auth/tokens", *[SERVERS] * 3]
    wanted = trusting.requests[1].body["auth"]
    assert wanted["scope"] == {"OS-TRUST:trust": {"id": "T"}}
    assert wanted["identity"]["password"]["user"]["name"] == "mistral"
    assert "ended" not in {request.token for request in trusting.requests}


def test_second_trust_of_a_cloud_needs_one_request(cache, trusting, compute):
    trusting.trusts |= {"T": "tom", "U": "una"}
    for trust in "TU":
        act(cache, compute, trusting.context(is_trust_scoped=True, trust_id=trust))
    assert trusting.asked("GET /v3", "POST") == ["GET /v3", *["POST /v3/auth/tokens"] * 2]


def test_a_thousand_actions_of_one_identity_are_one_login(cache, trusting, compute):
    trusting.trusts["T"] = "tom"
    context = trusting.context(is_trust_scoped=True, trust_id="T")
    for _ in range(1000):
        cache.client(compute, context)
    with futures.ThreadPoolExecutor(32) as pool:
        assert set(pool.map(lambda _: act(cache, compute, context), range(64))) == {"tom"}
    assert trusting.logins == 1
    assert len(compute.made) == 1


# -- who gets what


def test_client_is_nobody_elses(cache, keystone, compute):
    contexts = [keystone.context(user) for user in ("ann", "bob", "cyd")]
    with futures.ThreadPoolExecutor(16) as pool:
        turns = contexts * 40
        answers = list(pool.map(lambda context: act(cache, compute, context), turns))
    assert answers == ["ann", "bob", "cyd"] * 40
    assert len(compute.made) == 3


def test_no_cookie_of_one_identity_reaches_another(cache, keystone, compute):
    ann, bob = (cache.client(compute, keystone.context(user)) for user in ("ann", "bob"))
    assert "Set-Cookie" in ann.get("/servers").headers
    assert "Cookie" not in bob.get("/servers").request.headers


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("auth_token", "other"),
        ("project_id", "other"),
        ("auth_uri", "https://other/v3"),
        ("auth_cacert", "/other.pem"),
        ("insecure", True),
        ("is_target", True),
        ("service_catalog", None),
    ],
)
def test_a_session_is_for_one_identity(cache, keystone, field, value):
    context = keystone.context()
    first = cache.session(context)
    assert cache.session(context) is first
    setattr(context.security, field, value)
    assert cache.session(context) is not first


@pytest.mark.parametrize(
    "options",
    [{"region": "South"}, {"interface": "internal"}, {"version": "3"}, {"microversion": "2.79"}],
)
def test_a_client_is_for_one_region_interface_and_version(cache, keystone, compute, options):
    context = keystone.context()
    client = cache.client(compute, context)
    assert cache.client(compute, context, **options) is cache.client(compute, context, **options)
    assert cache.client(compute, context, **options) is not client
    assert cache.statistics().sessions == 1


def test_place_is_the_callers_then_the_contexts_then_the_configured(
    cache, keystone, compute, configure
):
    configure("openstack_actions", "default_region", "South")
    context = keystone.context()
    assert "/South/public" in cache.client(compute, context).endpoint_override
    context.security.region_name = "North"
    assert "/North/public" in cache.client(compute, context).endpoint_override
    configure("openstack_actions", "os_actions_endpoint_type", "internal")
    assert "/North/internal" in cache.client(compute, context).endpoint_override
    south = cache.client(compute, context, region="South", interface="public")
    assert "/South/public" in south.endpoint_override


def test_the_configured_region_is_none_of_a_target_cloud(cache, keystone, compute, configure):
    configure("openstack_actions", "default_region", "Far")
    context = keystone.context(is_target=True)
    assert "/North/public" in cache.client(compute, context).endpoint_override
    context.security.is_target = False
    with pytest.raises(
        exceptions.MistralKeystoneException, match="'compute' in region Far: it has"
    ):
        cache.client(compute, context)


def test_client_that_can_not_be_shared_is_a_threads_own(cache, keystone, compute):
    compute.per_thread = True
    context = keystone.context()
    barrier = threading.Barrier(4)

    def twice(_):
        barrier.wait(5)
        return cache.client(compute, context), cache.client(compute, context)

    with futures.ThreadPoolExecutor(4) as pool:
        pairs = list(pool.map(twice, range(4)))
    assert all(first is second for first, second in pairs)
    assert len({id(first) for first, _ in pairs}) == 4
    assert len({id(client.session) for client, _ in pairs}) == 1


def test_without_a_context_it_is_the_threads(cache, keystone, compute):
    thread_context.set_ctx(keystone.context("bob"))
    assert act(cache, compute, None) == "bob"


# -- when it ends


def test_token_that_ended_fails_at_once_and_says_what_to_do(cache, keystone, compute):
    context = keystone.context(lives=-60)
    with pytest.raises(
        exceptions.UnauthorizedException,
        match=r"ended at 20\d\d-.*start the workflow again.*needs a trust",
    ):
        cache.client(compute, context)
    assert keystone.requests == []


def test_client_that_is_held_on_to_sends_no_token_that_ended(cache, keystone, compute, clock):
    context = keystone.context()
    client = cache.client(compute, context)
    clock.later = 3601
    with pytest.raises(exceptions.UnauthorizedException, match="ended at"):
        client.get("/servers")
    assert keystone.requests == []
    assert cache.statistics().sessions == 0


def test_token_found_to_end_soon_is_used_until_it_does(cache, keystone, compute):
    context = keystone.context(lives=client_cache.MARGIN / 2)
    assert cache.client(compute, context) is cache.client(compute, context)


def test_refused_token_gives_its_clients_up(cache, keystone, compute):
    context = keystone.context()
    client = cache.client(compute, context)
    keystone.revoke(context.security.auth_token)
    with pytest.raises(keystone_errors.Unauthorized, match=r"Who\?"):
        client.get("/servers")
    assert keystone.asked() == [SERVERS]
    assert cache.statistics()[3:] == (1, 0, 0)
    assert cache.client(compute, context) is not client


def test_trust_outlives_its_token(cache, trusting, compute, clock):
    trusting.trusts["T"] = "tom"
    context = trusting.context(is_trust_scoped=True, trust_id="T")
    assert act(cache, compute, context) == "tom"
    clock.later = 60
    trusting.revoke(cache.session(context).get_token())
    assert act(cache, compute, context) == "tom"
    assert trusting.logins == 2
    assert cache.statistics().sessions == 1


def test_many_threads_with_a_refused_token_renew_it_once(cache, trusting, compute, clock):
    trusting.trusts["T"] = "tom"
    context = trusting.context(is_trust_scoped=True, trust_id="T")
    act(cache, compute, context)
    clock.later = 60
    trusting.revoke(cache.session(context).get_token())
    with futures.ThreadPoolExecutor(16) as pool:
        assert set(pool.map(lambda _: act(cache, compute, context), range(16))) == {"tom"}
    assert trusting.logins == 2


def test_failed_login_is_remembered_for_seconds_only(cache, trusting, compute, clock):
    context = trusting.context(is_trust_scoped=True, trust_id="T")
    with futures.ThreadPoolExecutor(16) as pool:
        failed = [pool.submit(act, cache, compute, context) for _ in range(32)]
    for future in failed:
        with pytest.raises(exceptions.UnauthorizedException, match="refused the trust T: No trust"):
            future.result()
    assert trusting.logins == 1
    trusting.trusts["T"] = "tom"
    with pytest.raises(exceptions.UnauthorizedException, match="refused the trust T: No trust"):
        act(cache, compute, context)
    clock.later = authentication.FAILURE_LIFETIME
    assert act(cache, compute, context) == "tom"
    assert trusting.logins == 2


def test_unknown_token_is_told_from_a_refusing_service(cache, keystone, compute):
    context = keystone.context(bare=True, auth_token="unknown")
    with pytest.raises(exceptions.UnauthorizedException, match="does not take the token of"):
        cache.client(compute, context)
    context.security.auth_uri = None
    with pytest.raises(exceptions.UnauthorizedException, match=r"neither .*security.auth_uri"):
        cache.client(compute, context)


def test_identities_used_least_lately_go_first(keystone, compute):
    cache = client_cache.ClientCache(size=4)
    contexts = [keystone.context(f"user-{number}") for number in range(12)]
    for context in contexts:
        cache.client(compute, context)
        cache.client(compute, contexts[0])
    assert cache.statistics()[3:] == (8, 4, 4)
    before = len(compute.made)
    cache.client(compute, contexts[0])
    assert len(compute.made) == before


def test_forget_gives_up_one_identity_and_clear_all(cache, keystone, compute):
    ann, bob = keystone.context("ann"), keystone.context("bob")
    of_ann, of_bob = cache.client(compute, ann), cache.client(compute, bob)
    cache.forget(ann)
    assert cache.client(compute, ann) is not of_ann
    assert cache.client(compute, bob) is of_bob
    cache.clear()
    assert cache.statistics()[4:] == (0, 0)
    assert cache.client(compute, bob) is not of_bob


# -- what is shared, and what never


def test_connections_are_shared_by_a_cloud_and_by_no_two(cache, keystone):
    ann, bob = (cache.session(keystone.context(user)) for user in ("ann", "bob"))
    assert ann.session is bob.session
    for other in ({"insecure": True}, {"auth_cacert": "/ca.pem"}, {"is_target": True}):
        session = cache.session(keystone.context(**other))
        assert session.session is not ann.session
        assert session._discovery_cache is not ann._discovery_cache


def test_versions_are_discovered_once_for_all_identities(cache, keystone):
    for user in ("ann", "bob"):
        session = cache.session(keystone.context(user))
        found = session.get_endpoint(service_type="identity", version="3")
        assert found.rstrip("/") == keystone.auth_url
        session.get_endpoint_data(endpoint_override=keystone.auth_url)
    assert keystone.asked() == ["GET /v3"]


def in_child(cache, compute, context, pipe):
    compute.may_end.set()
    pipe.send((os.getpid(), cache.statistics()[4:], act(cache, compute, context)))
    pipe.close()


class SlowCompute:
    name = "slow"
    types = ("compute",)
    per_thread = False

    def __init__(self, inner):
        self.inner = inner
        self.begun, self.may_end = threading.Event(), threading.Event()

    def create(self, access, version, microversion):
        self.begun.set()
        assert self.may_end.wait(10)
        return self.inner.create(access, version, microversion)


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_forked_process_begins_anew_whatever_its_parent_was_making(cache, keystone, compute):
    context = keystone.context()
    act(cache, compute, context)
    slow = SlowCompute(compute)
    maker = threading.Thread(target=cache.client, args=(slow, context))
    maker.start()
    assert slow.begun.wait(10)
    mine, childs = multiprocessing.Pipe()
    child = multiprocessing.get_context("fork").Process(
        target=in_child, args=(cache, slow, context, childs)
    )
    child.start()
    assert mine.poll(10), "the child waits for the client that its parent was making"
    pid, held, user = mine.recv()
    child.join(10)
    slow.may_end.set()
    maker.join(10)
    assert (pid != os.getpid(), held, user) == (True, (0, 0), "ann")
    assert cache.statistics().clients == 2
    mine.close()
    childs.close()
