# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Plug-ins found by their entry points: lazily, and each on its own."""

import sys

import pytest

from mistral_lib import actions
from mistral_lib.actions.providers import installed, plugins
from mistral_lib.exceptions import ActionNotFound

GOOD = """
from mistral_lib import actions

class Greet(actions.Action):
    '''Say hello.'''
    def run(self, context):
        return "hello"

@actions.action
def shout(text: str) -> str:
    '''Shout.'''
    return text.upper()

nothing = 5

class Provider(actions.ActionProvider):
    def find(self, action_name, namespace=None):
        return next((d for d in self.find_all() if d.name == action_name), None)

    def find_all(self, namespace=None, limit=None, sort_fields=None, sort_dirs=None, filters=None):
        return [actions.PythonActionDescriptor("many.greet", Greet, namespace="")]

    def problem_of(self, action_name):
        return "install the rest" if action_name == "many.more" else None

class Failing(Provider):
    def find(self, action_name, namespace=None):
        raise OSError("no network")

    def find_all(self, **asked):
        raise OSError("no network")

class Broken(Provider):
    def __init__(self, name):
        raise OSError("no network")
"""

BROKEN = "import no_such_package\n"
CRASHING = "raise RuntimeError('boom')\n"
MISDECLARED = """
from mistral_lib import actions

@actions.action
def bad(*names): ...
"""


@pytest.fixture
def plugin(installer):
    installer.install(
        "good-plugin",
        {
            "mistral.actions": [
                "good.greet = good_plugin:Greet",
                "good.shout = good_plugin:shout",
                "other.shout = good_plugin:shout",
            ],
            "mistral.action.providers": ["many = good_plugin:Provider"],
        },
        {"good_plugin": GOOD},
    )
    return installer


@pytest.fixture
def broken(installer):
    installer.install(
        "broken-plugin",
        {
            "mistral.actions": [
                "broken.missing = broken_plugin:Any",
                "broken.crash = crashing_plugin:Any",
                "broken.gone = no_such_module:Any",
                "broken.lacks = sound_plugin:Absent",
                "broken.nothing = sound_plugin:nothing",
                "broken.declared = misdeclared_plugin:bad",
                "sound.greet = sound_plugin:Greet",
            ],
            "mistral.action.providers": [
                "bad = sound_plugin:Broken",
                "failing = sound_plugin:Failing",
            ],
        },
        {
            "broken_plugin": BROKEN,
            "crashing_plugin": CRASHING,
            "misdeclared_plugin": MISDECLARED,
            "sound_plugin": GOOD,
        },
    )
    return installer


def names(provider):
    return [n for n in provider.names() if n.partition(".")[0] in ("good", "other", "broken")]


def test_listing_names_imports_nothing_and_finding_one_imports_that_one(plugin):
    plugin.install(
        "second",
        {"mistral.actions": ["good.second = second_plugin:Greet"]},
        {"second_plugin": GOOD},
    )
    provider = actions.EntryPointActionProvider()
    assert names(provider) == ["good.greet", "good.second", "good.shout", "other.shout"]
    assert "good_plugin" not in sys.modules
    assert provider.find("good.greet").description == "Say hello."
    assert "good_plugin" in sys.modules
    assert "second_plugin" not in sys.modules


def test_what_is_found_has_the_empty_namespace_and_is_there_in_every_one(plugin):
    provider = actions.EntryPointActionProvider()
    assert provider.find("good.shout", namespace="any").namespace == ""
    assert provider.find("good.none") is None
    assert provider.find("good.shout") is provider.find("good.shout")


def test_find_all_loads_filters_and_sorts(plugin):
    provider = actions.EntryPointActionProvider(allow=["good.*", "other.*"])
    assert [d.name for d in provider.find_all()] == ["good.greet", "good.shout", "other.shout"]
    found = provider.find_all(filters={"name": {"has": "shout"}}, sort_dirs=["desc"])
    assert [d.name for d in found] == ["other.shout", "good.shout"]
    assert len(provider.find_all(limit=1)) == 1


@pytest.mark.parametrize(
    ("allow", "deny", "expected"),
    [
        (["good.*"], None, ["good.greet", "good.shout"]),
        (["*"], ["*.shout"], ["good.greet"]),
        (["good.greet"], ["good.*"], []),
        ([], None, []),
        ("good.g*", None, ["good.greet"]),
        (None, "*.shout", ["good.greet"]),
        (None, ["other.*"], ["good.greet", "good.shout"]),
    ],
)
def test_allow_and_deny_lists_are_globs(plugin, allow, deny, expected):
    provider = actions.EntryPointActionProvider(allow=allow, deny=deny)
    assert names(provider) == expected
    assert [n for n in expected if provider.find(n)] == expected
    if "good.greet" not in expected:
        assert provider.find("good.greet") is None


def test_a_broken_plugin_breaks_alone_and_is_named_once(broken, caplog):
    provider = actions.EntryPointActionProvider(allow=["broken.*", "sound.*"])
    assert [d.name for d in provider.find_all()] == ["sound.greet"]
    provider.find_all()
    warned = [r.getMessage() for r in caplog.records if r.name.startswith("mistral_lib")]
    assert len(warned) == 6
    assert all(w.startswith("Action plug-in left out: 'broken.") for w in warned)


@pytest.mark.parametrize(
    ("name", "error", "remedy"),
    [
        ("broken.missing", "ModuleNotFoundError: .*no_such_package", "pip install no_such_package"),
        ("broken.crash", "RuntimeError: boom", 'python -c "import crashing_plugin"'),
        ("broken.gone", "No module named 'no_such_module'", "entry point of broken-plugin 1.0"),
        ("broken.lacks", "AttributeError: .*Absent", "entry point of broken-plugin 1.0"),
        ("broken.nothing", "it is no action but int", "Derive the class from"),
        ("broken.declared", "InvalidDeclaration: .*'bad'", "Correct the declaration in misdecl"),
    ],
)
def test_each_problem_has_its_reason_and_remedy(broken, name, error, remedy):
    problem = actions.EntryPointActionProvider().problem_of(name)
    assert problem.name == name
    with pytest.raises(AssertionError, match=error):
        raise AssertionError(problem.error)
    assert remedy in problem.remedy


def test_problems_are_all_of_them(broken):
    provider = actions.EntryPointActionProvider(allow=["broken.*", "sound.*"])
    assert [p.name for p in provider.problems()] == [
        "broken.crash",
        "broken.declared",
        "broken.gone",
        "broken.lacks",
        "broken.missing",
        "broken.nothing",
    ]


def test_everything_installed_is_one_provider(plugin, broken):
    installed.provider.cache_clear()
    try:
        assert actions.run("good.shout", {"text": "a"}) == "A"
        assert actions.run("many.greet") == "hello"
        (problem,) = installed.provider_problems()
        assert problem.error == "OSError: no network"
        assert "constructor must not fail" in problem.remedy
        assert "many.greet" in installed.provider().names()
        assert "many.greet" in [d.name for d in installed.provider().find_all()]
        with pytest.raises(ActionNotFound, match=r"'broken.crash' is announced but broken: .*boom"):
            actions.run("broken.crash")
        with pytest.raises(ActionNotFound, match=r"'many.more' is announced .*: install the rest"):
            actions.run("many.more")
    finally:
        installed.provider.cache_clear()


def test_the_servers_own_providers_are_left_out(installer):
    installer.install(
        "a-server",
        {"mistral.action.providers": ["legacy = mistral.services.none:Provider"]},
        {},
    )
    assert [p for p in installed.provider_problems() if p.name == "legacy"] == []


def test_the_first_of_two_plugins_with_one_name_wins(plugin):
    plugin.install(
        "z-second", {"mistral.actions": ["good.greet = z_second:shout"]}, {"z_second": GOOD}
    )
    entries = [e for e in plugins.list_all(plugins.ACTIONS) if e.name == "good.greet"]
    assert len(entries) == 2
    provider = actions.EntryPointActionProvider()
    assert provider.find("good.greet").action_class_name == entries[0].value.replace(":", ".")


#: What the circle of the server's modules comes to: they load behind its API alone.
IN_A_CIRCLE = """
import sys
if "mistral.api.app" not in sys.modules:
    raise ImportError("cannot import name 'db' (most likely due to a circular import)")
"""
ECHO = """
from mistral_lib import actions

class Echo(actions.Action):
    def run(self, context):
        return "echo"
"""


@pytest.fixture
def server(installer):
    """A server, of which only the API can be imported as the first."""
    package = installer.folder / "mistral"
    (package / "api").mkdir(parents=True)
    for module in ("__init__", "api/__init__", "api/app"):
        (package / f"{module}.py").touch()
    (package / "std_actions.py").write_text(IN_A_CIRCLE + ECHO)
    installer.install("mistral", {"mistral.actions": ["std.echo = mistral.std_actions:Echo"]}, {})


def install_plugin_of_the_server(installer):
    entries = ["plug.echo = circular_plugin:Echo"]
    modules = {"circular_plugin": IN_A_CIRCLE + ECHO}
    installer.install("plug", {"mistral.actions": entries}, modules)


def run_installed(name):
    return actions.run(actions.EntryPointActionProvider().find(name))


def test_the_servers_own_actions_load_in_spite_of_its_circle(server):
    assert run_installed("std.echo") == "echo"


def test_a_plugin_that_imports_the_server_loads_too(installer, server):
    install_plugin_of_the_server(installer)
    assert run_installed("plug.echo") == "echo"


def test_a_circle_without_a_server_is_named(installer):
    install_plugin_of_the_server(installer)
    problem = actions.EntryPointActionProvider().problem_of("plug.echo")
    assert "due to a circular import" in problem.error
