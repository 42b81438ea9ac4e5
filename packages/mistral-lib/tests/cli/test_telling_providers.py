# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What a provider and its descriptors may tell the command beyond what all of them have."""

import json

import pytest

# Each imports all that is installed.
pytestmark = pytest.mark.slow

PROVIDER = """
from mistral_lib import actions
from mistral_lib.actions.providers import base, plugins


class Resize(actions.Action):
    def __init__(self, **kwargs):
        self.kwargs = kwargs

    def run(self, context):
        return self.kwargs


class Documented(base.ActionDescriptorBase):
    action_class = Resize
    documentation = base.Documentation(
        parameters={
            "server": base.ParameterDoc("str", "Which one."),
            "size": base.ParameterDoc("int"),
            "tags": base.ParameterDoc("list[str]", "Some words."),
            "shape": base.ParameterDoc("Shape"),
            "hint": base.ParameterDoc("dict", "Known to be taken by **more."),
        },
        returns="dict",
        returns_text="The server.",
        deprecated="use cloud.shrink",
    )

    def instantiate(self, input_dict, wf_ctx):
        return Resize(**input_dict)


class Cloud(actions.ActionProvider):
    def find(self, action_name, namespace=None):
        return next((d for d in self.find_all() if d.name == action_name), None)

    def find_all(self, **kwargs):
        spec = "server, size=1, tags=null, shape=null, **more"
        return [Documented("cloud.resize", "Resize a server.", spec, namespace="")]

    def problem_of(self, action_name):
        if action_name == "cloud.lost":
            return self.unavailable()[0]._replace(name=action_name)

    def unavailable(self):
        return [plugins.Problem("storage", "storageclient", "not installed", "pip install it")]
"""

WITH_PROBLEMS = """
    def problems(self):
        return [plugins.Problem("cloud", "map.json", "it is no JSON", "Correct it")]
"""


@pytest.fixture
def cloud(site):
    """Install the provider above; with more methods on request."""

    def install(more=""):
        site.module("cloud_plugin", PROVIDER + more)
        site.distribution(
            "cloud-plugin", {"mistral.action.providers": {"cloud": "cloud_plugin:Cloud"}}
        )

    return install


def test_show_prints_what_a_descriptor_documents(cloud, invoke):
    cloud()
    text = invoke("show", "cloud.resize").stdout
    assert "server: str  (required)\n        Which one.\n" in text
    assert "size: int = 1\n" in text
    assert "tags: list[str] = null\n        Some words.\n" in text
    assert "hint: dict = null\n        Known to be taken by **more.\n" in text
    assert "-> dict\n" in text
    assert "Returns\n    The server.\n" in text
    assert "Deprecated: use cloud.shrink\n" in text


def test_a_type_that_is_only_said_is_in_the_schema_where_json_has_it(cloud, invoke):
    cloud()
    schema = json.loads(invoke("schema", "cloud.resize").stdout)["input"]
    assert schema["properties"]["server"] == {"type": "string", "description": "Which one."}
    assert schema["properties"]["size"] == {"type": "integer", "default": 1}
    assert schema["properties"]["tags"]["type"] == ["array", "null"]
    assert "type" not in schema["properties"]["shape"]
    assert schema["required"] == ["server"]


def test_a_word_on_the_command_line_is_read_by_the_type_that_is_said(cloud, invoke):
    cloud()
    result = invoke("run", "cloud.resize", "server=12", "size=3", "shape=7")
    assert json.loads(result.stdout) == {"server": "12", "size": 3, "shape": 7}


def test_a_value_is_not_checked_against_a_type_that_is_only_said(cloud, invoke):
    cloud()
    result = invoke("run", "cloud.resize", "server=a", "size=big")
    assert json.loads(result.stdout) == {"server": "a", "size": "big"}


def test_doctor_tells_what_is_unavailable_without_calling_it_a_fault(cloud, invoke):
    cloud()
    result = invoke("doctor")
    assert result.exit_code == 0, result.output
    assert "Not available: storage\n" in result.stdout
    assert "what to do: pip install it\n" in result.stdout
    assert result.stdout.endswith("no problem.\n")


def test_doctor_tells_the_problems_that_a_provider_knows_of(cloud, invoke):
    cloud(WITH_PROBLEMS)
    result = invoke("doctor", "-f", "json")
    assert result.exit_code == 1
    kinds = {p["kind"]: p for p in json.loads(result.stdout)["problems"]}
    assert kinds["provider"]["error"] == "it is no JSON"
    assert kinds["provider"]["distribution"] == "cloud-plugin 1.0"
    assert kinds["unavailable"]["remedy"] == "pip install it"


def test_an_action_that_a_provider_has_lost_says_why(cloud, invoke):
    cloud()
    result = invoke("show", "cloud.lost")
    assert result.exit_code == 1
    assert "'cloud.lost' (storageclient): not installed. pip install it" in result.stderr
