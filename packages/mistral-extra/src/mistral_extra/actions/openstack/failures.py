# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Whatever a client raises, as one :class:`ActionException` with facts a workflow can branch on.

A refusal is known by its status, anything else by the names of the classes it is of.
``error_code`` is one of:

=======================  ===================================================================
``BAD_REQUEST``          400: the service can't make sense of a parameter
``UNAUTHORIZED``         401: the token is refused
``FORBIDDEN``            403: the token's user may not do this
``NOT_FOUND``            404
``CONFLICT``             409: the resource's state does not allow it
``OVER_LIMIT``           413: too large, or over a quota
``TOO_MANY_REQUESTS``    429
``SERVICE_UNAVAILABLE``  502, 503, 504
``SERVICE_ERROR``        any other status from 500 on
``REQUEST_REFUSED``      any other status from 400 on
``CONNECTION_FAILED``    no connection could be made, or it broke
``TLS_FAILED``           the server's certificate could not be verified
``REQUEST_TIMEOUT``      no answer in time
``ENDPOINT_NOT_FOUND``   the token's catalogue has no such service, region or interface
``CLIENT_MISSING``       the client's package is not installed
``METHOD_UNKNOWN``       the client has no such method
``METHOD_UNUSABLE``      the client has the method, but it can do nothing for an action
``INVALID_INPUT``        the parameters don't fit the method
``ANSWER_INVALID``       a web page answered, not the service
``CLIENT_FAILED``        anything else that the client raised
=======================  ===================================================================
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from mistral_extra.actions.openstack import answers, refusals
from mistral_extra.actions.openstack.utils import exceptions
from mistral_lib import exceptions as lib_exceptions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from requests import Response

    from mistral_extra.actions.openstack.services import Service

__all__ = [
    "Call",
    "client_missing",
    "invalid_input",
    "method_unknown",
    "method_unusable",
    "of",
    "web_page",
]

#: Longest text that is quoted of a client's error, in characters: some quote whole pages.
_LONGEST_TEXT = 1000

#: How the text of an error begins that is a whole body.
_RAW = ("b'", 'b"', "{")


class Call(NamedTuple):
    """What was called, for the text of its failure.

    :param action: name of the action's class.
    :param method: path of the client's method.
    :param service: None for an action that is none of the declared services'.
    """

    action: str
    method: str | None
    service: Service | None = None

    def __str__(self) -> str:
        return self.action if self.method is None else f"{self.action}.{self.method}"


class _Kind(NamedTuple):
    error_code: str
    #: What to do about it, where the error's own text would not say.
    advice: str = ""
    retryable: bool = False


_BY_STATUS = {
    400: _Kind("BAD_REQUEST"),
    401: _Kind(
        "UNAUTHORIZED",
        "the service refuses the token: it ended or was revoked, and only a trust renews itself",
    ),
    403: _Kind("FORBIDDEN", "the token's user lacks the role for this in the token's project"),
    404: _Kind("NOT_FOUND"),
    408: _Kind("REQUEST_TIMEOUT", retryable=True),
    409: _Kind("CONFLICT"),
    413: _Kind("OVER_LIMIT", "the request is too large, or over a quota or rate limit"),
    429: _Kind("TOO_MANY_REQUESTS", "the service wants fewer requests: try later", True),
    502: _Kind("SERVICE_UNAVAILABLE", "the service is down or overloaded: try later", True),
    503: _Kind("SERVICE_UNAVAILABLE", "the service is down or overloaded: try later", True),
    504: _Kind("SERVICE_UNAVAILABLE", "the service is down or overloaded: try later", True),
}
_TLS = _Kind(
    "TLS_FAILED",
    "the server's certificate can't be verified: its CA belongs into the context's auth_cacert",
)
_TIMEOUT = _Kind("REQUEST_TIMEOUT", "the service did not answer in time", True)
_CONNECTION = _Kind(
    "CONNECTION_FAILED", "the service can't be reached at the catalogue's address", True
)
_ENDPOINT = _Kind(
    "ENDPOINT_NOT_FOUND", "the token's catalogue has no such endpoint, or one that can't be used"
)
_INPUT = _Kind("INVALID_INPUT")
_METHOD = _Kind("METHOD_UNKNOWN")
_OTHER = _Kind("CLIENT_FAILED")

#: What Python raises where a value is not what the client's author thought of.
_STUMBLES = (AssertionError, AttributeError, LookupError, NameError, TypeError)

#: How Python says that they don't fit a client's own listing.
_LISTING = re.compile(r"\blist\(\) (missing \d+ required|got an unexpected keyword)")

#: How Python says that parameters don't fit.
_MISFIT = re.compile(r"\(\) (missing \d+ required|got an unexpected keyword|got multiple values)")


def _by_name(*groups: tuple[_Kind, str]) -> dict[str, _Kind]:
    return {name: kind for kind, names in groups for name in names.split()}


#: Kinds by class name: every client, keystoneauth, requests and Python have classes of their own,
#: often copies. Looked up along the MRO, the nearest first.
_BY_NAME = _by_name(
    (_TLS, "SSLError SslCertificateValidationError SSLCertificateError SSLConfigurationError"),
    (_TLS, "CertificateError"),
    (_TIMEOUT, "ConnectTimeout ConnectTimeoutError ConnectionTimeout ReadTimeout ReadTimeoutError"),
    (_TIMEOUT, "Timeout TimeoutError"),
    (_CONNECTION, "CommunicationError ConnectFailure ConnectionError ConnectionFailed"),
    (_CONNECTION, "ConnectionFailure ConnectionRefused UnknownConnectionError Disconnected"),
    (_CONNECTION, "RetriableConnectionFailure NewConnectionError NameResolutionError gaierror"),
    (_CONNECTION, "MaxRetryError ProxyError ProtocolError ChunkedEncodingError IncompleteRead"),
    (_CONNECTION, "InvalidChunkLength BadStatusLine NotConnected"),
    (_ENDPOINT, "AmbiguousEndpoints CatalogException EmptyCatalog EndpointException"),
    (_ENDPOINT, "EndpointNotFound EndpointTypeNotFound InvalidEndpoint InvalidSchema InvalidURL"),
    (_ENDPOINT, "LocationParseError LocationValueError MissingSchema URLRequired"),
    (_ENDPOINT, "URLSchemeUnknown InvalidDiscoveryEndpoint"),
    (_INPUT, "EmptyInput IllegalArgumentException InvalidAttribute InvalidHeader InvalidInput"),
    (_INPUT, "InvalidOperation InvalidResourceQuery InvalidUsage MissingArgs"),
    (_INPUT, "PayloadException UnsupportedAttribute UnsupportedConsoleType"),
    (_INPUT, "UnsupportedParameters ValidationError ValidationException"),
    (_METHOD, "MethodNotImplemented MethodNotSupported VersionNotFoundForAPIMethod"),
    (_BY_STATUS[400], "BadRequest BadRequestException"),
    (_BY_STATUS[403], "Forbidden ForbiddenException"),
    (_BY_STATUS[404], "GuestLogNotFoundError NotFound NotFoundException ResourceNotFound"),
    (_BY_STATUS[409], "Conflict ConflictException DuplicateResource NeutronClientNoUniqueMatch"),
    (_BY_STATUS[409], "NoUniqueMatch SecretHasConsumers TackerClientNoUniqueMatch"),
    (_BY_STATUS[413], "OverQuota"),
)

#: Names that say less than what they may be made of: a login fails for want of a connection.
_BY_GENERAL_NAME = _by_name(
    (_ENDPOINT, "DiscoveryFailure ServiceDiscoveryException VersionNotAvailable"),
    (_BY_STATUS[401], "AuthorizationFailure"),
)

#: Errors of requests that never reached the service.
_NEVER_SENT = frozenset(
    {
        "ConnectTimeout",
        "ConnectTimeoutError",
        "ConnectionRefusedError",
        "NameResolutionError",
        "NewConnectionError",
        "ProxyError",
        "gaierror",
    }
)

#: What a gateway answers that lost the service: it may be at work on the request.
_LOST = (502, 504)


def of(
    error: Exception, call: Call, noted: refusals.Noted | None = None
) -> lib_exceptions.ActionException:
    """Return what to raise for ``error``; the caller chains it.

    An action's own word (it was cancelled, its input is wrong) is returned as it is.

    :param noted: the last response, for what the client does not tell.
    """
    if isinstance(error, exceptions.ActionException):
        return _with_facts(error, call)
    if isinstance(error, lib_exceptions.ActionException):
        return error
    if isinstance(error, ImportError):
        return client_missing(error, call)
    refusal = None if noted is None else noted.refusal
    status = answers.status(error)
    kind = _kind(error, status)
    text = _text(error)
    page = None if noted is None or status is not None else noted.web_page
    if page is not None and kind not in (_TLS, _TIMEOUT, _CONNECTION):
        # What the client makes of it is of no use.
        return web_page(page, call)
    if kind is _INPUT and noted is not None and noted.response is not None:
        # Parameters are checked before anything is sent: it is the answer that is not valid.
        kind = _OTHER
    if kind is _OTHER:
        if refusal is not None:
            status = refusal.status_code
            kind = _kind(error, status)
        elif isinstance(error, NotImplementedError):
            why = "the client does not implement it" if text == type(error).__name__ else text
            return method_unusable(why, call)
        elif isinstance(error, TypeError) and _LISTING.search(text) and _is_search(call.method):
            # The client's find() calls its list(), without what this one must have.
            return method_unusable("this kind of resource can't be searched for: list it", call)
        elif isinstance(error, TypeError) and _MISFIT.search(text):
            # Some clients hide what a method takes.
            kind = _INPUT
        elif refusals.is_page(str(getattr(error, "doc", "")).encode()):
            # What json was to read.
            return _failure(call, "a web page answered, not the service", "ANSWER_INVALID")
        elif isinstance(error, _STUMBLES) or type(error).__name__ == "JSONDecodeError":
            return _stumbled(error, call, None if noted is None else noted.response)
    wait = answers.retry_after(error)
    request_id = answers.request_id(error)
    if refusal is not None and refusal.status_code == status:
        if type(error).__module__ == "builtins" or text.startswith(_RAW):
            # The client stumbled over the refusal, or quotes it as it came.
            text = _one_line(answers.message(refusal))
        wait = wait or answers.retry_after(refusal)
        request_id = request_id or answers.request_id(refusal)
    retryable = kind.retryable or (status == 413 and wait is not None)
    if (kind in (_TIMEOUT, _CONNECTION) or status in _LOST) and not _may_repeat(error, noted):
        retryable = False
    return _failure(
        call,
        f"{text}; {kind.advice}" if kind.advice else text,
        kind.error_code,
        retryable=retryable,
        retry_after=wait,
        status=status,
        request_id=request_id,
    )


def web_page(page: Response, call: Call) -> exceptions.ActionException:
    """Return the failure of an action that got a page for people in the place of an answer."""
    title = _one_line(refusals.page_title(page.content))[:80]
    named = f" '{title}'" if title else ""
    return _failure(
        call,
        f"{_described(page)} is the web page{named}, not an answer of the service: does the "
        "catalogue's URL lead to the service, and is there a proxy or portal in between?",
        "ANSWER_INVALID",
    )


def _stumbled(
    error: Exception, call: Call, response: Response | None
) -> exceptions.ActionException:
    """Return the failure of a client that met with a value it does not expect."""
    client = "the client" if call.service is None else call.service.distribution
    if response is None:
        text = f"{client} raised {type(error).__name__}: {_text(error)}"
        return _failure(call, text, "CLIENT_FAILED")
    return _failure(
        call,
        f"{_described(response)} is not what {client} expects ({type(error).__name__}): does the "
        "catalogue's URL lead to the service, and has each parameter the right type?",
        "CLIENT_FAILED",
        request_id=answers.request_id(response),
    )


def _described(response: Response) -> str:
    from mistral_extra.actions.openstack import transport

    method = getattr(getattr(response, "request", None), "method", None)
    kind = response.headers.get("Content-Type", "").partition(";")[0] or "no content type"
    url = getattr(response, "url", None)
    asked = " ".join(filter(None, (method, url and transport.shown_url(url))))
    return f"what answered {asked} (HTTP {response.status_code}, {kind})"


def client_missing(error: ImportError, call: Call) -> exceptions.ActionException:
    """Return the failure of an action whose client can't be imported."""
    service = call.service
    if service is None or (error.name or "").partition(".")[0] not in ("", service.package):
        # The client is there; something it needs is not, or is too old.
        return _failure(call, f"{_text(error)}; the client can't be imported", "CLIENT_MISSING")
    name = "mistral-extra" if service.extra is None else f"mistral-extra[{service.extra}]"
    return _failure(
        call,
        f"{service.distribution}, the client of the {service.title}, is not installed: "
        f"pip install '{name}'",
        "CLIENT_MISSING",
    )


def method_unknown(missing: str, owner: Any, call: Call) -> exceptions.ActionException:
    """Return the failure of an action that names a method its client does not have.

    :param missing: the part of the path that was not found.
    :param owner: what it was looked for in.
    """
    from mistral_lib.actions import nearest

    cls = type(owner)
    hint = nearest.hint(missing, [n for n in dir(owner) if not n.startswith("_")])
    return _failure(
        call,
        f"{cls.__module__}.{cls.__name__} has no '{missing}'{hint or ': is the client too old?'}",
        "METHOD_UNKNOWN",
    )


def method_unusable(why: str, call: Call) -> exceptions.ActionException:
    """Return the failure of an action whose method can't do anything for it."""
    return _failure(call, f"the method can't be used: {why}", "METHOD_UNUSABLE")


def _is_search(method: str | None) -> bool:
    return (method or "").rpartition(".")[2] in ("find", "findall")


def invalid_input(
    missing: Iterable[str], unexpected: Iterable[str], known: Iterable[str], call: Call
) -> exceptions.ActionException:
    """Return the failure of an action whose parameters don't fit its method."""
    from mistral_lib.actions import nearest

    problems = [f"parameter '{name}' is missing" for name in missing]
    known = list(known)
    for name in unexpected:
        hint = nearest.hint(name, known)
        problems.append(f"there is no parameter '{name}'{hint}")
    takes = f" (it takes {', '.join(known)})" if known else " (it takes none)"
    return _failure(call, "; ".join(problems) + takes, "INVALID_INPUT")


def _failure(
    call: Call,
    text: str,
    error_code: str,
    *,
    retryable: bool = False,
    retry_after: float | None = None,
    status: int | None = None,
    request_id: str | None = None,
) -> exceptions.ActionException:
    return exceptions.ActionException(
        f"{call} failed: {text}",
        error_code=error_code,
        retryable=retryable,
        retry_after=retry_after,
        details={
            "service": None if call.service is None else call.service.name,
            "method": call.method,
            "status": status,
            "request_id": request_id,
        },
    )


def _with_facts(error: exceptions.ActionException, call: Call) -> exceptions.ActionException:
    """Return an error of our own with the call in it; a copy, as others may hold the original."""
    if error.method is not None or call.method is None:
        return error
    facts = {
        "service": None if call.service is None else call.service.name,
        "method": call.method,
        **(error.details or {}),
    }
    told = type(error)(
        f"{call} failed: {error.message}",
        error_code=error.error_code,
        retryable=error.retryable,
        retry_after=error.retry_after,
        details=facts,
    )
    return told


def _kind(error: BaseException, status: int | None) -> _Kind:
    if status is not None:
        usual = _Kind("SERVICE_ERROR") if status >= 500 else _Kind("REQUEST_REFUSED")
        return _BY_STATUS.get(status, usual)
    # What the client made of it may say less than what it was made of.
    for kinds in (_BY_NAME, _BY_GENERAL_NAME):
        for cause in _chain(error):
            named = (kinds.get(cls.__name__) for cls in type(cause).__mro__)
            kind = next(filter(None, named), None)
            if kind is not None:
                deeper = _more_exact(cause) if kind is _CONNECTION else None
                return deeper or kind
    return _OTHER


def _more_exact(error: BaseException) -> _Kind | None:
    """Return why a connection failed, certificate or time, where only the cause has it."""
    for cause in _chain(error):
        if any(_BY_NAME.get(cls.__name__) is _TLS for cls in type(cause).__mro__):
            return _TLS
        # Not by the MRO: to urllib3, a refused connection is a kind of time-out.
        if type(cause).__name__ == "ReadTimeoutError":
            return _TIMEOUT
    return None


def _may_repeat(error: BaseException, noted: refusals.Noted | None) -> bool:
    """Return whether a request without an answer of the service does no harm if sent again.

    It was not sent at all, or its method changes nothing.
    """
    from mistral_extra.actions.openstack import transport

    causes = list(_chain(error))
    if any(type(cause).__name__ in _NEVER_SENT for cause in causes):
        return True
    requests: list[Any] = [getattr(cause, "request", None) for cause in causes]
    if noted is not None:
        requests.append(noted.request)
    methods = [m for r in requests if isinstance(m := getattr(r, "method", None), str)]
    return not methods or methods[0].upper() in transport.SAFE_METHODS


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what it was made of: causes, contexts, and what it carries."""
    waiting, seen = [error], {id(error)}
    while waiting:
        current = waiting.pop(0)
        yield current
        parts = (current.__cause__, current.__context__, getattr(current, "reason", None))
        for part in (*parts, *current.args):
            if isinstance(part, BaseException) and id(part) not in seen:
                seen.add(id(part))
                waiting.append(part)


def _text(error: BaseException) -> str:
    """Return the client's words."""
    told: Any = error
    if len(error.args) == 2 and answers.is_refusal(error.args[1]):
        told = error.args[0]
    try:
        words = str(told)
    except Exception:  # An error that can't even say what it is has a name.
        words = ""
    return _one_line(words) or type(error).__name__


def _one_line(words: str) -> str:
    """Return ``words`` in one line of some length, without what looks like a secret."""
    from mistral_lib import utils

    words = " ".join(words.split())
    if len(words) > _LONGEST_TEXT:
        words = words[:_LONGEST_TEXT] + "..."
    masked: str = utils.mask_data(words)
    return masked
