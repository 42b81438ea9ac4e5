# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Is bad input refused, early and clearly?"""

from __future__ import annotations

import typing
from typing import TYPE_CHECKING, Any

from mistral_lib import exceptions
from mistral_lib.actions import values
from mistral_lib.utils import inspect_utils

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mistral_lib.actions.declaration import Declaration
    from mistral_lib.testing.trials import Outcome, Trial

__all__ = ["fits", "refuses_bad_input", "unfit_value"]

#: One of these fits no type but those that take everything.
_ODD_VALUES = ({"unfit": [None]}, [["unfit"]], "\x00unfit", -0.5, True)

_UNKNOWN = "no_such_parameter"


class _BadInput(typing.NamedTuple):
    """Parameters that must be refused."""

    params: Mapping[str, Any]
    #: The parameter at fault.
    name: str
    what: str


def refuses_bad_input(trial: Trial) -> Iterator[Outcome]:
    """Yield each wrong set of parameters that is accepted, or refused unclearly."""
    spec = trial.descriptor.params_spec
    if spec is None:
        yield "the descriptor does not say which parameters there are"
        return
    if trial.declaration is None:
        yield "values: a class has no types"
    else:
        yield from _unannotated(trial.declaration)
    for case in trial.cases:
        for bad in _variations(case.params, spec, trial.declaration):
            yield from _judged(trial, bad)


def _variations(
    params: Mapping[str, Any], spec: str, declaration: Declaration | None
) -> Iterator[_BadInput]:
    names = inspect_utils.parse_params_spec(spec)
    if not names.open:
        yield _BadInput({**params, _UNKNOWN: 1}, _UNKNOWN, "an unknown parameter")
        for name in names.required & params.keys():
            yield _BadInput({k: v for k, v in params.items() if k != name}, name, "its absence")
    if declaration is None:
        return
    for parameter in declaration.contract.signature.parameters.values():
        unfit = unfit_value(parameter.type)
        if unfit is not None:
            what = f"a value of type {type(unfit).__name__}"
            yield _BadInput({**params, parameter.name: unfit}, parameter.name, what)


def unfit_value(type_: Any) -> Any:
    """Return a value that is not of that type, None where every value is."""
    return next((value for value in _ODD_VALUES if not fits(value, type_)), None)


def fits(value: Any, type_: Any) -> bool:
    """Tell whether a parameter of that type takes ``value``."""
    try:
        values.convert(value, type_)
    except (ValueError, TypeError):
        return False
    return True


def _judged(trial: Trial, bad: _BadInput) -> Iterator[Outcome]:
    try:
        trial.descriptor.check_parameters(bad.params)
    except exceptions.MistralException as e:
        if bad.name not in str(e):
            yield (
                f"parameter '{bad.name}': {bad.what} is refused without naming it: {e}",
                "name the parameter, and what was expected, in the message",
            )
    except Exception as e:
        yield (
            f"parameter '{bad.name}': {bad.what} ends in {type(e).__name__}: {e}",
            "raise InvalidInput from check_parameters()",
        )
    else:
        yield (
            f"parameter '{bad.name}': {bad.what} is accepted",
            "raise InvalidInput from check_parameters()",
        )


def _unannotated(declaration: Declaration) -> Iterator[Outcome]:
    import inspect

    for parameter in inspect.signature(declaration.function).parameters.values():
        if parameter.annotation is parameter.empty:
            yield (
                f"parameter '{parameter.name}' has no annotation, so any value is accepted",
                "annotate it; with typing.Any, if it is to take anything",
            )
