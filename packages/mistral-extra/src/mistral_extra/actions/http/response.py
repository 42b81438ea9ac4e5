# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What a server answered, as data that a workflow can read."""

from __future__ import annotations

import base64
import codecs
import email.message
import functools
import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["Response", "content_of", "headers_of"]

Format = Literal["json", "text", "base64"]


@dataclass
class Response:
    """The answer to a request."""

    status: int
    #: The words after the status, for people.
    reason: str
    #: Where the answer came from: the last one, after redirects.
    url: str
    #: By their names in small letters.
    headers: dict[str, str]
    #: Data where the server sent JSON, else text, else bytes in base64: see ``format``.
    content: Any
    format: Format
    #: Of the body in bytes, decompressed.
    size: int
    #: Seconds from the first byte sent to the last received, retries and redirects included.
    elapsed: float = 0.0
    #: The URLs that redirected.
    history: list[str] = field(default_factory=list)


def content_of(body: bytes, content_type: str | None) -> tuple[Any, Format]:
    """Return a body as data, and which form that has.

    A body that is not what its type says is taken for the next simpler form.
    """
    kind, charset = _type_of(content_type or "text/plain")
    if kind == "application/json" or kind.endswith("+json"):
        try:
            return _data_of(body.decode(json.detect_encoding(body))), "json"
        except (ValueError, RecursionError):
            pass
    try:
        return _text_of(body, charset), "text"
    except (ValueError, LookupError):
        return base64.b64encode(body).decode("ascii"), "base64"


def _data_of(text: str) -> Any:
    data = _JSON.decode(text)
    if _HALF_A_PAIR.search(text):
        # Only so can JSON hold what is no text: nobody could store or send it on.
        json.dumps(data, ensure_ascii=False).encode()
    return data


def _text_of(body: bytes, charset: str) -> str:
    if codecs.lookup(charset).name in _PYTHONS_OWN:
        raise LookupError(charset)
    return body.decode(charset)


# A server says the same few again and again.
@functools.lru_cache
def _type_of(content_type: str) -> tuple[str, str]:
    """Return type and character set of a header."""
    header = email.message.Message()
    header["content-type"] = content_type
    try:
        return header.get_content_type(), header.get_content_charset("utf-8")
    except ValueError:
        return header.get_content_type(), _UNKNOWN


def headers_of(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return headers by their names in small letters.

    Values of one name are joined by a comma, cookies (which may hold one) by a line break.
    """
    headers: dict[str, str] = {}
    for name, value in pairs:
        name = name.lower()
        before = headers.get(name)
        between = "\n" if name == "set-cookie" else ", "
        headers[name] = value if before is None else f"{before}{between}{value}"
    return headers


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _finite(number: str) -> float:
    value = float(number)
    if math.isinf(value):
        raise ValueError(f"{number} is more than a number can hold")
    return value


_JSON = json.JSONDecoder(parse_constant=_refuse, parse_float=_finite)
_HALF_A_PAIR = re.compile(r"\\u[dD][89a-fA-F]")

#: The name of no character set.
_UNKNOWN = ""

#: Codecs for other ends than text of the web: some take minutes, or make what is no text.
_PYTHONS_OWN = frozenset(
    ("idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7")
)
