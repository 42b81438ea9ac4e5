# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Whatever a client returns, as plain JSON-ready data.

Resources say themselves what they are (``to_dict``: the fields of the API, no more), generators are
drained, dates become ISO 8601 text, a response stands for its body. An object that no client made
stays what it is: only the wire refuses it.
"""

from __future__ import annotations

import collections
import contextlib
import datetime
import decimal
import enum
import functools
import types
import uuid
from collections import abc
from typing import TYPE_CHECKING, Any

from mistral_extra.actions.openstack import content, paging, services
from mistral_extra.actions.openstack.services import barbican, zaqar
from mistral_extra.actions.openstack.utils import exceptions
from mistral_lib.utils import _plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["plain"]

#: Containers in containers beyond this are a cycle, or as good as one.
_DEEPEST = 64

#: Whose objects are no data: the clients, and what they are made of.
_PACKAGES = frozenset(service.package for service in services.all()) | {
    "keystoneauth1",
    "openstack",
    "osc_lib",
    "requests",
    "urllib3",
}

#: Whose iterators are generators, map, chain and the like; a mock can be iterated over as well.
_PYTHONS = frozenset({"builtins", "itertools"})


def _of_schema(entity: Any) -> dict[str, Any] | None:
    """Return what a JSON Schema of Glance's says."""
    if not hasattr(type(entity), "raw"):
        return None
    schema: dict[str, Any] = entity.raw()
    return schema


#: Clients whose objects don't say what they are.
_DESCRIBED: dict[str, Callable[[Any], dict[str, Any] | None]] = {
    "barbicanclient": barbican.fields,
    "glanceclient": _of_schema,
    "zaqarclient": zaqar.fields,
}

_NOTHING: Any = object()


def plain(value: Any, action_content: str | None = None) -> Any:
    """Return what a client returned as JSON-ready data.

    :param action_content: what becomes of binary content, see
        :mod:`mistral_extra.actions.openstack.content`.
    :raises ActionException: a part of it can't be said; the message names the place.
    """
    if _plain.is_plain(value):
        return value
    return _Reading(content.taker(action_content)).read(value, "result", 0)


class _Reading:
    """One result being read. Each method gets a value, its place, and how deep that is."""

    def __init__(self, take: content.Taker) -> None:
        self._take = take

    def read(self, value: Any, path: str, depth: int) -> Any:
        """Return ``value`` as plain data."""
        if depth > _DEEPEST:
            raise _unsayable(path, "is nested too deeply, or contains itself")
        # isinstance() and not type(): glanceclient hands out proxies, others subclasses.
        for kinds, method in _METHODS:
            if isinstance(value, kinds):
                return method(self, value, path, depth)
        return self.object(value, path, depth)

    def mapping(self, value: abc.Mapping[Any, Any], path: str, depth: int) -> dict[str, Any]:
        """Return a dictionary with text as keys."""
        items = dict(value)
        if _plain.is_plain(items):
            return items
        return {
            key if type(key) is str else str(key): self.read(part, f"{path}.{key}", depth + 1)
            for key, part in items.items()
        }

    def sequence(self, value: abc.Iterable[Any], path: str, depth: int) -> Any:
        """Return a list."""
        if hasattr(value, "_asdict"):
            # A named tuple: Manila's client makes some of objects.
            return self.mapping(value._asdict(), path, depth)
        items = list(value)
        if not items and type(value).__name__.endswith("TupleWithMeta"):
            # An answer without a body, as the clients of Nova, Neutron and Cinder hand it out.
            return None
        if len(items) == 2 and _is_response(items[0]):
            # The way some clients return an answer; nova, for one, where there is nothing to say.
            return self.read(items[1], path, depth)
        if _plain.is_plain(items):
            return items
        return [self.read(part, f"{path}[{i}]", depth + 1) for i, part in enumerate(items)]

    def iterator(self, value: abc.Iterable[Any], path: str, depth: int) -> Any:
        """Return a list of all there is, or content where it comes in pieces of bytes."""
        parts = iter(value)
        first = next(parts, _NOTHING)
        if first is _NOTHING:
            return []
        if isinstance(first, bytes):
            return self._take(_prepended(first, parts), path)
        return self.sequence(paging.bounded(_prepended(first, parts), path), path, depth)

    def bytes(self, value: Any, path: str, depth: int) -> Any:
        """Return what the action wants of content."""
        return self._take((bytes(value),), path)

    def object(self, value: Any, path: str, depth: int) -> Any:
        """Return what a client's object says of itself; any other object is left alone."""
        cls = type(value)
        package = cls.__module__.partition(".")[0]
        if package in _PYTHONS and isinstance(value, abc.Iterator):
            return self.iterator(value, path, depth)
        if package not in _PACKAGES:
            if isinstance(value, _CODE):
                raise _unsayable(path, "is code, not data")
            return value
        if _is_response(value):
            return self.read(_body(value), path, depth)
        fields = _fields(value, package)
        if fields is not None:
            return self.read(fields, path, depth)
        if hasattr(cls, "__iter__") and hasattr(value.__class__, "__iter__"):
            if package == "swiftclient":
                # The content of an object, which may be empty. Its connection is kept until all is
                # read: a content that is refused half-way would leave it open.
                with contextlib.closing(value):
                    return self._take(value, path)
            # Generators in a client's wrapping.
            return self.iterator(value, path, depth)
        if cls is not value.__class__ and hasattr(value, "__wrapped__"):
            return self.read(value.__wrapped__, path, depth + 1)
        raise _unsayable(path, f"is a {cls.__module__}.{cls.__qualname__}, which is no data")


_CODE = (types.FunctionType, types.MethodType, types.ModuleType, type, functools.partial)


def _as(convert: Callable[[Any], Any]) -> Callable[[_Reading, Any, str, int], Any]:
    return lambda reading, value, path, depth: convert(value)


def _inside(reading: _Reading, value: enum.Enum, path: str, depth: int) -> Any:
    return reading.read(value.value, path, depth + 1)


def _text(value: str) -> str | None:
    # Nova's client makes a text of whatever it gets, also of nothing.
    nothing = type(value).__name__ == "StrWithMeta" and value == "None"
    return None if nothing else str(value)


def _error(value: BaseException) -> str:
    return f"{type(value).__name__}: {value}"


#: What is done with values of which kind; the first that fits.
_METHODS: tuple[tuple[Any, Callable[[_Reading, Any, str, int], Any]], ...] = (
    # By value: a proxy of None is nothing that JSON knows.
    (type(None), _as(lambda value: None)),
    (bool, _as(bool)),
    (enum.Enum, _inside),
    (str, _as(_text)),
    (int, _as(int)),
    (float, _as(float)),
    (abc.Mapping, _Reading.mapping),
    ((list, tuple, set, frozenset, collections.deque, range), _Reading.sequence),
    ((abc.KeysView, abc.ValuesView, abc.ItemsView), _Reading.sequence),
    ((bytes, bytearray, memoryview), _Reading.bytes),
    ((datetime.datetime, datetime.date, datetime.time), _as(lambda value: value.isoformat())),
    (datetime.timedelta, _as(lambda value: value.total_seconds())),
    ((uuid.UUID, decimal.Decimal), _as(str)),
    (BaseException, _as(_error)),
)


def _prepended(first: Any, rest: Iterator[Any]) -> Iterator[Any]:
    yield first
    yield from rest


def _is_response(value: Any) -> bool:
    cls = type(value)
    return cls.__name__ == "Response" and cls.__module__.partition(".")[0] == "requests"


def _body(response: Any) -> Any:
    if not response.content:
        return None
    try:
        return response.json()
    except ValueError:
        return response.content


def _fields(value: Any, package: str) -> Any:
    """Return the fields of a client's object, None where it has none to tell of."""
    describe = _DESCRIBED.get(package)
    if describe is not None:
        return describe(value)
    if hasattr(type(value), "to_dict"):
        return value.to_dict()
    # Resources of clients that never wrote a to_dict().
    return getattr(value, "__dict__", {}).get("_info")


def _unsayable(path: str, what: str) -> exceptions.ActionException:
    return exceptions.ActionException(
        f"{path} {what}: it can't be part of a result", error_code="RESULT_NOT_DATA"
    )
