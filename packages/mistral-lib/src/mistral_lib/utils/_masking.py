# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Masking secrets by name, as ``oslo_utils.strutils`` does it, at a fraction of its time."""

from __future__ import annotations

import functools
from typing import Any

from mistral_lib.utils import _masking_text
from mistral_lib.utils._masking_text import MASK

__all__ = ["MASK", "is_secret_name", "mask_data"]

_SCALARS = frozenset({int, float, bool, type(None)})
_CONTAINERS = frozenset({dict, list, tuple})
#: Parts up to which a value is masked one by one: searching it all at once has to be prepared.
_SMALL = 100


def mask_data(obj: Any) -> Any:
    """Return ``obj`` with its secrets masked.

    A dictionary loses the values whose names say that they are secret, at any depth, and the
    secrets inside its strings. So does each dictionary in a list. Anything else, in a list too,
    becomes its text, with the secrets in it masked.
    """
    if type(obj) in _SCALARS:
        # The text of a number has nothing to mask.
        return str(obj)
    if (type(obj) is dict or type(obj) is list) and not _is_small(obj):
        from mistral_lib.utils import _masking_search

        copy = _masking_search.masked_copy(obj)
        if copy is not None:
            return _with_texts_outside(copy)
    return _Masker().mask(obj)


@functools.lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    """Tell whether a value of that name is masked by its name alone."""
    from oslo_utils import strutils

    return bool(strutils.mask_dict_password({name: None}, MASK)[name] is not None)


def _is_small(value: Any) -> bool:
    containers, parts = [value], 0
    for container in containers:
        parts += len(container)
        if parts > _SMALL:
            return False
        inner = container.values() if type(container) is dict else container
        containers += [part for part in inner if type(part) in _CONTAINERS]
    return True


def _with_texts_outside(copy: Any) -> Any:
    """Make text of what stands in a list, and in no dictionary."""
    if type(copy) is list:
        for i, item in enumerate(copy):
            copy[i] = str(item) if type(item) in _SCALARS else _with_texts_outside(item)
    return copy


class _Masker:
    """Copies any value, masked, part by part."""

    def __init__(self) -> None:
        # Values are often equal; beyond this one call no text is kept, since it may be secret.
        self._mask_text = functools.cache(_masking_text.mask_text)

    def mask(self, obj: Any) -> Any:
        """Mask an object that stands alone or in a list: no dictionary, then its text."""
        if isinstance(obj, dict):
            return self._inside(obj)
        if isinstance(obj, list):
            return [self.mask(o) for o in obj]
        if isinstance(obj, bytes):
            return self._mask_text(obj.decode(errors="ignore"))
        return self._mask_text(str(obj))

    def _inside(self, value: Any) -> Any:
        """Mask a value in a dictionary: it keeps its type, unless it is an odd collection.

        That is what newer versions of oslo.utils do; older ones leave collections alone.
        """
        kind = type(value)
        if kind in _SCALARS:
            return value
        if kind is str:
            return self._mask_text(value)
        if kind is dict:
            return self._inside_mapping(value)
        if kind is list or kind is tuple:
            return kind([self._inside(v) for v in value])
        return self._inside_odd(value)

    def _inside_odd(self, value: Any) -> Any:
        from collections.abc import Collection, Mapping

        if isinstance(value, Mapping):
            return self._inside_mapping(value)
        if isinstance(value, str):
            return self._mask_text(str(value))
        if isinstance(value, Collection):
            items = [self._inside(v) for v in value]
            return items if isinstance(value, list) else tuple(items)
        return value

    def _inside_mapping(self, value: Any) -> dict[Any, Any]:
        from collections.abc import Mapping

        return {
            k: MASK
            # Even under a secret's name a mapping is opened.
            if isinstance(k, str) and is_secret_name(k) and not isinstance(v, Mapping)
            else self._inside(v)
            for k, v in value.items()
        }
