# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""``mistral-action run``."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import click

from mistral_lib import exceptions
from mistral_lib.actions import context as action_contexts
from mistral_lib.actions import errors, problems, runner, secrets, types
from mistral_lib.actions import values as typed
from mistral_lib.cli import (
    arguments,
    context_sources,
    contexts,
    facts,
    failures,
    files,
    formats,
    interrupts,
    inventory,
    logs,
    outcomes,
    output,
    plugged,
    progress,
    terminal,
    values,
)
from mistral_lib.utils import _exceptions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mistral_lib.actions.base import ActionDescriptor
    from mistral_lib.actions.context import ActionContext

__all__ = ["command"]


class _RunCommand(click.Command):
    """Has the options of all installed context sources, asked for them when it is parsed."""

    sources: plugged.Plugged | None = None

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        if self.sources is None:
            taken = {name for p in self.params for name in (*p.opts, p.name) if name}
            self.sources = plugged.load(contexts.GROUP, taken)
            self.params = [*self.params, *self.sources.options]
            # A shell that completes a word shows what is printed meanwhile.
            for problem in () if ctx.resilient_parsing else self.sources.problems:
                terminal.say(
                    f"Context source '{problem.name}' left out: {problem.error}. "
                    "'mistral-action doctor' says what to do"
                )
        return super().get_params(ctx)


def _check_timeout(
    ctx: click.Context, option: click.Parameter, value: float | None
) -> float | None:
    if value is not None and not (value > 0 and math.isfinite(value)):
        raise click.BadParameter("must be a number of seconds above 0", ctx, option)
    return value


@click.command(cls=_RunCommand, name="run")
@arguments.action
@click.argument("words", metavar="[KEY=VALUE]...", nargs=-1)
@click.option(
    "--input",
    "input_file",
    type=click.Path(allow_dash=True),
    metavar="FILE",
    help="A JSON object with parameters; '-' is standard input. KEY=VALUE adds to it and wins.",
)
@click.option(
    "--context",
    "context_file",
    type=click.Path(allow_dash=True),
    metavar="FILE",
    help="The context to run in, as a server sends it: a JSON object with 'security' (auth_uri, "
    "auth_token, project_id, ...) and 'execution' (workflow_name, ...).",
)
@click.option(
    "--timeout",
    type=float,
    callback=_check_timeout,
    metavar="SECONDS",
    help="Ask the action to stop after this time, and exit with 124.",
)
@click.option(
    "--dry-run", is_flag=True, help="Call the action's test(), which has no effect, not run()."
)
@arguments.format_option(default="json")
@click.option(
    "-v",
    "--verbose",
    count=True,
    help="Print progress, log and tracebacks on standard error; twice for more.",
)
@click.pass_context
def command(ctx: click.Context, /, name: str, words: tuple[str, ...], **options: Any) -> None:
    """Run an action here and now, and print what it returns.

    ACTION is a name, or module:attribute for one that no package announces yet; the module may lie
    in the current directory.

    \b
    KEY=VALUE    A parameter. Where the action takes text (or a date, an id, one of some
                 words), VALUE is taken as it is; any other type is JSON: count=3
                 names='["a", "b"]'. Where nothing is declared, JSON or else text.
    KEY:=JSON    JSON in any case.
    KEY@=FILE    What the file holds, read as VALUE is.

    Others can see what is typed here in the list of processes: pass secrets with KEY@=FILE or
    --input.

    The result goes to standard output; of an action that completes later, what it returned, and a
    line on standard error says so. An error is one line on standard error or, with -f json or yaml,
    an object with the fields type, message, code, retryable, retry_after and details. Ctrl-C asks
    the action to stop and gives it five seconds; a second one ends at once.
    """
    assert isinstance(ctx.command, _RunCommand)
    verbose, format_ = options["verbose"], options["format_"]
    with output.reserved() as out, logs.shown(verbose) as log:
        descriptor = inventory.Inventory().get(name)
        params = _params(descriptor, words, options["input_file"])
        _check(descriptor, params)
        context = _context(ctx, ctx.command.sources, options)
        machine = _Machine(descriptor, verbose > 0)
        ending = machine.run(params, context, options["timeout"], options["dry_run"])
        ending = ending._replace(result=_printable(ending.result, descriptor.name))
        result = ending.result
        if result is not None and result.is_success():
            if machine.completes_later:
                _tell_completes_later(descriptor.name)
            if result.data is not None or not machine.completes_later:
                formats.write_data(out, format_ or "json", result.data)
        failed = failures.of(ending, descriptor.name, options["timeout"])
        if failed is not None:
            failures.report(failed, format_, hidden_log=log.left_out)


def _printable(result: types.Result | None, name: str) -> types.Result | None:
    """Return a result with JSON-ready data and error; where they can't be, that is the error."""
    if result is None:
        return None
    try:
        ready = typed.normalize({"data": result.data, "error": result.error})
        for path, problem in problems.not_json(ready, ""):
            raise exceptions.InvalidOutput(f"{path[1:]} is {problem}")
    except Exception as e:
        what = "data" if result.is_success() else "an error"
        return errors.result_of(
            exceptions.InvalidOutput(
                f"Action '{name}' answered with {what} that is not JSON-serializable: "
                f"{_exceptions.text_of(e)}"
            )
        )
    return types.Result(ready["data"], ready["error"], result.cancel)


def _tell_completes_later(name: str) -> None:
    terminal.say(
        f"Action '{name}' is not done: its result comes later, to the callback URL of its context. "
        "What is printed is what its run() returned"
    )


def _params(
    descriptor: ActionDescriptor, words: tuple[str, ...], input_file: str | None
) -> dict[str, Any]:
    params: dict[str, Any] = {}
    if input_file is not None:
        params = _read_object(input_file, "--input")
    if words:
        found = facts.of(descriptor)
        types = {p.name: p.type for p in found.parameters}
        other = Any if found.extra is None else found.extra.type
        params |= values.read(words, types, other)
    return params


def _read_object(path: str, option: str) -> dict[str, Any]:
    what = f"{option} {path}"
    found = values.load_json(files.text(files.read(path, what, stdin=True), what), what)
    if not isinstance(found, dict):
        kind = {list: "a list", str: "text", type(None): "null"}.get(type(found), "one value")
        raise outcomes.Failure(f"{what} must hold a JSON object, not {kind}", outcomes.USAGE)
    for place, problem in problems.not_json(found, "$"):
        raise outcomes.Failure(f"{what}: {place} is {problem}", outcomes.USAGE)
    return found


def _check(descriptor: ActionDescriptor, params: Mapping[str, Any]) -> None:
    """Check parameters here, so that a wrong command is told from a failing action."""
    try:
        descriptor.check_parameters(params)
    except exceptions.InvalidInput as e:
        raise outcomes.Failure(
            f"{e}\nIt takes: {facts.of(descriptor).signature}", outcomes.USAGE
        ) from e
    except Exception as e:
        text = f"{type(e).__name__}: {_exceptions.text_of(e)}"
        raise outcomes.Failure(
            f"Action '{descriptor.name}': the check of its parameters failed: {text}"
        ) from e


def _context(
    ctx: click.Context, sources: plugged.Plugged | None, options: Mapping[str, Any]
) -> ActionContext | None:
    file: str | None = options["context_file"]
    if file is None:
        return None if sources is None else context_sources.context(sources, options)
    if sources is not None and (asked := context_sources.asked(sources, ctx)):
        raise outcomes.Failure(
            f"Both --context and {asked[0]} say who runs the action: give one of them",
            outcomes.USAGE,
        )
    found = _read_object(file, "--context")
    if not found.keys() & {"security", "execution"}:
        raise outcomes.Failure(
            f"--context {file} must hold a JSON object with 'security' or 'execution', as in "
            '{"security": {"auth_uri": "https://..."}, "execution": {}}',
            outcomes.USAGE,
        )
    try:
        return action_contexts.ActionContextSerializer().deserialize_from_dict(found)
    except exceptions.DeserializationError as e:
        raise outcomes.Failure(f"--context {file}: {e}", outcomes.USAGE) from e


class _Machine:
    """Runs one action, with what a person at the terminal sees and does meanwhile."""

    def __init__(self, descriptor: ActionDescriptor, verbose: bool) -> None:
        self._descriptor = descriptor
        self._display = progress.Progress(descriptor.name, verbose)
        #: Whether the action that ran said that its result is delivered later.
        self.completes_later = False

    def run(
        self,
        params: Mapping[str, Any],
        context: ActionContext | None,
        timeout: float | None,
        dry_run: bool,
    ) -> interrupts.Ending:
        masker = secrets.masker_for(dict(params), facts.secret_names(self._descriptor), context)
        machine = runner.Runner(on_progress=lambda text: self._display.report(masker.text(text)))
        control = machine.control(timeout, context)
        with self._display.shown():
            ending = interrupts.call(
                lambda: machine.run(
                    self._descriptor, params, context, dry_run=dry_run, control=control
                ),
                control,
                on_interrupt=self._interrupted,
                on_wait=self._display.tick,
            )
        self.completes_later = control.completes_later
        return ending

    def _interrupted(self) -> None:
        self._display.clear()
        terminal.say(
            f"Asked '{self._descriptor.name}' to stop; it has {interrupts.GRACE:g} s. "
            "Ctrl-C again ends at once"
        )
