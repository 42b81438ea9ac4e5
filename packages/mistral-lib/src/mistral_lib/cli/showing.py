# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""``mistral-action show``."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import click

from mistral_lib.cli import arguments, facts, formats, inventory, logs, output, snippets, sources

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mistral_lib.cli.facts import Facts
    from mistral_lib.cli.sources import Source

__all__ = ["command"]


@click.command(name="show")
@arguments.action
@arguments.format_option("text", "json", "yaml", default="text")
def command(name: str, format_: str | None) -> None:
    """Show all that is known about an action.

    Its signature, documentation, parameters and schema, where it comes from, and a workflow that
    calls it, to be pasted and adapted. ACTION is a name, or module:attribute for one that no
    package announces yet.
    """
    with output.reserved() as out, logs.shown():
        known = inventory.Inventory()
        descriptor = known.get(name)
        found, source = facts.of(descriptor), sources.of(descriptor, known)
        if format_ in ("json", "yaml"):
            out.write(formats.structured(out, format_, _record(found, source)))
        else:
            out.write("\n\n".join(_sections(out, found, source)))


def _record(found: Facts, source: Source) -> dict[str, Any]:
    return {
        "name": found.name,
        "summary": found.summary,
        "description": found.text,
        "signature": found.signature,
        "parameters": [
            {
                "name": p.name,
                "type": p.type_text or None,
                "required": p.required,
                "default": p.default,
                "secret": p.secret,
                "description": p.description,
            }
            for p in found.parameters
        ],
        "returns": found.returns or None,
        "tags": list(found.tags),
        "timeout": found.timeout,
        "idempotent": found.idempotent,
        "deprecated": found.deprecated,
        "dry_run": found.dry_run,
        "sync": found.sync,
        **{part: getattr(source, part) or None for part in source._fields},
        "input": found.input_schema,
        "output": found.output_schema,
        "workflow": snippets.workflow(found),
    }


def _sections(out: output.Output, found: Facts, source: Source) -> Iterator[str]:
    yield _section(found.name, found.text or "It has no documentation.")
    yield _section("Signature", found.signature)
    taken = [*found.parameters, *([found.extra] if found.extra else [])]
    if taken:
        yield _section("Parameters", "\n".join(_parameter(p, p is found.extra) for p in taken))
    if found.returns_text:
        yield _section("Returns", found.returns_text)
    about = list(_about(found))
    if about:
        yield _section("About", "\n".join(about))
    yield _section("Comes from", "\n".join(_origin(source)))
    yield _section("In a workflow", snippets.workflow(found))
    schemas = {"input": found.input_schema, "output": found.output_schema}
    yield _section("Schema", formats.json_text(out, schemas))


def _section(title: str, body: str) -> str:
    return f"{title}\n{textwrap.indent(body, '    ')}"


def _parameter(parameter: facts.Parameter, is_extra: bool) -> str:
    notes = ["secret"] if parameter.secret else []
    if is_extra and not parameter.description:
        notes.append("any others")
    elif parameter.required and not is_extra:
        notes.append("required")
    line = ("**" if is_extra else "") + str(parameter)
    line += f"  ({', '.join(notes)})" if notes else ""
    return f"{line}\n    {parameter.description}" if parameter.description else line


def _about(found: Facts) -> Iterator[str]:
    if found.deprecated:
        advice = "" if found.deprecated == "deprecated" else f": {found.deprecated}"
        yield f"Deprecated{advice}"
    if found.tags:
        yield f"Tags: {', '.join(found.tags)}"
    if found.timeout:
        yield f"Timeout: {found.timeout:g} s"
    if found.secrets:
        yield f"Secrets: {', '.join(found.secrets)}; masked in logs and errors while it runs"
    if found.idempotent:
        yield "Running it twice does no harm (idempotent)"
    if found.dry_run:
        yield "It can be tried without effect: mistral-action run --dry-run"
    if found.sync is False:
        yield "Its result is delivered later, after it has returned"
    if found.sync is None:
        yield "Each run decides whether its result is delivered later, after it has returned"


def _origin(source: Source) -> Iterator[str]:
    if source.distribution:
        yield f"Distribution: {source.distribution}"
    if source.provider:
        yield f"Provider: {source.provider}"
    yield f"Target: {source.target or 'unknown'}"
    if source.file:
        yield f"File: {source.place}"
