# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What parameters and contexts are read from: files and standard input."""

from __future__ import annotations

import codecs
import sys

from mistral_lib.cli import outcomes

__all__ = ["LARGEST", "read", "text"]

#: Bytes read of one file. A workflow's data is far smaller, and a device has no end.
LARGEST = 64 * 1024 * 1024

#: Windows tools write them. The longer ones first: that of UTF-32 begins as that of UTF-16.
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def read(path: str, what: str, *, stdin: bool = False) -> bytes:
    """Return what a file holds.

    :param what: the subject of the message.
    :param stdin: ``-`` is standard input.
    :raises Failure: it can't be read, or holds more than :data:`LARGEST` bytes.
    """
    try:
        if stdin and path == "-":
            if sys.stdin is None:
                raise outcomes.Failure(f"{what}: standard input is closed", outcomes.USAGE)
            content = sys.stdin.buffer.read(LARGEST + 1)
        else:
            with open(path, "rb") as file:
                content = file.read(LARGEST + 1)
    except (OSError, ValueError) as e:
        reason = getattr(e, "strerror", None) or e
        raise outcomes.Failure(f"{what} can't be read: {reason}", outcomes.USAGE) from e
    if len(content) > LARGEST:
        raise outcomes.Failure(
            f"{what} holds more than {LARGEST >> 20} MiB, the most that is read", outcomes.USAGE
        )
    return content


def text(content: bytes, what: str) -> str:
    """Return content as text: UTF-8, or what a byte order mark at its beginning says.

    :param what: the subject of the message.
    :raises Failure: it is not valid in that encoding.
    """
    marks = (pair for pair in _BYTE_ORDER_MARKS if content.startswith(pair[0]))
    mark, encoding = next(marks, (b"", "utf-8"))
    try:
        return content[len(mark) :].decode(encoding)
    except UnicodeDecodeError as e:
        raise outcomes.Failure(f"{what} is not valid {encoding.upper()}", outcomes.USAGE) from e
