# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Swift: its connection, and its service that moves many objects at a time.

Both get the container store's URL from the catalogue and the token from the session, so neither
logs in, and neither ever sees a password.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mistral_extra.actions.openstack.services import borrowing, construction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mistral_extra.actions.openstack.access import Access

__all__ = ["SwiftServiceClient", "connection", "service"]

#: The client sleeps between attempts, deaf to a cancellation: fewer, and sooner, than its default
#: of five over half a minute. A workflow's retry policy is the place for more.
_RETRIES = 2
_FIRST_PAUSE_S = 0.2


def connection(access: Access, version: str | None, microversion: str | None) -> Any:
    """Return a ``swiftclient.Connection``: one thread's, as it keeps the state of its request."""
    from mistral_extra.actions.openstack import transport

    opened = construction.load("swiftclient.client:Connection")(
        session=access.session,
        preauthurl=access.endpoint,
        os_options=_os_options(access),
        retries=_RETRIES,
        starting_backoff=_FIRST_PAUSE_S,
        **borrowing.tls_options(access),
    )
    connect = opened.http_connection

    def bounded(url: str | None = None) -> Any:
        parsed, sender = connect(url)
        transport.bound(sender.request_session)
        return parsed, sender

    opened.http_connection = bounded
    return opened


def _os_options(access: Access) -> dict[str, Any]:
    return {
        "region_name": access.region,
        "endpoint_type": access.interface,
        "service_type": access.service_type,
    }


def service(access: Access, version: str | None, microversion: str | None) -> SwiftServiceClient:
    """Return the calls of ``swiftclient.service.SwiftService``."""
    return SwiftServiceClient(access)


class SwiftServiceClient:
    """The methods of SwiftService, each call on threads and connections of its own.

    A SwiftService takes its token once and keeps forty threads until it is closed: one that lived
    on in a cache would outlive its token, and hold the threads for nothing.
    """

    def __init__(self, access: Access) -> None:
        self._access = access
        self._class = construction.load("swiftclient.service:SwiftService")

    def __getattr__(self, name: str) -> Any:
        import functools
        import inspect

        method = getattr(self._class, name)
        if name.startswith("_") or not inspect.isfunction(method):
            raise AttributeError(f"SwiftService has no method {name!r}")

        @functools.wraps(method)
        def call(*args: Any, **kwargs: Any) -> Any:
            opened = self._class(options=self._options())
            try:
                outcome = method(opened, *args, **kwargs)
                if inspect.isgenerator(outcome):
                    return _closing(opened, outcome)
            except BaseException:
                opened.__exit__(None, None, None)
                raise
            opened.__exit__(None, None, None)
            return outcome

        # As a bound method shows itself: without self.
        _, *rest = inspect.signature(method).parameters.values()
        call.__signature__ = inspect.Signature(rest)  # type: ignore[attr-defined]
        return call

    def _options(self) -> dict[str, Any]:
        from mistral_extra.actions.openstack import transport

        access = self._access
        tls = borrowing.tls_options(access)
        return {
            "os_storage_url": access.endpoint,
            "os_auth_token": access.session.get_token(),
            "os_region_name": access.region,
            "os_endpoint_type": access.interface,
            "os_cacert": tls["cacert"],
            "insecure": tls["insecure"],
            "retries": _RETRIES,
            "starting_backoff": _FIRST_PAUSE_S,
            # Its connections are made in threads of its own, each anew.
            "timeout": transport.timeouts(),
        }


def _closing(opened: Any, outcome: Iterator[Any]) -> Iterator[Any]:
    """Yield everything, and end the threads when the last was taken or nobody wants more."""
    with opened:
        yield from outcome
