# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Actions announced by entry points of the group ``mistral.actions``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mistral_lib.actions import base
from mistral_lib.actions.providers import filtering, plugins, python

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.metadata import EntryPoint

__all__ = ["EntryPointActionProvider"]


class EntryPointActionProvider(base.ActionProvider):
    """Finds actions of installed plug-ins; importing each only when it is asked for.

    Listing names imports nothing, finding one action imports that one's module. A plug-in that
    does not load takes nothing but its own actions out: it is named in the log once, and
    :meth:`problems` says what to do.

    :param name: its own name.
    :param group: the entry point group.
    :param allow: glob patterns of names; only those that match one are there. None for all.
    :param deny: glob patterns of names that are not there; wins over ``allow``.
    """

    def __init__(
        self,
        name: str = "entry_points",
        group: str = plugins.ACTIONS,
        allow: Sequence[str] | None = None,
        deny: Sequence[str] | None = None,
    ) -> None:
        super().__init__(name)
        self._group = group
        self._allow = allow
        self._deny = deny
        self._entry_points: dict[str, EntryPoint] | None = None
        self._loaded: dict[str, base.ActionDescriptor | plugins.Problem] = {}

    def names(self) -> list[str]:
        """Return the names of all actions, sorted; imports none."""
        return list(self.entry_points())

    def entry_points(self) -> dict[str, EntryPoint]:
        """Return the entry points by name, sorted; the first wins where two have one name."""
        if self._entry_points is None:
            found: dict[str, EntryPoint] = {}
            for entry_point in plugins.list_all(self._group):
                if plugins.allowed(entry_point.name, self._allow, self._deny):
                    found.setdefault(entry_point.name, entry_point)
            self._entry_points = found
        return self._entry_points

    def find(self, action_name: str, namespace: str | None = None) -> base.ActionDescriptor | None:
        """Return one action's descriptor; None if there is none, or its plug-in is broken.

        :param namespace: ignored: installed actions are in all namespaces.
        """
        loaded = self._load(action_name)
        return None if isinstance(loaded, plugins.Problem) else loaded

    def find_all(
        self,
        namespace: str | None = None,
        limit: int | None = None,
        sort_fields: list[str] | None = None,
        sort_dirs: list[str] | None = None,
        filters: dict[str, Any] | None = None,
    ) -> list[base.ActionDescriptor]:
        """Return the descriptors of all actions that load and pass ``filters``; imports them."""
        found = [d for name in self.names() if (d := self.find(name)) is not None]
        chosen = (d for d in found if filtering.matches(d, filters))
        return filtering.sort(chosen, sort_fields, sort_dirs)[:limit]

    def problem_of(self, action_name: str) -> plugins.Problem | None:
        """Return why an announced action did not load, None if it did or is not announced."""
        loaded = self._load(action_name)
        return loaded if isinstance(loaded, plugins.Problem) else None

    def problems(self) -> list[plugins.Problem]:
        """Return why each broken plug-in did not load; imports all."""
        return [p for name in self.names() if (p := self.problem_of(name)) is not None]

    def _load(self, name: str) -> base.ActionDescriptor | plugins.Problem | None:
        if name not in self._loaded:
            entry_point = self.entry_points().get(name)
            if entry_point is None:
                return None
            self._loaded[name] = loaded = _describe(entry_point)
            if isinstance(loaded, plugins.Problem):
                import logging

                logging.getLogger(__name__).warning("Action plug-in left out: %s", loaded)
        return self._loaded[name]


def _describe(entry_point: EntryPoint) -> base.ActionDescriptor | plugins.Problem:
    obj = plugins.load(entry_point)
    if isinstance(obj, plugins.Problem):
        return obj
    if base.action_class_of(obj) is None:
        return plugins.Problem(
            entry_point.name,
            entry_point.value,
            f"it is no action but {type(obj).__name__}",
            "Derive the class from mistral_lib.actions.Action, or put @actions.action on the "
            "function, above all other decorators",
        )
    try:
        return python.PythonActionDescriptor(entry_point.name, obj, namespace="")
    except Exception as e:
        return plugins.problem(entry_point, e)
