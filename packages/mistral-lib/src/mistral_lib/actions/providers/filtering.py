# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Select and sort descriptors the way the server's API asks for them.

A filter is ``{field: {operator: value}}``, or ``{field: value}`` for equality. Operators: ``eq``,
``neq``, ``lt``, ``lte``, ``gt``, ``gte``, ``in``, ``nin`` (value is a list), ``has`` (value is
part of the field). A field that a descriptor lacks matches.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

from mistral_lib import exceptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from mistral_lib.actions.base import ActionDescriptor

__all__ = ["matches", "sort"]

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "neq": operator.ne,
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
    "in": lambda field, value: field in value,
    "nin": lambda field, value: field not in value,
    "has": lambda field, value: value in field,
}


def matches(descriptor: ActionDescriptor, filters: Mapping[str, Any] | None) -> bool:
    """Tell whether a descriptor passes all of ``filters``.

    :raises ActionException: an operator is unknown.
    """
    return all(
        _field_matches(descriptor, field, condition) for field, condition in (filters or {}).items()
    )


_LACKS = object()


def _field_matches(descriptor: ActionDescriptor, field: str, condition: Any) -> bool:
    value = getattr(descriptor, field, _LACKS)
    if value is _LACKS:
        return True
    if not isinstance(condition, dict):
        condition = {"eq": condition}
    return all(_holds(name, value, wanted, field) for name, wanted in condition.items())


def _holds(name: str, value: Any, wanted: Any, field: str) -> bool:
    compare = _OPERATORS.get(name)
    if compare is None:
        raise exceptions.ActionException(
            f"Unknown filter operator '{name}' on field '{field}': there are "
            f"{', '.join(_OPERATORS)}"
        )
    try:
        return bool(compare(value, wanted))
    except TypeError:
        # Values that can't be compared, such as None with text, are not less, equal or inside.
        return False


def sort(
    descriptors: Iterable[ActionDescriptor],
    fields: Sequence[str] | None = None,
    directions: Sequence[str] | None = None,
) -> list[ActionDescriptor]:
    """Return descriptors sorted by ``fields`` (by name when None).

    :param directions: ``asc`` or ``desc`` for each field; ``asc`` where there is none.
    """
    result = list(descriptors)
    wanted = list(fields or ["name"])
    given = list(directions or [])
    # Python's sort is stable: the last field first.
    for index in reversed(range(len(wanted))):
        descending = index < len(given) and given[index].lower().startswith("desc")
        result.sort(key=lambda d: _sort_key(d, wanted[index]), reverse=descending)
    return result


def _sort_key(descriptor: ActionDescriptor, field: str) -> tuple[bool, str]:
    value = getattr(descriptor, field, None)
    return value is not None, str(value)
