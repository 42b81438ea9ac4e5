# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Options of `run` that installed context sources add."""

import json

import pytest

SOURCE = """
    import click
    from mistral_lib import actions
    from mistral_lib.cli import ContextSource

    class Source(ContextSource):
        def options(self):
            return [
                click.Option(["--acme-project"], help="Project to work in."),
                click.Option(["--timeout"], help="Taken already."),
            ]

        def context(self, options):
            assert set(options) == {"acme_project", "timeout"}
            assert options["timeout"] is None
            project = options["acme_project"]
            if project == "none":
                raise actions.ActionException("no such project")
            if project == "odd":
                raise click.UsageError("a project has a name")
            if project == "crash":
                1 / 0
            if project is None:
                return None
            return actions.ActionContext(actions.SecurityContext(project_id=project))
"""


@pytest.fixture
def acme(probe):
    probe.module("acme", SOURCE)
    probe.distribution("acme", {"mistral_lib.cli.contexts": {"acme": "acme:Source"}})
    return probe


@pytest.fixture(autouse=True)
def fresh_command(monkeypatch):
    # A process asks for the sources once.
    from mistral_lib.cli import running

    monkeypatch.setattr(running.command, "sources", None)
    monkeypatch.setattr(running.command, "params", list(running.command.params))


def test_source_adds_options_and_makes_the_context(acme, invoke):
    assert json.loads(invoke("run", "probe.whoami", "--acme-project", "p1").stdout) == "p1"
    assert json.loads(invoke("run", "probe.whoami").stdout) is None


def test_added_option_is_in_the_help_and_a_taken_one_is_left_out(acme, invoke):
    text = invoke("run", "--help").stdout
    assert "Project to work in." in text
    assert "Taken already." not in text


def test_context_file_and_an_option_of_a_source_exclude_each_other(acme, invoke):
    (acme.path / "context.json").write_text('{"security": {"project_id": "p2"}}')
    words = ("run", "probe.whoami", "--context", "context.json")
    assert json.loads(invoke(*words).stdout) == "p2"
    done = invoke(*words, "--acme-project", "p1")
    assert done.exit_code == 2
    assert "Both --context and --acme-project say who runs the action" in done.stderr


@pytest.mark.parametrize(
    ("project", "code", "message"),
    [
        ("none", 1, "Error: There is no context to run in: no such project\n"),
        ("odd", 2, "Error: a project has a name\n"),
        ("crash", 1, "Error: Context source 'acme' failed: ZeroDivisionError: division by zero\n"),
    ],
)
def test_source_that_fails_ends_the_command(acme, invoke, project, code, message):
    result = invoke("run", "probe.whoami", "--acme-project", project)
    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr.endswith(message)


def test_broken_source_takes_only_its_own_options_out(acme, invoke):
    acme.distribution("other", {"mistral_lib.cli.contexts": {"other": "surely_not_there:S"}})
    result = invoke("run", "probe.whoami", "--acme-project", "p1")
    assert json.loads(result.stdout) == "p1"
    assert result.stderr.startswith("Context source 'other' left out: ModuleNotFoundError")


def test_sources_are_not_imported_by_other_commands(probe, invoke):
    marker = probe.path / "imported"
    probe.module("marking", f"open({str(marker)!r}, 'w').close()\nclass Source: ...")
    probe.distribution("marking", {"mistral_lib.cli.contexts": {"marking": "marking:Source"}})
    assert invoke("list", "probe.*").exit_code == 0
    assert invoke("show", "probe.measure").exit_code == 0
    assert invoke("--help").exit_code == 0
    assert not marker.exists()
