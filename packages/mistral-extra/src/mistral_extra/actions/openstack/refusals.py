# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What a service answered last, in case its client does not tell.

Clients make an exception of a refusal, and many lose something on the way: the request's id, the
time to wait. Eight of them even stumble over a ``Retry-After`` header, and what they raise is a
TypeError. So each run has its last response at hand.
"""

from __future__ import annotations

import re
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Protocol

from mistral_lib.actions import headers

if TYPE_CHECKING:
    from types import TracebackType

    from requests import PreparedRequest, Response

__all__ = ["Noted", "is_page", "note_request", "page_title", "watch"]

_FIRST_REFUSAL = 400


class Noted:
    """The last response to this thread, and the last request, while the block runs."""

    __slots__ = ("_token", "request", "response")

    def __init__(self) -> None:
        self.response: Response | None = None
        #: The last request, whether or not it was answered.
        self.request: PreparedRequest | None = None

    def __enter__(self) -> Noted:
        self._token = _noting.set(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        _noting.reset(self._token)
        close = getattr(self.response, "close", None)
        if close is not None:
            # A response that was to be streamed, and that nobody read, would keep its connection.
            close()

    @property
    def refusal(self) -> Response | None:
        """The last response, if it was a refusal."""
        response = self.response
        return None if response is None or response.status_code < _FIRST_REFUSAL else response

    @property
    def credentials(self) -> list[str | bytes]:
        """What the last request authenticated with."""
        sent = getattr(self.response, "request", None)
        return list(headers.credentials(getattr(sent, "headers", None)))

    @property
    def web_page(self) -> Response | None:
        """The last response, if it was a page for people, such as a portal's or a proxy's.

        Services call many an empty answer ``text/html``, so the body must be a page; and some
        render a status as one, ``<title>202 Accepted</title>``. A body that was streamed is
        content, whatever it held.
        """
        response = self.response
        if response is None or response.status_code >= _FIRST_REFUSAL:
            return None
        if "html" not in response.headers.get("Content-Type", "").lower():
            return None
        try:
            body = response.content
        except (RuntimeError, OSError):
            return None
        status = str(response.status_code)
        return response if is_page(body) and not page_title(body).startswith(status) else None


#: How a page begins, behind a byte order mark, blanks, a declaration and comments.
_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:\s|<\?xml[^>]*>|<!--.*?-->)*<(?:!doctype\s+html|html)\b",
    re.IGNORECASE | re.DOTALL,
)
_TITLE = re.compile(rb"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)

#: How much of a page is looked at, in bytes.
_HEAD = 4096


def is_page(body: bytes) -> bool:
    """Return whether ``body`` is HTML."""
    return _PAGE.match(body, 0, _HEAD) is not None


def page_title(body: bytes) -> str:
    """Return the title of a page; empty where it has none."""
    import html

    title = _TITLE.search(body, 0, _HEAD)
    return " ".join(html.unescape(title[1].decode("utf-8", "replace")).split()) if title else ""


_noting: ContextVar[Noted | None] = ContextVar("mistral_extra_noting", default=None)


class _Sender(Protocol):
    """keystoneauth's session, or whatever else sends through a session of requests."""

    @property
    def session(self) -> Any: ...


def watch(sender: _Sender) -> None:
    """Note the responses to whatever ``sender`` sends from now on."""
    hooks = sender.session.hooks["response"]
    if _note not in hooks:
        hooks.append(_note)


def note_request(request: PreparedRequest) -> None:
    """Note a request that is about to be sent."""
    noted = _noting.get()
    if noted is not None:
        noted.request = request


def _note(response: Response, *args: Any, **kwargs: Any) -> None:
    noted = _noting.get()
    if noted is not None:
        noted.response = response
