# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""`mistral-action show` and `schema`."""

import json

import pytest
import yaml


def test_show_tells_signature_documentation_types_and_origin(probe, invoke):
    result = invoke("show", "probe.measure")
    assert result.exit_code == 0, result.stderr
    sections = result.stdout.split("\n\nComes from\n")
    assert sections[0] == (
        "probe.measure\n"
        "    Measure a path.\n"
        "\n"
        "    Only its length.\n"
        "\n"
        "Signature\n"
        "    probe.measure(path: str, unit: int = 1) -> Size\n"
        "\n"
        "Parameters\n"
        "    path: str  (required)\n"
        "        what is measured.\n"
        "    unit: int = 1\n"
        "\n"
        "Returns\n"
        "    the path and its length.\n"
        "\n"
        "About\n"
        "    Tags: files, quick\n"
        "    Timeout: 30 s\n"
        "    Running it twice does no harm (idempotent)"
    )
    origin = sections[1].split("\n\n")[0].splitlines()
    assert origin[:3] == [
        "    Distribution: probe-plugin 1.0",
        "    Provider: entry_points",
        "    Target: probe_plugin:measure",
    ]
    assert origin[3].startswith(f"    File: {probe.path}/probe_plugin.py:")


def test_show_tells_secrets_deprecation_and_dry_run(probe, invoke):
    text = invoke("show", "probe.login").stdout
    assert "password: str  (secret, required)\n        of the user." in text
    assert "Deprecated: use probe.measure" in text
    assert "Secrets: password; masked in logs and errors while it runs" in text
    assert "mistral-action run --dry-run" in text


def test_show_describes_a_class_by_what_its_parameters_say(probe, invoke):
    text = invoke("show", "probe.legacy").stdout
    assert "probe.legacy(name: str, password=null, count: int = 3, options=[1, 2])" in text
    assert "count: int = 3\n        how many." in text
    assert "password=null  (secret)" in text
    assert "class" not in text.partition("Signature")[2].partition("Comes from")[0]


def test_show_of_an_undocumented_action_says_so(probe, invoke):
    text = invoke("show", "probe.untyped").stdout
    assert "It has no documentation." in text
    assert "**more  (any others)" in text


def test_show_tells_that_a_result_comes_later(probe, invoke):
    assert "Its result is delivered later" in invoke("show", "probe.order").stdout


@pytest.mark.parametrize(("format_", "load"), [("json", json.loads), ("yaml", yaml.safe_load)])
def test_show_is_an_object_in_structured_formats(probe, invoke, format_, load):
    shown = load(invoke("show", "probe.login", "-f", format_).stdout)
    assert shown["signature"] == "probe.login(user: str, password: str) -> str"
    assert shown["parameters"][1] == {
        "name": "password",
        "type": "str",
        "required": True,
        "default": None,
        "secret": True,
        "description": "of the user.",
    }
    assert shown["distribution"] == "probe-plugin 1.0"
    assert shown["target"] == "probe_plugin:login"
    assert shown["input"]["required"] == ["user", "password"]


def test_snippet_passes_what_is_required_and_names_the_rest(probe, invoke):
    snippet = json.loads(invoke("show", "probe.measure", "-f", "json").stdout)["workflow"]
    assert yaml.safe_load(snippet) == {
        "version": "2.0",
        "probe_measure_workflow": {
            "input": ["path"],
            "tasks": {
                "measure": {
                    "action": "probe.measure",
                    "input": {"path": "<% $.path %>"},
                    "safe-rerun": True,
                    "publish": {"measure": "<% task(measure).result %>"},
                }
            },
        },
    }
    assert "        # unit: 1\n" in snippet


def test_snippet_of_an_action_without_required_parameters_has_no_input(probe, invoke):
    snippet = json.loads(invoke("show", "probe.echo", "-f", "json").stdout)["workflow"]
    workflow = yaml.safe_load(snippet)["probe_echo_workflow"]
    assert "input" not in workflow
    assert "input" not in workflow["tasks"]["echo"]
    assert '        # color: "red"\n' in snippet


def test_show_takes_what_no_package_announces_and_says_which_name_to_use(site, invoke):
    site.module("mine", "from mistral_lib import actions\n@actions.action\ndef one(): ...")
    text = invoke("show", "mine:one").stdout
    assert "Target: mine:one" in text
    assert "action: one  # the name that your entry point will give it" in text


def test_show_of_an_unknown_name_is_wrong_usage(probe, invoke):
    result = invoke("show", "probe.mesure")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "did you mean 'probe.measure'?" in result.stderr


def test_schema_is_the_contract_of_input_and_output(probe, invoke):
    schema = json.loads(invoke("schema", "probe.measure").stdout)
    assert schema["input"]["title"] == "probe.measure"
    assert schema["input"]["properties"]["path"] == {
        "type": "string",
        "description": "what is measured.",
    }
    assert schema["input"]["additionalProperties"] is False
    assert schema["output"]["$defs"]["Size"]["required"] == ["path", "size"]


def test_schema_of_a_class_says_the_names_it_takes(probe, invoke):
    schema = json.loads(invoke("schema", "probe.legacy").stdout)
    assert schema["input"] == {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "probe.legacy",
        "type": "object",
        "properties": {
            "name": {},
            "password": {"default": None, "writeOnly": True},
            "count": {"description": "how many.", "default": 3},
            "options": {"default": [1, 2]},
        },
        "required": ["name"],
        "additionalProperties": False,
    }
    assert schema["output"] == {"$schema": "https://json-schema.org/draft/2020-12/schema"}
