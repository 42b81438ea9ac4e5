# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""HTTP headers whose values are credentials, wherever data holds headers by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

__all__ = ["credentials", "is_secret_header", "without_credentials"]

#: In lower case. Those of RFC 9110 and RFC 6265, OpenStack's, and what others agreed on.
_SECRET = frozenset(
    {
        "authorization",
        "proxy-authorization",
        "cookie",
        "set-cookie",
        "x-api-key",
        "x-auth-token",
        "x-subject-token",
        "x-service-token",
    }
)

#: Deeper data is no set of headers; it may be a cycle.
_DEEPEST = 8
#: Of cookies, shorter values are preferences ("dark", "en-GB") rather than session ids.
_SHORTEST_COOKIE = 8


def is_secret_header(name: Any) -> bool:
    """Tell whether a header of that name is a credential, in any case, with ``-`` or ``_``.

    >>> from mistral_lib import actions
    >>> actions.is_secret_header("X-Auth-Token")
    True
    """
    return isinstance(name, str) and name.lower().replace("_", "-") in _SECRET


def credentials(value: Any, depth: int = 0) -> Iterator[str | bytes]:
    """Yield the credentials in headers anywhere in data, whole and without ``Bearer`` and such."""
    from collections.abc import Mapping

    if depth > _DEEPEST:
        return
    if isinstance(value, Mapping):
        for name, part in value.items():
            if is_secret_header(name):
                yield from _parts(name.lower(), part)
            else:
                yield from credentials(part, depth + 1)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from credentials(part, depth + 1)


def without_credentials(value: Any, mask: str) -> Any:
    """Return a copy of dictionaries and lists with ``mask`` for the values of such headers."""
    if isinstance(value, dict):
        return {
            k: mask if v is not None and is_secret_header(k) else without_credentials(v, mask)
            for k, v in value.items()
        }
    if type(value) in (list, tuple):
        return type(value)(without_credentials(v, mask) for v in value)
    return value


def _parts(name: str, value: Any) -> Iterator[str | bytes]:
    if isinstance(value, (list, tuple)):
        for part in value:
            yield from _parts(name, part)
    elif isinstance(value, bytes):
        if value:
            yield value
            yield from _parts(name, value.decode("latin-1"))
    elif isinstance(value, str) and value.strip():
        yield value
        if name.endswith("cookie"):
            # What follows in a Set-Cookie are attributes, such as "Path=/".
            pairs = value.split(";")[: 1 if name.startswith("set") else None]
            cookies = (pair.partition("=")[2].strip(' "') for pair in pairs)
            yield from (cookie for cookie in cookies if len(cookie) >= _SHORTEST_COOKIE)
        else:
            rest = value.strip().partition(" ")[2].strip()
            if rest:
                yield rest
