# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Neither tokens nor passwords show, in whatever form, where others can read."""

import logging
import pickle

import pytest

from mistral_extra import openstack
from mistral_extra.actions.openstack import identity
from mistral_extra.actions.openstack.utils import exceptions, keystone


@pytest.fixture
def everything_logged(caplog):
    caplog.set_level(logging.DEBUG)
    for name in list(logging.root.manager.loggerDict):
        caplog.set_level(logging.DEBUG, logger=name)
    return caplog


def chain(error):
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def readable(error):
    return " ".join(f"{e} {e!r} {e.args} {getattr(e, 'details', '')}" for e in chain(error))


def test_neither_token_nor_password_is_logged(cache, trusting, compute, everything_logged):
    trusting.trusts["T"] = "tom"
    contexts = [
        trusting.context(),
        trusting.context(bare=True),
        trusting.context(is_trust_scoped=True, trust_id="T"),
    ]
    for context in contexts:
        cache.client(compute, context).get("/servers")
    keystone.is_token_trust_scoped(contexts[0].security.auth_token)
    assert len(trusting.tokens) == 5
    log = everything_logged.text
    # That there is something to find: keystoneauth logs a token as its hash.
    assert "{SHA256}" in log
    assert "canary" not in log


def test_no_object_shows_them(cache, trusting, compute):
    trusting.trusts["T"] = "tom"
    for context in (
        trusting.context(),
        trusting.context(is_trust_scoped=True, trust_id="T"),
    ):
        client = cache.client(compute, context)
        client.get("/servers")
        who = identity.identify(context)
        way = cache.access(("compute",), context)
        bound = keystone.get_session_and_auth(context, service_type="compute")["auth"]
        login = cache.session(context)
        seen = (
            f"{who!r} {who} {who.key} {cache!r} {cache.statistics()} {way!r} {way.found} {bound!r}"
        )
        seen += f" {login!r} {login.auth!r} {openstack.Client('nova')!r} {context!r}"
        assert "canary" not in seen


@pytest.mark.parametrize("bare", [True, False])
def test_error_of_a_token_does_not_show_it(cache, keystone, compute, bare):
    context = keystone.context(bare=bare)
    keystone.revoke(context.security.auth_token)
    with pytest.raises(Exception, match=r"Who\?|does not take the token") as caught:
        cache.client(compute, context).get("/servers")
    assert "canary" not in readable(caught.value)


def test_error_of_a_login_does_not_show_the_password(cache, trusting, compute, everything_logged):
    context = trusting.context(is_trust_scoped=True, trust_id="T")
    with pytest.raises(exceptions.UnauthorizedException, match="refused the trust T") as caught:
        cache.client(compute, context)
    assert "canary" not in readable(caught.value)
    assert "canary" not in everything_logged.text


def test_nothing_that_holds_them_can_be_written_away(cache, keystone, compute):
    client = cache.client(compute, keystone.context())
    with pytest.raises(TypeError, match="pickle"):
        pickle.dumps(client.session)
