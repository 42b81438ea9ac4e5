# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Arguments and options that several subcommands have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mistral_lib.cli import formats

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    F = TypeVar("F", bound=Callable[..., Any])

__all__ = ["action", "complete_names", "format_option"]


def complete_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Return the names of installed actions that begin so, for a shell to complete."""
    from mistral_lib.cli import inventory

    entries = inventory.Inventory().entries()
    return [entry.name for entry in entries if entry.name.startswith(incomplete)]


def action(function: F) -> F:
    """Add the argument ``name``, an action."""
    decorate = click.argument("name", metavar="ACTION", shell_complete=complete_names)
    return decorate(function)


def format_option(*choices: str, default: str) -> Callable[[F], F]:
    """Return a decorator that adds the option ``format_``.

    :param choices: some of :data:`mistral_lib.cli.formats.FORMATS`; all when none is given.
    :param default: the one used when the option is not given.
    """
    return click.option(
        "-f",
        "--format",
        "format_",
        type=click.Choice(choices or formats.FORMATS),
        default=None,
        help=f"How to print the result.  [default: {default}]",
    )
