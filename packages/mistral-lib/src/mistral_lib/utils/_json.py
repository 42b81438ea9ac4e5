# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""JSON as it goes over the wire: what oslo.serialization says, at msgspec's speed."""

from __future__ import annotations

import functools
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

from mistral_lib.utils._plain import is_plain

if TYPE_CHECKING:
    import re
    from collections.abc import Callable

__all__ = [
    "decode",
    "encode",
    "encode_strings",
    "from_json_str",
    "is_plain",
    "is_writable",
    "to_json_str",
]

#: With fewer than one foreign byte in so many characters, escaping them one by one is faster.
_SPARSE = 50


def encode(value: Any) -> str:
    """Return JSON text of any value; ASCII only, as a database of any charset can keep it.

    It reads back as what ``oslo_serialization.jsonutils.to_primitive(value,
    convert_instances=True)`` makes of the value: dates as ISO text, sets and iterators as lists,
    objects by their fields, NaN as ``NaN``. Of a generator it makes ``<generator object ...>``.

    :raises SerializationError: a part has no JSON form, contains itself or is nested too deeply.
    """
    text = _encode_plain(value)
    if text is not None:
        return text
    from mistral_lib.utils import _primitive

    return _primitive.dumps(value)


def encode_strings(value: dict[str, str | None]) -> str:
    """Return JSON text of a dictionary of nothing but strings, without a look at what is in it."""
    try:
        return _write(value)
    except ValueError:
        # Lone surrogates.
        return encode(value)


def _encode_plain(value: Any) -> str | None:
    if not is_plain(value):
        return None
    try:
        return _write(value)
    except (ValueError, TypeError, OverflowError, RecursionError):
        # Lone surrogates, for one: the standard library can say them.
        return None


_ALWAYS_WRITABLE = frozenset({str, bool, float, type(None)})


def is_writable(value: Any) -> bool:
    """Tell whether a value made of JSON's types alone can be written, as huge ints can't be."""
    if type(value) in _ALWAYS_WRITABLE:
        return True
    workspace = _WORKSPACE
    try:
        _codec().encode_into(value, workspace.buffer)
    except (ValueError, TypeError, OverflowError, RecursionError):
        import json

        try:
            json.dumps(value)
        except (ValueError, RecursionError):
            return False
    if len(workspace.buffer) > _KEPT:
        workspace.buffer = bytearray()
    return True


#: Bytes up to which a thread keeps its buffer for the next text.
_KEPT = 4_000_000


class _Workspace(threading.local):
    """Each thread's buffer: having the system hand out new pages takes as long as the encoding."""

    def __init__(self) -> None:
        self.buffer = bytearray()


_WORKSPACE = _Workspace()


def _write(value: Any) -> str:
    buffer = _WORKSPACE.buffer
    _codec().encode_into(value, buffer)
    text = buffer.decode()
    if len(text) != len(buffer):
        text = _escaped(text, len(buffer) - len(text))
    if len(buffer) > _KEPT:
        _WORKSPACE.buffer = bytearray()
    return text


def decode(text: str | bytes | bytearray) -> Any:
    """Return what JSON text says, exactly as ``json.loads`` reads it.

    :raises json.JSONDecodeError: it is no JSON.
    :raises DeserializationError: it is nested too deeply.
    """
    codec = _codec()
    try:
        return codec.decode(text)
    except codec.refusals:
        # Either it is no JSON, or of the kind that only the standard library takes: NaN, 1e400,
        # lone surrogates. Its word is final.
        pass
    from mistral_lib.utils import _primitive

    return _primitive.loads(text)


def to_json_str(obj: Any) -> str | None:
    """Return JSON text of ``obj`` as :func:`encode` does, but of generators what they generate.

    None for None.

    :raises SerializationError: see :func:`encode`.
    """
    if obj is None:
        return None
    text = _encode_plain(obj)
    if text is not None:
        return text
    from mistral_lib.utils import _primitive

    return _primitive.dumps(obj, run_generators=True)


def from_json_str(json_str: str | bytes | None) -> Any:
    """Return what JSON text says as :func:`decode` does, and None for None."""
    return None if json_str is None else decode(json_str)


class _Codec(NamedTuple):
    encode_into: Callable[[Any, bytearray], None]
    decode: Callable[[Any], Any]
    #: What decode raises for text that it does not take.
    refusals: tuple[type[Exception], ...]


@functools.cache
def _codec() -> _Codec:
    import msgspec

    # A DecodeError is a ValueError in newer versions only.
    refusals = (msgspec.DecodeError, ValueError, TypeError, OverflowError, RecursionError)
    return _Codec(msgspec.json.Encoder().encode_into, msgspec.json.decode, refusals)


def _escaped(text: str, foreign: int) -> str:
    """Return JSON text with what is no ASCII, ``foreign`` bytes of UTF-8, escaped."""
    pattern, quote = _escaping()
    if foreign * _SPARSE < len(text):
        return pattern.sub(lambda found: quote(found[0])[1:-1], text)
    # All of it is quoted once more, which takes less time, and what that did to ASCII is undone.
    return quote(text)[1:-1].replace("\\\\", "\\").replace('\\"', '"')


@functools.cache
def _escaping() -> tuple[re.Pattern[str], Callable[[str], str]]:
    import json
    import re

    return re.compile(r"[^\x00-\x7f]+"), json.encoder.encode_basestring_ascii
