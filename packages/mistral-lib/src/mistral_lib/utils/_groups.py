# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Walking nested dictionaries, lists and tuples in loops that run in C.

Looking at values one after another from Python takes longer than encoding them. So the values of
many containers are laid end to end and looked at together, by ``set(map(type, ...))`` and the like.
"""

from __future__ import annotations

import sys
from itertools import chain
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

__all__ = ["CONTAINERS", "MAX_DEPTH", "columns", "keys", "kinds_of", "nested"]

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


def kinds_of(values: Collection[Any]) -> set[type]:
    """Return the types of ``values``."""
    kinds = list(map(type, values))
    # Mostly there is one, and counting it is faster than making a set.
    if kinds and kinds.count(kinds[0]) == len(kinds):
        return {kinds[0]}
    return set(kinds)


def columns(dicts: list[Any], sequences: list[Any]) -> list[Collection[Any]]:
    """Return all values in these containers, as collections that are rather of one type.

    Where all dictionaries have as many values, they are taken to be records, and a collection holds
    one field of them all; what many lists hold is taken to be alike. These are guesses, and a
    matter of speed only. Str keys of dictionaries may be among the values.
    """
    if len(dicts) + len(sequences) < _FEW:
        return [*map(dict.values, dicts), *sequences]
    laid_out: list[Collection[Any]] = [*_fields(dicts)] if dicts else []
    if sequences:
        laid_out.append(_sequence_values(sequences))
    return laid_out


def _fields(dicts: list[Any]) -> list[list[Any]]:
    values, width, count = _dict_values(dicts), len(dicts[0]), len(dicts)
    if count < _FEW or width * count != len(values):
        return [values]
    return [values[i::width] for i in range(width)]


if sys.implementation.name == "cpython" and sys.version_info < (3, 13):
    # What the garbage collector sees of a container is all its values, in a fifth of the time. From
    # 3.13 on it does not see those of a dictionary that belongs to an object.
    from gc import get_referents

    def _dict_values(dicts: list[Any]) -> list[Any]:
        return get_referents(*dicts)

    def _sequence_values(sequences: list[Any]) -> list[Any]:
        return get_referents(*sequences)

else:

    def _dict_values(dicts: list[Any]) -> list[Any]:
        return list(chain.from_iterable(map(dict.values, dicts)))

    def _sequence_values(sequences: list[Any]) -> list[Any]:
        return list(chain.from_iterable(sequences))


def nested(values: Collection[Any], kinds: set[type]) -> tuple[list[Any], list[Any]]:
    """Return the dictionaries, and the lists and tuples, among ``values`` of ``kinds``."""
    if len(kinds) == 1:
        every = _distinct(values if type(values) is list else list(values))
        return (every, []) if dict in kinds else ([], every)
    dicts = [v for v in values if type(v) is dict] if dict in kinds else []
    if kinds.isdisjoint(_SEQUENCES):
        return _distinct(dicts), []
    return _distinct(dicts), _distinct([v for v in values if type(v) in _SEQUENCES])


def _distinct(containers: list[Any]) -> list[Any]:
    # Children that name their parent, or a list that holds itself, multiply with every step.
    count = len(containers)
    if count < _FEW or count * max(len(containers[0]), len(containers[-1])) < _MANY:
        return containers
    return list({id(c): c for c in containers}.values())
