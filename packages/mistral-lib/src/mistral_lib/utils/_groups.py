# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Walking nested dictionaries, lists and tuples in loops that run in C.

Looking at values one after another from Python takes longer than encoding them. So the values of
many containers are laid end to end and looked at together, by ``set(map(type, ...))`` and the like.
"""

from __future__ import annotations

import operator
import sys
from itertools import chain
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from typing import TypeAlias

__all__ = [
    "CONTAINERS",
    "EVERY",
    "MAX_DEPTH",
    "Column",
    "columns",
    "keys",
    "kinds_of",
    "nested",
    "parts",
]

#: Containers within containers. Anything deeper is unusual enough to be no matter of speed.
MAX_DEPTH = 64

#: Of exactly these types are the containers of a group.
CONTAINERS = frozenset({dict, list, tuple})
_SEQUENCES = frozenset({list, tuple})

#: With fewer containers, laying them out costs more than it saves.
_FEW = 8
#: Values in a group of containers from which on it is worth a look whether they are all different.
_MANY = 200_000

#: Stands for all items of lists and tuples, or all keys of dictionaries.
EVERY = object()


#: Values that are rather of one type; the key that seems to lead to all of them, or :data:`EVERY`;
#: and the dictionaries that seem to have that key. No class: making one takes too long.
Column: TypeAlias = "tuple[Collection[Any], Any, list[Any]]"


def is_exact(column: Column) -> bool:
    """Tell whether the column's key does lead to all its values, and to no others."""
    values, key, records = column
    if key is EVERY:
        return True
    try:
        led_to = list(map(operator.itemgetter(key), records))
    except KeyError:
        return False
    return len(led_to) == len(values) and all(map(operator.is_, led_to, values))


def kinds_of(values: Collection[Any]) -> set[type]:
    """Return the types of ``values``."""
    kinds = list(map(type, values))
    # Mostly there is one, and counting it is faster than making a set.
    if kinds and kinds.count(kinds[0]) == len(kinds):
        return {kinds[0]}
    return set(kinds)


def keys(dicts: list[Any]) -> Iterable[Any]:
    """Return the keys of all dictionaries; of equal ones perhaps only one."""
    # Dictionaries are quicker at a union than at giving up their keys one by one.
    return dicts[0] if len(dicts) == 1 else set().union(*dicts)


def columns(dicts: list[Any], sequences: list[Any]) -> list[Column]:
    """Return all values in these containers, in columns.

    Dictionaries with as many keys are taken to be records, and a column holds one field of them
    all; what many lists hold is taken to be alike. These are guesses, and a matter of speed only.
    Str keys of dictionaries may be among the values.
    """
    found: list[Column] = []
    if len(dicts) >= _FEW:
        found += _fields(dicts) or _fields_by_width(dicts)
    else:
        found += [(d.values(), EVERY, []) for d in dicts]
    if len(sequences) >= _FEW:
        found.append((_sequence_values(sequences), EVERY, []))
    else:
        found += [(s, EVERY, []) for s in sequences]
    return found


def _fields(records: list[Any]) -> list[Column]:
    """Return the values of dictionaries of one width, field by field; nothing of others."""
    values, names = _dict_values(records), list(records[0])
    width = len(names)
    if len(values) != width * len(records):
        return []
    return [(values[i::width], name, records) for i, name in enumerate(names)]


def _fields_by_width(dicts: list[Any]) -> list[Column]:
    by_width: dict[int, list[Any]] = {}
    for one in dicts:
        by_width.setdefault(len(one), []).append(one)
    found: list[Column] = []
    rest: list[Any] = []
    for records in by_width.values():
        fields = _fields(records) if len(records) >= _FEW else []
        found += fields
        rest += records if not fields else []
    return [*found, (_dict_values(rest), EVERY, [])] if rest else found


if sys.implementation.name == "cpython" and sys.version_info < (3, 13):
    # What the garbage collector sees of a container is all its values, in a fifth of the time, of
    # an object's dictionary perhaps in another order. From 3.13 on it does not see those.
    from gc import get_referents

    def _dict_values(dicts: list[Any]) -> list[Any]:
        return get_referents(*dicts)

    def _sequence_values(sequences: list[Any]) -> list[Any]:
        return get_referents(*sequences)

    def parts(containers: list[Any]) -> list[Any]:
        """Return all values in containers of any kind; and keys, if some key is no plain str."""
        # Of dictionaries with nothing but str keys, they are not looked at.
        return get_referents(*containers)

else:

    def _dict_values(dicts: list[Any]) -> list[Any]:
        return list(chain.from_iterable(map(dict.values, dicts)))

    def _sequence_values(sequences: list[Any]) -> list[Any]:
        return list(chain.from_iterable(sequences))

    def parts(containers: list[Any]) -> list[Any]:
        """Return all values in containers of any kind; and keys, if some key is no plain str."""
        found: list[Any] = []
        for container in containers:
            if type(container) is dict:
                found += [key for key in container if type(key) is not str]
                found += container.values()
            else:
                found += container
        return found


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
