# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Masking secrets by name, as ``oslo_utils.strutils`` does it, at a fraction of its time.

oslo.utils tries dozens of key words on every string. Here all strings are searched for them at
once, and oslo.utils sees only those strings that hold one.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mistral_lib.utils import _masking_search

__all__ = ["MASK", "is_secret_name", "mask_data"]

#: What stands in place of a secret.
MASK = "***"

_SCALARS = frozenset({int, float, bool, type(None)})
#: What a secret name hides whole; another type may be a mapping, which is opened instead.
_HIDDEN_WHOLE = _SCALARS | {str, list, tuple}


def mask_data(obj: Any) -> Any:
    """Return ``obj`` with its secrets masked.

    A dictionary loses the values whose names say that they are secret, at any depth, and the
    secrets inside its strings. So does each dictionary in a list. Anything else, in a list too,
    becomes its text, with the secrets in it masked.
    """
    if type(obj) in _SCALARS:
        return str(obj)
    from mistral_lib.utils import _masking_search

    found = _masking_search.search(obj)
    if found is None:
        return _mask_slowly(obj)
    return _Masker(found).mask(obj)


@functools.lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    """Tell whether a value of that name is masked by its name alone."""
    from oslo_utils import strutils

    return bool(strutils.mask_dict_password({name: None}, MASK)[name] is not None)


def _mask_slowly(obj: Any) -> Any:
    """Do :func:`mask_data` without a search, for what can't be searched."""
    from oslo_utils import strutils

    if isinstance(obj, dict):
        return _mask_inside_slowly(obj)
    if isinstance(obj, list):
        return [_mask_slowly(o) for o in obj]
    return strutils.mask_password(obj, MASK)


def _mask_inside_slowly(value: Any) -> Any:
    """Mask a value in a dictionary as newer versions of oslo.utils do: collections too."""
    from collections.abc import Collection, Mapping

    from oslo_utils import strutils

    if isinstance(value, Mapping):
        return {
            k: MASK
            # Even under a secret's name a mapping is opened.
            if isinstance(k, str) and is_secret_name(k) and not isinstance(v, Mapping)
            else _mask_inside_slowly(v)
            for k, v in value.items()
        }
    if isinstance(value, str):
        return strutils.mask_password(value, MASK)
    if isinstance(value, Collection):
        items = [_mask_inside_slowly(v) for v in value]
        return items if isinstance(value, list) else tuple(items)
    return value


class _Masker:
    """Copies a value, masked, after the search has told which strings matter."""

    def __init__(self, found: _masking_search.Found) -> None:
        from oslo_utils import strutils

        self._secret_names = found.names
        self._texts: Mapping[str, str] = {
            text: strutils.mask_password(text, MASK) for text in found.texts
        }
        #: Types whose values need no second look.
        self._kept = _SCALARS if self._texts else _SCALARS | {str}
        self._copy: Callable[[Any], Any] = self._masked_copy
        if found.is_plain and not found.names and not found.texts:
            import msgspec

            # For such values it copies, and nothing else, at the speed of C.
            self._copy = msgspec.to_builtins

    def mask(self, obj: Any) -> Any:
        """Mask an object that stands alone or in a list: no dictionary, then its text."""
        kind = type(obj)
        if kind is str:
            return self._texts.get(obj, obj)
        if kind is dict:
            return self._copy(obj)
        if kind is list:
            return [self.mask(o) for o in obj]
        # The text of a number has nothing to mask.
        return str(obj) if kind in _SCALARS else _mask_slowly(obj)

    def _masked_copy(self, value: dict[Any, Any]) -> dict[Any, Any]:
        kept, names = self._kept, self._secret_names
        # Copied whole and then corrected: most values stay as they are.
        masked = value.copy()
        for key, part in value.items():
            if type(part) not in kept:
                masked[key] = self._inside(part)
        for name in names.intersection(value) if names else ():
            part = value[name]
            if type(part) in _HIDDEN_WHOLE:
                masked[name] = MASK
            elif type(part) is not dict:
                masked[name] = _mask_inside_slowly({name: part})[name]
        return masked

    def _inside(self, value: Any) -> Any:
        """Mask a value in a dictionary: it keeps its type, unless it is an odd collection."""
        kind = type(value)
        if kind is dict:
            return self._masked_copy(value)
        if kind is str:
            return self._texts.get(value, value)
        if kind is list or kind is tuple:
            if self._kept.issuperset(map(type, value)):
                return kind(value)
            return kind([self._inside(v) for v in value])
        if kind in _SCALARS:
            return value
        return _mask_inside_slowly(value)
