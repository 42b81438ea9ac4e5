# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Descriptors, filters and the composite, as a server uses them."""

import copy
from typing import Annotated

import pytest

from mistral_lib import actions
from mistral_lib.actions.providers import base, composite, filtering
from mistral_lib.exceptions import ActionException, InvalidInput


class Greet(actions.Action):
    """Say hello.

    Politely.
    """

    def __init__(self, name, greeting="Hi", *, times=1):
        self.name = name
        self.greeting = greeting
        self.times = times

    def run(self, context):
        return f"{self.greeting}, {self.name}!"


@actions.action
def shout(text: str) -> str:
    """Shout."""
    return text.upper()


class Plain(base.ActionDescriptorBase):
    def instantiate(self, input_dict, wf_ctx):
        return Greet(**input_dict)


def describe(name, namespace="", **fields):
    descriptor = Plain(name, f"Does {name}.", "", namespace=namespace)
    for field, value in fields.items():
        setattr(descriptor, f"_{field}", value)
    return descriptor


def test_a_descriptor_of_a_class_says_what_the_class_says():
    descriptor = actions.PythonActionDescriptor("demo.greet", Greet)
    assert descriptor.name == "demo.greet"
    assert descriptor.description == "Say hello.\n\nPolitely."
    assert descriptor.params_spec == 'name, greeting="Hi", times=1'
    assert descriptor.action_class is Greet
    assert descriptor.action_class_name == f"{__name__}.Greet"
    assert descriptor.action_class_attributes is None
    assert repr(descriptor).startswith("Python action [name=demo.greet, cls=")
    assert (descriptor.namespace, descriptor.project_id, descriptor.scope) == (None, None, None)
    assert descriptor.instantiate({"name": "Ann"}, {}).run(None) == "Hi, Ann!"


def test_a_descriptor_of_a_function_holds_the_class():
    descriptor = actions.PythonActionDescriptor("demo.shout", shout)
    assert descriptor._action_cls is shout.action_class
    assert descriptor.action_class_name == f"{__name__}.shout"
    assert descriptor.declaration.name == "shout"
    assert descriptor.instantiate({"text": "a"}, {}).run(None) == "A"


def test_what_is_no_action_is_refused_by_name():
    with pytest.raises(ActionException, match="Not an action: 'text'"):
        actions.PythonActionDescriptor("x", "text")


def test_attributes_make_a_subclass():
    descriptor = actions.PythonActionDescriptor("x", Greet, {"region": "r1"})
    action = descriptor.instantiate({"name": "Ann"}, {})
    assert isinstance(action, Greet)
    assert type(action) is not Greet
    assert action.region == "r1"
    assert not hasattr(Greet, "region")


@pytest.mark.parametrize(
    ("spec", "params", "match"),
    [
        ("a, b=1", {}, r"Invalid input \[name=x, class=None, missing=\['a'\]\]"),
        ("a, b=1", {"a": 1, "c": 2}, r"\[name=x, class=None, unexpected=\['c'\]\]"),
        ("a", {"c": 2}, r"missing=\['a'\], unexpected=\['c'\]\]"),
        ("server", {"servr": 2}, r"No parameter 'servr': did you mean 'server'\?"),
        ("", {"a": 1}, r"unexpected=\['a'\]"),
        ('a=[1, 2], b={"x": "y, z"}', {"c": 1}, r"unexpected=\['c'\]"),
    ],
)
def test_names_are_checked_against_params_spec(spec, params, match):
    with pytest.raises(InvalidInput, match=match):
        Plain("x", "", spec).check_parameters(params)


@pytest.mark.parametrize(
    ("spec", "params"),
    [
        ("a, b=1", {"a": 1}),
        ('a=[1, 2], b={"x": "y, z"}', {"a": 1, "b": 2}),
        ("a, **kw", {"z": 1}),
        (None, {"z": 1}),
        ("", {}),
        ("", None),
    ],
)
def test_names_that_fit_pass(spec, params):
    Plain("x", "", spec).check_parameters(params)


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        (None, ["a", "b", "c"]),
        ({"name": {"eq": "a"}}, ["a"]),
        ({"name": "b"}, ["b"]),
        ({"name": {"neq": "a"}}, ["b", "c"]),
        ({"name": {"lt": "b"}}, ["a"]),
        ({"name": {"lte": "b"}}, ["a", "b"]),
        ({"name": {"gt": "b"}}, ["c"]),
        ({"name": {"gte": "b"}}, ["b", "c"]),
        ({"name": {"in": ["a", "c"]}}, ["a", "c"]),
        ({"name": {"nin": ["a", "c"]}}, ["b"]),
        ({"description": {"has": "oes b"}}, ["b"]),
        ({"namespace": {"eq": ""}, "name": {"neq": "c"}}, ["a", "b"]),
        ({"created_at": {"gt": "2020"}}, ["a", "b", "c"]),
        ({"project_id": {"lt": "x"}}, []),
    ],
)
def test_filters(filters, names):
    descriptors = [describe(n) for n in "abc"]
    assert [d.name for d in descriptors if filtering.matches(d, filters)] == names


def test_an_unknown_operator_is_named():
    with pytest.raises(ActionException, match="Unknown filter operator 'like' on field 'name'"):
        filtering.matches(describe("a"), {"name": {"like": "a"}})


def test_sorting_by_several_fields_and_directions():
    descriptors = [describe("b", "1"), describe("a", "2"), describe("c", None), describe("a", "1")]
    found = filtering.sort(descriptors, ["name", "namespace"], ["desc", "asc"])
    assert [(d.name, d.namespace) for d in found] == [
        ("c", None),
        ("b", "1"),
        ("a", "1"),
        ("a", "2"),
    ]
    assert [d.name for d in filtering.sort(descriptors)] == ["a", "a", "b", "c"]


class Delegate(actions.ActionProvider):
    """Returns what it has, whatever it is asked, and spoils the filters it gets."""

    def __init__(self, *descriptors):
        super().__init__("delegate")
        self.descriptors = {d.name: d for d in descriptors}
        self.asked = []

    def find(self, action_name, namespace=None):
        return self.descriptors.get(action_name)

    def find_all(self, namespace=None, limit=None, sort_fields=None, sort_dirs=None, filters=None):
        self.asked.append((limit, copy.deepcopy(filters)))
        if filters:
            filters.clear()
        return self.descriptors.values()


class ServersDelegate(Delegate):
    """As the server's own are: takes filters by name of field."""

    def find_all(self, namespace=None, limit=None, sort_fields=None, sort_dirs=None, **filters):
        self.asked.append(filters)
        return self.descriptors.values()


def test_the_first_delegate_that_finds_wins():
    first, second = describe("a"), describe("a")
    provider = actions.CompositeActionProvider("all", [Delegate(), Delegate(first)])
    provider.add_action_provider(Delegate(second, describe("b")))
    assert provider.find("a", namespace="any") is first
    assert provider.find("b").name == "b"
    assert provider.find("c") is None
    assert provider.name == "all"


def test_find_all_is_filtered_unique_and_sorted_as_a_whole():
    filters = {"name": {"neq": "x"}}
    first = Delegate(describe("c"), describe("a"), describe("x"))
    second = ServersDelegate(describe("b"), describe("a"))
    provider = actions.CompositeActionProvider("all", [first, second])
    found = provider.find_all(filters=filters, limit=1)
    assert [d.name for d in found] == ["a", "b", "c"]
    assert found[0] is first.descriptors["a"]
    assert filters == {"name": {"neq": "x"}}
    assert first.asked == [(None, filters)]
    assert second.asked == [{"filters": filters}]


def test_actions_of_the_same_name_in_two_namespaces_are_two():
    provider = actions.CompositeActionProvider(
        "all", [Delegate(describe("a", "")), Delegate(describe("a", "ns")), Delegate(describe("b"))]
    )
    assert len(provider.find_all()) == 3
    assert [d.namespace for d in provider.find_all(namespace="ns", filters={"name": "a"})] == [
        "",
        "ns",
    ]


def test_names_come_without_descriptors_where_a_provider_can_say_them():
    class Names(Delegate):
        def names(self):
            return ["z", "a"]

    provider = actions.CompositeActionProvider("all", [Names(), Delegate(describe("m"))])
    assert composite.names_of(provider) == ["a", "m", "z"]


def test_a_page_is_sorted_by_id_at_last_and_the_caller_learns_it():
    delegate = Delegate(describe("a"))
    fields, directions = ["created_at"], ["desc"]
    provider = actions.CompositeActionProvider("all", [delegate])
    provider.find_all(limit=1, sort_fields=fields, sort_dirs=directions)
    assert (fields, directions) == (["created_at", "id"], ["desc", "asc"])
    provider.find_all(limit=1, sort_fields=fields, sort_dirs=directions)
    assert fields == ["created_at", "id"]
    assert delegate.asked[0] == (None, None)


class Undocumented(actions.Action):
    def __init__(self, size):
        """Take a size.

        :param size: of it, in MiB.
        """


class Silent(actions.Action):
    pass


class Documented(actions.Action):
    """Resize it."""


class Derived(Documented):
    pass


def typed(size: Annotated[int, actions.Param("in MiB")], name: str, kind: str = "") -> None:
    """Resize it.

    :param name: its name.
    """


def mute() -> None: ...


@pytest.mark.parametrize(
    ("action", "description"),
    [
        (Silent, None),
        (Documented, "Resize it."),
        # A class of the same author's, unlike those of this library, says what its actions do.
        (Derived, "Resize it."),
        (Undocumented, "Take a size.\n\n:param size: of it, in MiB."),
        (
            actions.action(typed),
            "Resize it.\n\n:param name: its name.\n\n:param size: in MiB",
        ),
        (actions.action(mute), None),
    ],
)
def test_a_description_has_the_parameters_and_nothing_of_this_library_s(action, description):
    descriptor = actions.PythonActionDescriptor("demo.it", action)
    assert descriptor.description == description
