# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The mail action keeps what every action promises."""

from mistral_extra.actions.email import errors
from mistral_extra.actions.email.send import send
from mistral_lib import testing


def test_send_conforms(server, authority_pem):
    good = {
        "server": "mail.example",
        "port": server.port,
        "sender": "ann@example.org",
        "to": ["bob@example.org"],
        "subject": "Hello",
        "text": "Hello Bob",
        "tls": {"ca": authority_pem},
        "auth": {"username": "ann", "password": "correct-horse-battery"},
    }
    report = testing.check_action(
        send, [good, ({**good, "to": ["nobody@example.org"]}, errors.MailRefused)]
    )
    assert {"wire", "secrets"} <= set(report.checks)
