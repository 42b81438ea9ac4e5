# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""How the catalogue is made."""

import json

import pytest

from tools.catalogue import __main__ as command
from tools.catalogue import docstrings, entries, files, holes, methods, rendering, returns

REST = """Boot a server.

More about it, see :class:`~novaclient.v2.servers.Server`.

:param name: Its name.
:param str image: What to boot.
:type flavor: int or novaclient.v2.flavors.Flavor
:param flavor: How large.
:param tags: A list of words.
:param userdata: A string, or a list of them.
:returns: The server.
"""

GOOGLE = """List them.

Args:
    limit (int): How many.

Returns:
    list: Some.
"""

NUMPY = """List them.

Parameters
----------
limit : int
    How many.
"""

EPYDOC = """List them.

@param limit: How many.
"""


def test_rest_says_texts_and_types():
    found = docstrings.parse(REST)
    assert found.text == "Boot a server.\n\nMore about it, see novaclient.v2.servers.Server."
    assert found.parameters == {
        "name": ("", "Its name."),
        "image": ("str", "What to boot."),
        "flavor": ("int", "How large."),
        "tags": ("list", "A list of words."),
        "userdata": ("", "A string, or a list of them."),
    }
    assert found.returns == "The server."
    assert found.deprecated == ""


@pytest.mark.parametrize(
    ("doc", "type_"), [(GOOGLE, "int"), (NUMPY, "int"), (EPYDOC, "")], ids=["google", "numpy", "ep"]
)
def test_other_styles_are_read_too(doc, type_):
    found = docstrings.parse(doc)
    assert found.text == "List them."
    assert found.parameters == {"limit": (type_, "How many.")}


@pytest.mark.parametrize(
    ("doc", "deprecated"),
    [
        ("Deprecated in favor of update.", "in favor of update."),
        ("This method is deprecated, use update instead.", "use update instead."),
        ("DEPRECATED", "deprecated"),
        ("List what is there.\n\nOne option (deprecated in 2.57) is old.", ""),
        (None, ""),
    ],
)
def test_a_deprecated_method_is_told_from_one_with_an_old_option(doc, deprecated):
    assert docstrings.parse(doc).deprecated == deprecated


class Group:
    """What managers of clients look like."""

    resource_class = object

    def get(self, thing):
        """Get it."""
        return self._get(f"/things/{thing}")

    def list(self):
        """List them."""
        return self._list("/things")

    def pages(self):
        """Yield them."""
        yield from self.list()

    def drop(self, thing):
        """Drop it."""
        self._delete(thing)

    def stop(self, thing):
        """Stop it."""
        raise NotImplementedError

    @property
    def model(self):
        raise AssertionError("a property of a client may call the service")


class Client:
    def __init__(self):
        self.things = Group()
        self.http_client = Group()
        self.url = "http://thing.example"

    def ping(self):
        """Ping it."""
        return {"ok": True}

    def authenticate(self):
        """Log in."""


def test_methods_are_found_without_evaluating_properties():
    found = ["ping", "things.drop", "things.get", "things.list", "things.pages"]
    assert list(methods.of(Client(), "thing")) == found


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("things.get", "resource"),
        ("things.list", "list"),
        ("things.pages", "generator"),
        ("things.drop", "none"),
        ("ping", "data"),
    ],
)
def test_what_a_method_returns_is_read_from_its_source(path, kind):
    assert returns.kind("thing", path, methods.resolve(Client(), path)) == kind


def test_an_entry_leaves_out_what_says_nothing():
    entry = entries.entry("thing", "things.get", Client().things.get)
    assert entry == {"doc": "Get it.", "params": [{"name": "thing"}], "returns": "resource"}


def test_a_missing_method_gets_the_name_that_upstream_would_give_it():
    mapped = {"things_get": "things.get", "ping": "ping"}
    assert holes.find("thing", Client(), mapped) == {
        "things_drop": "things.drop",
        "things_list": "things.list",
        "things_pages": "things.pages",
    }
    assert holes.action_name("oauth1.consumers.get") == "oauth1.consumers_get"


def test_a_file_says_first_that_it_is_made_and_of_what():
    text = rendering.catalogue("thingclient 1.0", {"b": {"doc": "ä"}, "a": {"params": [{}, {}]}})
    first = next(iter(json.loads(text).values()))
    assert first.startswith("Made by 'python -m tools.catalogue' from thingclient 1.0,")
    assert json.loads(text)["methods"] == {"a": {"params": [{}, {}]}, "b": {"doc": "ä"}}
    assert text == rendering.catalogue("thingclient 1.0", dict(json.loads(text)["methods"]))


def test_the_mapping_is_written_in_one_order():
    text = rendering.mapping({"_comment": "x", "b": {"z": "1", "_comment": "y", "a": "2"}})
    assert text.splitlines()[1:] == [
        '  "_comment": "x",',
        '  "b": {',
        '    "_comment": "y",',
        '    "a": "2",',
        '    "z": "1"',
        "  }",
        "}",
    ]


def test_a_difference_is_shown_and_fails(tmp_path, capsys):
    file = tmp_path / "nova.json"
    file.write_text("old\n", encoding="utf-8")
    there = {path: path.read_text("utf-8") for path in files.CATALOGUE.glob("*.json")}
    assert command.check({**there, file: "new\n"}) == 1
    shown = capsys.readouterr().out
    assert "-old\n+new\n" in shown
    assert "run 'python -m tools.catalogue --fill'" in shown


def test_a_file_of_no_service_fails(capsys):
    one, *others = files.CATALOGUE.glob("*.json")
    assert command.check({path: path.read_text("utf-8") for path in others}) == 1
    assert f"{one.name}: of no service" in capsys.readouterr().out
