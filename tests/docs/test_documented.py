# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Whatever a user can name is on a page: public names, options, commands, entry points, variables.

A page describes a Python name by one of Sphinx's directives, which fails the build where the name
is gone.
"""

import ast
import importlib
import inspect
import re
import typing

import click
import pytest
import tomllib

from mistral_extra.config import CONF
from mistral_lib import actions, exceptions, testing
from mistral_lib.actions import errors, markers
from mistral_lib.actions.providers import plugins
from mistral_lib.cli import command, contexts

FACES = [
    "mistral_lib.actions",
    "mistral_lib.actions.completion",
    "mistral_lib.cli",
    "mistral_lib.exceptions",
    "mistral_lib.serialization",
    "mistral_lib.testing",
    "mistral_lib.utils",
    "mistral_extra.actions.openstack.utils.context",
    "mistral_extra.actions.openstack.utils.exceptions",
    "mistral_extra.actions.openstack.utils.keystone",
    "mistral_extra.openstack",
]

_AUTOMATIC = re.compile(
    r"^\.\. (?:auto(?:class|exception|function|module)|py:module):: (mistral[\w.]+)$", re.MULTILINE
)
_BY_HAND = re.compile(r"^\.\. py:data:: (\w+)\n   :module: ([\w.]+)$", re.MULTILINE)


@pytest.fixture(scope="module")
def pages(docs):
    """The text of all pages by their paths."""
    return {
        str(page.relative_to(docs)): page.read_text(encoding="utf-8")
        for page in docs.rglob("*.rst")
    }


@pytest.fixture(scope="module")
def described(pages):
    """The objects that a directive describes; by identity, since one is known by several names."""
    text = "\n".join(pages.values())
    names = _AUTOMATIC.findall(text) + [f"{m}.{name}" for name, m in _BY_HAND.findall(text)]
    return [locate(name) for name in names]


def locate(name):
    """Return the object of a dotted name."""
    for cut in range(name.count(".") + 1, 0, -1):
        parts = name.split(".")
        try:
            found = importlib.import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        try:
            for part in parts[cut:]:
                found = getattr(found, part)
        except AttributeError:
            continue
        return found
    raise LookupError(name)


@pytest.mark.parametrize("face", FACES)
def test_every_public_name_is_described(face, described):
    module = importlib.import_module(face)
    missing = [
        name
        for name in module.__all__
        if not any(getattr(module, name) is found for found in described)
    ]
    assert missing == []


def test_members_of_every_described_class_are_described(pages):
    bare = [
        f"{page}: {found[1]}"
        for page, text in pages.items()
        for found in re.finditer(r"^\.\. autoclass:: (\S+)\n((?:   :.*\n)*)", text, re.MULTILINE)
        if ":members:" not in found[2] and own_members(locate(found[1]))
    ]
    assert bare == []


def own_members(cls):
    """Return the names of public methods and properties that the class has beyond its bases'."""
    if isinstance(cls, type) and issubclass(cls, tuple):
        return []
    bases = {name for base in cls.__mro__[1:] for name in vars(base)}
    return [
        name
        for name, value in vars(cls).items()
        if not name.startswith("_")
        and name not in bases
        and (inspect.isfunction(value) or isinstance(value, (property, classmethod)))
    ]


def test_every_option_of_the_decorator_is_documented(pages):
    _, with_options = typing.get_overloads(actions.action)
    table = pages["reference/actions.rst"].partition("Options of ``@action``")[2]
    options = inspect.signature(with_options).parameters
    assert len(options) >= 8
    assert [name for name in options if f"* - ``{name}``" not in table] == []


def test_every_constraint_is_documented(pages):
    page = pages["howto/types.rst"]
    assert [name for name in markers.CONSTRAINTS if f"``{name}``" not in page] == []


def test_every_key_of_the_error_dictionary_is_documented(pages):
    keys = errors.error_dict(exceptions.ActionException())
    assert [key for key in keys if f"* - ``{key}``" not in pages["howto/errors.rst"]] == []


def test_every_error_code_is_documented(pages):
    text = pages["howto/errors.rst"]
    codes = {getattr(getattr(exceptions, name), "error_code", None) for name in exceptions.__all__}
    assert "TIMEOUT" in codes
    assert [code for code in codes if code and f"* - ``{code}``" not in text] == []


def test_every_code_of_a_failed_delivery_is_documented(pages):
    codes = re.findall(r"``([A-Z_]+)``", actions.completion.CompletionError.__doc__)
    assert "NOT_RECORDED" in codes
    text = pages["howto/long-running.rst"]
    assert [code for code in codes if f"* - ``{code}``" not in text] == []


# -- the command


def commands():
    """Every command by what is typed for it."""
    group = command.group
    context = click.Context(group, info_name=command.PROGRAM)
    yield command.PROGRAM, group
    for name in group.list_commands(context):
        yield f"{command.PROGRAM} {name}", group.get_command(context, name)


@pytest.mark.parametrize(("typed", "found"), list(commands()))
def test_every_command_and_option_is_documented(typed, found, pages):
    page = pages["reference/command.rst"]
    name = typed.removeprefix(command.PROGRAM).strip()
    assert not name or f"\n{name}\n{'=' * len(name)}\n" in page
    sections = re.split(r"^\.\. program:: (.+)$", page, flags=re.MULTILINE)
    section = dict(zip(sections[1::2], sections[2::2], strict=True)).get(typed, "")
    lines = re.findall(r"^\.\. option:: (.+)$", section, re.MULTILINE)
    documented = {word for line in lines for word in re.findall(r"--?[\w-]+", line)}
    options = {o for p in found.params if isinstance(p, click.Option) for o in p.opts}
    # Every command has it: said once, at the program's own options.
    assert options - {"-h", "--help"} - documented == set()
    assert documented - {"-h", "--help"} - options == set()


def test_every_exit_code_is_documented(pages):
    from mistral_lib.cli import outcomes

    codes = {value for value in vars(outcomes).values() if isinstance(value, int)}
    assert outcomes.DEADLINE in codes
    text = pages["reference/command.rst"]
    assert [code for code in codes if f"* - {code}\n" not in text] == []


# -- what others read or set


def test_every_entry_point_group_is_documented(pages, docs):
    groups = {plugins.ACTIONS, plugins.PROVIDERS, contexts.GROUP}
    for package in ("mistral-lib", "mistral-extra"):
        manifest = docs.parent / "packages" / package / "pyproject.toml"
        project = tomllib.loads(manifest.read_text(encoding="utf-8"))["project"]
        groups |= project.get("entry-points", {}).keys()
    assert len(groups) >= 6
    text = pages["reference/entry-points.rst"]
    assert [group for group in groups if f"* - ``{group}``" not in text] == []


def variables(tree):
    """Yield the environment variables that a module reads, by name or by a constant of its own."""
    constants = {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        key = None
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("os.environ.get", "os.getenv"):
            key = node.args[0]
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
            key = node.slice
        if isinstance(key, ast.Constant):
            yield key.value
        elif isinstance(key, ast.Name):
            yield constants[key.id]


def test_every_environment_variable_is_documented(pages, docs):
    read = {
        name
        for module in docs.parent.glob("packages/*/src/**/*.py")
        for name in variables(ast.parse(module.read_text(encoding="utf-8")))
    }
    assert "OS_MISTRAL_URL" in read
    text = pages["reference/environment.rst"]
    assert [name for name in read if f".. envvar:: {name}\n" not in text] == []


# -- the pages themselves


def test_every_page_is_in_the_table_of_contents(pages):
    listed = set(re.findall(r"^   ([\w/-]+)$", pages["index.rst"], re.MULTILINE))
    there = {page.removesuffix(".rst") for page in pages} - {"index"}
    # One page a service: their own index lists them by a pattern.
    assert {page for page in there if not page.startswith("reference/openstack/")} == listed


def test_the_glossary_defines_each_term_once(pages):
    terms = re.findall(r"^   (\S.*)$", pages["glossary.rst"], re.MULTILINE)
    assert len(terms) > 30
    folded = [term.lower() for term in terms if not term.startswith(":")]
    assert folded == sorted(set(folded))


def test_testing_is_a_face_with_names(pages):
    # The parametrized test above would pass over an empty __all__.
    assert {"ActionEnvironment", "check_action"} <= set(testing.__all__)


@pytest.mark.parametrize(
    ("folder", "module"),
    [
        ("mistral-lib/src/mistral_lib/actions", "runner"),
        ("mistral-extra/src/mistral_extra", "config"),
        ("mistral-extra/src/mistral_extra/actions", "content_folders"),
        *(
            (f"mistral-extra/src/mistral_extra/actions/{family}", module)
            for family, module in (
                ("ansible", "policy"),
                ("email", "folding"),
                ("http", "transport"),
                ("network", "egress"),
                ("openstack", "destinations"),
                ("ssh", "commands"),
            )
        ),
    ],
)
def test_the_architecture_page_knows_every_module_of_the_actions(pages, docs, folder, module):
    source = docs.parent / "packages" / folder
    modules = {each.stem for each in source.glob("*.py")} - {"__init__"}
    assert module in modules
    assert [m for m in sorted(modules) if f"``{m}``" not in pages["architecture.rst"]] == []


def test_an_example_of_blocked_networks_unblocks_none_of_the_default(pages):
    """An operator copies it, and the option replaces its default."""
    pattern = re.compile(r"^ +blocked_networks = (.*(?:\n {7}.*)*)", re.MULTILINE)
    examples = [found for page in pages.values() for found in pattern.findall(page)]
    assert len(examples) == 2
    for example in examples:
        networks = re.split(r",\s*", example)
        assert {*CONF.http_action.blocked_networks} < {*networks}
