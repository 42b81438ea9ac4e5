# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Installed classes that give a command options: found, loaded, and asked for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from mistral_lib.actions.providers import plugins

if TYPE_CHECKING:
    from collections.abc import Mapping

    import click

__all__ = ["Loaded", "Plugged", "load"]


class Loaded(NamedTuple):
    """An instance of an installed class, and the options that it adds."""

    name: str
    instance: Any
    #: Parameter names of all its options, also those that were left out.
    names: tuple[str, ...]
    options: tuple[click.Option, ...]

    def own(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values of its own options; None for one that was left out."""
        kept = {option.name for option in self.options}
        return {n: values.get(n) if n in kept else None for n in self.names}


class Plugged(NamedTuple):
    """The classes that loaded, and why the others did not."""

    loaded: list[Loaded]
    problems: list[plugins.Problem]

    @property
    def options(self) -> list[click.Option]:
        """All options they add."""
        return [option for entry in self.loaded for option in entry.options]


def load(group: str, taken: set[str]) -> Plugged:
    """Return what is installed in an entry point group, sorted by name.

    :param taken: names, as in ``--input`` and as parameters, that options may not have.
    """
    taken = set(taken)
    found = Plugged([], [])
    for entry_point in plugins.list_all(group):
        cls = plugins.load(entry_point)
        if isinstance(cls, plugins.Problem):
            found.problems.append(cls)
            continue
        try:
            instance = cls()
            options = instance.options()
            kept = tuple(o for o in options if taken.isdisjoint({*o.opts, o.name}))
            taken.update(name for option in kept for name in {*option.opts, option.name or ""})
            names = tuple(o.name for o in options if o.name)
        except Exception as e:
            found.problems.append(plugins.problem(entry_point, e))
            continue
        found.loaded.append(Loaded(entry_point.name, instance, names, kept))
    return found
