# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Checks that run the action on purpose in odd ways: with secrets, cancelled, dry."""

from __future__ import annotations

import functools
import time
from typing import TYPE_CHECKING, Any

from mistral_lib import exceptions
from mistral_lib.actions import context, control, deadline
from mistral_lib.testing import differences, input_checks, leaks, trials

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mistral_lib.actions.types import Result
    from mistral_lib.testing.environment import ActionEnvironment
    from mistral_lib.testing.trials import Case, Outcome, Trial

__all__ = ["dry_run_is_harmless", "keeps_secrets", "stops_when_asked"]

#: How often a thread that should end is looked at, in seconds.
_POLL = 0.01

# -- secrets


def keeps_secrets(trial: Trial) -> Iterator[Outcome]:
    """Yield each secret that shows, and each parameter that only sounds secret."""
    undeclared: set[str] = set()
    for case in trial.cases:
        with trial.environment() as environment:
            names = frozenset(
                leaks.secret_parameters(case.params, trial.declared_secrets, environment.public)
            )
            undeclared |= names - trial.declared_secrets
            params = _with_canaries(trial, case.params, names)
            environment.run_result(trial.action, params)
            for refused in _refused(trial, params, names):
                environment.run_result(trial.action, refused)
            yield from _sightings(str(case), environment)
    for name in sorted(undeclared):
        yield (
            f"parameter '{name}' sounds secret and is not declared so",
            'annotate it Secret[...]; of a class, @actions.hidden("name"); or, if its value may '
            "be seen, check in an ActionEnvironment(public=[name])",
        )


def _with_canaries(
    trial: Trial, params: Mapping[str, Any], names: frozenset[str]
) -> Mapping[str, Any]:
    """Return the parameters with unmistakable secrets in them, where they are taken."""
    for name in sorted(names):
        if isinstance(params[name], str):
            changed = {**params, name: f"canary-{name}-7Qx9Zt2w"}
            try:
                trial.descriptor.check_parameters(changed)
            except exceptions.MistralException:
                continue  # of a certain form: the example's own value has to do
            params = changed
    return params


def _refused(
    trial: Trial, params: Mapping[str, Any], names: frozenset[str]
) -> Iterator[Mapping[str, Any]]:
    """Yield parameters in which a secret is of a wrong type, where the action has types."""
    if trial.declaration is None:
        return
    parameters = trial.declaration.contract.signature.parameters
    for name in names & parameters.keys():
        type_ = parameters[name].type
        for wrapped in ([params[name]], {"value": params[name]}):
            if not input_checks.fits(wrapped, type_):
                yield {**params, name: wrapped}


def _sightings(what: str, environment: ActionEnvironment) -> Iterator[Outcome]:
    try:
        seen = environment.secrets_seen()
    except ValueError as e:
        yield f"{what}: {e}", "give the example another value"
        return
    for sighting in seen:
        yield (
            f"{what}: {sighting.secret} shows in {sighting.sink} ({sighting.where}): "
            f"{sighting.text}",
            "leave it out there; what is declared secret is masked in log records, errors and "
            "reprs, and nowhere else",
        )


# -- stopping


def stops_when_asked(trial: Trial) -> Iterator[Outcome]:
    """Yield each example that goes on, or fails oddly, when it is asked to stop."""
    for case in trial.cases:
        with trial.environment() as cancelled:
            cancelled.cancel()
            what = f"{case}, cancelled before it starts"
            yield from _stops(trial, case, cancelled, what)
        with trial.environment() as late:
            # The deadline is set at one look at the clock, and passed at the next.
            late.timeout, late.clock.step = 1.0, 2.0
            # What is answered then is the runner's doing.
            yield from _stops(trial, case, late, f"{case}, past its deadline", judged=False)


def _stops(
    trial: Trial, case: Case, environment: ActionEnvironment, what: str, judged: bool = True
) -> Iterator[Outcome]:
    until = time.monotonic() + trial.patience
    run = functools.partial(environment.run_result, trial.action, case.params)
    result: Result | None = None
    try:
        result = deadline.call(run, control.Control(trial.patience), trial.name)
    except exceptions.ActionTimeout:
        running = True
    else:
        while environment.unfinished and time.monotonic() < until:
            time.sleep(_POLL)
        running = bool(environment.unfinished)
    if running:
        yield (
            f"{what}: it still runs after {trial.patience:g} seconds",
            "call context.check_cancelled() between steps, and context.sleep() to wait",
        )
    if (
        judged
        and result is not None
        and result.is_error()
        and _error_type(result) != _error_type(trial.result(case))
    ):
        yield (
            f"{what}: it answers with the error {_error_type(result)}: {trials.evidence(result)}",
            "let ActionCancelled pass, or answer with the result",
        )


def _error_type(result: Result | None) -> Any:
    error = None if result is None else result.error
    return error.get("type") if isinstance(error, dict) else error


# -- the dry run


def dry_run_is_harmless(trial: Trial) -> Iterator[Outcome]:
    """Yield each trace that ``test()`` leaves."""
    if not hasattr(trial.action_class, "test"):
        yield "the action offers no test()"
        return
    for case in trial.cases:
        if not trial.result(case).is_success():
            continue
        usual = trial.run_again(case)
        with trial.environment() as environment:
            yield from _dry_run(trial, case, environment)
            yield from _sightings(f"{case}, test()", environment)
        if usual != trial.result(case):
            yield f"{case}: run() answers differently each time, so a trace would not be seen"
        elif trial.run_again(case) != usual:
            yield (
                f"{case}: after test(), run() answers differently",
                "change nothing in test(): only look whether run() could succeed",
            )


def _dry_run(trial: Trial, case: Case, environment: ActionEnvironment) -> Iterator[Outcome]:
    write = context.ActionContextSerializer().serialize_to_dict
    before = differences.crossed(write(environment.context))
    result = environment.dry_run(trial.action, case.params)
    if not result.is_success():
        yield (
            f"{case}: test() fails where run() succeeds: {trials.evidence(result)}",
            "have test() answer as run() would",
        )
    if differences.crossed(write(environment.context)) != before:
        yield f"{case}: test() changes the context", "copy what is to be changed"
