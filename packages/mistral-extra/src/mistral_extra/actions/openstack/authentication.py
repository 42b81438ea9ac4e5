# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""keystoneauth plug-ins of an identity: one that has its token, one that can get a new one.

Both authenticate under keystoneauth's lock, so one thread does and the others wait for it. Both
remember a failure for some seconds: who waited gets the same answer, not another try.
"""

from __future__ import annotations

import abc
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from keystoneauth1 import exceptions as keystone_errors
from keystoneauth1.access import AccessInfoV3
from keystoneauth1.identity.base import BaseIdentityPlugin
from keystoneauth1.plugin import FixedEndpointPlugin

from mistral_extra.actions.openstack import identity
from mistral_extra.actions.openstack.utils import exceptions

if TYPE_CHECKING:
    from collections.abc import Callable

    from keystoneauth1.access import AccessInfo
    from keystoneauth1.session import Session

__all__ = [
    "FAILURE_LIFETIME",
    "BoundPlugin",
    "Listener",
    "RenewingPlugin",
    "TokenPlugin",
    "expired",
    "one_line",
]

#: Seconds for which a failed authentication is not tried again.
FAILURE_LIFETIME = 3.0

#: Seconds after an authentication in which a 401 was meant for the token before it.
_RENEWAL_ANSWERS = 2.0


class Listener(NamedTuple):
    """Who is told: that Keystone was asked, and that a service refused the token."""

    authenticated: Callable[[], object]
    refused: Callable[[], object]


class _Failure(NamedTuple):
    error: Exception
    until: float


class _Plugin(BaseIdentityPlugin):
    """Asks Keystone once for all threads, and remembers that it failed."""

    def __init__(
        self,
        auth_url: str | None,
        discovered: dict[str, Any],
        listener: Listener,
        *,
        reauthenticate: bool,
    ) -> None:
        super().__init__(auth_url=auth_url, reauthenticate=reauthenticate)
        self._discovery_cache = discovered
        self._listener = listener
        self._failure: _Failure | None = None

    def get_auth_ref(self, session: Session) -> AccessInfo:
        """Ask Keystone; keystoneauth holds its lock meanwhile."""
        failure = self._failure
        if failure is not None and time.monotonic() < failure.until:
            raise failure.error.with_traceback(None)
        try:
            found = self.authenticate(session)
        except Exception as e:
            self._failure = _Failure(e, time.monotonic() + FAILURE_LIFETIME)
            raise
        self._failure = None
        self._listener.authenticated()
        return found

    @abc.abstractmethod
    def authenticate(self, session: Session) -> AccessInfo:
        """Return what Keystone says of this identity."""


class TokenPlugin(_Plugin):
    """Has a token, and its catalogue or else asks Keystone for that; can't get a new token."""

    def __init__(
        self, who: identity.Identity, discovered: dict[str, Any], listener: Listener
    ) -> None:
        super().__init__(who.auth_url, discovered, listener, reauthenticate=False)
        self._who = who
        self._ends_at = who.ends_at
        if who.body is not None:
            self.auth_ref = AccessInfoV3({"token": dict(who.body)}, who.token)

    def get_access(self, session: Session, **kwargs: Any) -> AccessInfo:
        """Return token and catalogue.

        :raises UnauthorizedException: the token ended; nothing is sent.
        """
        if self._ends_at is not None and self._ends_at <= time.time():
            self._listener.refused()
            raise expired(self._who, self._ends_at)
        return super().get_access(session, **kwargs)

    def authenticate(self, session: Session) -> AccessInfo:
        """Have the token validate itself: a service must see this token, so no other is made."""
        auth_url, token = self._who.auth_url, self._who.token
        if auth_url is None:
            raise exceptions.UnauthorizedException(
                "The action's context has neither a catalogue nor the URL of Keystone: set "
                "context.security.auth_uri, or service_catalog to the token's body"
            )
        url = f"{identity.versioned(auth_url)}/auth/tokens"
        headers = {"Accept": "application/json", "X-Auth-Token": token, "X-Subject-Token": token}
        try:
            answer = session.get(url, headers=headers, authenticated=False, log=False)
        except (keystone_errors.Unauthorized, keystone_errors.NotFound) as e:
            raise exceptions.UnauthorizedException(
                f"Keystone at {auth_url} does not take the token of the action's context: it "
                "ended, was revoked, or belongs to another cloud"
            ) from e
        found = AccessInfoV3(_json(answer), token)
        self._ends_at = found.expires.timestamp() if found.expires else self._ends_at
        return found

    def invalidate(self) -> bool:
        """Tell that a service refused the token; there is no other to try with."""
        self._listener.refused()
        return False


class RenewingPlugin(_Plugin):
    """Gets a token through another plug-in, and a new one before it ends or when it is refused."""

    def __init__(
        self, source: BaseIdentityPlugin, what: str, discovered: dict[str, Any], listener: Listener
    ) -> None:
        """Wrap ``source``, with the token that it may have; ``what`` names it in errors."""
        super().__init__(source.auth_url, discovered, listener, reauthenticate=True)
        self.auth_ref = source.auth_ref
        self._source = source
        self._what = what
        self._renewed_at = float("-inf")

    def authenticate(self, session: Session) -> AccessInfo:
        """Log in."""
        try:
            found = self._source.get_auth_ref(session)
        except (
            keystone_errors.Unauthorized,
            keystone_errors.Forbidden,
            keystone_errors.NotFound,
        ) as e:
            raise exceptions.UnauthorizedException(
                f"Keystone at {self.auth_url} refused {self._what}: {one_line(e)}"
            ) from e
        assert found is not None
        self._renewed_at = time.monotonic()
        return found

    def invalidate(self) -> bool:
        """Have the next request get a new token.

        Many threads may learn at once that a token is no good. The first of them renews it; a token
        made just now answers the others too.
        """
        with self._lock:
            if time.monotonic() - self._renewed_at < _RENEWAL_ANSWERS:
                return True
            self.auth_ref = None
        self._listener.refused()
        return True


class BoundPlugin(FixedEndpointPlugin):
    """One endpoint, with the tokens of a session: what clients of old take as ``auth``."""

    def __init__(self, endpoint: str, session: Session) -> None:
        super().__init__(endpoint)
        self._session = session

    @property
    def token(self) -> str | None:
        """The session's token of now."""
        return self._session.get_token()

    def get_token(self, session: Session) -> str | None:
        """Return the token of the session that this is bound to."""
        return self.token

    def get_project_id(self, session: Session) -> str | None:
        return self._session.get_project_id()

    def get_user_id(self, session: Session) -> str | None:
        return self._session.get_user_id()

    def invalidate(self) -> bool:
        return self._session.invalidate()


def expired(who: identity.Identity, ends_at: float) -> exceptions.UnauthorizedException:
    """Return the error of a token that ended."""
    clock = "%Y-%m-%d %H:%M:%S UTC"
    ended = time.strftime(clock, time.gmtime(ends_at))
    now = time.strftime(clock, time.gmtime())
    return exceptions.UnauthorizedException(
        f"The token of the action's context ended at {ended} (it is {now} here), and nothing can "
        "renew it: start the workflow again with a new token. A workflow that outlives its token "
        "needs a trust, as a cron trigger has, and [keystone_authtoken] where its actions run"
    )


def one_line(error: Exception) -> str:
    """Return an error's text as one line."""
    return " ".join(str(error).split())


def _json(answer: Any) -> dict[str, Any]:
    try:
        found: dict[str, Any] = answer.json()
        _ = found["token"]
    except (ValueError, KeyError, TypeError) as e:
        raise keystone_errors.InvalidResponse(response=answer) from e
    return found
