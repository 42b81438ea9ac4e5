# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Clients that would remember what was one request's.

They were meant to be made anew for each task. A client that many actions share must not carry
anything from one to the next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mistral_extra.actions.openstack.services import negotiation

if TYPE_CHECKING:
    from mistral_extra.actions.openstack.access import Access

__all__ = ["cinder"]

_cinder = negotiation.negotiating("cinderclient", first="3.0", url_version="v3")


def cinder(access: Access, version: str | None, microversion: str | None) -> Any:
    """Return a cinderclient that sends no request's id with the next ones.

    It takes the id of its first response for the id of all it will ever do: in a service's log,
    unrelated requests would belong together.
    """
    client = _cinder(access, version, microversion)
    sender = client.client
    cls = type(sender)
    nothing = property(lambda self: None, lambda self, value: None)
    sender.__class__ = type(cls.__name__, (cls,), {"global_request_id": nothing})
    return client
