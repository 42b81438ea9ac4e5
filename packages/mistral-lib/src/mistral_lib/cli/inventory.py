# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What is installed here: names with where they come from, and one action by its name."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from mistral_lib import exceptions
from mistral_lib.actions import nearest
from mistral_lib.actions.providers import composite, entry_points, installed, plugins, python
from mistral_lib.cli import outcomes
from mistral_lib.utils import _exceptions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.metadata import Distribution

    from mistral_lib.actions.base import ActionDescriptor, ActionProvider

__all__ = ["Entry", "Inventory", "Origins", "distribution_of_provider", "is_reference"]


class Entry(NamedTuple):
    """An action that is announced; whether it loads is another matter."""

    name: str
    #: ``name version`` of what it was installed with; empty where that can't be told.
    distribution: str
    #: ``module:attribute`` of its entry point; empty for an action of a provider.
    target: str
    #: Name of the provider that knows it.
    provider: str


class Origins:
    """Tells which distribution announced the entry points of a group.

    :param group: the entry point group.
    """

    def __init__(self, group: str) -> None:
        from importlib import metadata

        self._announced = [
            (entry_point.name, entry_point.value, entry_point.dist)
            for entry_point in metadata.entry_points(group=group)
        ]
        self._named: dict[int, str] = {}

    def all(self) -> Iterator[tuple[str, str, str]]:
        """Yield name, target and distribution of every entry point, the first found first."""
        for name, target, distribution in self._announced:
            yield name, target, self._say(distribution)

    def by_name_and_target(self) -> dict[tuple[str, str], str]:
        """Return the distribution of each entry point."""
        found: dict[tuple[str, str], str] = {}
        for name, target, distribution in self.all():
            found.setdefault((name, target), distribution)
        return found

    def _say(self, distribution: Distribution | None) -> str:
        if distribution is None:
            return ""
        key = id(distribution)
        if key not in self._named:
            # Each look reads the whole METADATA file.
            self._named[key] = f"{distribution.name} {distribution.version}"
        return self._named[key]


class Inventory:
    """All that is installed. A broken provider breaks alone, and is remembered with its reason."""

    def __init__(self) -> None:
        self.providers: list[ActionProvider] = installed.providers()
        #: What went wrong in providers so far.
        self.provider_problems: dict[str, str] = {}

    def entries(self) -> list[Entry]:
        """Return what is announced, sorted by name, importing no plug-in."""
        found: dict[str, Entry] = {}
        for provider in self.providers:
            for entry in self._entries_of(provider):
                found.setdefault(entry.name, entry)
        return [found[name] for name in sorted(found)]

    def by_provider(self) -> dict[str, list[Entry]]:
        """Return what each provider announces, also what another one announces before it."""
        return {p.name: self._entries_of(p) for p in self.providers}

    def _entries_of(self, provider: ActionProvider) -> list[Entry]:
        if isinstance(provider, entry_points.EntryPointActionProvider):
            announced = provider.entry_points()
            origins = Origins(plugins.ACTIONS).by_name_and_target() if announced else {}
            return [
                Entry(name, origins.get((name, e.value), ""), e.value, provider.name)
                for name, e in announced.items()
            ]
        try:
            names = composite.names_of(provider)
        except Exception as e:
            self._note(provider, e)
            return []
        distribution = distribution_of_provider(provider) if names else ""
        return [Entry(name, distribution, "", provider.name) for name in names]

    def load(self, name: str) -> ActionDescriptor | plugins.Problem | None:
        """Return one action; or why it is announced but did not load; None where it is unknown."""
        problem = None
        for provider in self.providers:
            try:
                found = provider.find(name)
            except Exception as e:
                self._note(provider, e)
                continue
            if found is not None:
                return found
            if problem is None:
                problem = self._problem_of(provider, name)
        return problem

    def _problem_of(self, provider: ActionProvider, name: str) -> plugins.Problem | None:
        try:
            problem = composite.problem_of(provider, name)
        except Exception as e:
            self._note(provider, e)
            return None
        return problem if isinstance(problem, plugins.Problem) else None

    def get(self, reference: str) -> ActionDescriptor:
        """Return the action that a user means.

        :param reference: a name; or ``module:attribute``, for what no entry point announces yet.
        :raises Failure: it is unknown, or did not load; the message says what to do.
        """
        if is_reference(reference):
            return _from_module(reference)
        loaded = self.load(reference)
        if isinstance(loaded, plugins.Problem):
            raise outcomes.Failure(f"Action {loaded}")
        if loaded is None:
            hint = nearest.hint(reference, [entry.name for entry in self.entries()])
            advice = hint or ": 'mistral-action list' shows those installed"
            broken = "".join(f". {text}" for text in self.provider_problems.values())
            raise outcomes.Failure(
                f"No action is named '{reference}'{advice}{broken}", outcomes.USAGE
            ) from exceptions.ActionNotFound()
        return loaded

    def _note(self, provider: ActionProvider, error: Exception) -> None:
        self.provider_problems[provider.name] = (
            f"Action provider '{provider.name}' failed: {type(error).__name__}: "
            f"{_exceptions.text_of(error)}"
        )


def distribution_of_provider(provider: ActionProvider) -> str:
    """Return ``name version`` of what a provider was installed with, empty where unknown."""
    target = f"{type(provider).__module__}:{type(provider).__qualname__}"
    announced = list(Origins(plugins.PROVIDERS).all())
    by_target = [dist for _, value, dist in announced if value == target]
    by_name = [dist for name, _, dist in announced if name == provider.name]
    return next(iter(by_target + by_name), "")


def is_reference(text: str) -> bool:
    """Tell whether ``text`` is ``module:attribute`` and not the name of an action."""
    return ":" in text


def _from_module(reference: str) -> ActionDescriptor:
    module_name, _, attribute = reference.partition(":")
    names = [*module_name.removesuffix(".py").split("."), attribute]
    if module_name.endswith(".py") or not all(name.isidentifier() for name in names):
        of_file = " (a module's name, not its file's)" if ".py" in module_name else ""
        raise outcomes.Failure(
            f"'{reference}' is not of the form module:attribute, as in 'my.actions:resize'"
            f"{of_file}",
            outcomes.USAGE,
        )
    module = _import(module_name, reference)
    if not hasattr(module, attribute):
        hint = nearest.hint(attribute, vars(module))
        raise outcomes.Failure(f"Module '{module_name}' has no '{attribute}'{hint}", outcomes.USAGE)
    try:
        return python.PythonActionDescriptor(reference, getattr(module, attribute), namespace="")
    except Exception as e:
        raise outcomes.Failure(f"'{reference}': {_exceptions.text_of(e)}", outcomes.USAGE) from e


def _import(name: str, reference: str) -> Any:
    # An author tries what lies in the current directory; a script's own path doesn't have it.
    sys.path.insert(0, os.getcwd())
    try:
        return plugins.import_module(name)
    except (Exception, SystemExit) as e:
        if isinstance(e, ModuleNotFoundError) and f"{name}.".startswith(f"{e.name}."):
            raise outcomes.Failure(
                f"'{reference}': there is no module '{e.name}', neither in the current directory "
                "nor among what is installed",
                outcomes.USAGE,
            ) from e
        raise outcomes.Failure(
            f"'{reference}': its module can't be imported: {type(e).__name__}: "
            f"{_exceptions.text_of(e)}. "
            f"'python -c \"import {name}\"' shows where"
        ) from e
