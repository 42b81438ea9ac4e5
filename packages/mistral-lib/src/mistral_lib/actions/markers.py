# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What an author puts into ``Annotated[...]`` to say more of a parameter than its type."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from mistral_lib.actions.context import ActionContext

__all__ = ["CONSTRAINTS", "Inject", "Param"]

CONSTRAINTS = (
    "gt",
    "ge",
    "lt",
    "le",
    "multiple_of",
    "pattern",
    "min_length",
    "max_length",
    "title",
    "description",
    "examples",
)


class Param:
    """Facts about a parameter beyond its type, for use in ``Annotated``.

    ``Annotated[int, Param("How many servers", ge=1)]``. Objects of the ``annotated-types`` package,
    ``msgspec.Meta`` and pydantic's ``Field`` say the same things and are understood too.

    :param description: text for people; wins over the docstring's.
    :param gt: numbers must be greater. Likewise ``ge``, ``lt``, ``le``, ``multiple_of``.
    :param pattern: regular expression that text must match somewhere.
    :param min_length: of text, in characters, or of a container. Likewise ``max_length``.
    :param examples: values for the reference page.
    """

    __slots__ = CONSTRAINTS

    def __init__(
        self,
        description: str | None = None,
        *,
        gt: float | None = None,
        ge: float | None = None,
        lt: float | None = None,
        le: float | None = None,
        multiple_of: float | None = None,
        pattern: str | None = None,
        min_length: int | None = None,
        max_length: int | None = None,
        title: str | None = None,
        examples: list[Any] | None = None,
    ) -> None:
        self.description = description
        self.gt, self.ge, self.lt, self.le = gt, ge, lt, le
        self.multiple_of = multiple_of
        self.pattern = pattern
        self.min_length, self.max_length = min_length, max_length
        self.title = title
        self.examples = examples

    def __repr__(self) -> str:
        given = ((n, getattr(self, n)) for n in CONSTRAINTS)
        return f"Param({', '.join(f'{n}={v!r}' for n, v in given if v is not None)})"


class Inject:
    """Have a parameter filled in when the action runs: no user passes it, no schema shows it.

    ``Annotated[Client, Inject(make_client)]``: ``make_client`` gets the
    :class:`~mistral_lib.actions.context.ActionContext` and returns the value.
    """

    __slots__ = ("factory",)

    def __init__(self, factory: Callable[[ActionContext], Any]) -> None:
        self.factory = factory

    def __repr__(self) -> str:
        return f"Inject({getattr(self.factory, '__qualname__', self.factory)})"
