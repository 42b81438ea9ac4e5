# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Clients made offline, as actions make them, and what stands beside them."""

from __future__ import annotations

import importlib
import warnings
from importlib import metadata
from typing import TYPE_CHECKING, Any

from mistral_extra.actions.openstack import services
from mistral_extra.actions.openstack.services import offline

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mistral_extra.actions.openstack.services import Service

__all__ = ["build", "by_name", "own_methods", "version_of"]


def by_name() -> dict[str, Service]:
    """Return every service, in the order of the mapping."""
    return {service.name: service for service in services.all()}


def build(service: Service) -> Any:
    """Return a client of ``service`` that never leaves this process.

    :raises ImportError: it is not installed.
    """
    with warnings.catch_warnings():
        # Of how old the clients' own code is.
        warnings.simplefilter("ignore")
        return offline.client(service)


def own_methods(service: str) -> Mapping[str, Callable[..., Any]]:
    """Return the methods that we add to a client; each takes the client first."""
    if service not in ("barbican", "zaqar"):
        return {}
    module = importlib.import_module(f"{services.__name__}.{service}")
    methods: Mapping[str, Callable[..., Any]] = module.METHODS
    return methods


def version_of(service: Service) -> str:
    """Return ``name version`` of the installed client."""
    return f"{service.distribution} {metadata.version(service.distribution)}"
