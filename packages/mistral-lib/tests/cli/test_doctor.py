# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""`mistral-action doctor`."""

import json

import pytest

# Each imports all that is installed.
pytestmark = pytest.mark.slow

BROKEN = {
    "broken.import_one": "lacking_plugin:one",
    "broken.import_two": "lacking_plugin:two",
    "broken.attribute": "empty_plugin:missing",
    "broken.module": "surely_not_there:one",
    "broken.kind": "empty_plugin:json",
}


def install_broken(site):
    site.module("lacking_plugin", "import surely_missing")
    site.module("empty_plugin", "import json")
    site.distribution("broken-plugin", {"mistral.actions": BROKEN})


def problems(result, prefix):
    found = json.loads(result.stdout)["problems"]
    return {p["name"]: p for p in found if p["name"].startswith(prefix)}


def test_doctor_is_content_with_what_loads(probe, invoke):
    result = invoke("doctor")
    assert result.exit_code == 0, result.output
    assert result.stdout.endswith("installed actions load; no problem.\n")


def test_doctor_says_of_each_broken_plugin_why_and_what_to_do(probe, site, invoke):
    install_broken(site)
    result = invoke("doctor", "-f", "json")
    assert result.exit_code == 1
    found = problems(result, "broken.")
    assert set(found) == set(BROKEN)
    assert found["broken.import_one"] == {
        "kind": "action",
        "name": "broken.import_one",
        "distribution": "broken-plugin 1.0",
        "target": "lacking_plugin:one",
        "error": "ModuleNotFoundError: No module named 'surely_missing'",
        "remedy": "Install what provides the module 'surely_missing', for example: "
        "pip install surely_missing",
    }
    assert "correct the entry point of broken-plugin 1.0" in found["broken.module"]["remedy"]
    assert "Correct the entry point of broken-plugin 1.0" in found["broken.attribute"]["remedy"]
    assert "it is no action but module" in found["broken.kind"]["error"]


def test_doctor_says_one_reason_for_many_names_once(site, invoke):
    install_broken(site)
    text = invoke("doctor").stdout
    assert "Did not load: action broken.import_one, broken.import_two\n" in text
    assert text.count("No module named 'surely_missing'") == 1


def test_doctor_finds_a_name_that_two_distributions_announce(probe, site, invoke):
    site.module("other_plugin", "from probe_plugin import measure")
    site.distribution("other", {"mistral.actions": {"probe.measure": "other_plugin:measure"}})
    result = invoke("doctor", "-f", "json")
    assert result.exit_code == 1
    found = problems(result, "probe.")["probe.measure"]
    assert found["kind"] == "duplicate"
    assert "probe-plugin 1.0 (probe_plugin:measure)" in found["error"]
    assert "other 1.0 (other_plugin:measure)" in found["error"]
    used = json.loads(invoke("show", "probe.measure", "-f", "json").stdout)
    assert (found["distribution"], found["target"]) == (used["distribution"], used["target"])


def test_doctor_finds_broken_providers_and_a_name_that_one_takes_from_another(probe, site, invoke):
    site.module(
        "providing",
        """
        from mistral_lib import actions
        from probe_plugin import measure

        class Good(actions.ActionProvider):
            def find(self, action_name, namespace=None):
                return None

            def find_all(self, **kwargs):
                return [actions.PythonActionDescriptor("probe.measure", measure, namespace="")]

        class Bad(Good):
            def find_all(self, **kwargs):
                raise RuntimeError("the database is gone")

        class Worse(Good):
            def __init__(self, name):
                raise ValueError("not configured")
        """,
    )
    providers = {
        "x_bad": "providing:Bad",
        "x_good": "providing:Good",
        "x_missing": "surely_not_there:P",
        "x_worse": "providing:Worse",
    }
    site.distribution("providing", {"mistral.action.providers": providers})
    result = invoke("doctor", "-f", "json")
    found = problems(result, "x_")
    assert set(found) == {"x_bad", "x_missing", "x_worse"}
    assert {p["distribution"] for p in found.values()} == {"providing 1.0"}
    assert "RuntimeError: the database is gone" in found["x_bad"]["error"]
    assert found["x_worse"]["error"] == "ValueError: not configured"
    duplicate = problems(result, "probe.")["probe.measure"]
    assert "providing 1.0 (provider x_good)" in duplicate["error"]


def test_doctor_finds_a_broken_context_source(site, invoke):
    site.distribution("acme", {"mistral_lib.cli.contexts": {"acme": "surely_not_there:Source"}})
    result = invoke("doctor")
    assert result.exit_code == 1
    assert "Did not load: context source acme\n    from: acme 1.0" in result.stdout


def test_doctor_counts_those_that_load(probe, site, invoke):
    before = json.loads(invoke("doctor", "-f", "json").stdout)["actions"]
    install_broken(site)
    assert json.loads(invoke("doctor", "-f", "json").stdout)["actions"] == before


def test_doctor_tells_what_an_action_lacks_without_calling_it_a_fault(site, invoke):
    site.module(
        "lacking",
        """
        from mistral_lib import actions
        from mistral_lib.actions.providers import plugins

        class Draw(actions.Action):
            def run(self, context):
                import surely_missing

            @classmethod
            def unavailable(cls):
                return plugins.Problem("draw", "surely_missing", "not there", "pip install it")

        class Write(Draw):
            @classmethod
            def unavailable(cls):
                return None
        """,
    )
    announced = {"lack.draw": "lacking:Draw", "lack.write": "lacking:Write"}
    site.distribution("lacking-plugin", {"mistral.actions": announced})
    result = invoke("doctor", "-f", "json")
    assert result.exit_code == 0, result.output
    assert problems(result, "lack.") == {
        "lack.draw": {
            "kind": "unavailable",
            "name": "lack.draw",
            "distribution": "lacking-plugin 1.0",
            "target": "surely_missing",
            "error": "not there",
            "remedy": "pip install it",
        }
    }


def test_doctor_finds_classes_that_cannot_run(site, invoke):
    site.module(
        "runless",
        """
        import abc
        from mistral_lib import actions

        class Without(actions.Action):
            "No run."

        class Below(Without):
            "None either."

        class Abstract(actions.Action, abc.ABC):
            "Left abstract."
            @abc.abstractmethod
            def prepare(self): ...
            def run(self, context): ...

        class Narrow(actions.Action):
            "Takes no context."
            def run(self): ...

        class Value(actions.Action):
            "Not a method."
            run = 5

        class Fine(actions.Action):
            "All is well."
            def run(self, context, **more): ...

        class Coroutine(actions.Action):
            "All is well."
            async def run(self, context): ...

        class Inherits(Fine):
            "All is well."
        """,
    )
    names = ("Without", "Below", "Abstract", "Narrow", "Value", "Fine", "Coroutine", "Inherits")
    points = {f"runless.{name}": f"runless:{name}" for name in names}
    site.distribution("runless", {"mistral.actions": points})
    result = invoke("doctor", "-f", "json")
    assert result.exit_code == 1
    found = {name: p["error"] for name, p in problems(result, "runless.").items()}
    missing = "does not define run(self, context)"
    assert found == {
        "runless.Without": f"it loads, but can't run: class Without {missing}",
        "runless.Below": f"it loads, but can't run: class Below {missing}",
        "runless.Abstract": "it loads, but can't run: class Abstract leaves prepare abstract",
        "runless.Narrow": "it loads, but can't run: class Narrow has a run() that does not take "
        "(self, context): too many positional arguments",
        "runless.Value": f"it loads, but can't run: class Value {missing}",
    }
