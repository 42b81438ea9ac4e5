# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""``mistral-action doctor``."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from mistral_lib.actions import base
from mistral_lib.actions.providers import composite, entry_points, installed, left_out, plugins
from mistral_lib.cli import (
    arguments,
    contexts,
    facts,
    formats,
    inventory,
    logs,
    outcomes,
    output,
    plugged,
    settings,
)
from mistral_lib.utils import _exceptions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Finding", "command", "findings"]


class Finding(NamedTuple):
    """One thing that is wrong with what is installed."""

    #: ``action``, ``provider``, ``duplicate``, ``context``, ``settings``; or ``unavailable``, which
    #: is no fault.
    kind: str
    name: str
    distribution: str
    target: str
    error: str
    remedy: str


@click.command(name="doctor")
@arguments.format_option("text", "json", "yaml", default="text")
@click.pass_context
def command(ctx: click.Context, format_: str | None) -> None:
    """Say why plug-ins did not load, and what to do.

    Imports every installed action, provider and extension, and looks for names that more than
    one package announces. Exits with 1 when anything is wrong. What can't be used because an
    optional package is not installed is told, but is not wrong.
    """
    with output.reserved() as out, logs.shown():
        known = inventory.Inventory()
        found = findings(known)
        announced = len(known.entries())
        working = announced - sum(finding.kind == "action" for finding in found)
        if format_ in ("json", "yaml"):
            record = {"actions": working, "problems": [f._asdict() for f in found]}
            out.write(formats.structured(out, format_, record))
        else:
            out.write("\n\n".join(_text(found, announced, working)))
    if any(map(_is_fault, found)):
        ctx.exit(outcomes.FAILED)


def findings(known: inventory.Inventory) -> list[Finding]:
    """Return all that is wrong; imports every plug-in."""
    return [
        *_broken_actions(known),
        *_broken_providers(known),
        *_duplicates(known),
        *_named("context", contexts.GROUP, plugged.load(contexts.GROUP, set()).problems),
        *_named("settings", settings.GROUP, plugged.load(settings.GROUP, set()).problems),
        *_unavailable_actions(known),
        *_told("unavailable", "unavailable", known),
        *_left_out(known),
    ]


def _named(kind: str, group: str, problems: Sequence[plugins.Problem]) -> Iterator[Finding]:
    origins = inventory.Origins(group).by_name_and_target() if problems else {}
    for p in problems:
        yield Finding(kind, p.name, origins.get((p.name, p.target), ""), *p[1:])


def _broken_actions(known: inventory.Inventory) -> Iterator[Finding]:
    for provider in known.providers:
        if isinstance(provider, entry_points.EntryPointActionProvider):
            yield from _named("action", plugins.ACTIONS, provider.problems())
    for entry in known.entries():
        descriptor = known.load(entry.name)
        if descriptor is None or isinstance(descriptor, plugins.Problem):
            continue
        try:
            facts.of(descriptor)
            problem = _why_not_run(getattr(descriptor, "action_class", None))
        except Exception as e:
            text = _exceptions.text_of(e)
            problem = f"it loads, but can't be described: {type(e).__name__}: {text}"
        if problem:
            yield Finding(
                "action",
                entry.name,
                entry.distribution,
                entry.target,
                problem,
                f"Report it to {entry.distribution or 'its author'}",
            )


def _why_not_run(cls: Any) -> str:
    """Return why no run of an action's class can succeed, empty where nothing shows that."""
    if cls is None:
        return ""
    what = f"it loads, but can't run: class {cls.__name__}"
    abstract = sorted(getattr(cls, "__abstractmethods__", ()))
    if abstract:
        return f"{what} leaves {', '.join(abstract)} abstract"
    run = getattr(cls, "run", None)
    if run is base.Action.run or not callable(run):
        return f"{what} does not define run(self, context)"
    if inspect.isfunction(run) and not isinstance(vars(cls).get("run"), staticmethod):
        try:
            inspect.signature(run).bind("self", "context")
        except TypeError as e:
            return f"{what} has a run() that does not take (self, context): {e}"
    return ""


def _unavailable_actions(known: inventory.Inventory) -> Iterator[Finding]:
    """Yield what classes of announced actions tell of themselves, in a method they may have."""
    for entry in known.entries():
        # Those of providers are their providers' to tell of.
        descriptor = known.load(entry.name) if entry.target else None
        ask = getattr(getattr(descriptor, "action_class", None), "unavailable", None)
        told = ask() if callable(ask) else None
        if isinstance(told, plugins.Problem):
            yield Finding("unavailable", entry.name, entry.distribution, *told[1:])


def _left_out(known: inventory.Inventory) -> Iterator[Finding]:
    """Yield the providers that a server with these options does not have."""
    names = {entry_point.name for entry_point in left_out.entry_points()}
    for provider in known.providers:
        if provider.name in names:
            yield Finding(
                "unavailable",
                f"provider {provider.name} ({len(composite.names_of(provider))} actions)",
                inventory.distribution_of_provider(provider),
                f"{type(provider).__module__}:{type(provider).__qualname__}",
                f"{left_out.OPTION} does not name it: a server with these options lacks its "
                "actions",
                left_out.remedy(provider.name),
            )


def _is_fault(finding: Finding) -> bool:
    return finding.kind != "unavailable"


def _told(kind: str, method: str, known: inventory.Inventory) -> Iterator[Finding]:
    """Yield what providers tell of themselves, in a method they may have."""
    for provider in known.providers:
        ask = getattr(provider, method, None)
        if callable(ask) and not isinstance(provider, entry_points.EntryPointActionProvider):
            owner = inventory.distribution_of_provider(provider)
            for p in ask():
                yield Finding(kind, p.name, owner, p.target, p.error, p.remedy)


def _broken_providers(known: inventory.Inventory) -> Iterator[Finding]:
    yield from _named("provider", plugins.PROVIDERS, installed.provider_problems())
    yield from _told("provider", "problems", known)
    for provider in known.providers:
        if isinstance(provider, entry_points.EntryPointActionProvider):
            continue
        try:
            list(provider.find_all())
        except Exception as e:
            cls = type(provider)
            owner = inventory.distribution_of_provider(provider)
            yield Finding(
                "provider",
                provider.name,
                owner,
                f"{cls.__module__}:{cls.__qualname__}",
                f"listing its actions failed: {type(e).__name__}: {e}",
                f"None of its actions can be used; report it to {owner or 'its author'}",
            )


def _duplicates(known: inventory.Inventory) -> Iterator[Finding]:
    claims: dict[str, dict[tuple[str, str], None]] = {}
    for name, target, distribution in inventory.Origins(plugins.ACTIONS).all():
        claims.setdefault(name, {})[distribution, target] = None
    for provider, entries in known.by_provider().items():
        for entry in entries:
            source = (entry.distribution, entry.target or f"provider {provider}")
            claims.setdefault(entry.name, {})[source] = None
    for name, sources in sorted(claims.items()):
        if len(sources) > 1:
            shown = [f"{dist or 'unknown'} ({target})" for dist, target in sources]
            (used, target), *_ = sources
            yield Finding(
                "duplicate",
                name,
                used,
                target,
                f"more than one announces this name: {', '.join(shown)}",
                "The first is used here, and a server may choose another: uninstall all but one, "
                "or have the others announce another name",
            )


def _text(found: Sequence[Finding], announced: int, working: int) -> Iterator[str]:
    groups: dict[tuple[Any, ...], list[Finding]] = {}
    for finding in found:
        # One missing module breaks all actions behind it, for one reason.
        module = finding.target.partition(":")[0]
        key = (finding.kind, finding.distribution, module, finding.error, finding.remedy)
        groups.setdefault(key, []).append(finding)
    for (kind, distribution, *_, error, remedy), members in groups.items():
        lines = [
            f"{_TITLES[kind]} {_names([m.name for m in members])}",
            f"    from: {distribution or 'unknown'}, {members[0].target}",
            f"    why:  {error}",
            f"    what to do: {remedy}",
        ]
        yield "\n".join(lines)
    faults = sum(map(_is_fault, found))
    problems = f"{faults or 'no'} problem{'s' * (faults > 1)}"
    if not announced:
        yield f"No actions are installed; {problems}."
    else:
        yield f"{working} of {announced} installed actions load; {problems}."


_TITLES = {
    "action": "Did not load: action",
    "provider": "Does not work: provider",
    "duplicate": "Ambiguous: action",
    "context": "Did not load: context source",
    "settings": "Did not load: settings",
    "unavailable": "Not available:",
}


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 6 else ""
    return ", ".join(names[:5] if more else names) + more
