# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What a trip over the wire does to a value."""

from __future__ import annotations

from typing import Any

from mistral_lib import serialization
from mistral_lib.utils import _text

__all__ = ["crossed", "difference"]


def crossed(entity: Any) -> Any:
    """Return what a reader makes of ``entity``, written by the real serializer."""
    serializer = serialization.get_polymorphic_serializer()
    return serializer.deserialize(serializer.serialize(entity))


def difference(sent: Any, arrived: Any, path: str = "$") -> str | None:
    """Return the first place where ``arrived`` is not what was sent, None where there is none."""
    if isinstance(sent, dict) and isinstance(arrived, dict):
        return _difference_of_objects(sent, arrived, path)
    if isinstance(sent, list) and isinstance(arrived, list) and len(sent) == len(arrived):
        pairs = enumerate(zip(sent, arrived, strict=True))
        found = (difference(s, a, f"{path}[{i}]") for i, (s, a) in pairs)
        return next(filter(None, found), None)
    # A subclass that equals its base is no loss: an IntEnum, a text of its own kind.
    if isinstance(sent, type(arrived)) and sent == arrived:
        return None
    return f"{path}: {_shown(sent)} arrives as {_shown(arrived)}"


def _difference_of_objects(sent: dict[Any, Any], arrived: dict[Any, Any], path: str) -> str | None:
    for key, value in sent.items():
        if key not in arrived:
            return f"{path}: the key {_shown(key)} does not arrive as it is"
        found = difference(value, arrived[key], f"{path}.{key}")
        if found:
            return found
    extra = arrived.keys() - sent.keys()
    return f"{path}: the key {_shown(min(extra))} arrives on top" if extra else None


def _shown(value: Any) -> str:
    return f"{type(value).__name__} {_text.brief(value)}"
