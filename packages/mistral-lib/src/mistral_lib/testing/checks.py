# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The checks that :func:`mistral_lib.testing.check_action` makes, described there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mistral_lib import exceptions
from mistral_lib.actions import (
    annotated,
    base,
    context,
    docstrings,
    nearest,
    problems,
    values,
    wire,
)
from mistral_lib.testing import differences, input_checks, running_checks, schemas, trials
from mistral_lib.utils import inspect_utils

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mistral_lib.actions.types import Result
    from mistral_lib.testing.trials import Case, Outcome, Trial

__all__ = ["CHECKS"]


def _documented(trial: Trial) -> Iterator[Outcome]:
    description = trial.descriptor.description
    # Classes inherit the docstring of the class they derive from.
    if not description or description == docstrings.clean(base.Action.__doc__):
        yield "there is no docstring", "say in its first line what the action does"
    if trial.declaration is None:
        yield "parameters of a class: nothing says where they are described"
        return
    signature = trial.declaration.contract.signature
    told = docstrings.parse(trial.declaration.function).parameters
    for parameter in signature.parameters.values():
        if not (parameter.description or told.get(parameter.name)):
            yield (
                f"parameter '{parameter.name}' is not described",
                f'add ":param {parameter.name}: ..." to the docstring',
            )
    if signature.extra is None:
        known = {*signature.parameters, *signature.injected}
        for name in told.keys() - known:
            yield (
                f"the docstring describes '{name}', which is no parameter"
                f"{nearest.hint(name, known)}",
                "describe the parameters that there are",
            )


def _schema(trial: Trial) -> Iterator[Outcome]:
    if trial.declaration is None:
        yield "a class has no types to make a schema of"
        return
    contract = trial.declaration.contract
    for kind, schema in (("input", contract.input_schema()), ("output", contract.output_schema())):
        for problem in schemas.problems(schema):
            yield (
                f"the {kind} schema is invalid at {problem}",
                "correct the annotation, or the schema that its class makes of itself",
            )


def _wire(trial: Trial) -> Iterator[Outcome]:
    write = context.ActionContextSerializer().serialize_to_dict
    with trial.environment() as environment:
        sent = environment.context
        found = differences.difference(write(sent), write(differences.crossed(sent)))
    if found:
        yield f"the context changes: {found}", "give the context JSON-ready fields"
    for case in trial.cases:
        action = trial.descriptor.instantiate(dict(case.params), {})
        try:
            arrived = differences.crossed(action)
        except exceptions.SerializationError as e:
            yield f"{case}: {e}", _remedy_on_the_wire(action)
            return
        if type(arrived).__name__ != type(action).__name__:
            yield (
                f"{case}: {type(action).__qualname__} arrives as {type(arrived).__qualname__}",
                "define the class at the top level of a module",
            )
            return
        found = differences.difference(_state(action), _state(arrived))
        if found:
            yield (
                f"{case}: the action changes: {found}",
                "keep JSON-ready values in attributes, and convert them in run()",
            )


def _remedy_on_the_wire(action: base.Action) -> str:
    try:
        wire.class_path(type(action), base.Action, base.action_class_of)
    except exceptions.SerializationError:
        return "define the action at the top level of a module"
    return "keep JSON-ready values in attributes, and convert them in run()"


def _state(action: base.Action) -> Mapping[str, object]:
    return {**inspect_utils.get_public_fields(type(action)), **vars(action)}


def _result(trial: Trial) -> Iterator[Outcome]:
    for case in trial.cases:
        result = trial.result(case)
        yield from _unexpected(trial, case, result)
        for part, value in (("data", result.data), ("error", result.error)):
            try:
                arrived = differences.crossed(value)
            except exceptions.SerializationError as e:
                found: str | None = str(e)
            else:
                # What a reader of ours takes, other readers of JSON may refuse.
                wrong = (f"{path} is {what}" for path, what in problems.not_json(value, "$"))
                found = next(wrong, None) or differences.difference(value, arrived)
            if found:
                yield (
                    f"{case}: its {part} is not JSON-ready: {found}",
                    "return text, numbers, booleans, lists, objects with text keys, or None",
                )
        if result.is_success():
            yield from _misfit(trial, case, result)


def _unexpected(trial: Trial, case: Case, result: Result) -> Iterator[Outcome]:
    expected = case.expected
    if isinstance(expected, type) and issubclass(expected, BaseException):
        # A class that was renamed for a server is reported by the name it had.
        names = {getattr(cls, "_reported_type", cls.__name__) for cls in _with_subclasses(expected)}
        if not isinstance(result.error, dict) or result.error.get("type") not in names:
            yield (
                f"{case}: expected {expected.__name__}, got {trials.evidence(result)}",
                "correct the action or the example",
            )
    elif not result.is_success():
        yield (
            f"{case} fails: {trials.evidence(result)}",
            _remedy_of_failure(trial, result),
        )
    elif expected is not trials.NOTHING and result.data != expected:
        yield (
            f"{case}: expected {expected!r}, got {result.data!r}",
            "correct the action or the example",
        )


def _remedy_of_failure(trial: Trial, result: Result) -> str:
    error = result.error if isinstance(result.error, dict) else {}
    run = getattr(trial.action_class, "run", base.Action.run)
    if trial.action_class is not None and run is base.Action.run:
        return "define run(self, context) in the class"
    if error.get("code") == exceptions.InvalidInput.error_code:
        return "correct the example, or what the action takes"
    if error.get("code") == exceptions.InvalidOutput.error_code:
        return "return text, numbers, booleans, lists, objects with text keys, or None"
    return (
        "correct the action, or give the environment stand-ins for what it needs; if it is to "
        "fail, say with which exception: (params, ExceptionClass)"
    )


def _with_subclasses(cls: type[BaseException]) -> Iterator[type[BaseException]]:
    yield cls
    for subclass in cls.__subclasses__():
        yield from _with_subclasses(subclass)


def _misfit(trial: Trial, case: Case, result: Result) -> Iterator[Outcome]:
    if trial.declaration is None:
        yield "a class has no return type to compare with"
    elif trial.declaration.sync:
        returns = trial.declaration.contract.signature.returns
        try:
            values.convert(result.data, returns)
        except (ValueError, TypeError) as e:
            yield (
                f"{case}: its data does not fit {annotated.describe(returns)}: {e}",
                "correct the return annotation, or what is returned",
            )


CHECKS: Mapping[str, Callable[[Trial], Iterator[Outcome]]] = {
    "documented": _documented,
    "schema": _schema,
    "input": input_checks.refuses_bad_input,
    "wire": _wire,
    "result": _result,
    "secrets": running_checks.keeps_secrets,
    "cancel": running_checks.stops_when_asked,
    "test": running_checks.dry_run_is_harmless,
}
