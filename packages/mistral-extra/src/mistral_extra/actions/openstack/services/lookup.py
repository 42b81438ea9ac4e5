# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Looking a service up by the name its actions begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mistral_extra.actions.openstack.services import declared
from mistral_extra.actions.openstack.utils import exceptions

if TYPE_CHECKING:
    from mistral_extra.actions.openstack.services.declaration import Service

__all__ = ["all", "get"]

_BY_NAME = {service.name: service for service in declared.SERVICES}


def get(name: str) -> Service:
    """Return the service whose actions begin with ``name``.

    :raises ActionException: there is none; the message says what was meant, or what there is.
    """
    service = _BY_NAME.get(name)
    if service is None:
        from mistral_lib.actions import nearest

        hint = nearest.hint(name, _BY_NAME)
        raise exceptions.ActionException(
            f"No service is named {name!r}{hint or ': there are ' + ', '.join(_BY_NAME)}",
            error_code="SERVICE_UNKNOWN",
        )
    return service


def all() -> tuple[Service, ...]:  # noqa: A001 # Read as services.all().
    """Return every service, in upstream's order, then those that upstream lacks."""
    return declared.SERVICES
