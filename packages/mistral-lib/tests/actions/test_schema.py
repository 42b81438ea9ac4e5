# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What annotations and docstrings say, as JSON Schema and as checks."""

import dataclasses
import datetime
import decimal
import enum
import pathlib
from typing import Annotated, Any, Literal

import pytest

from mistral_lib import actions
from mistral_lib.exceptions import InvalidDeclaration, InvalidInput


class Size(enum.IntEnum):
    SMALL = 1
    LARGE = 2


@dataclasses.dataclass
class Disk:
    """A disk."""

    gib: int
    kind: Literal["ssd", "hdd"] = "ssd"


@actions.action(secrets=["key"])
def build(
    name: Annotated[str, actions.Param("Name of the server", pattern="^[a-z]+$", max_length=8)],
    disks: list[Disk],
    size: Size = Size.SMALL,
    count: Annotated[int, actions.Param(ge=1, le=10)] = 1,
    key: str | None = None,
    since: datetime.datetime | None = None,
    anything=None,
) -> Disk:
    """Build a server.

    Args:
        name: overridden by the annotation.
        disks: its disks, the first
            to boot from.
        size: how large.

    Returns:
        The first disk.
    """
    return disks[0]


DESCRIPTOR = actions.PythonActionDescriptor("demo.build", build)
GOOD = {"name": "web", "disks": [{"gib": 5}]}


def test_input_schema_says_everything():
    schema = DESCRIPTOR.declaration.contract.input_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["required"] == ["name", "disks"]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["name"] == {
        "type": "string",
        "pattern": "^[a-z]+$",
        "maxLength": 8,
        "description": "Name of the server",
    }
    assert schema["properties"]["disks"] == {
        "type": "array",
        "items": {"$ref": "#/$defs/Disk"},
        "description": "its disks, the first to boot from.",
    }
    assert schema["properties"]["count"] == {
        "type": "integer",
        "minimum": 1,
        "maximum": 10,
        "default": 1,
    }
    assert schema["properties"]["size"]["default"] == 1
    assert schema["properties"]["key"]["writeOnly"] is True
    assert {"type": "string", "format": "date-time"} in schema["properties"]["since"]["anyOf"]
    assert "type" not in schema["properties"]["anything"]
    assert schema["$defs"]["Disk"]["properties"]["kind"]["enum"] == ["hdd", "ssd"]


def test_output_schema_comes_from_the_return_annotation():
    schema = DESCRIPTOR.declaration.contract.output_schema()
    assert schema["$ref"] == "#/$defs/Disk"
    assert schema["description"] == "The first disk."


def test_params_spec_shows_defaults_as_json():
    assert DESCRIPTOR.params_spec == (
        "name, disks, size=1, count=1, key=null, since=null, anything=null"
    )


def check(**changes: Any) -> None:
    DESCRIPTOR.check_parameters({**GOOD, **changes})


def test_good_parameters_pass():
    check()
    check(size=2, since="2026-01-01T00:00:00Z", anything={"x": 1}, count=10)


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"count": "5"}, "'demo.build': parameter 'count' must be int, got str"),
        ({"count": True}, "parameter 'count' must be int, got bool"),
        ({"count": 11}, "parameter 'count' must be int <= 10, got int"),
        ({"name": "Web"}, "parameter 'name' must be str matching regex .*, got str"),
        ({"size": 3}, "parameter 'size' must be 1 | 2, got int"),
        ({"disks": {"gib": 1}}, r"parameter 'disks' must be list\[Disk\], got dict"),
        ({"disks": [{"gib": "x"}]}, r"parameter 'disks\[0\].gib' must be int, got str"),
        ({"disks": [{}]}, r"parameter 'disks\[0\].gib' is missing"),
        ({"since": "tomorrow"}, "parameter 'since' must be datetime | null, got str"),
        ({"nmae": "x"}, r"unexpected=\['nmae'\]\]. No parameter 'nmae': did you mean 'name'\?"),
    ],
)
def test_a_bad_parameter_is_named_with_what_came_and_what_was_expected(changes, match):
    with pytest.raises(InvalidInput, match=match):
        check(**changes)


def test_all_bad_parameters_are_named_at_once():
    with pytest.raises(InvalidInput, match=r"'name' must be str.*; parameter 'count' must be int"):
        check(name=5, count="x")


def test_missing_parameters_are_named():
    expected = r"Invalid input \[name=demo.build, class=.*build, missing=\['name', 'disks'\]\]"
    with pytest.raises(InvalidInput, match=expected):
        DESCRIPTOR.check_parameters({})


def test_a_message_never_quotes_a_secret():
    with pytest.raises(InvalidInput, match="'key' must be str") as caught:
        check(key=["hunter2-hunter2"])
    assert "hunter2" not in str(caught.value)


def test_a_missing_annotation_costs_only_that_parameter_its_check():
    @actions.action
    def half(typed: int, untyped): ...

    descriptor = actions.PythonActionDescriptor("half", half)
    descriptor.check_parameters({"typed": 1, "untyped": object})
    with pytest.raises(InvalidInput, match="'typed' must be int, got str"):
        descriptor.check_parameters({"typed": "1", "untyped": 5})


def test_what_a_server_evaluated_is_checked_as_the_wire_would_make_it():
    @actions.action
    def take(names: list[str], when: datetime.datetime): ...

    descriptor = actions.PythonActionDescriptor("take", take)
    descriptor.check_parameters({"names": {"a", "b"}, "when": datetime.datetime(2026, 1, 1)})
    with pytest.raises(InvalidInput, match=r"'names\[0\]' must be str, got int"):
        descriptor.check_parameters({"names": {1}, "when": datetime.datetime(2026, 1, 1)})


def test_checking_does_not_use_up_an_iterator():
    @actions.action
    def take(names: list[str]): ...

    names = iter(["a"])
    actions.PythonActionDescriptor("take", take).check_parameters({"names": names})
    assert list(names) == ["a"]


def test_checking_does_not_use_up_an_iterator_inside_either():
    @actions.action
    def take(rows: list[list[int]]) -> list[list[int]]:
        return rows

    assert actions.run(take, {"rows": [iter([1]), iter([2, 3])]}) == [[1], [2, 3]]


@pytest.mark.parametrize(
    ("annotation", "value"), [(float, decimal.Decimal("1.5")), (dict, {(1, 2): 1}), (int, 1 + 0j)]
)
def test_a_check_refuses_what_the_run_would(annotation, value):
    @actions.action
    def take(odd: annotation):
        return odd

    descriptor = actions.PythonActionDescriptor("demo.take", take)
    with pytest.raises(InvalidInput, match=r"'demo\.take'.*parameter 'odd'"):
        descriptor.check_parameters({"odd": value})


CYCLE = [1]
CYCLE.append(CYCLE)


@pytest.mark.parametrize("value", [datetime.timedelta(1), b"\xff", [b"\xff"]])
def test_what_can_not_be_said_in_json_is_named(value):
    @actions.action
    def take(untyped=None): ...

    descriptor = actions.PythonActionDescriptor("demo.take", take)
    expected = r"'demo\.take': parameter 'untyped' is not JSON-serializable"
    with pytest.raises(InvalidInput, match=expected):
        descriptor.check_parameters({"untyped": value})
    with pytest.raises(InvalidInput, match="parameter 'untyped' is not JSON-serializable"):
        descriptor.instantiate({"untyped": value}, {})


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ([1, {"size": object()}], r"'untyped\[1\].size' is not .*: it is or holds object"),
        (CYCLE, "'untyped' is not .*: it is or holds list"),
    ],
)
def test_part_that_is_not_json_serializable_is_named_with_its_path(value, problem):
    @actions.action
    def take(untyped=None): ...

    with pytest.raises(InvalidInput, match=f"parameter {problem}"):
        actions.PythonActionDescriptor("demo.take", take).check_parameters({"untyped": value})


def test_params_spec_set_by_a_server_is_what_is_checked():
    descriptor = actions.PythonActionDescriptor("demo.build", build)
    descriptor._params_spec = "only"
    descriptor.check_parameters({"only": 1})
    with pytest.raises(InvalidInput, match=r"missing=\['only'\], unexpected=\['name'\]"):
        descriptor.check_parameters({"name": "x"})


@pytest.mark.parametrize(
    ("annotation", "good", "bad"),
    [
        (int | str, "5", [1]),
        (dict[int, str], {"1": "a"}, {"x": "a"}),
        (Literal["a", "b"], "b", "c"),
        (tuple[int, ...], [1, 2], ["x"]),
        (Annotated[list[int], actions.Param(min_length=1)], [1], []),
        (list[Annotated[int, actions.Param(gt=0)]], [1], [0]),
        (float, 5, "5"),
        (bool, False, 0),
    ],
)
def test_more_types(annotation, good, bad):
    def take(value): ...

    take.__annotations__["value"] = annotation
    descriptor = actions.PythonActionDescriptor("take", actions.action(take))
    descriptor.check_parameters({"value": good})
    with pytest.raises(InvalidInput, match="parameter 'value"):
        descriptor.check_parameters({"value": bad})


@dataclasses.dataclass
class Limited:
    """A number within limits."""

    value: Annotated[int, actions.Param("How much", ge=1)]


def test_constraints_hold_inside_dataclasses_too():
    @actions.action
    def take(limited: Limited): ...

    descriptor = actions.PythonActionDescriptor("take", take)
    schema = descriptor.declaration.contract.input_schema()
    assert schema["$defs"]["Limited"]["properties"]["value"] == {
        "type": "integer",
        "minimum": 1,
        "description": "How much",
    }
    with pytest.raises(InvalidInput, match=r"parameter 'limited.value' must be int >= 1"):
        descriptor.check_parameters({"limited": {"value": 0}})


def test_paths_are_text_outside_and_paths_inside():
    @actions.action
    def parent(path: pathlib.Path, default: pathlib.Path = pathlib.Path("/x")) -> pathlib.Path:
        assert isinstance(default, pathlib.Path)
        return path.parent

    descriptor = actions.PythonActionDescriptor("parent", parent)
    assert descriptor.params_spec == 'path, default="/x"'
    assert actions.run(descriptor, {"path": "/a/b"}) == "/a"
    assert actions.run(descriptor, {"path": pathlib.Path("/a/b")}) == "/a"
    with pytest.raises(InvalidInput, match="parameter 'path' must be Path, got int"):
        descriptor.check_parameters({"path": 1})


class Ge:
    """As the annotated-types package has it."""

    ge = 1


def test_a_foreign_constraint_where_nothing_would_look_at_it_is_refused():
    @dataclasses.dataclass
    class Odd:
        value: Annotated[int, Ge()]

    def take(odd: Odd): ...

    take.__annotations__["odd"] = Odd
    with pytest.raises(InvalidDeclaration, match=r"'odd': .*'value' of Odd.*actions.Param"):
        actions.action(take)


def test_a_key_that_is_no_field_is_named_at_any_depth():
    @actions.action
    def take(disks: dict[str, list[Disk]]): ...

    descriptor = actions.PythonActionDescriptor("take", take)
    expected = r"parameter 'disks.a\[0\]' has no field 'knd': did you mean 'kind'\?"
    with pytest.raises(InvalidInput, match=expected):
        descriptor.check_parameters({"disks": {"a": [{"gib": 1, "knd": "ssd"}]}})
    schema = descriptor.declaration.contract.input_schema()
    assert schema["$defs"]["Disk"]["additionalProperties"] is False


def test_a_key_that_is_no_field_is_named_among_any_keywords():
    @actions.action
    def take(**disks: Disk): ...

    descriptor = actions.PythonActionDescriptor("take", take)
    descriptor.check_parameters({"a": {"gib": 1}})
    with pytest.raises(InvalidInput, match=r"parameter 'a' has no field 'knd'"):
        descriptor.check_parameters({"a": {"gib": 1, "knd": "ssd"}})


@dataclasses.dataclass
class Counted:
    text: str
    length: int = dataclasses.field(init=False)

    def __post_init__(self):
        self.length = len(self.text)


def test_a_field_that_only_its_class_sets_is_refused_as_input_and_fine_as_output():
    def take(counted: list[Counted]): ...

    with pytest.raises(
        InvalidDeclaration, match=r"'counted': .*field 'length' of Counted has init"
    ):
        actions.action(take)

    @actions.action
    def count(text: str) -> Counted:
        return Counted(text)

    assert actions.run(count, {"text": "abc"}) == {"text": "abc", "length": 3}
