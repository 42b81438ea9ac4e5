# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Shell completion."""

import os

import pytest

# Each is a shell.
pytestmark = pytest.mark.slow


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script_for_the_shell(invoke, shell):
    result = invoke("completion", shell)
    assert result.exit_code == 0
    assert "_MISTRAL_ACTION_COMPLETE=" in result.stdout
    assert f"{shell}_complete" in result.stdout


def test_completion_of_another_shell_is_wrong_usage(invoke):
    result = invoke("completion", "tcsh")
    assert (result.exit_code, result.stdout) == (2, "")


def completed(site, words):
    variables = {
        "_MISTRAL_ACTION_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(words.count(" ")),
    }
    done = site.process(variables=variables)
    assert done.stderr == ""
    return [line.partition(",")[2] for line in done.stdout.splitlines()]


def test_names_of_actions_are_completed_without_importing_them(site):
    marker = site.path / "imported"
    site.module("marking", f"open({os.fspath(marker)!r}, 'w').close()")
    points = {"marking.one": "marking:one", "marking.two": "marking:two"}
    groups = {"mistral.actions": points, "mistral_lib.cli.contexts": {"marking": "nowhere:S"}}
    site.distribution("marking", groups)
    for command in ("run", "show", "schema", "list"):
        assert completed(site, f"mistral-action {command} marking.") == [
            "marking.one",
            "marking.two",
        ]
    assert not marker.exists()


def test_subcommands_and_columns_are_completed(site):
    assert completed(site, "mistral-action ru") == ["run"]
    assert completed(site, "mistral-action list -c ta") == ["target", "tags"]
