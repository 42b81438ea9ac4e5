# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A limit on ``X | None`` is one on X."""

import dataclasses
from typing import Annotated, Optional

import pytest

from mistral_lib import actions
from mistral_lib.actions import Param
from mistral_lib.exceptions import InvalidDeclaration, InvalidInput


@actions.action
def grow(
    size: Annotated[int | None, Param("In GB", ge=1, title="Size")] = None,
    names: list[Annotated[Optional[str], Param(pattern="^[a-z]+$")]] | None = None,  # noqa: UP045
) -> int:
    """Grow."""
    return size or 0


DESCRIPTOR = actions.PythonActionDescriptor("grow", grow)


@pytest.mark.parametrize("params", [{}, {"size": None}, {"size": 1}, {"names": ["a", None]}])
def test_null_and_what_keeps_the_limit_pass(params):
    DESCRIPTOR.check_parameters(params)
    assert actions.run(grow, params) == (params.get("size") or 0)


@pytest.mark.parametrize(
    ("params", "complaint"),
    [
        ({"size": 0}, "parameter 'size' must be int >= 1, got int"),
        ({"size": "x"}, r"parameter 'size' must be int \| null, got str"),
        ({"names": ["a", "B"]}, r"parameter 'names\[1\]' must be str matching regex"),
    ],
)
def test_what_does_not_keep_it_is_refused(params, complaint):
    with pytest.raises(InvalidInput, match=complaint):
        DESCRIPTOR.check_parameters(params)


def test_the_schema_has_the_limit_at_the_type_and_the_texts_at_the_parameter():
    assert DESCRIPTOR.declaration.contract.input_schema()["properties"]["size"] == {
        "anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}],
        "title": "Size",
        "description": "In GB",
        "default": None,
    }


@dataclasses.dataclass
class Disk:
    size: Annotated[int | None, Param(ge=1)] = None


@pytest.mark.parametrize("annotation", [Annotated[int | str, Param(ge=1)], Disk])
def test_a_limit_that_could_be_anybodys_is_refused_with_what_to_write(annotation):
    def take(value): ...

    take.__annotations__["value"] = annotation
    expected = (
        r"'value'.*ge is a limit on a numeric type, not on .*int \|.*"
        r"Annotated\[X, Param\(ge=\.\.\.\)\] \| None"
    )
    with pytest.raises(InvalidDeclaration, match=expected):
        actions.action(take)
