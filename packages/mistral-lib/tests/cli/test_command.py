# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The command as a whole."""

import importlib.metadata

import click
import pytest

from mistral_lib.cli import command


def test_version_is_that_of_the_distribution(invoke):
    version = importlib.metadata.version("mistral-lib")
    assert invoke("--version").stdout == f"mistral-lib {version}\n"


def test_help_lists_every_subcommand_with_its_purpose(invoke):
    text = invoke("--help").stdout
    context = click.Context(command.group)
    for name in command.group.list_commands(context):
        assert f"  {name} " in text


def test_every_subcommand_has_a_help_of_its_own(invoke):
    context = click.Context(command.group)
    for name in command.group.list_commands(context):
        result = invoke(name, "--help")
        assert result.exit_code == 0
        assert f"mistral-action {name}" in result.stdout


def test_misspelt_subcommand_gets_the_nearest(invoke):
    result = invoke("lsit")
    assert result.exit_code == 2
    assert "There is no command 'lsit': did you mean 'list'?" in result.stderr


@pytest.mark.parametrize("words", [["list", "--nope"], ["run"], ["show"], ["schema", "a", "b"]])
def test_wrong_usage_is_exit_code_2(invoke, words):
    result = invoke(*words)
    assert (result.exit_code, result.stdout) == (2, "")


def test_main_returns_the_exit_code(capsys):
    assert command.main(["show", "no.such.action"]) == 2
    assert command.main(["--version"]) == 0
    assert "No action is named 'no.such.action'" in capsys.readouterr().err
