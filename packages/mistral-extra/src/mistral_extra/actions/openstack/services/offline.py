# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Clients that reach nothing: to look at their methods, not to call them.

A real client is made, as some make their methods when they are made themselves. What it asks
while that happens is answered here.
"""

from __future__ import annotations

import functools
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mistral_extra.actions.openstack.access import Access
    from mistral_extra.actions.openstack.services.declaration import Service

__all__ = ["client"]

_URL = "http://offline.invalid"

#: Barbican's version document: the one thing a client insists on reading.
_VERSIONS = {
    "versions": {
        "values": [
            {
                "id": "v1",
                "status": "CURRENT",
                "min_version": "1.0",
                "max_version": "1.1",
                "links": [{"rel": "self", "href": f"{_URL}/v1/"}],
            }
        ]
    }
}


class _OfflineAccess:
    """The part of :class:`~mistral_extra.actions.openstack.access.Access` that clients use."""

    region = None
    project_id = None
    interface = "public"
    verify = True
    endpoint = _URL

    def __init__(self, service_type: str) -> None:
        self.service_type = service_type
        self.session = _session()


@functools.lru_cache(maxsize=64)
def client(service: Service) -> Any:
    """Return a client of ``service`` that has all methods and no connection.

    :raises ImportError: its package is not installed.
    """
    access: Access = _OfflineAccess(service.types[0])  # type: ignore[assignment]
    return service.create(access, microversion=_newest(service.package))


def _newest(package: str) -> str | None:
    """Return the newest microversion that the client knows, where it would ask the server."""
    if package == "novaclient":
        newest: str = import_module(package).API_MAX_VERSION.get_string()
        return newest
    if package in ("cinderclient", "manilaclient", "zunclient"):
        versions = import_module(f"{package}.api_versions")
        return str(getattr(versions, "MAX_VERSION", None) or versions.MAX_API_VERSION)
    return None


def _session() -> Any:
    import json

    import requests
    from keystoneauth1 import session, token_endpoint
    from requests import adapters

    class Answering(adapters.BaseAdapter):
        """Answers everything with the version document; nothing leaves the process."""

        def send(self, request: Any, *args: Any, **kwargs: Any) -> requests.Response:
            response = requests.Response()
            response.status_code = 200
            response.url = request.url
            response.request = request
            response.headers["Content-Type"] = "application/json"
            response._content = json.dumps(_VERSIONS).encode()
            return response

        def close(self) -> None:
            """Nothing is open."""

    transport = requests.Session()
    transport.mount("http://", Answering())
    auth = token_endpoint.Token(_URL, "offline")
    return session.Session(auth=auth, session=transport)
