# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""An action that borrows a client from mistral-extra's cache."""

from dataclasses import dataclass

from classic_proofs import places

from mistral_extra import openstack
from mistral_lib import actions
from typed_proofs.places import Place

__all__ = ["Borrowed", "borrows"]


@dataclass
class Borrowed:
    """What the client said, where, and how the process's cache did so far."""

    place: Place
    projects: list[str]
    cache: dict[str, int]


@actions.action(name="typed.borrows")
def borrows(item: int, journal: str | None = None, *, context: actions.ActionContext) -> Borrowed:
    """List the user's projects with a cached client of Keystone."""
    client = openstack.client("keystone", context)
    projects = [project.name for project in client.auth.projects()]
    place = Place(**places.where(item, 0, journal))
    return Borrowed(place, projects, openstack.statistics()._asdict())
