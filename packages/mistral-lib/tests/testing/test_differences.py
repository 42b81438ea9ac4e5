# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
import enum
import math
from collections import OrderedDict

import pytest

from mistral_lib import actions
from mistral_lib.testing.differences import crossed, difference


class Level(enum.IntEnum):
    HIGH = 3


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        1.5,
        "text",
        [1, [None, {"a": {}}]],
        {"a": [], "b": {"c": 1}},
        OrderedDict(a=1),
        Level.HIGH,
    ],
)
def test_what_crosses_equal_has_no_difference(value):
    assert difference(value, crossed(value)) is None


@pytest.mark.parametrize(
    ("sent", "arrived", "expected"),
    [
        ((1, 2), [1, 2], r"$: tuple (1, 2) arrives as list [1, 2]"),
        ({"a": [1, {"b": (1,)}]}, {"a": [1, {"b": [1]}]}, r"$.a[1].b: tuple (1,) arrives as list"),
        ([1], [1, 2], r"$: list [1] arrives as list [1, 2]"),
        ({1: 2}, {"1": 2}, r"$: the key int 1 does not arrive as it is"),
        ({}, {"a": 1}, r"$: the key str 'a' arrives on top"),
        (1, 1.0, r"$: int 1 arrives as float 1.0"),
        ("x" * 200, "", "xxx..."),
    ],
)
def test_the_first_difference_is_named_with_its_path(sent, arrived, expected):
    assert expected in difference(sent, arrived)


def test_nan_is_a_difference():
    assert difference([math.nan], crossed([math.nan])) == r"$[0]: float nan arrives as float nan"


def test_registered_objects_cross_as_themselves():
    assert crossed(actions.Result({"a": 1})) == actions.Result({"a": 1})
