# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Everything that is installed here, as one provider: what a name means outside a server."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, TypeVar

from mistral_lib.actions import base
from mistral_lib.actions.providers import composite, entry_points, plugins

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T")

__all__ = ["provider", "provider_problems", "providers"]


@functools.cache
def provider() -> composite.CompositeActionProvider:
    """Return the process's provider of all installed actions; one that fails does so alone."""
    single, *others = providers()
    return composite.CompositeActionProvider("installed", [single, *map(_Guarded, others)])


def providers() -> list[base.ActionProvider]:
    """Return the provider of single actions, and those that are installed as providers."""
    loaded = (p for p in _load_providers() if not isinstance(p, plugins.Problem))
    return [entry_points.EntryPointActionProvider(), *loaded]


def provider_problems() -> list[plugins.Problem]:
    """Return why each broken provider did not load."""
    return [p for p in _load_providers() if isinstance(p, plugins.Problem)]


def _load_providers() -> list[base.ActionProvider | plugins.Problem]:
    loaded: list[base.ActionProvider | plugins.Problem] = []
    for entry_point in plugins.list_all(plugins.PROVIDERS):
        if entry_point.value.partition(":")[0].partition(".")[0] == plugins.SERVER:
            # The server's own: they need its database, and list entry points a second time.
            continue
        cls = plugins.load(entry_point)
        if isinstance(cls, plugins.Problem):
            loaded.append(cls)
            continue
        try:
            loaded.append(cls(entry_point.name))
        except Exception as e:
            owner = plugins.distribution_of(entry_point) or "its distribution"
            remedy = f"Its constructor must not fail, nor do any I/O: report it to {owner}"
            loaded.append(plugins.problem(entry_point, e, remedy))
    return loaded


class _Guarded(base.ActionProvider):
    """A third party's provider, whose failure takes nothing but its own actions out."""

    def __init__(self, provider: base.ActionProvider) -> None:
        super().__init__(provider.name)
        self._provider = provider

    def names(self) -> list[str]:
        return self._try(lambda: composite.names_of(self._provider)) or []

    def find(self, action_name: str, namespace: str | None = None) -> base.ActionDescriptor | None:
        return self._try(lambda: self._provider.find(action_name, namespace=namespace))

    def find_all(self, *args: Any, **kwargs: Any) -> Iterable[base.ActionDescriptor]:
        return self._try(lambda: list(self._provider.find_all(*args, **kwargs))) or []

    def problem_of(self, action_name: str) -> object | None:
        return self._try(lambda: composite.problem_of(self._provider, action_name))

    def _try(self, call: Callable[[], T]) -> T | None:
        try:
            return call()
        except Exception as e:
            import logging

            error = f"{type(e).__name__}: {e}"
            logging.getLogger(__name__).error("Action provider '%s' failed: %s", self.name, error)
            return None
