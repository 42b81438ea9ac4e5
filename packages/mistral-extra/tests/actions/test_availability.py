# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Whether an extra is installed is told without importing what it brings."""

import json
import re
import subprocess
import sys
from importlib import metadata

import pytest
from packaging.requirements import Requirement

from mistral_extra.actions import availability
from mistral_lib import actions


def test_what_is_installed_is_not_missing_and_not_imported(monkeypatch):
    monkeypatch.delitem(sys.modules, "this", raising=False)
    extra = availability.Extra("zen", modules=("this",), commands=("python",))
    assert extra.missing() is None
    assert "this" not in sys.modules


@pytest.mark.parametrize(
    ("extra", "error"),
    [
        (availability.Extra("x", ("json", "surely_gone")), "there is no module 'surely_gone'"),
        (availability.Extra("x", ("json",), ("surely-gone",)), "no command 'surely-gone'"),
        (
            availability.Extra("x", ("pytest",), least=(("pytest", (999, 1)),)),
            "pytest [0-9.]+ is older than 999.1",
        ),
    ],
)
def test_what_is_missing_is_told_with_what_installs_it(extra, error):
    problem = extra.missing()
    assert re.search(error, problem.error)
    assert problem.remedy == "pip install 'mistral-extra[x]'"
    with pytest.raises(availability.NotInstalled, match=rf"{error}\. pip install 'mistral-extra\["):
        extra.require()


def test_a_command_of_this_environment_is_found_before_one_of_the_users(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    first, *others = availability.search_path().split(":")
    assert sys.executable.startswith(first)
    assert others == [str(tmp_path)]


def test_an_action_tells_the_doctor_what_it_needs():
    @availability.needs(availability.Extra("x", ("surely_gone",)))
    @actions.action
    def draw(shape: str) -> None:
        """Draw."""

    assert draw.action_class.unavailable().target == "surely_gone"


@pytest.mark.parametrize("extra", [availability.HTTP, availability.SSH], ids=lambda e: e.name)
def test_what_the_families_need_is_what_the_package_declares(extra):
    declared = [Requirement(text) for text in metadata.requires("mistral-extra")]
    for distribution, least in extra.least:
        of_extra = [
            requirement
            for requirement in declared
            if requirement.name == distribution
            and requirement.marker
            and requirement.marker.evaluate({"extra": extra.name})
        ]
        version = ".".join(map(str, least))
        assert [str(requirement.specifier) for requirement in of_extra] == [f">={version}"]


# -- without the extras, in a process of its own that can't find what they bring

WITHOUT = """
import json, sys
from importlib.machinery import PathFinder

class Without(PathFinder):
    @classmethod
    def find_spec(cls, name, *args, **kwargs):
        if name.partition(".")[0] in ("urllib3", "asyncssh", "smtplib"):
            return None
        return super().find_spec(name, *args, **kwargs)

sys.meta_path[sys.meta_path.index(PathFinder)] = Without
from mistral_lib import actions
"""

DESCRIBING = """
provider = actions.EntryPointActionProvider(
    allow=["ansible.*", "email.*", "http.*", "ssh.*"]
)
described = [d.declaration.contract.input_schema()["title"] for d in provider.find_all()]
print(json.dumps([len(described), [str(p) for p in provider.problems()]]))
"""

RUNNING = """
from mistral_extra.actions.http.request import request
from mistral_extra.actions.http.request_async import request_async
from mistral_extra.actions.ssh.copy import copy
from mistral_extra.actions.ssh.run import run
there = {"hosts": ["a"], "login": {"username": "a"}}
errors = [
    actions.Runner().run(action, params).error
    for action, params in [
        (request, {"url": "http://a"}),
        (request_async, {"url": "http://a"}),
        (run, {**there, "command": "a"}),
        (copy, {**there, "target": "/a", "text": "abcd"}),
    ]
]
print(json.dumps(errors))
"""

EXAMINING = """
from mistral_lib.cli import command
sys.argv = ["mistral-action", "doctor", "--format", "json"]
command.main()
"""


def output_of(code):
    """Return what a process says in JSON, and its exit code."""
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT + code], stdout=subprocess.PIPE, text=True, check=False
    )
    return json.loads(done.stdout), done.returncode


def test_listing_and_describing_need_nothing_of_what_they_bring():
    assert output_of(DESCRIBING) == ([8, []], 0)


def test_running_without_names_what_to_install():
    errors, _ = output_of(RUNNING)
    assert [error["code"] for error in errors] == ["NOT_INSTALLED"] * 4
    assert [error["message"].partition(". ")[2] for error in errors] == [
        "pip install 'mistral-extra[http]'",
        "pip install 'mistral-extra[http]'",
        "pip install 'mistral-extra[ssh]'",
        "pip install 'mistral-extra[ssh]'",
    ]


@pytest.mark.slow
def test_doctor_says_so_too_and_finds_no_fault():
    report, status = output_of(EXAMINING)
    told = {p["name"]: p["remedy"] for p in report["problems"] if p["kind"] == "unavailable"}
    assert told["http.request"] == "pip install 'mistral-extra[http]'"
    assert told["ssh.run"] == "pip install 'mistral-extra[ssh]'"
    assert status == 0
