# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What a client's error, or a response, says of the answer it is about.

Clients agree on nothing but that it is there somewhere, so it is looked for by name.
"""

from __future__ import annotations

from typing import Any

from mistral_lib import utils

__all__ = ["is_refusal", "message", "request_id", "retry_after", "status"]

_FIRST_REFUSAL, _LAST_REFUSAL = 400, 599


def status(error: Any) -> int | None:
    """Return the HTTP status of a refusal; None where there was no answer."""
    # swiftclient's service keeps the client's error in its own.
    places = [error, getattr(error, "response", None), getattr(error, "exception", None)]
    keywords = getattr(error, "kwargs", None)
    if isinstance(keywords, dict):
        # blazarclient keeps it there, beside a class attribute that is 500 whatever happened.
        places.insert(0, _Named(keywords))
    for place in places:
        for name in ("http_status", "status_code", "code", "http_code", "status", "error_code"):
            value: Any = getattr(place, name, None)
            if isinstance(value, str) and value.isdigit():
                value = int(value)
            if is_refusal(value):
                return int(value)
    # barbicanclient passes its message and its status on as one.
    arguments: tuple[Any, ...] = getattr(error, "args", ())
    return next((a for a in arguments[1:] if is_refusal(a)), None)


def is_refusal(value: Any) -> bool:
    """Tell whether ``value`` is the status of a refusal."""
    return isinstance(value, int) and _FIRST_REFUSAL <= value <= _LAST_REFUSAL


class _Named:
    """Items of a dictionary as attributes."""

    def __init__(self, items: dict[str, Any]) -> None:
        vars(self).update(items)


def request_id(source: Any) -> str | None:
    """Return what the service's log calls the request."""
    found = getattr(source, "request_id", None)
    if not found:
        found = next(iter(getattr(source, "request_ids", None) or ()), None)
    if not found:
        headers = _headers(source)
        found = headers.get("x-openstack-request-id") or headers.get("x-trans-id")
    return found if isinstance(found, str) else None


def retry_after(source: Any) -> float | None:
    """Return for how many seconds to wait, of a header in either form or a client's attribute."""
    value: Any = _headers(source).get("retry-after", getattr(source, "retry_after", None))
    # novaclient's attribute is 0 where the answer had no such header.
    return utils.retry_after(value) or None


def _headers(source: Any) -> dict[str, str]:
    """Return the headers of the answer, names in lower case; empty where the client drops them."""
    for owner in (getattr(source, "response", None), source):
        for name in ("headers", "http_response_headers", "response_headers"):
            found: Any = getattr(owner, name, None)
            if hasattr(found, "items"):
                return {str(key).lower(): str(value) for key, value in found.items()}
    return {}


#: What services call what they tell people, the most telling first.
_NAMES = ("message", "error_message", "faultstring", "detail", "description", "title")


def message(response: Any) -> str:
    """Return what the body of a refusal tells people; the status' name where it tells nothing."""
    try:
        body = response.json()
    except ValueError:
        body = None
    told = next(filter(None, (_found(body, name) for name in _NAMES)), None)
    return told or f"{response.reason} (HTTP {response.status_code})"


def _found(body: Any, name: str) -> str | None:
    """Return the first text of that name, at any depth."""
    if isinstance(body, dict):
        value = body.get(name)
        if isinstance(value, str) and value:
            return value
        body = list(body.values())
    if isinstance(body, list):
        return next(filter(None, (_found(part, name) for part in body)), None)
    return None
