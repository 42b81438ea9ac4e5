# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""One line that checks an action against all that a server and its users expect of it."""

from __future__ import annotations

import typing
from typing import TYPE_CHECKING, Any

from mistral_lib.testing.environment import ActionEnvironment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["ConformanceError", "ConformanceReport", "Finding", "check_action"]


class Finding(typing.NamedTuple):
    """Something about an action that does not conform."""

    #: Name of the check that found it.
    check: str
    problem: str
    #: What to do about it.
    remedy: str


class ConformanceReport(typing.NamedTuple):
    """What was checked."""

    #: The action's name.
    action: str
    #: Names of the checks that were made, in order.
    checks: tuple[str, ...]
    findings: tuple[Finding, ...]
    #: What could not be checked, and why.
    left_out: tuple[str, ...]


class ConformanceError(AssertionError):
    """An action does not conform; the text lists every finding with its remedy.

    :param report: what was checked; ``findings`` are in it.
    """

    def __init__(self, report: ConformanceReport) -> None:
        self.report = report
        lines = [f"Action '{report.action}' does not conform ({len(report.findings)} findings):"]
        for finding in report.findings:
            lines.append(f"  {finding.check}: {finding.problem}")
            lines.append(f"    remedy: {finding.remedy}")
        super().__init__("\n".join(lines))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything that was found."""
        return self.report.findings


def check_action(
    action: Any,
    examples: Iterable[Mapping[str, Any] | tuple[Mapping[str, Any], Any]] = (),
    *,
    environment: Callable[[], ActionEnvironment] = ActionEnvironment,
    patience: float = 2.0,
) -> ConformanceReport:
    """Check that an action keeps its promises, in a test of one line.

    ``examples``
        each one passes the action's own check of its parameters.
    ``documented``
        there is a docstring; of a function, it describes each parameter and no other.
    ``schema``
        of a function: input and output schema are valid JSON Schema (2020-12).
    ``input``
        unknown and missing parameters, and of a function values of a wrong type, are refused
        before an action is made of them, by an error that names the parameter.
    ``wire``
        action and context arrive equal when they cross the real serializer.
    ``result``
        each example answers as expected; data and error arrive equal; a function's data fits its
        return annotation.
    ``secrets``
        no parameter only sounds secret; with invented values in the secret ones, no sink of
        :meth:`ActionEnvironment.secrets_seen` shows one; nor does the refusal of a bad one.
    ``cancel``
        asked to stop before it starts, and past its deadline, the action ends within ``patience``;
        the former with its result or a cancellation, and no error that it does not have otherwise.
    ``test``
        where there is a ``test()``: it succeeds where ``run()`` does, changes nothing in the
        context, shows no secret, and ``run()`` answers after it what it answered before. What else
        it does outside the process can't be seen from here.

    Each example is run several times, so the environment must provide stand-ins for whatever would
    do harm. The clock of the environment is the one that ``context.sleep`` goes by.

    :param action: a function declared with ``@action``, an action class, a descriptor, or the name
        of an installed action. Of what has no types (a class), fewer things can be checked.
    :param examples: parameters by name; or pairs of those and the data expected, or the class of
        the exception expected. An action without required parameters needs none.
    :param environment: makes a new environment for each run; give it stand-ins and secrets there.
    :param patience: real seconds.
    :returns: the report, when nothing was found.
    :raises ConformanceError: something was; its text lists all of it.
    :raises ActionNotFound: ``action`` is none.
    """
    from mistral_lib.testing import checks, trials

    trial = trials.Trial(action, environment, patience)
    findings: list[Finding] = []
    left_out: list[str] = []

    def take(check: str, outcomes: Iterable[trials.Outcome]) -> None:
        for outcome in outcomes:
            if isinstance(outcome, str):
                left_out.append(f"{check}: {outcome}")
            else:
                findings.append(Finding(check, *map(trial.masked, outcome)))

    take("examples", trial.read_examples(examples))
    for name, check in checks.CHECKS.items():
        take(name, trial.guarded(check))
    report = ConformanceReport(
        trial.name, ("examples", *checks.CHECKS), tuple(findings), tuple(left_out)
    )
    if findings:
        raise ConformanceError(report)
    return report
