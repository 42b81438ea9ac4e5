# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A Keystone and a compute service on a loopback port, which record their requests."""

import contextlib
import datetime
import http.server
import json
import threading
import time
import uuid
from typing import NamedTuple

# Each costs most of a second, which is no test's.
import keystoneclient.v3.client  # noqa: F401
import novaclient.v2.client  # noqa: F401
import pytest
from keystoneauth1 import loading
from keystoneauth1.adapter import Adapter
from oslo_config import cfg

from mistral_extra import config
from mistral_extra.actions.openstack import authentication, client_cache
from mistral_extra.actions.openstack.utils import context as thread_context
from mistral_lib import actions

PASSWORD = "canary-password-5c1d"


class Request(NamedTuple):
    method: str
    path: str
    #: Of the requester, and what a request is about.
    token: str | None
    body: dict | None


class Cloud:
    """Issues tokens, and answers those who show one."""

    def __init__(self, url):
        self.url = url
        self.auth_url = f"{url}/v3"
        self.requests = []
        self.tokens = {}
        #: What logging in waits for.
        self.open = threading.Event()
        self.open.set()
        self.trusts = {}
        self._lock = threading.Lock()

    def issue(self, user="ann", project="p-1", lives=3600.0, **more):
        """Return a new token and its body."""
        token = f"canary-token-{uuid.uuid4().hex}"
        ends = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=lives)
        regions = [("North", "public"), ("North", "internal"), ("South", "public")]
        compute = [
            {
                "id": f"{region}-{interface}",
                "interface": interface,
                "region": region,
                "region_id": region,
                "url": f"{self.url}/compute/{region}/{interface}",
            }
            for region, interface in regions
        ]
        identity = [{**compute[0], "id": "identity", "url": self.auth_url}]
        body = {
            "methods": ["password"],
            "user": {"id": f"id-of-{user}", "name": user, "domain": {"id": "d", "name": "D"}},
            "project": {"id": project, "name": project, "domain": {"id": "d", "name": "D"}},
            "issued_at": "2026-01-01T00:00:00.000000Z",
            "expires_at": ends.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "roles": [],
            "catalog": [
                {"id": "c", "type": "compute", "name": "nova", "endpoints": compute},
                {"id": "i", "type": "identity", "name": "keystone", "endpoints": identity},
            ],
            **more,
        }
        with self._lock:
            self.tokens[token] = body
        return token, body

    def revoke(self, token):
        del self.tokens[token]

    def context(self, user="ann", project="p-1", lives=3600.0, *, bare=False, **security):
        """Return a context as a server makes it of a new token; ``bare`` is without catalogue."""
        token, body = self.issue(user, project, lives)
        fields = {
            "auth_uri": self.auth_url,
            "auth_token": token,
            "service_catalog": None if bare else body,
            "expires_at": None if bare else body["expires_at"],
            "project_id": project,
        }
        return actions.ActionContext(actions.SecurityContext(**fields | security))

    def asked(self, *prefixes):
        """Return ``METHOD /path`` of each request, or of those that begin so."""
        lines = [f"{request.method} {request.path}" for request in self.requests]
        return [line for line in lines if line.startswith(prefixes or "")]

    @property
    def logins(self):
        return len(self.asked("POST /v3/auth/tokens"))

    def log_in(self, wanted):
        """Return what to answer to a request for a token."""
        self.open.wait(10)
        auth = wanted["auth"]
        if auth["identity"]["password"]["user"]["password"] != PASSWORD:
            return 401, None, {"error": {"code": 401, "title": "Unauthorized", "message": "No."}}
        user = auth["identity"]["password"]["user"].get("name", "?")
        more = {}
        trust = auth.get("scope", {}).get("OS-TRUST:trust")
        if trust is not None:
            if trust["id"] not in self.trusts:
                return 404, None, {"error": {"code": 404, "title": "", "message": "No trust."}}
            more["OS-TRUST:trust"] = trust
            user = self.trusts[trust["id"]]
        token, body = self.issue(user, **more)
        return 201, token, {"token": body}


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    cloud: Cloud

    def do_GET(self):
        token = self.headers.get("X-Auth-Token")
        self.cloud.requests.append(Request("GET", self.path, token, None))
        if self.path.rstrip("/") == "/v3":
            version = {"id": "v3.14", "status": "stable"}
            links = [{"rel": "self", "href": f"{self.cloud.auth_url}/"}]
            self.answer(200, {"version": version | {"links": links}})
        elif token not in self.cloud.tokens:
            self.answer(401, {"error": {"code": 401, "title": "", "message": "Who?"}})
        elif self.path == "/v3/auth/tokens":
            about = self.cloud.tokens.get(self.headers["X-Subject-Token"])
            missing = {"error": {"code": 404, "title": "", "message": "No such token."}}
            self.answer(404, missing) if about is None else self.answer(200, {"token": about})
        else:
            user = self.cloud.tokens[token]["user"]["name"]
            self.answer(200, {"user": user}, {"Set-Cookie": f"user={user}"})

    def do_POST(self):
        wanted = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.cloud.requests.append(Request("POST", self.path, None, wanted))
        status, token, body = self.cloud.log_in(wanted)
        self.answer(status, body, {"X-Subject-Token": token} if token else {})

    def answer(self, status, body, headers=None):
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args):
        pass


@contextlib.contextmanager
def running(tls=None):
    """Serve until left; ``tls`` is the server's SSLContext."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    cloud = Cloud(f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}")
    server.RequestHandlerClass = type("Handler", (_Handler,), {"cloud": cloud})
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield cloud
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Compute:
    """A service as the cache sees it; counts the clients that it made."""

    name = "nova"
    types = ("compute",)
    per_thread = False

    def __init__(self):
        self.made = []

    def create(self, access, version, microversion):
        client = Adapter(
            access.session, endpoint_override=access.endpoint, default_microversion=microversion
        )
        self.made.append(client)
        return client


@pytest.fixture
def server_options():
    """A function that registers ``[keystone_authtoken]`` as a server does, and sets options.

    Those of the server's middleware are registered only if they are given.
    """
    middleware = [
        cfg.StrOpt("www_authenticate_uri"),
        cfg.StrOpt("cafile"),
        cfg.BoolOpt("insecure", default=False),
    ]
    done = {}

    def configure(group="keystone_authtoken", **options):
        known = [
            *(option for option in middleware if option.dest in options),
            *loading.get_auth_common_conf_options(),
            *loading.get_auth_plugin_conf_options("password"),
        ]
        config.CONF.register_opts(known, group)
        done.setdefault(group, {}).update({option.dest: option for option in known})
        for name, value in options.items():
            config.CONF.set_override(name, value, group)

    yield configure
    for group, known in done.items():
        for option in known.values():
            config.CONF.clear_override(option.dest, group)
            config.CONF.unregister_opt(option, group)
        # oslo.config has no public way to be rid of a group.
        del config.CONF._groups[group]


@pytest.fixture
def password():
    """The only one that the cloud accepts."""
    return PASSWORD


@pytest.fixture
def serve():
    """A function that starts a cloud; it takes the server's SSLContext."""
    with contextlib.ExitStack() as stack:
        yield lambda tls=None: stack.enter_context(running(tls))


@pytest.fixture
def keystone(serve):
    """A Keystone, and a compute service that asks it."""
    return serve()


@pytest.fixture
def compute():
    """A service whose client is an adapter."""
    return Compute()


@pytest.fixture
def cache():
    """A cache of the test's own."""
    return client_cache.ClientCache()


@pytest.fixture
def trusting(keystone, server_options):
    """The same Keystone, with the server's credentials for it in ``[keystone_authtoken]``."""
    server_options(
        auth_type="password",
        auth_url=keystone.auth_url,
        username="mistral",
        password=PASSWORD,
        user_domain_name="Default",
        project_name="service",
        project_domain_name="Default",
    )
    return keystone


class Clock:
    """Stands for the module time, and can be set forward."""

    def __init__(self):
        self.later = 0.0
        self.gmtime, self.strftime = time.gmtime, time.strftime

    def time(self):
        return time.time() + self.later

    def monotonic(self):
        return time.monotonic() + self.later


@pytest.fixture
def clock(monkeypatch):
    """What time it is for those who log in."""
    made = Clock()
    monkeypatch.setattr(authentication, "time", made)
    return made


@pytest.fixture(autouse=True)
def process_as_before():
    """Leave neither clients in the process's cache nor a context in this thread."""
    yield
    client_cache.default.clear()
    thread_context.set_ctx(None)
