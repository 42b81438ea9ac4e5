# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Mails to a real SMTP server."""

import base64
import contextlib
import socket
import threading

import pytest

from mistral_extra.actions.email.send import send
from mistral_lib import actions
from mistral_lib.testing import ActionEnvironment

PASSWORD = "correct-horse-battery"
AUTH = {"username": "ann", "password": PASSWORD}


@pytest.fixture
def mail(authority_pem):
    """A function that returns the parameters of a mail."""

    def mail(server="mail.example", **params):
        told = {"security": "starttls", "tls": {"ca": authority_pem}}
        if params.get("security") == "none":
            told = {}
        return {
            "server": server,
            "sender": "ann@example.org",
            "to": ["bob@example.org"],
            "subject": "Hello",
            "text": "Hello Bob",
            **told,
            **params,
        }

    return mail


def run(params, **options):
    return actions.Runner().run(send, params, **options)


# -- what arrives


def test_mail_arrives_and_the_result_says_who_gets_it(server, mail):
    result = actions.run(send, mail(port=server.port))
    sender, recipients, message = server.mail
    assert (sender, recipients) == ("ann@example.org", ["bob@example.org"])
    assert (message["From"], message["To"]) == ("ann@example.org", "bob@example.org")
    assert message["Subject"] == "Hello"
    assert message.get_content() == "Hello Bob\r\n"
    assert message["Date"].datetime.tzinfo is not None
    assert result == {
        "message_id": message["Message-ID"],
        "accepted": ["bob@example.org"],
        "refused": {},
    }
    assert result["message_id"].endswith("@example.org>")


def test_names_and_subjects_may_have_any_letters(server, mail):
    actions.run(
        send,
        mail(
            port=server.port,
            sender="Änn von Grün <ann@example.org>",
            to=['"Bob, the builder" <bob@example.org>'],
            subject="Grün ist es überall, und zwar " * 5,
            text="grün €",
        ),
    )
    *_, message = server.mail
    assert message["From"].addresses[0].display_name == "Änn von Grün"
    assert message["To"].addresses[0].display_name == "Bob, the builder"
    assert message["Subject"] == "Grün ist es überall, und zwar " * 5
    assert message.get_content() == "grün €\r\n"


def test_copies_reach_their_readers_and_blind_ones_are_in_no_header(server, mail):
    result = actions.run(
        send,
        mail(
            port=server.port,
            cc=["Cleo <cleo@example.org>"],
            bcc=["dan@example.org", "bob@example.org"],
            reply_to="desk@example.org",
        ),
    )
    _, recipients, message = server.mail
    assert recipients == ["bob@example.org", "cleo@example.org", "dan@example.org"]
    assert result["accepted"] == recipients
    assert message["Cc"] == "Cleo <cleo@example.org>"
    assert message["Reply-To"] == "desk@example.org"
    assert "dan@" not in str(message)
    assert "bcc" not in [name.lower() for name in message]


def test_nobody_but_blind_readers_is_fine(server, mail):
    assert actions.run(send, mail(port=server.port, to=[], bcc=["dan@example.org"]))["accepted"]
    assert server.mail[2]["To"] is None


def test_text_and_html_are_alternatives_the_better_one_last(server, mail):
    actions.run(send, mail(port=server.port, html="<b>Grün</b>"))
    *_, message = server.mail
    assert message.get_content_type() == "multipart/alternative"
    plain, html = message.iter_parts()
    assert (plain.get_content_type(), plain.get_content()) == ("text/plain", "Hello Bob\r\n")
    assert (html.get_content_type(), html.get_content()) == ("text/html", "<b>Grün</b>\r\n")


def test_html_may_stand_alone(server, mail):
    params = mail(port=server.port, html="<b>Hello</b>")
    del params["text"]
    actions.run(send, params)
    assert server.mail[2].get_content_type() == "text/html"


def test_attachments_arrive_as_they_were(server, mail):
    actions.run(
        send,
        mail(
            port=server.port,
            attachments=[
                {"filename": "grün.txt", "text": "größer\n", "content_type": "text/plain"},
                {"filename": "b.bin", "data": base64.b64encode(bytes(range(256))).decode()},
            ],
        ),
    )
    *_, message = server.mail
    assert message.get_content_type() == "multipart/mixed"
    assert message.get_body().get_content() == "Hello Bob\r\n"
    text, binary = message.iter_attachments()
    assert text.get_filename() == "grün.txt"
    assert text.get_content_type() == "text/plain"
    assert text.get_payload(decode=True) == "größer\n".encode()
    assert text.get_content() == "größer\n"
    assert (binary.get_filename(), binary.get_content()) == ("b.bin", bytes(range(256)))


def test_further_headers_are_added(server, mail):
    actions.run(send, mail(port=server.port, headers={"X-Priority": "1", "List-Id": "<a.b>"}))
    *_, message = server.mail
    assert (message["X-Priority"], message["List-Id"]) == ("1", "<a.b>")


def test_line_that_begins_with_a_dot_or_from_stays_as_it_is(server, mail):
    actions.run(send, mail(port=server.port, text=".\n..\nFrom here\nend"))
    assert server.mail[2].get_content() == ".\r\n..\r\nFrom here\r\nend\r\n"


def test_address_may_have_letters_beyond_ascii_where_the_server_takes_them(server, mail):
    actions.run(send, mail(port=server.port, to=["bøb@exämple.org"]))
    assert server.mail[1] == ["bøb@xn--exmple-cua.org"]
    # The library reads bytes beyond ASCII in a header as what is not text yet.
    username = server.mail[2]["To"].addresses[0].username
    assert username.encode("utf-8", "surrogateescape").decode() == "bøb"


def test_domain_beyond_ascii_needs_nothing_of_the_server(scripted, mail):
    port, heard = scripted("220 a", "250 a", "250 from", "250 to", "354 go on", "250 ok", "221 x")
    assert run(mail(port=port, security="none", to=["bob@exämple.org"])).is_success()
    # Commands are in any case (RFC 5321, 2.4), and not every Python writes them alike.
    assert b"rcpt to:<bob@xn--exmple-cua.org>\r\n" in [line.lower() for line in heard]


# -- what would be taken for something else


@pytest.mark.parametrize(
    ("params", "complaint"),
    [
        ({"subject": "Hi\r\nBcc: eve@example.org"}, "'subject' becomes part of a header"),
        ({"subject": "Hi\nX: y"}, "'subject' becomes part of a header"),
        ({"subject": "Hi\u2028X: y"}, "'subject' becomes part of a header"),
        ({"subject": "Hi\x00"}, "'subject' becomes part of a header"),
        ({"subject": "=?utf-8?q?Hi=0d=0aBcc:_eve=40example.org?="}, "not encoded between"),
        ({"sender": "=?utf-8?q?a=0aBcc:_eve?= <ann@example.org>"}, "not encoded between"),
        ({"headers": {"X-A": "a =?utf-8?b?DQpCY2M6IGV2ZQ==?="}}, "not encoded between"),
        (
            {"attachments": [{"filename": "=?utf-8?q?a=0d=0aX:_y?=", "text": "a"}]},
            "not encoded between",
        ),
        ({"sender": "ann@example.org\r\nBcc: eve@example.org"}, "'sender' becomes part"),
        ({"sender": "ann@example.org, eve@example.org"}, "is not one address"),
        ({"sender": "ann"}, "is not one address"),
        ({"sender": "ann@"}, "is not one address"),
        ({"sender": "ann@exa mple.org"}, "is not one address"),
        ({"sender": ""}, "is not one address"),
        ({"to": ["bob@example.org>\r\nRCPT TO:<eve@example.org"]}, "'to' becomes part"),
        ({"to": ["bob@example.org, eve@example.org"]}, "is not one address"),
        ({"to": ["friends: bob@example.org, eve@example.org;"]}, "is not one address"),
        ({"to": ["friends: bob@example.org;"]}, "is not one address"),
        ({"cc": ["<bob@example.org"]}, "is not one address"),
        ({"bcc": ["bob@example.org eve@example.org"]}, "is not one address"),
        ({"bcc": ["bob@example.org\n"]}, "'bcc' becomes part"),
        ({"reply_to": "a@example.org, b@example.org"}, "is not one address"),
        ({"headers": {"X-A": "a\r\nBcc: eve@example.org"}}, "'headers.X-A' becomes part"),
        ({"headers": {"X-A: b\r\nBcc": "eve@example.org"}}, "is no name of a header"),
        ({"headers": {"Bcc": "eve@example.org"}}, "'headers.Bcc' follows from the other ones"),
        ({"headers": {"SENDER": "eve@example.org"}}, "'headers.SENDER' follows"),
        ({"headers": {"Content-Type": "text/html"}}, "'headers.Content-Type' follows"),
        ({"headers": {"Resent-To": "eve@example.org"}}, "'headers.Resent-To' follows"),
        (
            {"attachments": [{"filename": 'a"\r\nX: y', "text": "a"}]},
            "'attachments[0].filename' becomes part",
        ),
        *(
            (
                {"attachments": [{"filename": "a", "text": "a", "content_type": kind}]},
                "'attachments[0].content_type' must be as in text/plain",
            )
            for kind in ("a/b\r\nX: y", "a/b\n", "a", "a/b; x=y", "multipart/mixed")
        ),
        ({"attachments": [{"filename": "a"}]}, "'attachments[0]' needs either 'text' or 'data'"),
        ({"text": None}, "A mail needs 'text' or 'html', or both"),
        ({"to": []}, "needs somebody to read it"),
        ({"security": "none", "auth": AUTH, "tls": None}, "'auth' needs TLS"),
        ({"security": "none"}, "'tls' needs TLS"),
        ({"tls": {"ca": "nothing"}}, "'tls.ca' must hold certificates in PEM"),
        ({"tls": {"ca": "nöthing"}}, "'tls.ca' must hold certificates in PEM"),
        ({"tls": {"ca": ""}}, "'tls.ca' is empty"),
        *(
            ({"server": server}, "'server': '")
            for server in ("", " ", "a b", "a\0b", "mail.example\n", "\ud800")
        ),
        ({"auth": {**AUTH, "password": "größer-als-groß"}}, "'auth.password' may have no letters"),
        ({"auth": {**AUTH, "username": "\ud800"}}, "'auth.username' may have no letters"),
        *(
            ({name: "\ud800"}, f"'{name}' has half of a surrogate pair")
            for name in ("subject", "text", "html", "sender", "reply_to")
        ),
        *(({name: ["\udfff"]}, f"'{name}' has half") for name in ("to", "cc", "bcc")),
        ({"headers": {"X-A": "\ud800"}}, "'headers.X-A' has half"),
        ({"attachments": [{"filename": "\ud800", "text": "a"}]}, "'attachments[0].filename' has"),
        ({"attachments": [{"filename": "a", "text": "\ud800"}]}, "'attachments[0].text' has half"),
        ({"timeout": 0}, "timeout"),
        ({"port": 70000}, "port"),
    ],
)
def test_what_could_be_taken_for_something_else_is_refused_and_nobody_connected_to(
    server, mail, params, complaint
):
    told = {**mail(port=server.port), **params}
    error = run(told).error
    assert error["code"] == "INVALID_INPUT", error
    assert complaint in error["message"]
    assert server.handler.mails == []
    assert PASSWORD not in str(error)


# -- TLS and login


def test_tls_from_the_beginning(tls_server, mail):
    params = mail(port=tls_server.port, security="tls", auth=AUTH)
    assert actions.run(send, params)["accepted"] == ["bob@example.org"]
    assert tls_server.handler.logins == ["ann"]


def test_login_comes_after_starttls(server, mail):
    assert actions.run(send, mail(port=server.port, auth=AUTH))["accepted"]
    assert server.handler.logins == ["ann"]


def test_no_tls_where_the_author_says_so(plain_server, mail):
    params = mail(port=plain_server.port, security="none")
    assert actions.run(send, params)["accepted"] == ["bob@example.org"]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_certificate_of_an_unknown_authority_is_refused(server, tls_server, mail, security):
    port = {"starttls": server, "tls": tls_server}[security].port
    error = run(mail(port=port, security=security, tls=None, auth=AUTH)).error
    assert error["code"] == "UNTRUSTED_SERVER"
    assert "Give the authority that signed it as 'tls.ca'" in error["message"]
    assert error["details"] == {"host": "mail.example", "port": port}
    assert server.handler.logins + tls_server.handler.logins == []


def test_certificate_for_another_name_is_refused(server, mail):
    error = run(mail("other.example", port=server.port, auth=AUTH)).error
    assert error["code"] == "UNTRUSTED_SERVER"
    assert server.handler.logins == []


def test_verification_can_be_switched_off(server, mail):
    assert run(mail("other.example", port=server.port, tls={"verify": False})).is_success()


def test_server_that_does_not_offer_starttls_gets_neither_login_nor_mail(plain_server, mail):
    error = run(mail(port=plain_server.port, auth=AUTH)).error
    assert error["code"] == "TLS_NOT_OFFERED"
    assert "set security to 'tls'" in error["message"]
    assert (plain_server.handler.logins, plain_server.handler.mails) == ([], [])


def test_what_was_said_before_starttls_counts_for_nothing(scripted, mail):
    # Somebody between slips an answer in before TLS begins: it is part of no conversation.
    greeting = "250-mail.example\r\n250 STARTTLS"
    port, heard = scripted("220 mail.example", greeting, "220 go on\r\n250 AUTH PLAIN", None)
    assert run(mail(port=port, auth=AUTH)).error["code"] in ("UNREACHABLE", "CONNECTION_LOST")
    assert PASSWORD.encode() not in b"".join(heard)


def test_refused_login_is_an_error_that_does_not_show_the_password(server, mail):
    wrong = {"username": "ann", "password": "wrong-horse-battery"}
    error = run(mail(port=server.port, auth=wrong)).error
    assert error["code"] == "AUTHENTICATION_FAILED"
    assert "mail.example" in error["message"]
    assert "535" in error["message"]
    assert error["retryable"] is False
    assert "wrong-horse" not in str(error)
    assert server.handler.mails == []


def test_server_that_takes_no_login_is_named(open_server, mail):
    error = run(mail(port=open_server.port, auth=AUTH)).error
    assert error["code"] == "AUTHENTICATION_FAILED"
    assert error["message"].startswith(f"mail.example:{open_server.port} offers no way to log in")


def test_password_is_masked_wherever_it_comes_back(server, mail):
    server.handler.answers["MAIL"] = f"554 I know you, {PASSWORD}"
    error = run(mail(port=server.port, auth=AUTH)).error
    assert error["details"]["refused"] == {"ann@example.org": "554 I know you, ***"}
    assert PASSWORD not in str(error)


def test_password_shows_nowhere(server, mail):
    with ActionEnvironment(secrets=[PASSWORD]) as environment:
        environment.run(send, mail(port=server.port, auth=AUTH))
        assert environment.secrets_seen() == []


def test_authority_may_be_told_with_names_in_any_letters(server, mail, authority_pem):
    told = mail(port=server.port, tls={"ca": f"# Grün\n{authority_pem}"})
    assert run(told).is_success()


# -- refusals


def test_some_refused_recipients_are_in_the_result(server, mail):
    to = ["bob@example.org", "nobody@example.org", "full@example.org"]
    result = actions.run(send, mail(port=server.port, to=to))
    assert result["accepted"] == ["bob@example.org"]
    assert result["refused"] == {
        "nobody@example.org": "550 no such mailbox",
        "full@example.org": "452 mailbox full",
    }


def test_a_password_in_the_refusal_of_one_recipient_is_masked(server, mail):
    server.handler.answers["RCPT"] = f"550 no, {PASSWORD} may not"
    to = ["bob@example.org", "nobody@example.org"]
    result = actions.run(send, mail(port=server.port, to=to, auth=AUTH))
    assert result["refused"] == {"nobody@example.org": "550 no, *** may not"}


def test_mail_that_nobody_gets_is_an_error(server, mail):
    error = run(mail(port=server.port, to=["nobody@example.org"])).error
    assert error["code"] == "MAIL_REFUSED"
    assert error["retryable"] is False
    assert error["message"].endswith("refuses every recipient: 550 no such mailbox")
    assert error["details"] == {"refused": {"nobody@example.org": "550 no such mailbox"}}


def test_refusal_that_passes_says_so(server, mail):
    error = run(mail(port=server.port, to=["full@example.org"])).error
    assert (error["code"], error["retryable"]) == ("MAIL_REFUSED", True)


@pytest.mark.parametrize(("step", "what"), [("MAIL", "the sender"), ("DATA", "the mail")])
def test_refused_sender_and_mail_are_told_apart(server, mail, step, what):
    server.handler.answers[step] = "554 not here"
    error = run(mail(port=server.port)).error
    assert error["code"] == "MAIL_REFUSED"
    assert error["message"] == f"mail.example:{server.port} refuses {what}: 554 not here"


def test_long_refusal_is_cut_and_no_piece_of_the_password_is_left(server, mail):
    # The password stands where the cut is.
    server.handler.answers["MAIL"] = "\r\n".join([*["554-" + "a" * 91] * 21, f"554 {'b' * 58}"])
    server.handler.answers["MAIL"] += f"{PASSWORD}{'c' * 300}"
    error = run(mail(port=server.port, auth=AUTH)).error
    said = error["details"]["refused"]["ann@example.org"]
    assert len(said) < 2100
    assert said.endswith("...")
    assert PASSWORD[:4] not in str(error)
    assert len(error["message"]) < 2200


def test_reply_without_end_is_not_read_to_its_end(scripted, mail):
    # So much that reading it all would be told as a greeting of the right kind.
    port, _ = scripted("220 a", "250-" + "a" * 5000 + ("\r\n250-" + "a" * 5000) * 20, "250 end")
    error = run(mail(port=port, security="none")).error
    assert (error["code"], error["retryable"]) == ("CONNECTION_LOST", False)
    assert error["message"].startswith(f"mail.example:{port} says more than 65536 bytes")


def test_server_that_is_busy_at_the_door_says_try_again(scripted, mail):
    port, _ = scripted("421 too many", None)
    error = run(mail(port=port)).error
    assert (error["code"], error["retryable"]) == ("MAIL_REFUSED", True)


def test_address_beyond_ascii_needs_a_server_that_takes_them(scripted, mail):
    port, _ = scripted("220 mail.example", "250 mail.example", "250 bye")
    error = run(mail(port=port, security="none", to=["bøb@example.org"])).error
    assert error["code"] == "MAIL_REFUSED"
    assert error["message"].endswith("takes no addresses beyond ASCII")


# -- connections


def test_server_that_is_not_there_is_named(mail, names, free_port):
    error = run(mail(port=free_port)).error
    assert (error["code"], error["retryable"]) == ("UNREACHABLE", True)
    assert "Connection refused" in error["message"]


def test_egress_policy_holds(server, mail, configure):
    configure("email_action", "allowed_networks", [])
    error = run(mail(port=server.port)).error
    assert error["code"] == "ADDRESS_BLOCKED"
    assert "[email_action] allowed_networks" in error["message"]


def test_name_is_looked_up_once(server, mail, names):
    names.answer("mail.example", ["127.0.0.1"], ["127.0.0.2"])
    assert run(mail(port=server.port)).is_success()
    assert names.asked == ["mail.example"]


def test_connection_lost_before_the_mail_may_be_tried_again(scripted, mail):
    port, _ = scripted("220 mail.example", None)
    error = run(mail(port=port, security="none")).error
    assert (error["code"], error["retryable"]) == ("CONNECTION_LOST", True)
    assert error["message"].endswith("ended too soon: the server hung up")


def test_connection_lost_after_the_mail_may_not(scripted, mail):
    port, _ = scripted("220 a", "250 a", "250 from", "250 to", "354 go on", None)
    error = run(mail(port=port, security="none")).error
    assert (error["code"], error["retryable"]) == ("CONNECTION_LOST", False)


@pytest.mark.parametrize("heard", [2, 3])
def test_connection_lost_before_the_mail_itself_may_be_tried_again(scripted, mail, heard):
    script = ("220 a", "250 a", "250 from", "250 to")[: heard + 1]
    port, _ = scripted(*script[:heard], None)
    error = run(mail(port=port, security="none")).error
    assert (error["code"], error["retryable"]) == ("CONNECTION_LOST", True)


def test_deadline_after_the_mail_says_not_to_try_again(scripted, mail):
    port, _ = scripted("220 a", "250 a", "250 from", "250 to", "354 go on", "")
    error = run(mail(port=port, security="none", timeout=0.3)).error
    assert (error["code"], error["retryable"]) == ("TIMEOUT", False)


def test_tls_that_is_refused_for_now_may_be_tried_again(scripted, mail):
    port, _ = scripted("220 a", "250-a\r\n250 STARTTLS", "454 not now", None)
    error = run(mail(port=port)).error
    assert (error["code"], error["retryable"]) == ("TLS_NOT_OFFERED", True)


# -- who we are


@pytest.mark.parametrize(
    ("host", "configured", "name"),
    [
        ("vm", None, "[127.0.0.1]"),
        ("pod-7d_x.cluster", None, "[127.0.0.1]"),
        ("gr\u00fcn.example", None, "[127.0.0.1]"),
        ("node1.example.org", None, "node1.example.org"),
        ("vm", "mistral.example.org", "mistral.example.org"),
    ],
)
def test_server_hears_a_full_name_or_an_address(
    scripted, mail, configure, monkeypatch, host, configured, name
):
    monkeypatch.setattr(socket, "gethostname", lambda: host)
    configure("email_action", "helo_name", configured)
    port, heard = scripted("220 a", None)
    run(mail(port=port, security="none"))
    assert heard[0] == f"ehlo {name}\r\n".encode()


@pytest.mark.parametrize(
    "script",
    [
        ("",),
        ("220 a", ""),
        ("220 a", "250-a\r\n250 STARTTLS", "220 go on", ""),
    ],
)
def test_deadline_ends_a_silence(scripted, mail, script, elapsed):
    port, _ = scripted(*script)
    error = run(mail(port=port, timeout=0.2)).error
    assert error["code"] == "TIMEOUT"
    assert error["message"] == f"Mail by mail.example:{port} took more than 0.2 seconds"
    assert elapsed() < 2


def test_cancelled_action_drops_its_connection(scripted, mail, elapsed):
    port, _ = scripted("220 a", "")
    runner = actions.Runner()
    control = runner.control(timeout=None)
    threading.Timer(0.1, control.cancel).start()
    assert runner.run(send, mail(port=port), control=control).is_cancel()
    assert elapsed() < 2


def test_a_server_that_does_not_come_to_an_end_of_its_goodbye_is_left(scripted, mail):
    left, came_to_its_end = threading.Event(), threading.Event()

    def drawl(connection):
        for _ in range(200):
            if left.wait(0.05):
                return
            with contextlib.suppress(OSError):
                connection.sendall(b"221-bye\r\n")
        came_to_its_end.set()

    port, _ = scripted("220 a", "250 a", "250 from", "250 to", "354 go on", "250 ok", drawl)
    result = run(mail(port=port, security="none", timeout=5.0))
    left.set()
    assert result.data["accepted"] == ["bob@example.org"]
    assert not came_to_its_end.is_set()


@pytest.mark.parametrize("goodbye", [None, "", "500 what?", "221-bye\r\n" * 10_000 + "221 bye"])
def test_mail_is_sent_however_the_server_takes_its_leave(scripted, mail, goodbye):
    port, heard = scripted("220 a", "250 a", "250 from", "250 to", "354 go on", "250 ok", goodbye)
    # A silence now is no part of the deadline.
    result = run(mail(port=port, security="none", timeout=0.3))
    assert result.data["accepted"] == ["bob@example.org"]
    assert b"quit\r\n" in heard
