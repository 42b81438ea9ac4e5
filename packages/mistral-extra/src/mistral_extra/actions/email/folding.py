# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Lines of a mail's header, folded so that every reader finds in them what was written.

The standard library's folding, of several releases of Python, encodes the comma between two
addresses, takes the quotes off a name whose commas then make further addresses, and encodes long
identifiers, which are not text. So these lines are folded here: between addresses and at blanks
alone, and words beyond ASCII are encoded one by one (RFC 2047).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from typing import Any
from urllib.parse import quote

__all__ = [
    "LONGEST_LINE",
    "POLICY",
    "Folded",
    "addresses",
    "disposition",
    "is_international",
    "text",
    "tokens",
]

#: Characters that a line should have at most, and must (RFC 5322, 2.1.1).
_LINE = 78
LONGEST_LINE = 998

_FOLD = "\r\n "

#: A name of such words needs no quotes (RFC 5322, 3.2.3).
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+( [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")

#: Characters of a name that is quoted as a whole; a longer one is encoded, which can be folded.
_LONGEST_QUOTED = 200

_PLAIN_FILENAME = re.compile(r"[A-Za-z0-9 !#$&+,.^_`{}~-]{1,50}")

#: Characters of a filename a line.
_LONGEST_PIECE = 60

_UNPRINTABLE = re.compile(r"[^\x20-\x7e]")


class Folded(str):
    """A header's value as it goes out."""


class _AsFolded(EmailPolicy):
    """Writes values that are folded already as they are."""

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        if isinstance(value, Folded):
            return name, value
        return super().header_store_parse(name, value)


#: Bodies are sent in seven bits: not every server takes eight.
POLICY = _AsFolded(linesep="\r\n", refold_source="none", cte_type="7bit")


def addresses(mailboxes: Sequence[Address]) -> Folded:
    """Return the value of a header that lists addresses, one a line."""
    return Folded(f",{_FOLD}".join(map(_mailbox, mailboxes)))


def _mailbox(address: Address) -> str:
    name, spec = address.display_name, address.addr_spec
    if not name:
        return spec
    if _UNPRINTABLE.search(name) or len(name) > _LONGEST_QUOTED or "=?" in name:
        written = _encoded_name(name)
    elif _ATOMS.fullmatch(name):
        written = name
    else:
        escaped = re.sub(r'(["\\])', r"\\\1", name)
        written = f'"{escaped}"'
    between = " " if len(written.rpartition("\n")[2]) + len(spec) + 4 <= _LINE else _FOLD
    return f"{written}{between}<{spec}>"


def _encoded_name(name: str) -> str:
    """Return a name in as few encoded pieces side by side as can be.

    Python's own parser reads a blank between two of them, where RFC 2047, 6.2, has none. So of a
    long name the words stay as they are that need no encoding.
    """
    whole = _encoded("", name)
    if _FOLD not in whole or "  " in name or name != name.strip(" "):
        return whole
    groups = itertools.groupby(name.split(" "), _needs_encoding)
    return _FOLD.join(
        _encoded("", " ".join(words)) if encoded else _at_blanks("", " ".join(words))
        for encoded, words in groups
    )


def _needs_encoding(word: str) -> bool:
    return not _ATOMS.fullmatch(word) or "=?" in word or len(word) > _LONGEST_QUOTED


def text(name: str, value: str) -> Folded:
    """Return the value of a header that is text for people, such as the subject."""
    plain = not _UNPRINTABLE.search(value) and value == value.strip() and "=?" not in value
    if plain and _longest_word(value) + len(name) + 2 <= LONGEST_LINE:
        return _at_blanks(name, value)
    return Folded(_encoded(name, value))


def tokens(name: str, value: str) -> Folded | None:
    """Return the value of a header that may be anything; None where it can't be folded.

    It may consist of identifiers, whose letters are never encoded: only text beyond ASCII is.
    """
    if _UNPRINTABLE.search(value):
        return Folded(_encoded(name, value))
    if _longest_word(value) + len(name) + 2 > LONGEST_LINE:
        return None
    return _at_blanks(name, value.strip())


def disposition(filename: str) -> Folded:
    """Return the value of the header that names an attached file."""
    if _PLAIN_FILENAME.fullmatch(filename):
        return Folded(f'attachment; filename="{filename}"')
    # Not every reader takes quotes and backslashes for what they stand for (RFC 2231 has neither).
    pieces = ["utf-8''"]
    for character in filename:
        escaped = quote(character, safe="")
        if len(pieces[-1]) + len(escaped) > _LONGEST_PIECE:
            pieces.append("")
        pieces[-1] += escaped
    if len(pieces) == 1:
        return Folded(f"attachment;{_FOLD}filename*={pieces[0]}")
    numbered = (f"{_FOLD}filename*{number}*={piece}" for number, piece in enumerate(pieces))
    return Folded("attachment;" + ";".join(numbered))


def is_international(message: EmailMessage) -> bool:
    """Tell whether a header has letters beyond ASCII as they are: those of an address."""
    return not all(value.isascii() for _, value in message.raw_items() if isinstance(value, Folded))


def _longest_word(value: str) -> int:
    return max(map(len, value.split(" ")))


def _at_blanks(name: str, value: str) -> Folded:
    """Fold before the last of each run of blanks, so that nothing is lost and no line is blank."""
    lines, length = [""], len(name) + 2
    for piece in re.findall(r" *[^ ]+", value):
        word = piece.lstrip(" ")
        if lines[-1] and piece != word and length + len(piece) > _LINE:
            # One blank begins the next line.
            lines[-1] += piece[: -len(word) - 1]
            lines.append(f" {word}")
            length = len(word) + 1
        else:
            lines[-1] += piece
            length += len(piece)
    return Folded("\r\n".join(lines))


def _encoded(name: str, value: str) -> str:
    return Header(value, charset="utf-8", header_name=name or None).encode(linesep="\r\n")
