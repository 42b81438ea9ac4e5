# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The pytest plug-in, as pytest finds it: by its entry point."""

import subprocess
import sys

from mistral_lib import actions

pytest_plugins = ["pytester"]

TESTS = """
import pytest
from mistral_lib import actions

kept = []

@actions.action
def double(number: int) -> int:
    "Double a number."
    return 2 * number

def test_runs(action_environment):
    kept.append(action_environment)
    assert action_environment.run(double, number=2) == 4

def test_gets_a_fresh_one(action_environment):
    assert action_environment is not kept[0]

def test_the_first_one_is_closed():
    assert kept[0].context.cancelled
"""


@actions.action
def double(number: int) -> int:
    """Double a number."""
    return 2 * number


def test_the_fixture_is_an_environment(action_environment):
    assert action_environment.run(double, number=4) == 8
    assert action_environment.secrets_seen() == []


def test_each_test_gets_its_own_and_leaves_it_closed(pytester):
    pytester.makepyfile(TESTS)
    pytester.runpytest_inprocess("-p", "no:hypothesispytest").assert_outcomes(passed=3)


def test_loading_the_plugin_loads_little_of_the_library():
    script = (
        "import sys, pytest; before = set(sys.modules); import mistral_lib.testing.pytest_plugin; "
        "print(*sorted(set(sys.modules) - before))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    ).stdout.split()
    assert loaded == [
        "mistral_lib",
        "mistral_lib.testing",
        "mistral_lib.testing.conformance",
        "mistral_lib.testing.environment",
        "mistral_lib.testing.pytest_plugin",
    ]
