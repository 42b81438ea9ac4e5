# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A mail as it goes out, made of what the workflow says, and of no more than that.

Text that becomes part of a header may hold no control character: a line break would begin a header
of somebody else's making. Nor may it be in the form that such text has on its way (RFC 2047): the
standard library reads that, line breaks and all, and older ones write those out as they are. An
address is one address: a comma would bring in another reader.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from email import policy, utils
from email.errors import NonASCIILocalPartDefect
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Any, NamedTuple

from mistral_extra.actions.email import folding
from mistral_extra.actions.email.parameters import Attachment
from mistral_extra.actions.network.texts import check_whole
from mistral_lib import actions
from mistral_lib.utils import cut

__all__ = ["Letter", "compose", "envelope", "sender_of"]

_CONTROL = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]")
_ENCODED_WORD = re.compile(r"=\?.*\?=")

#: A name that is neither in quotes nor has anything that divides addresses.
_BARE_NAME = re.compile(r'\s*([^()<>\[\]:;@,"\\]*[^()<>\[\]:;@,"\\\s])\s*<([^<>]*)>\s*')

#: Characters: 64 before the @, and 255 after it (RFC 5321, 4.5.3.1).
_LONGEST_ADDRESS = 320

_HEADER_NAME = re.compile(r"[A-Za-z0-9-]+")

#: A message is a text here, and of several parts nobody could say which is which.
_CONTENT_TYPE = re.compile(r"(?!multipart/|message/)[A-Za-z0-9.+-]+/[A-Za-z0-9.+-]+")

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
    check_whole({"text": letter.text, "html": letter.html})
    sender = _address("sender", letter.sender)
    message = EmailMessage(policy=folding.POLICY)
    message["From"] = folding.addresses([sender])
    for name, group in {"to": letter.to, "cc": letter.cc}.items():
        if group:
            message[name.title()] = folding.addresses([_address(name, each) for each in group])
    if letter.reply_to is not None:
        message["Reply-To"] = folding.addresses([_address("reply_to", letter.reply_to)])
    message["Subject"] = folding.text("Subject", _line("subject", letter.subject))
    message["Date"] = datetime.datetime.now(datetime.UTC)
    message["Message-ID"] = folding.Folded(utils.make_msgid(domain=sender.domain))
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


def sender_of(message: EmailMessage) -> str:
    """Return the address that a message is from."""
    address: Address = message["From"].addresses[0]
    return address.addr_spec


def _line(parameter: str, text: str) -> str:
    check_whole({parameter: text})
    if _CONTROL.search(text):
        raise actions.InvalidInput(
            f"Parameter '{parameter}' becomes part of a header: it may hold no line break or other "
            "control character"
        )
    if _ENCODED_WORD.search(text):
        raise actions.InvalidInput(
            f"Parameter '{parameter}' becomes part of a header: write its letters as they are, not "
            "encoded between =? and ?="
        )
    return text


def _address(parameter: str, text: str) -> Address:
    """Return the one address in a text such as ``Ann <ann@example.org>``, its domain in ASCII."""
    line = _line(parameter, text)
    found = _only_address(line)
    if found is None and (match := _BARE_NAME.fullmatch(line)):
        # A full stop in a name, which RFC 5322, 4.1, has readers understand.
        found = _only_address('"{}" <{}>'.format(*match.groups()))
    if found is None:
        raise actions.InvalidInput(
            f"Parameter '{parameter}': {cut(text, 80)!r} is not one address, as in ann@example.org "
            "or Ann <ann@example.org>; a name with any of ()<>[]:;@, goes in quotes, as in "
            '"Smith, Ann" <ann@example.org>'
        )
    if len(found.addr_spec) > _LONGEST_ADDRESS:
        raise actions.InvalidInput(
            f"Parameter '{parameter}': an address has at most {_LONGEST_ADDRESS} characters"
        )
    return found


def _only_address(text: str) -> Address | None:
    try:
        header: Any = policy.SMTP.header_factory("to", text)
        (group,), (address,) = header.groups, header.addresses
        domain = address.domain.encode("idna").decode()
        complete = bool(address.username and domain) and group.display_name is None
    except Exception:
        # Of some texts the parser says a defect, and over others it falls.
        return None
    # What such a name needs is the server's to say.
    defects = [each for each in header.defects if not isinstance(each, NonASCIILocalPartDefect)]
    if defects or not complete:
        return None
    return Address(address.display_name, address.username, domain)


def _set_header(message: EmailMessage, name: str, value: str) -> None:
    at = f"headers.{name}"
    if not _HEADER_NAME.fullmatch(name):
        raise actions.InvalidInput(f"Parameter 'headers': {name!r} is no name of a header")
    if name.lower() in _OURS or name.lower().startswith(("content-", "resent-")):
        raise actions.InvalidInput(f"Parameter '{at}' follows from the other ones: leave it out")
    folded = folding.tokens(name, _line(at, value))
    if folded is None:
        raise actions.InvalidInput(
            f"Parameter '{at}' has a word that is longer than a line of a mail, which has at most "
            f"{folding.LONGEST_LINE} characters"
        )
    message[name] = folded


def _set_body(message: EmailMessage, letter: Letter) -> None:
    if letter.text is None:
        message.set_content(letter.html, subtype="html", cte=_encoding(letter.html or ""))
        return
    message.set_content(letter.text, cte=_encoding(letter.text))
    if letter.html is not None:
        # The last one is what a reader shows that can.
        message.add_alternative(letter.html, subtype="html", cte=_encoding(letter.html))


def _encoding(text: str) -> str | None:
    """Return how a body is to be encoded; None for as it is best."""
    # The one character that is ASCII and can't be sent.
    return "base64" if "\0" in text else None


def _attach(message: EmailMessage, attachment: Attachment, parameter: str) -> None:
    if (attachment.text is None) == (attachment.data is None):
        raise actions.InvalidInput(
            f"Parameter '{parameter}' needs either 'text' or 'data' (base64)"
        )
    if not _CONTENT_TYPE.fullmatch(attachment.content_type):
        raise actions.InvalidInput(
            f"Parameter '{parameter}.content_type' must be as in text/plain, and no multipart"
        )
    check_whole({f"{parameter}.text": attachment.text})
    main, _, sub = attachment.content_type.partition("/")
    message.add_attachment(
        attachment.data if attachment.text is None else attachment.text.encode(),
        maintype=main,
        subtype=sub,
        params={} if attachment.text is None else {"charset": "utf-8"},
    )
    (*_, part) = message.iter_parts()
    filename = _line(f"{parameter}.filename", attachment.filename)
    part.replace_header("Content-Disposition", folding.disposition(filename))
