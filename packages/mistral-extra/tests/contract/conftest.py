# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A cloud on loopback whose services answer what a test lays out for them.

All services listen on one port; the path tells whose endpoint, in which region, was called:
``/REGION/INTERFACE/SERVICE/...``.
"""

from __future__ import annotations

import http.server
import json
import re
import ssl
import threading
import uuid
import warnings
from importlib.util import find_spec
from typing import Any, NamedTuple

import pytest
import trustme

from mistral_extra import config
from mistral_extra.actions.openstack import actions as openstack_actions
from mistral_extra.actions.openstack import client_cache, services
from mistral_extra.actions.openstack.services import offline
from mistral_lib import actions

REGIONS = ("north", "south")
INTERFACES = ("public", "internal", "admin")

#: What stands behind the service's own path in the catalogue, as clouds have it.
ENDPOINTS = {
    "nova": "/v2.1",
    "keystone": "/v3",
    "heat": "/v1/p1",
    "cinder": "/v3/p1",
    "trove": "/v1.0/p1",
    "swift": "/v1/AUTH_p1",
    "mistral": "/v2",
    "magnum": "/v1",
    "zun": "/v1",
    "manila": "/v2",
    "blazar": "/v1",
}


class Request(NamedTuple):
    """A request as it arrived."""

    method: str
    region: str
    interface: str
    service: str
    #: Behind the service's own path, without the query.
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


class Answer(NamedTuple):
    """What is answered."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = {}  # noqa: RUF012


class Cloud:
    """The server, what it answers, and what it was asked."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[Request] = []
        self._answers: dict[tuple[str, str], list[Answer]] = {}
        self._any: Answer | None = None
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        scheme = "http" if tls is None else "https"
        self.url = f"{scheme}://localhost:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def forget(self) -> None:
        self.requests.clear()
        self._answers.clear()
        self._any = None

    def answer(self, method: str, path: str, body: Any = None, **how: Any) -> None:
        """Answer requests for ``path``, as it stands behind the service's own path."""
        self.answer_in_turn(method, path, Answer(body, **how))

    def answer_in_turn(self, method: str, path: str, *answers: Answer | dict[str, Any]) -> None:
        """Answer requests for ``path`` one after the other; with the last one ever after."""
        made = [a if isinstance(a, Answer) else Answer(**a) for a in answers]
        self._answers[method, path.rstrip("/")] = made

    @property
    def laid_out(self) -> frozenset[tuple[str, str]]:
        """Method and path of each request that has an answer of its own."""
        return frozenset(self._answers)

    def answer_all(self, body: Any = None, **how: Any) -> None:
        """Answer everything else so."""
        self._any = Answer(body, **how)

    def find(self, method: str, path: str) -> Answer:
        found = self._answers.get((method, path.rstrip("/")))
        if found:
            return found.pop(0) if len(found) > 1 else found[0]
        return self._any or Answer({"error": {"message": f"nothing at {method} {path}"}}, 404)

    def context(self, token: str | None = None, **fields: Any) -> actions.ActionContext:
        """Return a context with a token and its catalogue, as a server gives it to an action."""
        body = {
            "catalog": catalog(fields.pop("url", self.url)),
            "methods": ["token"],
            "user": {"id": "u1", "name": "ann", "domain": {"id": "default", "name": "Default"}},
            "project": {"id": "p1", "name": "lab", "domain": {"id": "default", "name": "Default"}},
            "roles": [],
            "expires_at": "2199-01-01T00:00:00.000000Z",
            "issued_at": "2026-01-01T00:00:00.000000Z",
        }
        given = {
            "auth_uri": f"{self.url}/identity/v3",
            "auth_token": token or f"token-{uuid.uuid4().hex}",
            "project_id": "p1",
            "region_name": "north",
            "service_catalog": body,
            **fields,
        }
        return actions.ActionContext(actions.SecurityContext(**given))

    def _handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        cloud = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Headers and body are sent apart: without it, each answer waits for an acknowledgement.
            disable_nagle_algorithm = True

            def _serve(self) -> None:
                try:
                    body = self._body()
                except ConnectionAbortedError:
                    self.close_connection = True
                    return
                path, _, query = self.path.partition("?")
                where = re.match(r"/([^/]+)/([^/]+)/([^/]+)(.*)", path)
                region, interface, service, rest = where.groups() if where else ("", "", "", path)
                headers = {k.lower(): v for k, v in self.headers.items()}
                cloud.requests.append(
                    Request(self.command, region, interface, service, rest, query, headers, body)
                )
                self._send(cloud.find(self.command, rest))

            def _body(self) -> bytes:
                """Return the body; an incomplete one is no request, as to any service."""
                body = b""
                if self.headers.get("Transfer-Encoding") != "chunked":
                    size = int(self.headers.get("Content-Length") or 0)
                    body = self.rfile.read(size)
                    if len(body) < size:
                        raise ConnectionAbortedError
                    return body
                while size := int(self.rfile.readline() or b"-1", 16):
                    if size < 0:
                        raise ConnectionAbortedError
                    body += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
                return body

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = _serve

            def _send(self, answer: Answer) -> None:
                body = answer.body
                kind = "application/json"
                if isinstance(body, bytes):
                    kind = "application/octet-stream"
                else:
                    body = b"" if body is None else json.dumps(body).encode()
                self.send_response(answer.status)
                if "Content-Type" not in answer.headers and (body or answer.body is None):
                    self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                """Tests look at the requests, not at a log."""

        return Handler


def catalog(url: str) -> list[dict[str, Any]]:
    """Return a catalogue of all services, in all regions and interfaces."""
    found = []
    for service in services.all():
        name = service.name
        if name == "swiftservice":
            continue
        endpoints = [
            {
                "id": f"{name}-{region}-{interface}",
                "region": region,
                "region_id": region,
                "interface": interface,
                "url": f"{url}/{region}/{interface}/{name}{ENDPOINTS.get(name, '')}",
            }
            for region in REGIONS
            for interface in INTERFACES
        ]
        found.append({"type": service.types[0], "name": name, "id": name, "endpoints": endpoints})
    return found


@pytest.fixture(scope="session", autouse=True)
def imported_clients():
    """Import all clients: what their modules warn of while that happens is their own business."""
    installed = set()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for service in services.all():
            if find_spec(service.package) is not None:
                offline.client(service)
                installed.add(service.name)
    return installed


@pytest.fixture
def need(imported_clients):
    """Skip the test where a service's client is not installed."""

    def check(name: str) -> None:
        if name not in imported_clients:
            pytest.skip(f"the client of {name} is not installed")

    return check


@pytest.fixture
def opened(tmp_path):
    """Return a folder that the operator opened for files of the executor."""
    folder = tmp_path / "opened"
    folder.mkdir()
    config.CONF.set_override("content_folders", [str(folder)], group="openstack_actions")
    yield folder
    config.CONF.clear_override("content_folders", group="openstack_actions")


@pytest.fixture
def permit():
    """Let the HTTP actions, and so target clouds, connect to networks."""

    def permit_(*networks):
        config.CONF.set_override("allowed_networks", networks, group="http_action")

    yield permit_
    config.CONF.clear_override("allowed_networks", group="http_action")


@pytest.fixture(scope="session")
def one_cloud():
    cloud = Cloud()
    yield cloud
    cloud.close()


@pytest.fixture
def cloud(one_cloud):
    """Return the cloud, as if nobody had used it."""
    one_cloud.forget()
    client_cache.default.clear()
    yield one_cloud
    client_cache.default.clear()


@pytest.fixture(scope="session")
def authority():
    return trustme.CA()


@pytest.fixture(scope="session")
def one_secure_cloud(authority):
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(tls)
    cloud = Cloud(tls)
    yield cloud
    cloud.close()


@pytest.fixture
def secure_cloud(one_secure_cloud):
    """Return a cloud behind TLS, with a certificate that nobody trusts by default."""
    one_secure_cloud.forget()
    client_cache.default.clear()
    yield one_secure_cloud
    client_cache.default.clear()


@pytest.fixture(scope="session")
def ca_file(authority, tmp_path_factory):
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


@pytest.fixture
def action_of(need):
    """Return an action of a service, made as the provider makes it."""

    def make(service: str, method: str, /, **params: Any) -> Any:
        need(service)
        base = next(
            cls
            for cls in vars(openstack_actions).values()
            if getattr(cls, "_declared_as", None) == service
        )
        members = {"client_method_name": method, "__module__": base.__module__}
        return type(method, (base,), members)(**params)

    return make
