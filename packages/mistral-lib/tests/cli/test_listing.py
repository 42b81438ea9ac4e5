# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""`mistral-action list`."""

import json

import pytest
import yaml


def lines(result):
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()


def test_list_shows_names_and_distributions_of_what_is_installed(probe, invoke):
    heading, *rows = lines(invoke("list", "probe.m*"))
    assert heading.split() == ["NAME", "DISTRIBUTION"]
    assert rows == ["probe.measure      probe-plugin 1.0", "probe.measure_all  probe-plugin 1.0"]


def test_list_takes_several_patterns(probe, invoke):
    result = invoke("list", "probe.g*", "probe.w*", "-f", "value", "-c", "name")
    assert lines(result) == ["probe.greet", "probe.wait", "probe.whoami"]


def test_list_imports_no_plugin_for_what_metadata_tells(site, invoke):
    marker = site.path / "imported"
    site.module(
        "marking", f"open({str(marker)!r}, 'w').close()\n" + "from mistral_lib import actions"
    )
    site.distribution("marking", {"mistral.actions": {"marking.one": "marking:one"}})
    columns = [w for c in ("name", "distribution", "target", "provider") for w in ("-c", c)]
    result = invoke("list", "marking.*", "-f", "value", *columns)
    assert lines(result) == ["marking.one\tmarking 1.0\tmarking:one\tentry_points"]
    assert not marker.exists()
    invoke("list", "marking.*", "-c", "summary")
    assert marker.exists()


def test_list_selects_by_tags_all_of_which_an_action_must_have(probe, invoke):
    names = ("-f", "value", "-c", "name")
    both = lines(invoke("list", "probe.*", "--tag", "files", *names))
    assert both == ["probe.measure", "probe.measure_all"]
    one = lines(invoke("list", "probe.*", "--tag", "files", "--tag", "quick", *names))
    assert one == ["probe.measure"]


def test_list_says_on_stderr_that_no_action_has_a_tag(probe, invoke):
    result = invoke("list", "probe.*", "--tag", "fils")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "No action has the tag 'fils'\n"


@pytest.mark.parametrize(("format_", "load"), [("json", json.loads), ("yaml", yaml.safe_load)])
def test_list_gives_structured_formats_an_object_a_row(probe, invoke, format_, load):
    columns = ["-c", "name", "-c", "tags", "-c", "timeout", "-c", "summary", "-c", "deprecated"]
    result = invoke("list", "probe.measure", "probe.login", "-f", format_, *columns)
    assert load(result.stdout) == [
        {
            "name": "probe.login",
            "tags": [],
            "timeout": None,
            "summary": "Log in.",
            "deprecated": "use probe.measure",
        },
        {
            "name": "probe.measure",
            "tags": ["files", "quick"],
            "timeout": 30.0,
            "summary": "Measure a path.",
            "deprecated": None,
        },
    ]


def test_list_of_nothing_is_an_empty_list_in_json(probe, invoke):
    assert json.loads(invoke("list", "probe.nothing", "-f", "json").stdout) == []


def test_list_as_values_separates_columns_by_tabs_and_keeps_a_row_on_its_line(probe, invoke):
    result = invoke(
        "list", "probe.measure*", "-f", "value", "-c", "name", "-c", "tags", "-c", "parameters"
    )
    assert lines(result) == [
        "probe.measure\tfiles, quick\tpath: str, unit: int = 1",
        "probe.measure_all\tfiles\tpaths: list[str], limit: int | null = null",
    ]


def test_list_suggests_the_nearest_name_for_a_typo(probe, invoke):
    result = invoke("list", "probe.mesure")
    assert result.stderr == "No action matches 'probe.mesure': did you mean 'probe.measure'?\n"


def test_list_explains_that_a_pattern_matches_whole_names(probe, invoke):
    result = invoke("list", "measure")
    assert "a pattern matches whole names, did you mean '*measure*'?" in result.stderr


def test_list_leaves_broken_plugins_out_and_says_how_many(probe, site, invoke):
    site.module("broken_plugin", "import surely_not_there")
    points = {"probe.b1": "broken_plugin:one", "probe.b2": "broken_plugin:two"}
    site.distribution("broken-plugin", {"mistral.actions": points})
    result = invoke("list", "probe.b*", "probe.crash", "-f", "value", "-c", "name", "-c", "summary")
    assert lines(result) == ["probe.crash\tFail by mistake."]
    assert result.stderr == "2 actions did not load: 'mistral-action doctor' says why\n"


def test_list_includes_actions_of_providers_and_survives_a_broken_one(site, invoke):
    site.module(
        "providing",
        """
        from mistral_lib import actions

        @actions.action
        def one():
            return 1

        class Good(actions.ActionProvider):
            def find(self, action_name, namespace=None):
                return next((d for d in self.find_all() if d.name == action_name), None)

            def find_all(self, **kwargs):
                return [actions.PythonActionDescriptor("providing.one", one, namespace="")]

        class Bad(Good):
            def find_all(self, **kwargs):
                raise RuntimeError("the database is gone")
        """,
    )
    providers = {"providing_bad": "providing:Bad", "providing_good": "providing:Good"}
    site.distribution("providing", {"mistral.action.providers": providers})
    result = invoke(
        "list", "providing.*", "-f", "value", "-c", "name", "-c", "distribution", "-c", "provider"
    )
    assert lines(result) == ["providing.one\tproviding 1.0\tproviding_good"]
    assert "Action provider 'providing_bad' failed: RuntimeError: the database is gone" in (
        result.stderr
    )
    assert invoke("run", "providing.one").stdout == "1\n"


def test_list_refuses_an_unknown_column_and_names_those_there_are(invoke):
    result = invoke("list", "-c", "nam")
    assert result.exit_code == 2
    assert "'distribution'" in result.stderr
