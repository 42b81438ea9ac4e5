# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Walking nested dictionaries, lists and tuples in loops that run in C.

Looking at values one after another from Python takes longer than encoding them. So the values of
many containers are laid end to end and looked at together, by ``set(map(type, ...))`` and the like.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

__all__ = ["CONTAINERS", "MAX_DEPTH", "columns", "keys", "nested"]

#: Containers within containers. Anything deeper is unusual enough to be no matter of speed.
MAX_DEPTH = 64

#: Of exactly these types are the containers of a group.
CONTAINERS = frozenset({dict, list, tuple})
_SEQUENCES = frozenset({list, tuple})

#: With fewer containers, laying them out costs more than it saves.
_FEW = 8
#: Values in a group of containers from which on it is worth a look whether they are all different.
_MANY = 200_000


def keys(dicts: list[Any]) -> Iterable[Any]:
    """Return the keys of all dictionaries; of equal ones perhaps only one."""
    # Dictionaries are quicker at a union than at giving up their keys one by one.
    return dicts[0] if len(dicts) == 1 else set().union(*dicts)


def columns(dicts: list[Any], sequences: list[Any]) -> list[Collection[Any]]:
    """Return all values in these containers, as collections that are rather of one type.

    Where all containers have as many values, they are taken to be records, and a collection holds
    one field of them all. That is a guess, and a matter of speed only.
    """
    if len(dicts) + len(sequences) < _FEW:
        return [*map(dict.values, dicts), *sequences]
    laid_out: list[Collection[Any]] = []
    if dicts:
        values = list(chain.from_iterable(map(dict.values, dicts)))
        laid_out += _fields(values, len(dicts[0]), len(dicts))
    if sequences:
        values = list(chain.from_iterable(sequences))
        laid_out += _fields(values, len(sequences[0]), len(sequences))
    return laid_out


def _fields(values: list[Any], width: int, count: int) -> list[list[Any]]:
    if count < _FEW or width * count != len(values):
        return [values]
    return [values[i::width] for i in range(width)]


def nested(values: Collection[Any], kinds: set[type]) -> tuple[list[Any], list[Any]]:
    """Return the dictionaries, and the lists and tuples, among ``values`` of ``kinds``."""
    if len(kinds) == 1:
        every = _distinct(list(values))
        return (every, []) if dict in kinds else ([], every)
    dicts = [v for v in values if type(v) is dict] if dict in kinds else []
    if kinds.isdisjoint(_SEQUENCES):
        return _distinct(dicts), []
    return _distinct(dicts), _distinct([v for v in values if type(v) in _SEQUENCES])


def _distinct(containers: list[Any]) -> list[Any]:
    # A list that holds itself many times would multiply with every step.
    if len(containers) < _FEW or sum(map(len, containers)) < _MANY:
        return containers
    return list({id(c): c for c in containers}.values())
