# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Connections to addresses that the policy lets pass, and TLS over them."""

import errno
import ipaddress
import socket
import ssl
import threading

import pytest

from mistral_extra.actions.network import connection, egress, errors
from mistral_extra.actions.network.tls import Tls, client_context
from mistral_extra.actions.network.watch import watched
from mistral_lib import actions

EVERYTHING = egress.EgressPolicy("some_group", ())


@pytest.fixture
def line():
    with watched(actions.ActionContext().with_timeout(10, "The call")) as made:
        yield made


@pytest.fixture
def listening():
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made


def port_of(listening):
    return listening.getsockname()[1]


def test_connection_leads_there_and_has_the_time_that_is_left(listening, line):
    with connection.connect("127.0.0.1", port_of(listening), EVERYTHING, line) as made:
        peer, _ = listening.accept()
        with peer:
            made.sendall(b"hello")
            assert peer.recv(5) == b"hello"
        assert 9 < made.gettimeout() <= 10
        assert made.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_next_address_is_tried_where_one_refuses(listening, line, resolver):
    resolver.answer("twins.example", ["127.0.0.9", "127.0.0.1"])
    with connection.connect("twins.example", port_of(listening), EVERYTHING, line) as made:
        assert made.getpeername()[0] == "127.0.0.1"


def test_forbidden_addresses_are_left_out(listening, line, resolver):
    resolver.answer("twins.example", ["127.0.0.1", "127.0.0.9"])
    policy = egress.EgressPolicy("some_group", (ipaddress.ip_network("127.0.0.1/32"),))
    with pytest.raises(errors.Unreachable, match="Connection refused"):
        # The other one alone is tried, where nobody listens.
        connection.connect("twins.example", port_of(listening), policy, line)


def test_nobody_there_is_named(free_port, line):
    with pytest.raises(errors.Unreachable, match=f"127.0.0.1:{free_port} can't be reached") as e:
        connection.connect("127.0.0.1", free_port, EVERYTHING, line)
    assert e.value.details == {"host": "127.0.0.1", "port": free_port}


def test_connecting_is_given_up_at_the_deadline(elapsed):
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        waiting = [socket.create_connection(full.getsockname(), 1)]

        def fill():
            with watched(actions.ActionContext().with_timeout(0.1, "The call")) as line:
                # Linux answers no further one. Elsewhere they are taken, and wait here.
                for _ in range(3):
                    waiting.append(connection.connect(*full.getsockname(), EVERYTHING, line))
                line.context.sleep(1)

        with pytest.raises(actions.ActionTimeout, match="The call took more than"):
            fill()
        for each in waiting:
            each.close()
    assert elapsed() < 2


# -- TLS


@pytest.fixture
def tls_port(authority, listening):
    """The port of a server for secure.example that greets one client, and says ``hello``."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("secure.example").configure_cert(context)

    def serve():
        try:
            peer, _ = listening.accept()
            with context.wrap_socket(peer, server_side=True) as secured:
                secured.sendall(b"hello")
                secured.recv(1)
        except OSError:
            pass  # the client refuses us: what the test is about

    thread = threading.Thread(target=serve)
    thread.start()
    yield port_of(listening)
    thread.join()


def secured(host, port, tls, line):
    plain = connection.connect("127.0.0.1", port, EVERYTHING, line)
    return connection.secure(plain, host, port, client_context(tls), line)


def test_peer_that_is_who_it_should_be(tls_port, line, authority_pem):
    with secured("secure.example", tls_port, Tls(ca=authority_pem), line) as made:
        assert made.recv(5) == b"hello"


@pytest.mark.parametrize(
    ("host", "known", "remedy"),
    [
        ("other.example", True, "Connect by a name or address that is in the certificate"),
        ("127.0.0.1", True, "Connect by a name or address that is in the certificate"),
        ("secure.example", False, "Give the authority that signed it as 'tls.ca'"),
    ],
)
def test_peer_that_is_another_is_refused(tls_port, line, authority_pem, host, known, remedy):
    expected = rf"^The certificate of {host}:{tls_port} is refused: .*[^.]\. {remedy}$"
    with pytest.raises(errors.UntrustedServer, match=expected):
        secured(host, tls_port, Tls(ca=authority_pem if known else None), line)


def test_verification_switched_off_takes_anybody(tls_port, line):
    with secured("other.example", tls_port, Tls(verify=False), line) as made:
        assert made.recv(5) == b"hello"


def test_peer_that_speaks_no_tls_is_unreachable(listening, line):
    def answer():
        peer, _ = listening.accept()
        with peer:
            peer.recv(1)
            peer.sendall(b"220 hello\r\n" * 100)

    thread = threading.Thread(target=answer)
    thread.start()
    with pytest.raises(errors.Unreachable, match="can't be reached by TLS"):
        secured("secure.example", port_of(listening), None, line)
    thread.join()


def test_contexts_are_shared_where_nobody_shows_a_certificate(authority, authority_pem):
    own = authority.issue_cert("me.example").private_key_and_cert_chain_pem.bytes().decode()
    assert client_context(Tls(ca=authority_pem)) is client_context(Tls(ca=authority_pem))
    assert client_context(None) is not client_context(Tls(verify=False))
    # What one action shows, another must not.
    assert client_context(Tls(certificate=own)) is not client_context(Tls(certificate=own))
    assert client_context(None).minimum_version >= ssl.TLSVersion.TLSv1_2


def test_key_that_asks_for_a_password_is_refused_and_nobody_is_asked(authority):
    from cryptography.hazmat.primitives import serialization

    own = authority.issue_cert("me.example")
    key = serialization.load_pem_private_key(own.private_key_pem.bytes(), None)
    locked = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"pass-1234"),
    )
    pem = (locked + own.cert_chain_pems[0].bytes()).decode()
    with pytest.raises(actions.InvalidInput, match=r"'tls.certificate' must hold .* not encrypted"):
        client_context(Tls(certificate=pem))


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ConnectionRefusedError(111, "Connect call failed ('127.0.0.1', 1)"), "Connection refused"),
        (socket.gaierror(-2, "Name or service not known"), "Name or service not known"),
        (TimeoutError(), "no answer in time"),
        (ValueError("x"), "ValueError"),
    ],
)
def test_reasons_are_the_systems_words(error, said):
    assert connection.reason(error) == said


# -- whether to try again


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "x"), True),
        (ConnectionResetError(errno.ECONNRESET, "x"), True),
        (OSError(errno.EHOSTUNREACH, "x"), True),
        (OSError(errno.ENETUNREACH, "x"), True),
        (OSError(errno.EADDRNOTAVAIL, "x"), True),
        (OSError(errno.EMFILE, "x"), True),
        (TimeoutError(errno.ETIMEDOUT, "x"), True),
        (TimeoutError("x"), True),
        (PermissionError(errno.EACCES, "x"), False),
        (PermissionError(errno.EPERM, "x"), False),
        (OSError(errno.EAFNOSUPPORT, "x"), False),
        (OSError(errno.EINVAL, "x"), False),
        (ssl.SSLEOFError(8, "x"), True),
        (ssl.SSLZeroReturnError(6, "x"), True),
        (ssl.SSLSyscallError(5, "x"), True),
        (ssl.SSLError(1, "wrong version number"), False),
        (ssl.SSLCertVerificationError(1, "x"), False),
        (ssl.SSLWantReadError(2, "x"), False),
        (ssl.SSLWantWriteError(3, "x"), False),
    ],
    ids=repr,
)
def test_what_stays_so_is_not_worth_another_try(error, again):
    assert connection.passes(error) is again
    assert connection.unreachable("a.example", 1, error).retryable is again
