# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The mapping and the catalogue of the package, as they are and as they should be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.catalogue import clients, entries, holes, rendering

if TYPE_CHECKING:
    from mistral_extra.actions.openstack.services import Service

__all__ = [
    "CATALOGUE",
    "MAPPING",
    "ROOT",
    "Mapping",
    "actions_of",
    "catalogue",
    "filled",
    "path_of",
    "read_mapping",
]

ROOT = Path(__file__).parents[2]
_PACKAGE = ROOT / "packages" / "mistral-extra" / "src" / "mistral_extra" / "actions" / "openstack"
MAPPING = _PACKAGE / "mapping.json"
CATALOGUE = _PACKAGE / "catalogue"

Mapping = dict[str, Any]


def read_mapping() -> Mapping:
    """Return the mapping as it is, comments included."""
    found: Mapping = json.loads(MAPPING.read_text("utf-8"))
    return found


def actions_of(mapping: Mapping, service: str) -> dict[str, str]:
    """Return the actions of a service, without the comment."""
    return {n: t for n, t in mapping.get(service, {}).items() if n != "_comment"}


def filled(mapping: Mapping, built: dict[str, Any]) -> Mapping:
    """Return ``mapping`` with an action for each method that none reaches.

    :param built: a client of each service.
    """
    found = dict(mapping)
    for service, client in built.items():
        mapped = actions_of(mapping, service)
        missing = holes.find(service, client, mapped)
        if missing:
            found[service] = {**mapping.get(service, {}), **missing}
    return found


def catalogue(service: Service, client: Any, mapping: Mapping) -> str:
    """Return the text that the file of a service should have.

    :raises AttributeError: an action names a method that the client lacks.
    """
    found = {}
    for name, target in sorted(actions_of(mapping, service.name).items()):
        try:
            found[target] = entries.for_target(service.name, client, target)
        except AttributeError as e:
            raise AttributeError(f"Action {service.name}.{name}: {e}") from e
    return rendering.catalogue(clients.version_of(service), found)


def path_of(service: str) -> Path:
    """Return where a service's file lies."""
    return CATALOGUE / f"{service}.json"
