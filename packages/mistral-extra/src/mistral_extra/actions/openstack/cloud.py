# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What all identities of one cloud share: connections, and the API versions found behind a URL.

A connection carries no identity, each request does; so a thousand identities need no more sockets
than one. How certificates are checked is part of a cloud: what came over a connection that checks
none is never seen by one that does.
"""

from __future__ import annotations

import http.cookiejar
import threading
import time
from typing import Any

import requests

from mistral_extra.actions.openstack import destinations, transport

__all__ = ["Cloud", "Discovered"]

#: Hosts for which connections are kept, and how many of each: executors have 64 threads.
_HOSTS = 32
_CONNECTIONS = 64


class Discovered(dict[str, Any]):
    """keystoneauth's cache of discovery documents by URL, bounded in number and age.

    URLs hold project ids, so there is no end of them; and a service may be upgraded.
    """

    SIZE = 1024
    #: Seconds.
    LIFETIME = 3600.0

    def __init__(self) -> None:
        super().__init__()
        self._since: dict[str, float] = {}
        self._lock = threading.Lock()

    def after_fork(self) -> None:
        """Go on in a new process, where no other thread will release the lock."""
        self._lock = threading.Lock()

    def get(self, url: str, default: Any = None) -> Any:
        """Return what was found behind a URL, unless it is too old."""
        if time.monotonic() - self._since.get(url, float("-inf")) > self.LIFETIME:
            return default
        return super().get(url, default)

    def __setitem__(self, url: str, found: Any) -> None:
        # keystoneauth sets again what it just got: that makes it no younger.
        if self.get(url) is found:
            return
        with self._lock:
            super().__setitem__(url, found)
            self._since[url] = time.monotonic()
            while len(self) > self.SIZE:
                oldest = min(self._since, key=self._since.__getitem__)
                del self[oldest], self._since[oldest]


class Cloud:
    """Connections and discovered versions.

    :param is_target: a workflow's author said where it is.
    """

    def __init__(self, is_target: bool = False) -> None:
        self.discovered = Discovered()
        self.transport = requests.Session()
        # A cookie would carry something of one identity to the next.
        self.transport.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
        adapter = transport.BoundedAdapter(
            destinations.Guard() if is_target else None,
            # Glance's client streams all there is, and then reads JSON at once.
            streams_json=False,
            pool_connections=_HOSTS,
            pool_maxsize=_CONNECTIONS,
        )
        for scheme in list(self.transport.adapters):
            self.transport.mount(scheme, adapter)
