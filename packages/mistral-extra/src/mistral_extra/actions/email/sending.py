# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A mail from what the workflow says to what came of it."""

from __future__ import annotations

from mistral_extra.actions.email import message as messages
from mistral_extra.actions.email import smtp
from mistral_extra.actions.email.outcome import Sent
from mistral_extra.actions.network.watch import watched
from mistral_lib import actions

__all__ = ["send"]


def send(
    letter: messages.Letter, relay: smtp.Relay, timeout: float, context: actions.ActionContext
) -> Sent:
    """Send a mail within so many seconds; return who will get it."""
    message, recipients = messages.compose(letter), messages.envelope(letter)
    at = f"Mail by {relay.host}:{relay.port}"
    with watched(context.with_timeout(timeout, at)) as line:
        refused = smtp.deliver(message, recipients, relay, line)
    return Sent(
        message_id=message["Message-ID"],
        accepted=[address for address in recipients if address not in refused],
        refused=refused,
    )
