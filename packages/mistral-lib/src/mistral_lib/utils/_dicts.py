# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Merging dictionaries, and reading them from short texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mistral_lib.utils import _params_spec

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "NotDefined",
    "get_dict_from_entries",
    "get_dict_from_string",
    "merge_dicts",
    "update_dict",
]


class NotDefined:
    """Stands for a value nobody gave, where None is a value like any other.

    The class itself is the marker; it is never instantiated.
    """

    # It is written as text wherever a value is, so its name has to be the public one.
    __module__ = "mistral_lib.utils"


def merge_dicts(
    left: dict[Any, Any] | None, right: dict[Any, Any] | None, overwrite: bool = True
) -> dict[Any, Any] | None:
    """Merge ``right`` into ``left``, recursively and in place, and return ``left``.

    Where one of them is None the other is returned, untouched.

    :param overwrite: whether the value of ``right`` wins where both have a key and the two values
        are not both dictionaries.
    """
    if left is None:
        return right
    if right is None:
        return left
    for key, value in right.items():
        if key not in left:
            left[key] = value
            continue
        own = left[key]
        if isinstance(own, dict) and isinstance(value, dict):
            merge_dicts(own, value, overwrite)
        elif overwrite:
            left[key] = value
    return left


def update_dict(left: dict[Any, Any] | None, right: dict[Any, Any] | None) -> dict[Any, Any] | None:
    """Do ``left.update(right)`` and return ``left``; where one is None return the other."""
    if left is None:
        return right
    if right is not None:
        left.update(right)
    return left


def get_dict_from_entries(entries: Iterable[Any]) -> dict[Any, Any]:
    """Return one dictionary of entries that are either names or dictionaries.

    ``["a", {"b": 1}]`` gives ``{"a": NotDefined, "b": 1}``; the last of equal names wins.
    """
    result: dict[Any, Any] = {}
    for entry in entries:
        if isinstance(entry, dict):
            result.update(entry)
        else:
            result[entry] = NotDefined
    return result


def get_dict_from_string(string: str | None, delimiter: str = ",") -> dict[str, Any]:
    """Read ``"a, b=1, c=[1, 2]"`` as ``{"a": NotDefined, "b": 1, "c": [1, 2]}``.

    A value is read as JSON; text that isn't JSON stays text. A delimiter inside a JSON value
    doesn't count.
    """
    if not string:
        return {}
    entries = map(_params_spec.split_entry, _params_spec.split_params(string, delimiter))
    return {
        name: NotDefined if text is None else _params_spec.parse_value(text)
        for name, text in entries
    }
