# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""``email.send``: one mail."""

from mistral_extra.actions.email.outcome import Sent
from mistral_extra.actions.email.parameters import Attachment, Auth, Port, Seconds, Security
from mistral_extra.actions.network.tls import Tls
from mistral_lib import actions

__all__ = ["send"]

_PORTS = {"starttls": 587, "tls": 465, "none": 25}


@actions.action(name="email.send", tags=["email"])
def send(
    server: str,
    sender: str,
    to: list[str],
    subject: str,
    text: str | None = None,
    *,
    html: str | None = None,
    cc: list[str] | None = None,
    bcc: list[str] | None = None,
    reply_to: str | None = None,
    headers: dict[str, str] | None = None,
    attachments: list[Attachment] | None = None,
    security: Security = "starttls",
    port: Port | None = None,
    auth: Auth | None = None,
    tls: Tls | None = None,
    timeout: Seconds = 60.0,
    context: actions.ActionContext,
) -> Sent:
    """Send a mail by an SMTP server.

    :param server: its name or address.
    :param sender: as ``ann@example.org`` or ``Ann <ann@example.org>``, like all addresses.
    :param to: who it is for.
    :param subject: one line.
    :param text: what it says, as plain text; or
    :param html: as HTML. Given both, readers choose.
    :param cc: who gets a copy.
    :param bcc: who gets a copy without the others knowing.
    :param reply_to: where answers go, if not to the sender.
    :param headers: further ones, such as ``X-Priority``.
    :param attachments: files: ``filename``, and ``text`` or ``data`` (base64), ``content_type``.
    :param security: ``starttls``, ``tls`` (from the beginning) or ``none``.
    :param port: 587, 465 or 25 by default, as ``security`` says.
    :param auth: ``username`` and ``password``; over TLS only.
    :param tls: ``verify``, ``ca`` and ``certificate`` (with its key), the latter two in PEM.
    :param timeout: seconds for everything.
    :returns: who will get it, and who was refused.
    :raises MailRefused: nobody will; ``details`` has what the server said.
    :raises AuthenticationFailed: the server refuses the login.
    :raises TlsNotOffered: it does not offer STARTTLS.
    :raises UntrustedServer: its certificate is not valid.
    :raises ConnectionLost: it hung up; whether it took the mail is unknown.
    """
    # Here, since only who runs the action has to wait for an SMTP client to be imported.
    from mistral_extra.actions.email import message, sending, smtp

    letter = message.Letter(
        sender,
        to,
        subject,
        text,
        html,
        cc or [],
        bcc or [],
        reply_to,
        headers or {},
        attachments or [],
    )
    relay = smtp.Relay(server, port or _PORTS[security], security, tls, auth)
    return sending.send(letter, relay, timeout, context)
