# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What an author puts into ``Annotated[...]`` to say more of a parameter than its type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mistral_lib import exceptions

if TYPE_CHECKING:
    from collections.abc import Callable

    import msgspec

    from mistral_lib.actions.context import ActionContext

__all__ = ["CONSTRAINTS", "Inject", "Param"]

#: What the validator understands, by the names that it, annotated-types and pydantic share.
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


def Param(  # noqa: N802 - reads as the facts it makes, in the style of pydantic's Field
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
) -> msgspec.Meta:
    """Facts about a parameter, or a dataclass's field, beyond its type, for use in ``Annotated``.

    ``Annotated[int, Param("How many servers", ge=1)]``. On parameters, objects of the
    ``annotated-types`` package and pydantic's ``Field`` say the same things and are understood.

    :param description: text for people; wins over the docstring's.
    :param gt: numbers must be greater. Likewise ``ge``, ``lt``, ``le``, ``multiple_of``.
    :param pattern: regular expression that text must match somewhere.
    :param min_length: of text, in characters, or of a container. Likewise ``max_length``.
    :param title: short text for forms.
    :param examples: values for the reference page.
    :returns: what the validator itself understands, so it holds at any depth.
    :raises InvalidDeclaration: a fact is of the wrong type.
    """
    import msgspec

    # Its overloads tell numbers from text; which of them is meant shows when the type is known.
    make: Any = msgspec.Meta
    try:
        meta: msgspec.Meta = make(
            description=description,
            gt=gt,
            ge=ge,
            lt=lt,
            le=le,
            multiple_of=multiple_of,
            pattern=pattern,
            min_length=min_length,
            max_length=max_length,
            title=title,
            examples=examples,
        )
    except Exception as e:
        # A pattern that is none raises re.error, which derives from nothing in particular.
        raise exceptions.InvalidDeclaration(f"Param: {e}") from e
    return meta


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
