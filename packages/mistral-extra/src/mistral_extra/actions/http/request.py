# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""``http.request``: one request, and what was answered."""

from typing import Annotated, Any

from mistral_extra.actions import availability
from mistral_extra.actions.http.parameters import Auth, Content, FilePart, Retry
from mistral_extra.actions.http.response import Response
from mistral_extra.actions.network.tls import Tls
from mistral_lib import actions
from mistral_lib.actions import Param

__all__ = ["Seconds", "request"]

Method = Annotated[str, Param(pattern="^[A-Z]+$", examples=["GET", "POST"])]
Seconds = Annotated[float, Param(gt=0, le=86400)]


@availability.needs(availability.HTTP)
@actions.action(name="http.request", tags=["http"])
def request(
    url: str,
    method: Method = "GET",
    *,
    params: dict[str, Any] | None = None,
    headers: dict[str, str | None] | None = None,
    secret_headers: actions.Secret[dict[str, str | None] | None] = None,
    body: str | None = None,
    json: Any = None,
    form: dict[str, Any] | None = None,
    files: dict[str, FilePart] | None = None,
    auth: Auth | None = None,
    tls: Tls | None = None,
    expect: Annotated[list[int] | None, Param(min_length=1)] = None,
    retry: Retry | None = None,
    max_redirects: Annotated[int, Param(ge=0, le=20)] = 5,
    max_size: Annotated[int | None, Param(ge=1)] = None,
    timeout: Seconds = 60.0,
    context: actions.ActionContext,
) -> Response:
    """Send an HTTP request and return what the server answered.

    :param url: where to, http or https, without user name and password.
    :param method: in capital letters.
    :param params: to add to the URL's query; a list repeats its name, null leaves it out.
    :param headers: to send beside the usual ones, but for null; no credentials.
    :param secret_headers: likewise, with values that are masked, such as ``X-Api-Key``.
    :param body: text to send.
    :param json: data to send as JSON.
    :param form: fields of a form to send; a list repeats its name, null leaves it out.
    :param files: files to send in a form, by their fields' names; alone or with ``form``.
    :param auth: ``username`` and ``password`` (Basic), or ``bearer``.
    :param tls: ``verify``, ``ca`` and ``certificate`` (with its key), the latter two in PEM.
    :param expect: statuses that are a success; 200 to 299 by default.
    :param retry: ``count`` and ``delay`` of further tries, after failures that may pass. A POST or
        PATCH is tried again only where it certainly was not acted on.
    :param max_redirects: how many redirects to follow.
    :param max_size: of the answer's body, in bytes; the site's limit by default, and at most.
        Headers count as far as they are more than 16 KiB.
    :param timeout: seconds for everything, retries and redirects included.
    :returns: status, headers and content.
    :raises UnexpectedStatus: the server answered otherwise; ``details`` is the answer.
    :raises Unreachable: there was no connection; try again.
    :raises ConnectionLost: it broke off; whether the server acted is unknown.
    :raises UntrustedServer: the certificate is not valid.
    :raises ResponseTooLarge: the answer is longer than the limit.
    :raises AddressBlocked: this site lets no action connect there.
    """
    availability.HTTP.require()
    # Here, since only who runs the action has to wait for an HTTP client to be imported.
    from mistral_extra.actions.http import message, sending

    outgoing = message.compose(
        method=method,
        url=url,
        params=params or {},
        headers=headers or {},
        secret_headers=secret_headers or {},
        content=Content(body, json, form, files),
        auth=auth,
        tls=tls,
    )
    bounds = sending.Bounds(expect, retry, max_redirects, max_size, timeout)
    return sending.send(outgoing, bounds, context)
