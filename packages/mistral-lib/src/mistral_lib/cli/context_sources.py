# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The context sources that are installed, asked for their options and for a context."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import click
from click.core import ParameterSource

from mistral_lib import exceptions
from mistral_lib.actions.providers import plugins
from mistral_lib.cli import contexts, outcomes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mistral_lib.actions.context import ActionContext

__all__ = ["Sources", "load"]


class _Loaded(NamedTuple):
    name: str
    source: contexts.ContextSource
    #: Parameter names of all its options, also those that were left out.
    names: tuple[str, ...]
    options: tuple[click.Option, ...]


class Sources(NamedTuple):
    """The sources that are installed, and those that did not load."""

    loaded: list[_Loaded]
    problems: list[plugins.Problem]

    @property
    def options(self) -> list[click.Option]:
        """All options they add."""
        return [option for entry in self.loaded for option in entry.options]

    def asked(self, ctx: click.Context) -> list[str]:
        """Return the options on the command line by which sources were asked for a context."""
        return [
            option.opts[0]
            for entry in self.loaded
            if type(entry.source).context is not contexts.ContextSource.context
            for option in entry.options
            if ctx.get_parameter_source(option.name or "") is ParameterSource.COMMANDLINE
        ]

    def context(self, values: Mapping[str, Any]) -> ActionContext | None:
        """Return the context of the first source that has one for these values of options.

        :raises Failure: a source could not make it.
        """
        for entry in self.loaded:
            kept = {option.name for option in entry.options}
            own = {n: values.get(n) if n in kept else None for n in entry.names}
            try:
                found = entry.source.context(own)
            except (click.ClickException, click.exceptions.Exit, click.Abort):
                raise
            except exceptions.MistralException as e:
                raise outcomes.Failure(f"There is no context to run in: {e}") from e
            except Exception as e:
                raise outcomes.Failure(
                    f"Context source '{entry.name}' failed: {type(e).__name__}: {e}"
                ) from e
            if found is not None:
                return found
        return None


def load(taken: set[str]) -> Sources:
    """Return all installed sources, sorted by the name of their entry point.

    :param taken: names, as in ``--input`` and as parameters, that options may not have.
    """
    taken = set(taken)
    found = Sources([], [])
    for entry_point in plugins.list_all(contexts.GROUP):
        cls = plugins.load(entry_point)
        if isinstance(cls, plugins.Problem):
            found.problems.append(cls)
            continue
        try:
            source: contexts.ContextSource = cls()
            options = source.options()
            kept = tuple(o for o in options if taken.isdisjoint({*o.opts, o.name}))
            taken.update(name for option in kept for name in {*option.opts, option.name or ""})
            names = tuple(o.name for o in options if o.name)
        except Exception as e:
            found.problems.append(plugins.problem(entry_point, e))
            continue
        found.loaded.append(_Loaded(entry_point.name, source, names, kept))
    return found
