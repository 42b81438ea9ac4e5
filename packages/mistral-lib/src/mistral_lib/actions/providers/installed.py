# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Everything that is installed here, as one provider: what a name means outside a server."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from mistral_lib.actions.providers import composite, entry_points, plugins

if TYPE_CHECKING:
    from mistral_lib.actions.base import ActionProvider

__all__ = ["provider", "provider_problems"]


@functools.cache
def provider() -> composite.CompositeActionProvider:
    """Return the process's provider of all installed actions."""
    found = [p for p in _load_providers() if not isinstance(p, plugins.Problem)]
    single = entry_points.EntryPointActionProvider()
    return composite.CompositeActionProvider("installed", [single, *found])


def provider_problems() -> list[plugins.Problem]:
    """Return why each broken provider did not load."""
    return [p for p in _load_providers() if isinstance(p, plugins.Problem)]


def _load_providers() -> list[ActionProvider | plugins.Problem]:
    loaded: list[ActionProvider | plugins.Problem] = []
    for entry_point in plugins.list_all(plugins.PROVIDERS):
        if entry_point.value.partition(":")[0].partition(".")[0] == "mistral":
            # The server's own: they need its database, and list entry points a second time.
            continue
        cls = plugins.load(entry_point)
        if isinstance(cls, plugins.Problem):
            loaded.append(cls)
            continue
        try:
            loaded.append(cls(entry_point.name))
        except Exception as e:
            loaded.append(plugins.problem(entry_point, e))
    return loaded
