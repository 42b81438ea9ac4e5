# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""``mistral-action schema``."""

from __future__ import annotations

import click

from mistral_lib.cli import arguments, facts, formats, inventory, logs, output

__all__ = ["command"]


@click.command(name="schema")
@arguments.action
def command(name: str) -> None:
    """Print the JSON Schema (2020-12) of an action's input and output.

    ACTION is a name, or module:attribute for one that no package announces yet. The result is one
    object with the fields "input" and "output".
    """
    with output.reserved() as out, logs.shown():
        found = facts.of(inventory.Inventory().get(name))
        schemas = {"input": found.input_schema, "output": found.output_schema}
        out.write(formats.json_text(out, schemas))
