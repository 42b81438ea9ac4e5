# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Measure mistral-lib beside upstream's, as a ratio, in one run.

    python benchmarks/run.py [--quick] [--case NAME]...

Upstream's release is installed into an environment of its own, ours into another. Each case runs
in fresh processes of both interpreters in turn, several rounds; the least of all rounds counts,
since nothing makes code faster than it is. Times are CPU time unless the table says otherwise.
The table goes to standard output, everything measured to ``build/bench/results.json``.

Ends with 1 when both sides don't come to the same output, not when a target is missed: a target
is judged by people, who know how busy the machine was.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import environments
import figures
import listing
import report

HERE = Path(__file__).parent
RESULTS = environments.WORK / "results.json"

#: Cases that only ours can do.
OURS_ALONE = frozenset({"list", "runner", "typed_action", "typed_descriptor"})

Measured = dict[str, dict[str, list[dict[str, Any]]]]


def main(arguments: list[str]) -> int:
    """Measure, print and write; return the exit code."""
    options = _options(arguments)
    cases = options.case or list(dict.fromkeys(f.case for f in figures.FIGURES))
    _say("making the two environments")
    pythons = {"upstream": environments.upstream(), "ours": environments.ours()}
    versions = {side: _run_case(python, "versions", 0) for side, python in pythons.items()}
    measured: Measured = {side: {case: [] for case in cases} for side in pythons}
    for case in cases:
        _say(f"measuring {case}")
        _measure(case, pythons, measured, options.rounds, options.seconds)
    found = report.rows(figures.FIGURES, measured)
    print(_heading(versions, options), report.table(found), sep="\n\n")
    _write(versions, found, measured)
    differing = [case for case in cases if len(_digests(case, measured)) > 1]
    for case in differing:
        _say(f"{case}: the two sides come to different outputs")
    return 1 if differing else 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure mistral-lib beside upstream's.")
    parser.add_argument("--quick", action="store_true", help="two short rounds: a first look")
    known = sorted({f.case for f in figures.FIGURES})
    parser.add_argument("--case", action="append", choices=known, help="measure this one only")
    options = parser.parse_args(arguments)
    options.rounds, options.seconds = (2, 0.05) if options.quick else (5, 0.3)
    return options


def _measure(
    case: str, pythons: dict[str, Path], measured: Measured, rounds: int, seconds: float
) -> None:
    sides = [side for side in pythons if side == "ours" or case not in OURS_ALONE]
    for number in range(rounds + 1):
        # In turn, and each as often the first: what disturbs the machine meets both alike.
        for side in sides if number % 2 else reversed(sides):
            found = _run_case(pythons[side], case, seconds)
            if number:
                # The first round only compiles modules and fills the disk's cache.
                measured[side][case].append(found)


def _run_case(python: Path, case: str, seconds: float) -> dict[str, Any]:
    if case == "list":
        return listing.measure(python)
    if case == "import":
        command = [python, HERE / "importing.py", "mistral_lib.actions"]
    else:
        command = [python, HERE / "cases.py", case, str(seconds)]
    done = subprocess.run(
        command, env=environments.clean_environment(), stdout=subprocess.PIPE, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _digests(case: str, measured: Measured) -> set[str]:
    rounds = [one for side in measured.values() for one in side[case]]
    return {one["digest"] for one in rounds if "digest" in one}


def _heading(versions: dict[str, dict[str, str]], options: argparse.Namespace) -> str:
    said = [f"Python {platform.python_version()}, {os.cpu_count()} CPUs, {platform.machine()}"]
    for side, dists in versions.items():
        said.append(f"{side}: {', '.join(f'{n} {v}' for n, v in sorted(dists.items()))}")
    said.append(f"The least of {options.rounds} rounds.")
    return "\n".join(said)


def _write(
    versions: dict[str, dict[str, str]], found: list[report.Row], measured: Measured
) -> None:
    facts = {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cpus": os.cpu_count(),
        "versions": versions,
        "figures": [row.as_json() for row in found],
        "measured": measured,
    }
    RESULTS.write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    _say(f"everything measured is in {RESULTS.relative_to(environments.ROOT)}")


def _say(text: str) -> None:
    print(text, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
