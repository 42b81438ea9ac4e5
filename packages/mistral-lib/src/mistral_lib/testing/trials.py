# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""An action on trial: what :mod:`mistral_lib.testing.checks` has to work with."""

from __future__ import annotations

import copy
import traceback
import typing
from typing import TYPE_CHECKING, Any

from mistral_lib import exceptions
from mistral_lib.actions import base, reprs
from mistral_lib.testing import leaks, stand_ins, subjects
from mistral_lib.utils import _exceptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from mistral_lib.actions.declaration import Declaration
    from mistral_lib.actions.types import Result
    from mistral_lib.testing.environment import ActionEnvironment

__all__ = ["NOTHING", "Case", "Outcome", "Trial", "evidence"]

#: A problem with its remedy; or, as text alone, what could not be checked and why.
Outcome = tuple[str, str] | str

#: Characters of a result that a report shows, at most.
_LONGEST_EVIDENCE = 10_000

#: Stands for the answer of an example that expects none in particular.
NOTHING = object()


class Case(typing.NamedTuple):
    """One example."""

    number: int
    given: Mapping[str, Any]
    expected: Any

    @property
    def params(self) -> dict[str, Any]:
        """The parameters, for one run: an action may change what it gets."""
        return copy.deepcopy(dict(self.given))

    def __str__(self) -> str:
        return f"example {self.number}"


class Trial:
    """An action, its examples, and environments to run them in.

    :raises ActionNotFound: it is no action, or has its parameters in it already.
    """

    def __init__(
        self, action: Any, environment: Callable[[], ActionEnvironment], patience: float
    ) -> None:
        subject = subjects.find(action, stand_ins.StandIns())
        if subject.descriptor is None:
            raise exceptions.ActionNotFound(
                f"There is no action to check in {reprs.of_value(action)}. Give a function "
                "declared with @action, a class derived from Action, a descriptor, or an installed "
                "action's name"
            )
        self._subject = subject
        self.action = action
        self.name = subject.name
        self.descriptor: base.ActionDescriptor = subject.descriptor
        self.action_class = subject.action_class
        self.declared_secrets = subject.declared_secrets
        self.patience = patience
        self.cases: list[Case] = []
        self._new_environment = environment
        self._results: dict[int, Result] = {}
        self._secrets = leaks.Secrets()

    @property
    def declaration(self) -> Declaration | None:
        """What ``@action`` was told, None for other actions."""
        return getattr(self.descriptor, "declaration", None)

    def read_examples(self, examples: Iterable[Any]) -> Iterator[Outcome]:
        """Keep the examples that can be used, and yield what is wrong with the others."""
        for number, example in enumerate(list(examples) or self._obvious_examples(), 1):
            case = _case(number, example)
            for name, value in self._subject.secrets_of(case.given, frozenset()):
                self._secrets.add(name, value)
            try:
                self.descriptor.check_parameters(case.params)
            except exceptions.MistralException as e:
                yield f"{case} is refused: {e}", "give parameters that the action takes"
            except Exception as e:
                yield (
                    f"{case}: check_parameters() ends in {_shown(e)}",
                    "raise InvalidInput from check_parameters()",
                )
            else:
                self.cases.append(case)
        if not self.cases:
            yield (
                "there is no usable example, so hardly anything could be checked",
                "give some: check_action(action, [{'parameter': value}])",
            )

    def _obvious_examples(self) -> list[Mapping[str, Any]]:
        """Return the example of no parameters where those are enough."""
        try:
            self.descriptor.check_parameters({})
        except exceptions.MistralException:
            return []
        return [{}]

    def environment(self) -> ActionEnvironment:
        """Return a fresh environment, without the wire: that has a check of its own."""
        environment = self._new_environment()
        environment.wire = False
        return environment

    def result(self, case: Case) -> Result:
        """Return what the action answers to an example; it is run once for that."""
        if case.number not in self._results:
            self._results[case.number] = self.run_again(case)
        return self._results[case.number]

    def run_again(self, case: Case) -> Result:
        """Run an example in an environment of its own."""
        with self.environment() as environment:
            return environment.run_result(self.action, case.params)

    def guarded(self, check: Callable[[Trial], Iterator[Outcome]]) -> Iterator[Outcome]:
        """Yield what a check finds; that it can't be made is a finding too."""
        try:
            yield from check(self)
        except Exception as e:
            yield (
                f"the check ended in {_shown(e)}",
                "an action's constructor, repr and descriptor raise only errors of its own",
            )

    def masked(self, text: str) -> str:
        """Return text for the report."""
        return str(self._secrets.masked(text))


def evidence(result: Result) -> str:
    """Return a result for the report, masked by the names of keys: whole, unless it is huge."""
    try:
        text = repr(result)
    except Exception:
        text = result.cut_repr()
    more = len(text) - _LONGEST_EVIDENCE
    return text if more <= 0 else f"{text[:_LONGEST_EVIDENCE]}... and {more} characters more"


def _shown(error: Exception) -> str:
    """Return type, text and place of an exception that nobody foresaw."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    text = _exceptions.text_of(error)
    return f"{type(error).__name__}: {text} (raised at {frame.filename}:{frame.lineno})"


def _case(number: int, example: Any) -> Case:
    """Return an example as a case.

    :raises TypeError: it is neither parameters nor a pair that begins with them.
    """
    expected = NOTHING
    if isinstance(example, tuple) and len(example) == 2:
        example, expected = example
    if not hasattr(example, "keys"):
        raise TypeError(
            f"Example {number} must be a dictionary of parameters, or a pair of one and what is "
            f"expected; got {type(example).__name__}"
        )
    return Case(number, example, expected)
