# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Secrets are found wherever a type or a class keeps them."""

import dataclasses
import inspect
import logging
import uuid
from typing import Any, Generic, NamedTuple, NewType, Optional, TypedDict, TypeVar

import msgspec
import pytest
import typing_extensions as te

from mistral_lib import actions
from mistral_lib.actions import Secret, paths
from mistral_lib.exceptions import InvalidDeclaration, InvalidInput
from mistral_lib.testing import leaks
from mistral_lib.utils import inspect_utils

SECRET = "hunter2-Zx9"
T = TypeVar("T")


@dataclasses.dataclass
class Box(Generic[T]):
    item: T
    password: Secret[str]


@dataclasses.dataclass
class Plain(Generic[T]):
    item: T
    label: str = ""


@dataclasses.dataclass
class SecretBox(Plain[Secret[str]]):
    note: str = ""


class Pair(NamedTuple):
    user: str
    password: Secret[str]


class Qualified(te.TypedDict, total=False):
    user: te.Required[str]
    password: te.Required[Secret[str]]


class Optionally(TypedDict):
    password: te.NotRequired[Secret[str]]


class Renamed(msgspec.Struct, rename="camel"):
    user_password: Secret[str]


class Array(msgspec.Struct, array_like=True):
    user: str
    pw: Secret[str]


class Tagged(msgspec.Struct, array_like=True, tag="t"):
    user: str
    pw: Secret[str]


class Tree(msgspec.Struct):
    pw: Secret[str]
    kids: "list[Tree]" = []


@dataclasses.dataclass
class Odd:
    even: Optional["Even"] = None


@dataclasses.dataclass
class Even:
    odd: Odd | None = None
    pw: Secret[str] | None = None


Password = NewType("Password", Secret[str])  # type: ignore[valid-newtype]

CASES: dict[str, tuple[Any, Any]] = {
    "generic": (Box[int], {"item": 1, "password": SECRET}),
    "generic of secrets": (Plain[Secret[str]], {"item": SECRET}),
    "generic inside itself": (
        Plain[Plain[Secret[str]]],
        {"item": {"item": SECRET}},
    ),
    "derived from a generic of secrets": (SecretBox, {"item": SECRET}),
    "named tuple": (Pair, ["u", SECRET]),
    "optional named tuple": (Pair | None, ["u", SECRET]),
    "Required": (Qualified, {"user": "u", "password": SECRET}),
    "NotRequired": (Optionally, {"password": SECRET}),
    "renamed": (Renamed, {"userPassword": SECRET}),
    "array": (Array, ["u", SECRET]),
    "array with a tag": (Tagged, ["t", "u", SECRET]),
    "new type": (Password, SECRET),
    "tuple": (tuple[int, Secret[str]], [1, SECRET]),
    "key": (dict[Secret[str], int], {SECRET: 1}),
    "recursive": (Tree, {"pw": "root-pw-1", "kids": [{"pw": SECRET}]}),
    "deeply recursive": (
        Tree,
        {"pw": "root-pw-1", "kids": [{"pw": "kid-pw-1", "kids": [{"pw": SECRET}]}]},
    ),
    "mutually recursive": (Odd, {"even": {"odd": {"even": {"pw": SECRET}}}}),
}


def careless(annotation: Any) -> Any:
    def leak(value):
        logging.getLogger("careless").error("got %s", value)
        raise actions.ActionException(f"bad {value}")

    leak.__annotations__ = {"value": annotation}
    return actions.action(leak)


@pytest.mark.parametrize("case", CASES)
def test_a_secret_inside_a_type_shows_nowhere(case, caplog):
    annotation, value = CASES[case]
    function = careless(annotation)
    result = actions.Runner().run(function, {"value": value})
    shown = [caplog.text, str(result.error), repr(function.action_class(value=value))]
    assert result.error["message"].startswith("bad ")
    for text in shown:
        assert SECRET not in text
        assert "***" in text


@pytest.mark.parametrize("case", CASES)
def test_what_a_test_records_has_asterisks_in_the_secrets_place(case):
    annotation, value = CASES[case]
    found = paths.secrets_in(annotation)
    assert SECRET in [v for path in found for v in paths.values_at(value, path)]
    for path in found:
        value = leaks.masked_at(value, path)
    assert SECRET not in repr(value)


def test_type_aliases_are_looked_into():
    alias = te.TypeAliasType("alias", dict[str, Secret[str]])
    assert paths.secrets_in(alias) == [(paths.ANY,)]
    generic = te.TypeAliasType("generic", list[T], type_params=(T,))
    assert paths.secrets_in(generic[Secret[str]]) == [(paths.ANY,)]
    assert paths.secrets_in(generic[str]) == []


def test_a_place_in_an_array_never_becomes_the_name_of_a_key():
    found = paths.secrets_in(tuple[Pair, Box[int], list[Secret[str]]])
    assert [".".join(path) for path in found] == ["[0].[1]", "[1].password", "[2].*"]
    assert paths.names_of(found) == {"password"}


def test_data_nested_without_end_is_looked_through():
    value: dict[str, Any] = {"pw": SECRET}
    for _ in range(20_000):
        value = {"pw": "other-pw-1", "kids": [value, value]}
    (path,) = paths.secrets_in(Tree)
    assert SECRET in paths.values_at(value, path)


def test_unknown_fields_are_told_of_each_class_in_its_own_place():
    @actions.action
    def take(both: tuple[Plain[int], Box[int]]) -> None: ...

    check = actions.PythonActionDescriptor("take", take).check_parameters
    check({"both": [{"item": 1, "label": "a"}, {"item": 1, "password": SECRET}]})
    with pytest.raises(InvalidInput, match="has no field 'lable'"):
        check({"both": [{"item": 1, "lable": "a"}, {"item": 1, "password": SECRET}]})


@pytest.mark.parametrize("respell", [str, lambda u: str(u).upper(), lambda u: u.hex.upper()])
def test_a_secret_uuid_is_masked_however_it_is_written(respell):
    given = uuid.UUID("3f2504e0-4f89-11d3-9a0c-0305e82c3301")
    result = actions.Runner().run(careless(Secret[uuid.UUID]), {"value": respell(given)})
    assert result.error["message"] == "bad ***"


def shout(text: str) -> None:
    logging.getLogger("careless").error("got %s", text)
    raise ValueError(f"bad {text}")


@actions.hidden("password")
class Underscored(actions.Action):
    def __init__(self, password):
        self._password = password

    def run(self, context):
        shout(self._password)

    def test(self, context):
        shout(self._password)


@actions.hidden("password")
class Mangled(actions.Action):
    def __init__(self, password):
        self.__password = password

    def run(self, context):
        shout(self.__password)


@actions.hidden("password")
class InKeywords(actions.Action):
    def __init__(self, **kwargs):
        self._kwargs_for_run = kwargs

    def run(self, context):
        shout(str(self._kwargs_for_run))


@actions.hidden("_password")
class ByAttribute(Underscored):
    pass


@actions.hidden("_key")
class ByOtherAttribute(actions.Action):
    def __init__(self, password):
        self._key = password

    def run(self, context):
        shout(self._key)


class Derived(InKeywords):
    def run(self, context):
        shout(self._kwargs_for_run["password"])


@pytest.mark.parametrize(
    "cls", [Underscored, Mangled, InKeywords, ByAttribute, ByOtherAttribute, Derived]
)
def test_hidden_values_are_found_where_a_class_keeps_them(cls, caplog):
    result = actions.Runner().run(cls, {"password": SECRET})
    assert result.error["type"] == "ValueError"
    assert "***" in result.error["message"]
    assert SECRET not in caplog.text + str(result.error) + repr(cls(password=SECRET))


@actions.hidden("pin")
class Pinned(actions.Action):
    def __init__(self, pin):
        self._pin, self.all = pin, [{"pin": pin}]


def test_short_hidden_values_are_masked_in_the_repr():
    assert repr(Pinned("123")) == "Pinned(pin='***')"


def test_the_dry_run_of_a_class_is_covered(caplog):
    result = actions.Runner().run(Underscored, {"password": SECRET}, dry_run=True)
    assert result.error["message"] == "bad ***"
    assert SECRET not in caplog.text


@actions.hidden("password")
class Field(actions.Action):
    password = None

    def run(self, context):
        shout(self.password)


def test_a_class_field_set_by_a_descriptor_is_hidden(caplog):
    descriptor = actions.PythonActionDescriptor("field", Field, {"password": SECRET})
    assert actions.Runner().run(descriptor).error["message"] == "bad ***"
    assert SECRET not in caplog.text


@actions.hidden("password")
class Picky(actions.Action):
    def __init__(self, user, password, *, strict=True, **more):
        shout(f"weak {password}")


class Pickier(Picky):
    def __init__(self, password, limit=3):
        super().__init__("ann", password)


@pytest.mark.parametrize(
    ("cls", "params"),
    [(Picky, {"user": "u", "password": SECRET}), (Pickier, {"password": SECRET})],
)
def test_the_constructor_is_covered(cls, params, caplog):
    assert actions.Runner().run(cls, params).error["message"] == "bad weak ***"
    with pytest.raises(ValueError, match=r"bad weak \*\*\*"):
        cls(*params.values())
    assert caplog.text.count("weak ***") >= 2
    assert SECRET not in caplog.text


def test_a_covered_constructor_tells_its_own_parameters():
    assert actions.PythonActionDescriptor("p", Picky).params_spec == (
        "user, password, strict=true, **more"
    )
    assert actions.PythonActionDescriptor("p", Pickier).params_spec == "password, limit=3"
    assert inspect_utils.get_arg_list(Picky.__init__) == ["user", "password"]
    assert inspect_utils.get_args_spec(Picky.__init__).varkw == "more"
    assert str(inspect.signature(Pickier)) == "(password, limit=3)"
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'password'"):
        Pickier()


def layers(method):
    """Yield a method, and what it wraps down to the author's own."""
    while method is not None:
        yield method
        method = vars(method).get("__wrapped__")


def test_nothing_is_covered_twice():
    assert Derived.__init__ is InKeywords.__init__
    assert ByAttribute.run is Underscored.run
    assert not hasattr(inspect.unwrap(Derived.run), "_covers_secrets")
    covers = [layer for layer in layers(Derived.run) if "_covers_secrets" in vars(layer)]
    assert covers == [Derived.run]


def test_functions_see_to_their_secrets_themselves():
    @actions.action(secrets=["password"], test=lambda password: None)
    def log_in(password: str) -> None: ...

    assert not vars(log_in.action_class).keys() & {"__init__", "run"}
    assert not hasattr(log_in.action_class.test, "__wrapped__")


def test_an_attribute_nobody_sets_is_refused():
    with pytest.raises(InvalidDeclaration, match=r"@hidden\('_passwd'\) on Bad: .* no such attr"):

        @actions.hidden("_passwd")
        class Bad(actions.Action):
            def __init__(self, password):
                self._password = password
