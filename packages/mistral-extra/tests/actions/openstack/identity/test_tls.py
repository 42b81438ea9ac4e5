# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
import ssl

import pytest
import trustme
from keystoneauth1 import exceptions as keystone_errors


@pytest.fixture(scope="module")
def right():
    return trustme.CA()


@pytest.fixture
def secure(right, serve):
    """The cloud over TLS, with a certificate of ``right``."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    right.issue_cert("127.0.0.1").configure_cert(context)
    return serve(context)


@pytest.fixture
def ca_file(tmp_path):
    def write(authority):
        file = tmp_path / f"{id(authority)}.pem"
        file.write_bytes(authority.cert_pem.bytes())
        return str(file)

    return write


def test_ca_of_the_context_verifies_keystone_and_services(cache, secure, compute, right, ca_file):
    context = secure.context(bare=True, auth_cacert=ca_file(right))
    assert cache.client(compute, context).get("/servers").json() == {"user": "ann"}


@pytest.mark.parametrize("bare", [True, False])
def test_certificate_of_another_ca_is_refused_and_gets_no_token(
    cache, secure, compute, ca_file, right, bare
):
    # A connection of somebody who has the right one is open: it must not serve others.
    good = secure.context(auth_cacert=ca_file(right))
    cache.client(compute, good).get("/servers")
    for wrong in (ca_file(trustme.CA()), None):
        context = secure.context("eve", bare=bare, auth_cacert=wrong)
        with pytest.raises(keystone_errors.ConnectionError, match="certificate verify failed"):
            cache.client(compute, context).get("/servers")
    assert {request.token for request in secure.requests} == {good.security.auth_token}


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_insecure_checks_nothing(cache, secure, compute):
    context = secure.context(insecure=True)
    assert cache.client(compute, context).get("/servers").json() == {"user": "ann"}
