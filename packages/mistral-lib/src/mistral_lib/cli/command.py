# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The command line as a whole: its subcommands, and how a process ends."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from mistral_lib.cli import outcomes, terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mistral_lib.cli import plugged

__all__ = ["PROGRAM", "group", "main"]

#: What usage texts and the completion scripts call the command.
PROGRAM = "mistral-action"

#: Subcommand -> the module with its ``command``, imported when it is called, and its help.
_SUBCOMMANDS = {
    "list": ("listing", "List the installed actions."),
    "show": ("showing", "Show all that is known about an action, and how a workflow calls it."),
    "run": ("running", "Run an action here and now, and print what it returns."),
    "schema": ("schemas", "Print the JSON Schema of an action's input and output."),
    "doctor": ("doctor", "Say why plug-ins did not load, and what to do."),
    "completion": ("completion", "Print a script that makes a shell complete commands and names."),
}


class _Group(click.Group):
    """Subcommands by name, in the order of the table above, and options of installed settings."""

    settings: plugged.Plugged | None = None

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        if self.settings is None:
            from mistral_lib.cli import plugged, settings

            taken = {name for p in self.params for name in (*p.opts, p.name) if name}
            self.settings = plugged.load(settings.GROUP, taken)
            self.params = [*self.params, *self.settings.options]
        return super().get_params(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_SUBCOMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _SUBCOMMANDS:
            return None
        from importlib import import_module

        command: click.Command = import_module(
            f"mistral_lib.cli.{_SUBCOMMANDS[cmd_name][0]}"
        ).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in _SUBCOMMANDS and not args[0].startswith("-"):
            from mistral_lib.actions import nearest

            hint = nearest.hint(args[0], _SUBCOMMANDS)
            ctx.fail(f"There is no command '{args[0]}'{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        # The inherited one imports every subcommand for its help.
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _SUBCOMMANDS.items()])


def _print_version(ctx: click.Context, option: click.Parameter, wanted: bool) -> None:
    if wanted:
        import mistral_lib

        click.echo(f"mistral-lib {mistral_lib.__version__}")
        ctx.exit()


@click.command(
    cls=_Group,
    name=PROGRAM,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Results go to standard output, everything else to standard error. Exit code: 0 success,"
    " 1 the action failed or something is broken, 2 wrong usage or input, 124 the deadline passed,"
    " 130 interrupted.",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Print the version and exit.",
)
@click.pass_context
def group(ctx: click.Context, /, **options: Any) -> None:
    """Find, look up and run the actions that are installed here.

    An action is one step of a workflow: a Python function or class that a package announces by an
    entry point of the group mistral.actions.
    """
    assert isinstance(ctx.command, _Group)
    if ctx.command.settings is None:
        return
    for problem in ctx.command.settings.problems:
        terminal.say(
            f"Settings '{problem.name}' left out: {problem.error}. "
            "'mistral-action doctor' says what to do"
        )
    for entry in ctx.command.settings.loaded:
        entry.instance.apply(entry.own(options))


def main(args: Sequence[str] | None = None) -> int:
    """Run a command line.

    :param args: its words; those of the process when None.
    :returns: the exit code.
    """
    words = sys.argv[1:] if args is None else list(args)
    try:
        return _exit_code(words)
    finally:
        terminal.flush()


def _exit_code(words: list[str]) -> int:
    try:
        returned: Any = group.main(words, prog_name=PROGRAM, standalone_mode=False)
    except click.ClickException as e:
        from mistral_lib.cli import failures

        failures.show(e, words)
        return e.exit_code
    except click.Abort:
        return outcomes.INTERRUPTED
    except outcomes.ReaderGone:
        return outcomes.READER_GONE
    except outcomes.Unfinished as e:
        # A thread that nobody waits for is left, and maybe others that Python would wait for.
        terminal.flush()
        os._exit(e.exit_code)
    except Exception as e:
        # Of a plug-in whose descriptor, provider or documentation is broken.
        from mistral_lib.cli import failures

        failures.show_defect(e, words)
        return outcomes.FAILED
    return returned if isinstance(returned, int) else 0
