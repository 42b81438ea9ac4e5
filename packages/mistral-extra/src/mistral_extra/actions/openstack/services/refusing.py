# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Clients that take some refusals for answers.

designateclient and zaqarclient know the statuses their service sent when they were written; any
other, 429 from a proxy say, they hand on as if it were data. Here every status from 400 on is an
error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mistral_extra.actions.openstack import refusals
from mistral_extra.actions.openstack.services import borrowing, construction, urls

if TYPE_CHECKING:
    from mistral_extra.actions.openstack.access import Access

__all__ = ["designate", "zaqar"]

_FIRST_REFUSAL = 400

_designate = construction.from_session(
    "designateclient.v2.client:Client", interface_as="endpoint_type", url_version="v2"
)


def designate(access: Access, version: str | None, microversion: str | None) -> Any:
    """Return a designateclient."""
    client = _designate(access, version, microversion)
    request = client.session.request

    def refusing(url: str, method: str, **kwargs: Any) -> Any:
        response, body = request(url, method, **kwargs)
        if response.status_code >= _FIRST_REFUSAL:
            from keystoneauth1 import exceptions

            raise exceptions.from_response(response, method, url)
        return response, body

    client.session.request = refusing
    return client


def zaqar(access: Access, version: str | None, microversion: str | None) -> Any:
    """Return a zaqarclient; it asks the session for the token with each request."""
    from mistral_extra.actions.openstack import transport

    # It sends the project in a header of its own, without which Zaqar takes no request.
    auth = {"os_project_id": access.project_id, **borrowing.tls_options(access)}
    options = {"backend": "keystone", "options": auth}
    client = construction.load("zaqarclient.queues.v2.client:Client")(
        url=urls.of(access, ""),
        version=2,
        conf={"auth_opts": options},
        session=access.session,
    )
    prepare = client._request_and_transport

    def with_refusing_transport() -> tuple[Any, Any]:
        request, sender = prepare()
        refusals.watch(sender.client)
        transport.bound(sender.client.session, transport.guard_of(access.session))
        return request, _RefusingTransport(sender)

    client._request_and_transport = with_refusing_transport
    return client


class _RefusingTransport:
    """zaqarclient's transport for one request."""

    def __init__(self, sender: Any) -> None:
        self._sender = sender

    def send(self, request: Any) -> Any:
        """Send a request; what was refused is no response."""
        response = self._sender.send(request)
        status = response.status_code
        if status is not None and status >= _FIRST_REFUSAL:
            error = construction.load("zaqarclient.transport.errors:TransportError")
            refusal = error(text=response.content)
            refusal.code = status
            raise refusal
        return response

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sender, name)
