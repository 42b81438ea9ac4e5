# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What importing the library loads: counts and names, which hold on any machine, unlike times."""

import sys

import pytest

#: Each costs milliseconds and megabytes, and none is needed before it is used.
HEAVY = {
    "asyncio",
    "click",
    "concurrent.futures",
    "dataclasses",
    "datetime",
    "docstring_parser",
    "email",
    "http",
    "importlib.metadata",
    "inspect",
    "json",
    "logging",
    "msgspec",
    "oslo_serialization",
    "oslo_utils",
    "pydantic",
    "rich",
    "socket",
    "ssl",
    "stevedore",
    "subprocess",
    "tempfile",
    "urllib",
    "urllib3",
    "uuid",
    "yaml",
}

FACES = [
    "mistral_lib",
    "mistral_lib.exceptions",
    "mistral_lib.utils",
    "mistral_lib.utils.inspect_utils",
    "mistral_lib.serialization",
    "mistral_lib.actions",
    "mistral_lib.actions.base",
    "mistral_lib.actions.completion",
    "mistral_lib.actions.context",
    "mistral_lib.actions.types",
    "mistral_lib.actions.providers.base",
    "mistral_lib.actions.providers.composite",
    "mistral_lib.actions.providers.python",
    "mistral_lib.testing",
]

#: How many modules each may load, those of the standard library included.
BUDGETS = {
    "mistral_lib": 40,
    "mistral_lib.utils": 60,
    "mistral_lib.serialization": 65,
    "mistral_lib.actions": 90,
    "mistral_lib.testing": 60,
}


@pytest.mark.parametrize(("module", "budget"), BUDGETS.items())
def test_importing_loads_no_more_modules_than_its_budget(module, budget, loaded_by):
    loaded = loaded_by(f"import {module}")
    assert module in loaded
    assert len(loaded) <= budget, sorted(loaded)


@pytest.mark.parametrize("module", FACES)
def test_importing_loads_only_the_standard_library_and_nothing_heavy(module, loaded_by):
    loaded = loaded_by(f"import {module}")
    assert module in loaded
    assert loaded & HEAVY == set()
    strangers = {name.partition(".")[0] for name in loaded} - sys.stdlib_module_names
    assert strangers == {"mistral_lib"}


def test_the_pytest_plugin_adds_little_to_pytest(loaded_by):
    # It is loaded in every test run of everybody who has the library installed.
    loaded = loaded_by("import mistral_lib.testing.pytest_plugin", first="import pytest")
    assert {name.partition(".")[0] for name in loaded} == {"mistral_lib"}
    assert "mistral_lib.actions" not in loaded
    assert len(loaded) <= 10, sorted(loaded)


def test_the_command_s_face_loads_click_and_no_plug_in_machinery(loaded_by):
    loaded = loaded_by("import mistral_lib.cli")
    assert "click" in loaded
    absent = {"asyncio", "importlib.metadata", "msgspec", "oslo_utils", "rich", "stevedore", "yaml"}
    assert loaded & absent == set()
