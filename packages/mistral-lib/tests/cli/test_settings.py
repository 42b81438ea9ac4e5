# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Options of the whole command that installed settings add."""

import pytest

SETTINGS = """
    import click
    from mistral_lib.cli import Settings

    class Site(Settings):
        def options(self):
            return [click.Option(["--acme-site"], help="Site to work at."),
                    click.Option(["--version"], help="Taken already.")]

        def apply(self, options):
            assert set(options) == {"acme_site", "version"}
            if options["acme_site"] == "nowhere":
                raise click.UsageError("there is no site 'nowhere'")
            click.echo(f"at {options['acme_site']}", err=True)

    class Broken(Settings):
        def options(self):
            raise OSError("no file")
"""


@pytest.fixture
def acme(probe):
    probe.module("acme_site", SETTINGS)
    entries = {"acme": "acme_site:Site", "odd": "acme_site:Broken"}
    probe.distribution("acme-site", {"mistral_lib.cli.settings": entries})
    return probe


@pytest.fixture(autouse=True)
def fresh_command(monkeypatch):
    # A process asks for the settings once.
    from mistral_lib.cli import command

    monkeypatch.setattr(command.group, "settings", None)
    monkeypatch.setattr(command.group, "params", list(command.group.params))


def test_settings_are_applied_before_any_subcommand(acme, invoke):
    done = invoke("--acme-site", "north", "list", "probe.*")
    assert done.exit_code == 0
    assert "at north" in done.stderr
    assert "at None" in invoke("list", "probe.*").stderr


def test_wrong_settings_end_the_command(acme, invoke):
    done = invoke("--acme-site", "nowhere", "list")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "Error: there is no site 'nowhere'" in done.stderr


def test_added_option_is_in_the_help_and_a_taken_one_is_left_out(acme, invoke):
    text = invoke("--help").stdout
    assert "Site to work at." in text
    assert "Taken already." not in text


def test_settings_that_do_not_load_are_told_and_stop_nothing(acme, invoke):
    done = invoke("list", "probe.*")
    assert done.exit_code == 0
    assert "Settings 'odd' left out: OSError: no file" in done.stderr
    assert "settings" in invoke("doctor").stdout
