# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""All that is wrong with the parameters of a function is in one message, with paths and values."""

import dataclasses
import math
from typing import Annotated, Any, Literal, NamedTuple, NewType, TypedDict

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mistral_lib import actions
from mistral_lib.actions import InvalidInput, Param, Secret

GiB = NewType("GiB", int)


@dataclasses.dataclass
class Disk:
    """A disk."""

    size: int
    kind: Literal["ssd", "hdd"] = "ssd"
    labels: dict[str, int] = dataclasses.field(default_factory=dict)
    parts: "list[Disk]" = dataclasses.field(default_factory=list)


class Network(TypedDict, total=False):
    """A network."""

    mtu: int


class Point(NamedTuple):
    """A point."""

    x: float
    y: float


class Zone(msgspec.Struct, rename="camel"):
    """A zone."""

    host_count: int


@dataclasses.dataclass
class Login:
    """A login."""

    user: str
    password: Secret[str]
    port: int = 22


@actions.action
def build(
    name: str,
    count: int,
    disks: list[Disk] | None = None,
    network: Network | None = None,
    point: Point | None = None,
    zone: Zone | None = None,
    login: Login | None = None,
    size: Annotated[GiB, Param(ge=1)] | None = None,
    either: int | list[str] | None = None,
    pair: tuple[int, str] | None = None,
    many: tuple[Disk, ...] = (),
    by_number: dict[int, list[int]] | None = None,
    free: Any = None,
    token: Secret[list[int]] | None = None,
    api_key: int = 0,
) -> Any:
    """Build something."""
    return free


DESCRIPTOR = actions.PythonActionDescriptor("build", build)
RIGHT = {"name": "a", "count": 1}


def message(**params):
    with pytest.raises(InvalidInput, match="Invalid input") as e:
        DESCRIPTOR.check_parameters(params)
    return str(e.value)


def test_missing_unexpected_and_ill_typed_are_told_together():
    text = message(naem="a", disks=[{"size": "ten"}], size=0)
    assert "missing=['name', 'count'], unexpected=['naem']]" in text
    assert "No parameter 'naem': did you mean 'name'?" in text
    assert "parameter 'disks[0].size' must be int, got str 'ten'" in text
    assert "parameter 'size' must be int >= 1, got int 0" in text


def test_run_tells_them_together_too():
    error = build.action_class(naem="a", count="x", size=math.nan).run(None).error
    for problem in (
        "parameter 'name' is missing",
        "there is no parameter 'naem'",
        "parameter 'count' must be int, got str 'x'",
        "parameter 'size' must be",
    ):
        assert problem in error["message"]


@pytest.mark.parametrize(
    ("params", "problems"),
    [
        ({"name": None}, ["'name' must be str, got None"]),
        (
            {"disks": [{"size": 1}, {"size": "x", "kind": "tape"}, {}, 5]},
            [
                "'disks[1].size' must be int, got str 'x'",
                "'disks[1].kind' must be 'ssd' | 'hdd', got str 'tape'",
                "'disks[2].size' is missing",
                "'disks[3]' must be Disk, got int 5",
            ],
        ),
        (
            {"disks": [{"size": 1, "parts": [{"size": 1, "parts": [{"size": []}]}]}]},
            ["'disks[0].parts[0].parts[0].size' must be int, got list []"],
        ),
        (
            {"disks": [{"size": 1, "labels": {"a b": "x", "c": None}}, {"size": 1, "kin": 1}]},
            [
                "'disks[0].labels['a b']' must be int, got str 'x'",
                "'disks[0].labels.c' must be int, got None",
                "'disks[1]' has no field 'kin': did you mean 'kind'?",
            ],
        ),
        ({"network": {"mtu": "x"}}, ["'network.mtu' must be int, got str 'x'"]),
        ({"point": [1, "y"]}, ["'point[1]' must be float, got str 'y'"]),
        ({"zone": {}}, ["'zone.hostCount' is missing"]),
        ({"zone": {"hostCount": "x"}}, ["'zone.hostCount' must be int, got str 'x'"]),
        ({"either": ["a", 5]}, ["'either[1]' must be str, got int 5"]),
        ({"either": {}}, ["'either' must be int | list[str] | null, got dict {}"]),
        ({"pair": ["x", 5]}, ["'pair[0]' must be int, got str 'x'", "'pair[1]' must be str"]),
        ({"pair": [1]}, ["'pair' must be"]),
        ({"by_number": {"1": ["x"]}}, ["'by_number['1'][0]' must be int, got str 'x'"]),
        ({"by_number": {"x": [1]}}, ["'by_number' must be"]),
        (
            {"by_number": {"x": [1], "2": ["y"]}},
            [
                "'by_number['2'][0]' must be int, got str 'y'",
                "'by_number' must be dict[int, list[int]], got the key 'x'",
            ],
        ),
        (
            {"many": [{"size": 1}, {"size": "x"}, 5]},
            ["'many[1].size' must be int, got str 'x'", "'many[2]' must be Disk, got int 5"],
        ),
        ({"count": [1, None, {"a": 2}]}, ["'count' must be int, got list [1, None, {'a': 2}]"]),
        ({"name": ["y" * 1000]}, ["'name' must be str, got list ['yyy"]),
    ],
)
def test_each_part_is_named_with_its_path_and_value(params, problems):
    text = message(**{**RIGHT, **params})
    for problem in problems:
        assert f"parameter {problem}" in text
    assert text.count("parameter '") == len(problems)
    assert len(text) < 400


def test_no_secret_is_in_the_message():
    secret = "hunter2-hunter2"
    login = {"user": 5, "password": [secret], "port": "x"}
    text = message(**RIGHT, login=login, token=[secret], api_key=secret)
    assert secret not in text
    assert "parameter 'login.user' must be str, got int 5" in text
    assert "parameter 'login.password' must be str, got list" in text
    assert "parameter 'login.port' must be int, got str 'x'" in text
    assert "parameter 'token[0]' must be int, got str" in text
    assert "parameter 'api_key' must be int, got str" in text


def test_secret_that_came_under_another_name_too_is_masked():
    login = {"user": "a", "password": "hunter2-hunter2"}
    text = message(name="a", count="hunter2-hunter2", login=login)
    assert "hunter2" not in text


def test_message_about_a_long_list_is_short():
    text = message(**RIGHT, disks=[None] * 100_000)
    assert text.count("must be Disk") == 20
    assert text.endswith("; and more")


# -- what JSON does not have


NOT_JSON = [(math.nan, "NaN"), (math.inf, "Infinity"), (-math.inf, "-Infinity")]


@pytest.mark.parametrize(("value", "name"), NOT_JSON)
def test_input_that_json_cannot_represent_is_refused_by_name_and_path(value, name):
    free = {"a": [1, {"b c": value}]}
    expected = f"parameter 'free.a[1]['b c']' is {name}, which JSON cannot represent"
    assert expected in message(**RIGHT, free=free)
    # Of an older engine, which does not check.
    assert expected in build.action_class(**RIGHT, free=free).run(None).error["message"]
    assert (
        expected in actions.Runner(wire=True).run(build, {**RIGHT, "free": free}).error["message"]
    )


HUGE = pytest.param(10**5000, "an int of 16610 bits", id="huge")


@pytest.mark.parametrize(("value", "name"), [*NOT_JSON, HUGE])
def test_output_that_json_cannot_represent_is_refused_by_name_and_path(value, name):
    @actions.action
    def measure() -> Any:
        """Measure."""
        return {"ratios": [0.5, {"a": value}]}

    error = actions.Runner().run(measure).error
    assert error["code"] == "INVALID_OUTPUT"
    assert f"$.ratios[1].a is {name}" in error["message"]


def test_error_with_details_that_json_cannot_represent_still_arrives():
    for details in ({"a": math.nan}, {"a": 10**5000}):
        error = actions.ActionException("x", details=details)

        class Fail(actions.Action):
            """Fail."""

            def run(self, context, error=error):
                raise error

        answer = actions.Runner().run(Fail).error
        assert answer["message"] == "x"
        assert isinstance(answer["details"], str)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


NAMES = st.sampled_from([*DESCRIPTOR.declaration.contract.signature.parameters])


@settings(deadline=None)
@given(st.dictionaries(NAMES, ANYTHING))
def test_check_passes_or_names_a_parameter_and_run_agrees(params):
    params = {**RIGHT, **params}
    refusal = ""
    try:
        DESCRIPTOR.check_parameters(params)
    except InvalidInput as e:
        refusal = str(e)
    assert not refusal or "parameter '" in refusal
    result = build.action_class(**params).run(None)
    answered = isinstance(result, actions.Result) and result.error["code"] == "INVALID_INPUT"
    assert answered == bool(refusal)
