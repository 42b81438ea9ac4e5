# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""One session an identity, and in it one client a service: made once, shared by all threads.

A client is only found under the identity it was made for, see
:attr:`~mistral_extra.actions.openstack.identity.Identity.key`. An identity goes, and its clients
with it, when its token is about to end, when a service refuses its token, or when others were used
more lately.
"""

from __future__ import annotations

import os
import threading
import time
import weakref
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from mistral_extra.actions.openstack import identity
from mistral_extra.actions.openstack.access import Access
from mistral_extra.actions.openstack.single_flight import Made, SingleFlightCache, Tallies, Tally

if TYPE_CHECKING:
    from keystoneauth1.identity.base import BaseIdentityPlugin
    from keystoneauth1.session import Session

    from mistral_extra.actions.openstack.cloud import Cloud

__all__ = ["ClientCache", "Creatable", "Statistics", "default", "place"]

#: Seconds before its token's end at which an identity's clients are given up.
MARGIN = 120

#: Clients of one identity: services, regions, versions and, where they are not shared, threads.
_CLIENTS = 128


class Creatable(Protocol):
    """What the cache needs to know of a service."""

    @property
    def name(self) -> str:
        """Tells this service's clients from others'."""

    @property
    def types(self) -> tuple[str, ...]:
        """Service types in the catalogue, the usual one first."""

    @property
    def per_thread(self) -> bool:
        """Whether a client must not be shared between threads."""

    def create(self, access: Access, version: str | None, microversion: str | None) -> Any:
        """Return a new client; called once for all threads that want it."""


class Statistics(NamedTuple):
    """What a cache did since the process began, and what it holds."""

    #: Clients that were there, and clients that had to be made.
    hits: int
    misses: int
    #: Requests to Keystone for a token, or about one.
    logins: int
    #: Identities given up: too old, refused, or too many.
    evictions: int
    #: How many there are now.
    sessions: int
    clients: int


class _Login:
    """An identity's session and clients."""

    session: Session

    def __init__(self, who: identity.Identity, cloud: Cloud, tallies: Tallies) -> None:
        self._who = who
        # Held on to, so that the next identity of this cloud finds it.
        self.cloud = cloud
        self.clients: SingleFlightCache[Any] = SingleFlightCache(_CLIENTS, tallies)

    def open(self, plugin: BaseIdentityPlugin) -> None:
        """Make the session; Keystone is asked, if at all, by its first request."""
        from mistral_extra.actions.openstack.destinations import Session

        self.session = Session(
            auth=plugin,
            session=self.cloud.transport,
            verify=self._who.verify,
            discovery_cache=self.cloud.discovered,
        )


class ClientCache:
    """Sessions and clients by identity.

    All methods may be called from any thread. ``context`` is an action's context, or None for the
    context of the request this thread works for.

    :param size: how many identities are kept; the one not used for longest goes first.
    """

    def __init__(self, size: int = 256) -> None:
        self._logins: SingleFlightCache[_Login] = SingleFlightCache(size)
        self._clouds: weakref.WeakValueDictionary[Any, Cloud] = weakref.WeakValueDictionary()
        self._lock = threading.Lock()
        self._clients = Tallies.new()
        self._authenticated = Tally()
        _caches.add(self)

    def client(
        self,
        service: Creatable,
        context: Any = None,
        *,
        region: str | None = None,
        interface: str | None = None,
        version: str | None = None,
        microversion: str | None = None,
    ) -> Any:
        """Return the identity's client of a service.

        :param region: region of the service; that of the context, or the configured default.
        :param interface: ``public``, ``internal`` or ``admin``; the configured default.
        :param version: as the service understands it.
        :param microversion: likewise.
        :raises UnauthorizedException: there is no token, it ended, or Keystone refuses it.
        """
        return self.client_of(
            identity.identify(context),
            service,
            context,
            region=region,
            interface=interface,
            version=version,
            microversion=microversion,
        )

    def client_of(
        self,
        who: identity.Identity,
        service: Creatable,
        context: Any = None,
        *,
        region: str | None = None,
        interface: str | None = None,
        version: str | None = None,
        microversion: str | None = None,
    ) -> Any:
        """Return the client of an identity that is already known; see :meth:`client`."""
        settings = who.services.get(service.types[0], {})
        region, interface = place(
            who, region or settings.get("region"), interface or settings.get("interface")
        )
        if version is None:
            microversion = microversion or settings.get("microversion")
        login = self._login(who)
        thread = threading.get_ident() if service.per_thread else None
        key = (service.name, region, interface, version, microversion, thread)

        def make() -> Made[Any]:
            url = settings.get("endpoint")
            access = Access(login.session, service.types, region, interface, context, url)
            return Made(service.create(access, version, microversion))

        return login.clients.get(key, make)

    def session(self, context: Any = None) -> Session:
        """Return the identity's keystoneauth session."""
        return self.session_of(identity.identify(context))

    def session_of(self, who: identity.Identity) -> Session:
        """Return the session of an identity that is already known."""
        return self._login(who).session

    def access(
        self,
        types: tuple[str, ...],
        context: Any = None,
        *,
        region: str | None = None,
        interface: str | None = None,
    ) -> Access:
        """Return the identity's way to a service, to make a client of one's own from."""
        who = identity.identify(context)
        region, interface = place(who, region, interface)
        return Access(self._login(who).session, types, region, interface, context)

    def adopt(self, context: Any, source: BaseIdentityPlugin) -> None:
        """Have ``source``, which the context's token came from, get the next one when it ends."""
        who = identity.identify(context)
        self._logins.drop(who.key)
        self._logins.get(
            who.key, lambda: Made(self._renewing(who, source, "the credentials of this run"))
        )

    def forget(self, context: Any = None) -> None:
        """Give up an identity's session and clients; the next who asks gets new ones."""
        self._logins.drop(identity.identify(context).key)

    def clear(self) -> None:
        """Give up all sessions and clients."""
        self._logins.clear()

    def statistics(self) -> Statistics:
        """Return what the cache did, and holds."""
        misses = self._clients.misses.value
        return Statistics(
            hits=max(0, self._clients.lookups.value - misses),
            misses=misses,
            logins=self._authenticated.value,
            evictions=self._logins.tallies.drops.value,
            sessions=len(self._logins),
            clients=sum(len(login.clients) for login in self._logins.values()),
        )

    def after_fork(self) -> None:
        """Give up what the parent process uses: two can't share a connection."""
        self._lock = threading.Lock()
        for cloud in list(self._clouds.values()):
            # Who forked may be using one.
            cloud.discovered.after_fork()
        self._clouds = weakref.WeakValueDictionary()
        self._clients = Tallies.new()
        self._authenticated = Tally()
        self._logins.after_fork()

    def _login(self, who: identity.Identity) -> _Login:
        return self._logins.get(who.key, lambda: self._log_in(who))

    def _log_in(self, who: identity.Identity) -> Made[_Login]:
        from mistral_extra.actions.openstack import authentication, credentials

        if who.renewable:
            what = f"the trust {who.trust_id}" if who.trust_id else "the server's own user"
            return Made(self._renewing(who, credentials.load(who.trust_id), what))
        now, ends_at = time.time(), who.ends_at
        if ends_at is not None and ends_at <= now:
            raise authentication.expired(who, ends_at)
        login = _Login(who, self._cloud(who), self._clients)
        listener = authentication.Listener(
            self._authenticated.add, lambda: self._logins.drop(who.key, login)
        )
        login.open(authentication.TokenPlugin(who, login.cloud.discovered, listener))
        if ends_at is None:
            return Made(login)
        return Made(login, ends_at - MARGIN if now < ends_at - MARGIN else ends_at)

    def _renewing(self, who: identity.Identity, source: BaseIdentityPlugin, what: str) -> _Login:
        from mistral_extra.actions.openstack import authentication

        login = _Login(who, self._cloud(who), self._clients)
        # The session goes on with a new token, but a client may have kept the old one.
        listener = authentication.Listener(self._authenticated.add, login.clients.clear)
        login.open(authentication.RenewingPlugin(source, what, login.cloud.discovered, listener))
        return login

    def _cloud(self, who: identity.Identity) -> Cloud:
        from mistral_extra.actions.openstack.cloud import Cloud

        with self._lock:
            cloud = self._clouds.get(who.cloud)
            if cloud is None:
                cloud = self._clouds[who.cloud] = Cloud(who.is_target)
            return cloud


def place(
    who: identity.Identity, region: str | None = None, interface: str | None = None
) -> tuple[str | None, str]:
    """Return region and interface: as asked, as the context says, or as configured."""
    from mistral_extra import config

    options = config.CONF[config.OPENSTACK_ACTIONS_GROUP]
    region = region or who.region
    if region is None and not who.is_target:
        # The configured default is a region of the server's own cloud.
        region = options.default_region
    return region, interface or who.interface or options.os_actions_endpoint_type


_caches: weakref.WeakSet[ClientCache] = weakref.WeakSet()


def _after_fork() -> None:
    for cache in list(_caches):
        cache.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)

#: The process's cache.
default = ClientCache()
