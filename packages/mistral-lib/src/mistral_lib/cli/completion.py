# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""``mistral-action completion``."""

from __future__ import annotations

import click
from click import shell_completion

from mistral_lib.cli import outcomes

__all__ = ["command"]

_SHELLS = ("bash", "zsh", "fish")


@click.command(name="completion")
@click.argument("shell", type=click.Choice(_SHELLS))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print a script that makes a shell complete commands, options and names of actions.

    \b
    bash:  eval "$(mistral-action completion bash)"          in ~/.bashrc
    zsh:   eval "$(mistral-action completion zsh)"           in ~/.zshrc
    fish:  mistral-action completion fish | source           in ~/.config/fish/config.fish
    """
    cls = shell_completion.get_completion_class(shell)
    root = ctx.find_root()
    program = root.info_name or ""
    if cls is None:
        raise outcomes.Failure(f"This version of click has no completion for {shell}")
    variable = f"_{program}_complete".replace("-", "_").upper()
    click.echo(cls(root.command, {}, program, variable).source())
