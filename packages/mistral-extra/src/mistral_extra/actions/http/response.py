# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What a server answered, as data that a workflow can read."""

from __future__ import annotations

import base64
import email.message
import functools
import json
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
            return _JSON.decode(body.decode(json.detect_encoding(body))), "json"
        except (ValueError, RecursionError):
            pass
    try:
        return body.decode(charset), "text"
    except (UnicodeDecodeError, LookupError):
        return base64.b64encode(body).decode("ascii"), "base64"


# A server says the same few again and again.
@functools.lru_cache
def _type_of(content_type: str) -> tuple[str, str]:
    """Return type and character set of a header."""
    header = email.message.Message()
    header["content-type"] = content_type
    return header.get_content_type(), header.get_content_charset("utf-8")


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


_JSON = json.JSONDecoder(parse_constant=_refuse)
