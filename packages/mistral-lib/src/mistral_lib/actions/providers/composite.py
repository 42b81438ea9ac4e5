# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Several providers as one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mistral_lib.actions import base
from mistral_lib.actions.providers import filtering

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

__all__ = ["CompositeActionProvider", "names_of", "problem_of"]

#: What a server calls the one that it makes of all providers at start.
_SERVERS_NAME = "system"


class CompositeActionProvider(base.ActionProvider):
    """Asks its delegates in turn.

    :param name: its own name.
    :param delegates: the providers; the first that finds an action wins.
    """

    def __init__(self, name: str, delegates: Iterable[base.ActionProvider]) -> None:
        super().__init__(name)
        self._delegates = list(delegates)
        if name == _SERVERS_NAME:
            from mistral_lib.actions.providers import left_out

            left_out.warn()

    @property
    def delegates(self) -> tuple[base.ActionProvider, ...]:
        """The providers, in the order they are asked."""
        return tuple(self._delegates)

    def add_action_provider(self, action_provider: base.ActionProvider) -> None:
        """Ask one more provider, last."""
        self._delegates.append(action_provider)

    def names(self) -> list[str]:
        """Return the names of all actions, sorted, without loading any where that can be done."""
        return sorted({name for d in self._delegates for name in names_of(d)})

    def find(self, action_name: str, namespace: str | None = None) -> base.ActionDescriptor | None:
        """Return what the first delegate finds that knows the action."""
        for delegate in self._delegates:
            found = delegate.find(action_name, namespace=namespace)
            if found is not None:
                return found
        return None

    def find_all(
        self,
        namespace: str | None = None,
        limit: int | None = None,
        sort_fields: list[str] | None = None,
        sort_dirs: list[str] | None = None,
        filters: dict[str, Any] | None = None,
    ) -> list[base.ActionDescriptor]:
        """Return the descriptors of all delegates: filtered, unique and sorted as a whole.

        A delegate may ignore what it is asked for, so all of it is done again here.

        :param namespace: leave out those of other namespaces; those without one stay.
        :param limit: has no effect: the server pages afterwards, by marker, and what was cut off
            here could never be reached.
        :param filters: see :mod:`mistral_lib.actions.providers.filtering`. Each delegate gets a
            copy of its own, since some change it.
        """
        import copy

        if limit is not None:
            _break_ties(sort_fields, sort_dirs)
        found: dict[tuple[str, str, str | None], base.ActionDescriptor] = {}
        for delegate in self._delegates:
            asked: dict[str, Any] = {"sort_fields": sort_fields, "sort_dirs": sort_dirs}
            if filters is not None:
                asked["filters"] = filters
            for descriptor in delegate.find_all(namespace=namespace, **copy.deepcopy(asked)):
                if namespace and descriptor.namespace not in (namespace, "", None):
                    continue
                if filtering.matches(descriptor, filters):
                    key = (descriptor.name, descriptor.namespace or "", descriptor.project_id)
                    found.setdefault(key, descriptor)
        return filtering.sort(found.values(), sort_fields, sort_dirs)


def _break_ties(sort_fields: list[str] | None, sort_dirs: list[str] | None) -> None:
    """Add the id to what a page is sorted by, in the caller's own lists.

    The server makes the link to the next page of them, after its own providers did the same.
    """
    if sort_fields is not None and sort_dirs is not None and "id" not in sort_fields:
        sort_fields.append("id")
        sort_dirs.append("asc")


def problem_of(provider: base.ActionProvider, action_name: str) -> object | None:
    """Return why an action that ``provider`` knows of did not load, None if it is not known."""
    if isinstance(provider, CompositeActionProvider):
        found = (problem_of(delegate, action_name) for delegate in provider.delegates)
        return next((problem for problem in found if problem is not None), None)
    ask = getattr(provider, "problem_of", None)
    return ask(action_name) if callable(ask) else None


def names_of(provider: base.ActionProvider) -> list[str]:
    """Return the names a provider knows, without loading any action where it can say so."""
    names = getattr(provider, "names", None)
    if callable(names):
        return list(names())
    return [descriptor.name for descriptor in provider.find_all()]
