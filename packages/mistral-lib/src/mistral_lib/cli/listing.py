# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""``mistral-action list``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mistral_lib.actions import nearest
from mistral_lib.actions.providers import plugins
from mistral_lib.cli import arguments, formats, inventory, logs, output, terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mistral_lib.cli.facts import Facts

__all__ = ["command"]

#: Columns told by what is installed: no plug-in is imported for them.
_ANNOUNCED: dict[str, Callable[[inventory.Entry], Any]] = {
    "name": lambda entry: entry.name,
    "distribution": lambda entry: entry.distribution,
    "target": lambda entry: entry.target,
    "provider": lambda entry: entry.provider,
}

#: Columns for which each plug-in is imported.
_LOADED: dict[str, Callable[[Facts], Any]] = {
    "summary": lambda facts: facts.summary,
    "parameters": lambda facts: ", ".join(map(str, facts.parameters)),
    "returns": lambda facts: facts.returns,
    "tags": lambda facts: list(facts.tags),
    "timeout": lambda facts: facts.timeout,
    "secrets": lambda facts: list(facts.secrets),
    "idempotent": lambda facts: facts.idempotent,
    "deprecated": lambda facts: facts.deprecated,
}

_DEFAULT = ("name", "distribution")


@click.command(name="list")
@click.argument(
    "patterns", metavar="[PATTERN]...", nargs=-1, shell_complete=arguments.complete_names
)
@click.option(
    "--tag",
    "tags",
    multiple=True,
    help="Only actions that have this tag; given more than once, all of them. Imports plug-ins.",
)
@arguments.format_option(default="table")
@click.option(
    "-c",
    "--column",
    "columns",
    type=click.Choice([*_ANNOUNCED, *_LOADED]),
    multiple=True,
    metavar="COLUMN",
    help=f"A column to print; may be given more than once. There are {', '.join(_ANNOUNCED)}; and, "
    f"importing plug-ins, {', '.join(_LOADED)}.  [default: {', '.join(_DEFAULT)}]",
)
def command(
    patterns: tuple[str, ...], tags: tuple[str, ...], format_: str | None, columns: tuple[str, ...]
) -> None:
    """List the installed actions.

    PATTERN is a whole name, in which * stands for any text: 'nova.*'. Without one, all are listed.

    No plug-in is imported unless a tag or a column asks for what only the plug-in can tell.
    """
    columns = columns or _DEFAULT
    with output.reserved() as out, logs.shown():
        known = inventory.Inventory()
        entries = known.entries()
        chosen = [e for e in entries if plugins.allowed(e.name, patterns or None, None)]
        if tags or not _ANNOUNCED.keys() >= set(columns):
            rows = _loaded_rows(known, chosen, columns, frozenset(tags))
        else:
            rows = [[_ANNOUNCED[column](entry) for column in columns] for entry in chosen]
        formats.write_rows(out, format_ or "table", columns, rows)
        _explain(known, entries, rows, patterns, tags)


def _loaded_rows(
    known: inventory.Inventory,
    entries: Sequence[inventory.Entry],
    columns: Sequence[str],
    tags: frozenset[str],
) -> list[list[Any]]:
    rows, broken = [], 0
    for entry in entries:
        found = _facts(known, entry.name)
        if found is None:
            broken += 1
        elif tags <= set(found.tags):
            rows.append(
                [_ANNOUNCED[c](entry) if c in _ANNOUNCED else _LOADED[c](found) for c in columns]
            )
    if broken:
        what = "1 action did" if broken == 1 else f"{broken} actions did"
        terminal.say(f"{what} not load: 'mistral-action doctor' says why")
    return rows


def _facts(known: inventory.Inventory, name: str) -> Facts | None:
    """Return what is known about an action, None where the doctor has something to say."""
    from mistral_lib.cli import facts

    try:
        descriptor = known.load(name)
        if descriptor is None or isinstance(descriptor, plugins.Problem):
            return None
        return facts.of(descriptor)
    except Exception:
        return None


def _explain(
    known: inventory.Inventory,
    entries: Sequence[inventory.Entry],
    rows: Sequence[Any],
    patterns: Sequence[str],
    tags: Sequence[str],
) -> None:
    """Say on standard error why the list is shorter than one may have thought."""
    for problem in known.provider_problems.values():
        terminal.say(f"{problem}: 'mistral-action doctor' says what to do")
    if rows:
        return
    if not entries:
        terminal.say("No actions are installed: no package announces any")
    elif tags and any(plugins.allowed(e.name, patterns or None, None) for e in entries):
        terminal.say(f"No action has the tag {' and '.join(map(repr, tags))}")
    for pattern in patterns:
        if not any(plugins.allowed(e.name, [pattern], None) for e in entries):
            terminal.say(f"No action matches '{pattern}'{_hint(pattern, entries)}")


def _hint(pattern: str, entries: Sequence[inventory.Entry]) -> str:
    if any(pattern in entry.name for entry in entries):
        return f": a pattern matches whole names, did you mean '*{pattern}*'?"
    return nearest.hint(pattern, [entry.name for entry in entries])
