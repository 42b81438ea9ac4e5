# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""``http.request_async``: a request whose result another system delivers later."""

import dataclasses
from typing import Any

from mistral_extra.actions import availability
from mistral_extra.actions.http.parameters import Auth, Content, Retry
from mistral_extra.actions.http.request import Method, Seconds
from mistral_extra.actions.network.tls import Tls
from mistral_lib import actions

__all__ = ["request_async"]

_MAX_REDIRECTS = 5


@availability.needs(availability.HTTP)
@actions.action(name="http.request_async", tags=["http"], sync=False)
def request_async(
    url: str,
    method: Method = "POST",
    *,
    params: dict[str, Any] | None = None,
    headers: dict[str, str | None] | None = None,
    secret_headers: actions.Secret[dict[str, str | None] | None] = None,
    body: str | None = None,
    json: Any = None,
    auth: Auth | None = None,
    tls: Tls | None = None,
    retry: Retry | None = None,
    timeout: Seconds = 60.0,
    context: actions.ActionContext,
) -> None:
    """Ask another system to do something; the task goes on until that delivers the result.

    The request tells by its headers which action execution it is about, as ``std.mistral_http``
    does: ``Mistral-Action-Execution-Id``, ``Mistral-Callback-URL``, ``Mistral-Task-Id``,
    ``Mistral-Workflow-Execution-Id`` and ``Mistral-Workflow-Name``. The other system, or a person,
    then updates that action execution through Mistral's API. A request that is not answered by
    200 to 299 fails the task at once; so does a redirect to another server or by another method,
    where nobody would learn whom to answer.

    :param url: where to, http or https, without user name and password.
    :param method: in capital letters.
    :param params: to add to the URL's query; a list repeats its name, null leaves it out.
    :param headers: to send beside the usual ones, but for null; no credentials.
    :param secret_headers: likewise, with values that are masked, such as ``X-Api-Key``.
    :param body: text to send.
    :param json: data to send as JSON.
    :param auth: ``username`` and ``password`` (Basic), or ``bearer``.
    :param tls: ``verify``, ``ca`` and ``certificate`` (with its key), the latter two in PEM.
    :param retry: ``count`` and ``delay`` of further tries, after failures that may pass.
    :param timeout: seconds until the request must be answered; not for the result.
    :raises UnexpectedStatus: the other system refused; ``details`` is its answer.
    :raises Unreachable: there was no connection; try again.
    :raises ConnectionLost: it broke off; whether the request arrived is unknown.
    :raises RedirectRefused: what was asked for would not arrive as it is.
    """
    availability.HTTP.require()
    # Here, since only who runs the action has to wait for an HTTP client to be imported.
    from mistral_extra.actions.http import message, sending

    ours = _reference(context.execution)
    names = {name.lower() for name in ours}
    others = {name: v for name, v in (headers or {}).items() if name.lower() not in names}
    outgoing = message.compose(
        method=method,
        url=url,
        params=params or {},
        headers=others | ours,
        secret_headers=secret_headers or {},
        content=Content(body, json),
        auth=auth,
        tls=tls,
    )
    bounds = sending.Bounds(None, retry, _MAX_REDIRECTS, None, timeout)
    sending.send(dataclasses.replace(outgoing, binding=True), bounds, context)


def _reference(execution: actions.ExecutionContext) -> dict[str, str]:
    """Return the headers that say which action execution the request is about."""
    known = {
        "Mistral-Workflow-Name": execution.workflow_name,
        "Mistral-Workflow-Execution-Id": execution.workflow_execution_id,
        "Mistral-Task-Id": execution.task_execution_id,
        "Mistral-Action-Execution-Id": execution.action_execution_id,
        "Mistral-Callback-URL": execution.callback_url,
    }
    # A name may have any letters; a header has few.
    return {
        name: value.encode("ascii", "backslashreplace").decode()
        for name, value in known.items()
        if value is not None
    }
