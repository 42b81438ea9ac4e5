# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Copies of data, and of objects in it, with every secret replaced."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["MASK", "masked"]

#: What stands where a secret stood; the same as oslo.utils writes.
MASK = "***"

#: Objects that are copied for one: an attribute may lead to half of a process.
_MOST_OBJECTS = 1000

#: Containers and objects inside each other, at most.
_DEEPEST = 100

#: Objects whose attributes are not theirs alone, and exceptions, which are changed in place.
_NEVER_COPIED = (type, types.ModuleType, types.FunctionType, types.MethodType, BaseException)


def masked(
    value: Any,
    mask_text: Callable[[str], str],
    names: frozenset[str] = frozenset(),
    *,
    objects: bool = False,
) -> Any:
    """Return a copy of text, bytes and containers with every secret replaced.

    An object of another kind stays, unless its text holds a secret; then the masked text does.

    :param mask_text: returns a text without secrets; the same object if there are none.
    :param names: keys whose values are secrets.
    :param objects: copy an object whose attributes hold a secret too, such as a ``response``. The
        copy is of the same class; an object that can't be copied is replaced by its text.
    """
    copier = _Copier(mask_text, names, objects)
    copied = copier.copy(value)
    return value if objects and not copier.replaced else copied


class _Copier:
    def __init__(
        self, mask_text: Callable[[str], str], names: frozenset[str], objects: bool
    ) -> None:
        self._mask_text = mask_text
        self._names = names
        self._objects = objects
        #: Secrets replaced so far.
        self.replaced = 0
        #: The containers and objects around the value at hand, by their id.
        self._around: set[int] = set()
        #: Copied objects, by the id of the original, and the original, which keeps the id its own.
        self._copies: dict[int, tuple[Any, Any]] = {}

    def copy(self, value: Any) -> Any:
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, (bytes, bytearray)):
            text = value.decode("utf-8", "surrogateescape")
            shown = self._text(text)
            return value if shown is text else shown.encode("utf-8", "surrogateescape")
        if isinstance(value, dict) or type(value) in (list, tuple, set, frozenset):
            return self._container(value)
        return self._object(value) if self._objects else self._shown(value)

    def _text(self, text: str) -> str:
        shown = self._mask_text(text)
        self.replaced += shown is not text
        return shown

    def _shown(self, value: Any) -> Any:
        """Return the masked text of an object if it shows a secret, else the object."""
        text = str(value)
        shown = self._text(text)
        return value if shown is text else shown

    def _container(self, value: Any) -> Any:
        if id(value) in self._around or len(self._around) > _DEEPEST:
            # It holds itself: a copy of it would have no end.
            return MASK
        self._around.add(id(value))
        if isinstance(value, dict):
            copied: Any = {self.copy(k): self._named(k, v) for k, v in value.items()}
        else:
            copied = type(value)(self.copy(item) for item in value)
        self._around.discard(id(value))
        return copied

    def _named(self, name: Any, value: Any) -> Any:
        if value is not None and name in self._names:
            self.replaced += 1
            return MASK
        return self.copy(value)

    def _object(self, value: Any) -> Any:
        if id(value) in self._copies:
            return self._copies[id(value)][1]
        result = value
        if not isinstance(value, _NEVER_COPIED):
            slots, fields = _slots_of(value), getattr(value, "__dict__", None) or {}
            if (slots or fields) and len(self._copies) < _MOST_OBJECTS:
                result = self._copied(value, slots, fields)
        try:
            return self._shown(result)
        except Exception:
            # It has no text that anybody could read.
            return result

    def _copied(
        self, value: Any, slots: dict[str, types.MemberDescriptorType], fields: dict[str, Any]
    ) -> Any:
        copied = _empty(value)
        self._copies[id(value)] = value, value if copied is None else copied
        before = self.replaced
        self._around.add(id(value))
        filled = {n: self._named(n, s.__get__(value)) for n, s in slots.items()}
        fields = {name: self._named(name, field) for name, field in fields.items()}
        self._around.discard(id(value))
        if copied is None:
            return value if self.replaced == before else MASK
        for name, content in filled.items():
            slots[name].__set__(copied, content)
        if fields:
            vars(copied).update(fields)
        return copied


def _slots_of(value: Any) -> dict[str, types.MemberDescriptorType]:
    """Return the ``__slots__`` of an object that hold something."""
    members = {
        name: member
        for cls in type(value).__mro__
        for name, member in vars(cls).items()
        if isinstance(member, types.MemberDescriptorType)
    }
    return {name: member for name, member in members.items() if hasattr(value, name)}


def _empty(value: Any) -> Any:
    """Return an object of the same class with no attributes; None if there can be none."""
    if hasattr(type(value), "__del__"):
        # The copy would close what is the original's.
        return None
    try:
        return object.__new__(type(value))
    except TypeError:
        return None
