# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A mail as it goes out, made of what the workflow says, and of no more than that.

Text that becomes part of a header may hold no control character: a line break would begin a header
of somebody else's making. An address is one address: a comma would bring in another reader.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from email import policy, utils
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Any, NamedTuple

from mistral_extra.actions.email.parameters import Attachment
from mistral_lib import actions

__all__ = ["Letter", "compose", "envelope"]

_CONTROL = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]")
_HEADER_NAME = re.compile(r"[A-Za-z0-9-]+")

#: They follow from the other parameters, or are the servers' to write.
_OURS = frozenset(
    (
        "bcc",
        "cc",
        "date",
        "dkim-signature",
        "from",
        "message-id",
        "mime-version",
        "received",
        "reply-to",
        "return-path",
        "sender",
        "subject",
        "to",
    )
)


class Letter(NamedTuple):
    """What the author writes; the action describes it."""

    sender: str
    to: Sequence[str]
    subject: str
    text: str | None
    html: str | None
    cc: Sequence[str]
    bcc: Sequence[str]
    reply_to: str | None
    headers: Mapping[str, str]
    attachments: Sequence[Attachment]


def compose(letter: Letter) -> EmailMessage:
    """Return the message.

    :raises InvalidInput: something in it could be taken for something else.
    """
    if letter.text is None and letter.html is None:
        raise actions.InvalidInput("A mail needs 'text' or 'html', or both")
    sender = _address("sender", letter.sender)
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = sender
    message["To"] = [_address("to", each) for each in letter.to]
    if letter.cc:
        message["Cc"] = [_address("cc", each) for each in letter.cc]
    if letter.reply_to is not None:
        message["Reply-To"] = _address("reply_to", letter.reply_to)
    message["Subject"] = _line("subject", letter.subject)
    message["Date"] = datetime.datetime.now(datetime.UTC)
    message["Message-ID"] = utils.make_msgid(domain=sender.domain.encode("idna").decode())
    for name, value in letter.headers.items():
        _set_header(message, name, value)
    _set_body(message, letter)
    for number, attachment in enumerate(letter.attachments):
        _attach(message, attachment, f"attachments[{number}]")
    return message


def envelope(letter: Letter) -> list[str]:
    """Return the addresses to deliver to, each once, those of ``bcc`` included.

    :raises InvalidInput: one is none, or there is none.
    """
    groups = {"to": letter.to, "cc": letter.cc, "bcc": letter.bcc}
    found = [_address(name, each).addr_spec for name, group in groups.items() for each in group]
    if not found:
        raise actions.InvalidInput("A mail needs somebody to read it: 'to', 'cc' or 'bcc'")
    return list(dict.fromkeys(found))


def _line(parameter: str, text: str) -> str:
    if _CONTROL.search(text):
        raise actions.InvalidInput(
            f"Parameter '{parameter}' becomes part of a header: it may hold no line break or other "
            "control character"
        )
    return text


def _address(parameter: str, text: str) -> Address:
    """Return the one address in a text such as ``Ann <ann@example.org>``."""
    header: Any = policy.SMTP.header_factory("to", _line(parameter, text))
    groups = header.groups
    whole = len(groups) == 1 and groups[0].display_name is None and len(header.addresses) == 1
    if not whole or header.defects or not all((_first(header).username, _first(header).domain)):
        raise actions.InvalidInput(
            f"Parameter '{parameter}': {text!r} is not one address, as in ann@example.org or "
            "Ann <ann@example.org>"
        )
    return _first(header)


def _first(header: Any) -> Address:
    address: Address = header.addresses[0]
    return address


def _set_header(message: EmailMessage, name: str, value: str) -> None:
    at = f"headers.{name}"
    if not _HEADER_NAME.fullmatch(name):
        raise actions.InvalidInput(f"Parameter 'headers': {name!r} is no name of a header")
    if name.lower() in _OURS or name.lower().startswith(("content-", "resent-")):
        raise actions.InvalidInput(f"Parameter '{at}' follows from the other ones: leave it out")
    message[name] = _line(at, value)


def _set_body(message: EmailMessage, letter: Letter) -> None:
    if letter.text is None:
        message.set_content(letter.html, subtype="html")
        return
    message.set_content(letter.text)
    if letter.html is not None:
        # The last one is what a reader shows that can.
        message.add_alternative(letter.html, subtype="html")


def _attach(message: EmailMessage, attachment: Attachment, parameter: str) -> None:
    if (attachment.text is None) == (attachment.data is None):
        raise actions.InvalidInput(
            f"Parameter '{parameter}' needs either 'text' or 'data' (base64)"
        )
    content = attachment.data if attachment.text is None else attachment.text.encode()
    main, _, sub = attachment.content_type.partition("/")
    filename = _line(f"{parameter}.filename", attachment.filename)
    message.add_attachment(content, maintype=main, subtype=sub, filename=filename)
