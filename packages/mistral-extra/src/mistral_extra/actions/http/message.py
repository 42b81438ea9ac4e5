# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A request as it goes out, made of what the workflow says."""

from __future__ import annotations

import base64
import contextlib
import datetime
import json as json_format
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import urllib3
from urllib3.util import Url, parse_url

from mistral_extra.actions.http import parameters
from mistral_extra.actions.network import tls as tls_parameter
from mistral_extra.actions.network.names import LONGEST_NAME
from mistral_extra.actions.network.texts import one_line
from mistral_lib import actions

__all__ = ["Outgoing", "compose", "parse"]

_DEFAULT_PORTS = {"http": 80, "https": 443}

_IDEMPOTENT = frozenset(("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"))

_METHOD = re.compile(r"[A-Z]+")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")

#: What is between the scheme and the path, without a password and a port.
_HOST = re.compile(
    r"(?:[a-zA-Z][a-zA-Z0-9+.-]*:)?(?://)?(?:[^\\/?#]*@)?([^\\/?#]*?)(?::[0-9]*)?(?=[\\/?#]|\Z)"
)

#: They say where a message ends or where it goes, which is not the workflow's to say.
_OURS = frozenset(("connection", "content-length", "host", "transfer-encoding"))


@dataclass(frozen=True)
class Outgoing:
    """One request."""

    method: str
    url: Url
    #: By their names as they are sent: they mean the same in small letters, but not to all servers.
    headers: Mapping[str, str]
    body: bytes | None = None
    tls: tls_parameter.Tls | None = None
    #: What a server may repeat, and must not show.
    secrets: tuple[Any, ...] = ()
    #: Whether it says something only as it is: by its method, to its server, with all headers.
    binding: bool = False

    @property
    def host(self) -> str:
        """The host as a resolver and a certificate have it, without the brackets of IPv6."""
        assert self.url.host is not None
        return self.url.host.strip("[]")

    @property
    def port(self) -> int:
        """The port, where the URL has none that of its scheme."""
        port = self.url.port
        return _DEFAULT_PORTS[self.url.scheme or "http"] if port is None else port

    @property
    def origin(self) -> tuple[str | None, str, int]:
        """What decides whether another request goes to the same server."""
        return self.url.scheme, self.host, self.port

    @property
    def idempotent(self) -> bool:
        """Whether sending it twice does the same as once (RFC 9110, 9.2.2)."""
        return self.method in _IDEMPOTENT

    @property
    def shown(self) -> str:
        """The URL for people: its query may hold what is nobody's business, and it may be long."""
        return one_line(Url(self.url.scheme, None, self.url.host, self.url.port, self.url.path).url)


def parse(url: str) -> Url:
    """Return the parts of an absolute http or https URL.

    :raises InvalidInput: it is none, or holds a password.
    """
    host = _HOST.match(url)
    if host and len(host[1]) > LONGEST_NAME:
        # Before it is parsed, since that takes seconds.
        raise actions.InvalidInput("Parameter 'url' has a host of more than 253 characters")
    try:
        parts = parse_url(url)
    except urllib3.exceptions.LocationParseError as e:
        raise actions.InvalidInput("Parameter 'url' can't be parsed") from e
    if parts.auth is not None:
        # Not shown: it may be a password.
        raise actions.InvalidInput(
            "Parameter 'url' holds a user name or password: give them as 'auth'"
        )
    if parts.port == 0:
        raise actions.InvalidInput("Parameter 'url' has port 0, which nobody can listen at")
    if parts.scheme not in _DEFAULT_PORTS or not parts.host:
        raise actions.InvalidInput(
            "Parameter 'url' must be http(s)://HOST[:PORT][/PATH], got "
            f"{parts.scheme or 'no scheme'} and {parts.host or 'no host'}"
        )
    return parts


def compose(
    method: str,
    url: str,
    params: Mapping[str, Any],
    headers: Mapping[str, str | None],
    secret_headers: Mapping[str, str | None],
    content: parameters.Content,
    auth: parameters.Auth | None,
    tls: tls_parameter.Tls | None,
) -> Outgoing:
    """Return the request that these parameters describe.

    :raises InvalidInput: they contradict each other, or HTTP can't say them.
    """
    if not _METHOD.fullmatch(method):
        raise actions.InvalidInput("Parameter 'method' must be in capital letters, as in POST")
    parts = parse(url)
    if params:
        with _encodable("params"):
            query = urlencode(_pairs("params", params))
        parts = parts._replace(query="&".join(filter(None, (parts.query, query))))
    body, content_type = _encoded(content)
    given = _once(
        _checked("headers", headers, secret=False),
        _checked("secret_headers", secret_headers, secret=True),
        _authorization(auth),
        # Nobody else knows what divides its parts.
        {"Content-Type": content_type or ""} if content.files is not None else {},
    )
    usual = {
        "Accept": "*/*",
        "Accept-Encoding": "gzip, deflate",
        "User-Agent": "mistral-extra",
        **({} if content_type is None else {"Content-Type": content_type}),
    }
    names = {name.lower() for name in given}
    sent = {name: value for name, value in usual.items() if name.lower() not in names}
    secrets = (
        tuple(secret_headers.values()),
        auth and (auth.password, auth.bearer),
        tls and tls.certificate,
    )
    return Outgoing(method, parts, sent | given, body, tls, secrets)


def _once(*groups: Mapping[str, str]) -> dict[str, str]:
    """Return headers of several sources together.

    :raises InvalidInput: one is given by two of them.
    """
    together: dict[str, str] = {}
    names: set[str] = set()
    for name, value in (pair for group in groups for pair in group.items()):
        if name.lower() in names:
            raise actions.InvalidInput(f"Header {name!r} is given twice: leave one out")
        names.add(name.lower())
        together[name] = value
    return together


def _pairs(parameter: str, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return names and values as they are sent: a list repeats its name, null leaves it out."""
    return [
        (name, _text(f"{parameter}.{name}", each))
        for name, value in values.items()
        for each in (value if isinstance(value, (list, tuple, set, frozenset)) else (value,))
        if each is not None
    ]


def _text(parameter: str, value: Any) -> str:
    """Return a value as text: true is ``true``, and a dictionary is an object, as in JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return _json(parameter, value)


def _json(parameter: str, value: Any) -> str:
    try:
        return json_format.dumps(value, allow_nan=False, default=_json_of)
    except (TypeError, ValueError, RecursionError) as e:
        raise actions.InvalidInput(
            f"Parameter '{parameter}' is not JSON-serializable: {one_line(str(e))}"
        ) from e


def _json_of(value: Any) -> Any:
    """Return what an expression may have made and JSON has no form for, in the usual one."""
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, (set, frozenset)):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _checked(
    parameter: str, headers: Mapping[str, str | None], *, secret: bool
) -> Mapping[str, str]:
    """Return those headers that have a value, if they can be sent."""
    sent = {name: value for name, value in headers.items() if value is not None}
    for name, value in sent.items():
        # Never the value, which may be the secret.
        at = f"Parameter '{parameter}', header {name!r}"
        if not _HEADER_NAME.fullmatch(name):
            raise actions.InvalidInput(f"{at}: a name has letters, digits and dashes")
        if not _HEADER_VALUE.fullmatch(value):
            raise actions.InvalidInput(
                f"{at}: a value has no line breaks, and only characters of ISO 8859-1"
            )
        if name.lower() in _OURS:
            raise actions.InvalidInput(f"{at} follows from the URL and the body: leave it out")
        if not secret and actions.is_secret_header(name):
            raise actions.InvalidInput(
                f"{at} is a credential: give it as 'auth' or in 'secret_headers', where it is "
                "masked"
            )
    return sent


def _authorization(auth: parameters.Auth | None) -> dict[str, str]:
    if auth is None:
        return {}
    basic = auth.username is not None and auth.password is not None
    if basic == (auth.bearer is not None) or (auth.username is None) != (auth.password is None):
        raise actions.InvalidInput(
            "Parameter 'auth' needs either 'username' and 'password', or 'bearer'"
        )
    if auth.bearer is None:
        with _encodable("auth"):
            pair = base64.b64encode(f"{auth.username}:{auth.password}".encode()).decode()
        return {"Authorization": f"Basic {pair}"}
    if not _HEADER_VALUE.fullmatch(auth.bearer):
        raise actions.InvalidInput("Parameter 'auth.bearer' has a character that no token has")
    return {"Authorization": f"Bearer {auth.bearer}"}


def _encoded(content: parameters.Content) -> tuple[bytes | None, str | None]:
    """Return the body and its type."""
    given = [name for name, value in content._asdict().items() if value is not None]
    if len(given) > 1 and given != ["form", "files"]:
        raise actions.InvalidInput(
            f"Parameters {' and '.join(map(repr, given))}: a request has one body; only 'form' "
            "and 'files' go together"
        )
    if content.json is not None:
        return _json("json", content.json).encode(), "application/json"
    with _encodable(*given):
        if content.body is not None:
            return content.body.encode(), "text/plain; charset=utf-8"
        if content.files is not None:
            return _multipart(content.form or {}, content.files)
        if content.form is not None:
            form = urlencode(_pairs("form", content.form))
            return form.encode(), "application/x-www-form-urlencoded"
    return None, None


@contextlib.contextmanager
def _encodable(*given: str) -> Iterator[None]:
    """Have a text in these parameters that UTF-8 can't say refused."""
    try:
        yield
    except UnicodeEncodeError as e:
        raise actions.InvalidInput(
            f"Parameter {' or '.join(map(repr, given))} has half of a surrogate pair, which "
            "is no character and can't be sent"
        ) from e


def _multipart(
    form: Mapping[str, Any], files: Mapping[str, parameters.FilePart]
) -> tuple[bytes, str]:
    fields: list[Any] = [*_pairs("form", form)]
    for name, part in files.items():
        if (part.text is None) == (part.data is None):
            raise actions.InvalidInput(
                f"Parameter 'files.{name}' needs either 'text' or 'data' (base64)"
            )
        if not _HEADER_VALUE.fullmatch(part.content_type):
            raise actions.InvalidInput(
                f"Parameter 'files.{name}.content_type' must be as in text/plain"
            )
        content = part.data if part.text is None else part.text.encode()
        fields.append((name, (part.filename, content, part.content_type)))
    return urllib3.encode_multipart_formdata(fields)
