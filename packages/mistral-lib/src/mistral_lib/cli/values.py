# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Parameters as they are typed on a command line, read by the types that the action declares."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, NoReturn

import msgspec

from mistral_lib.actions import problems, values
from mistral_lib.cli import files, outcomes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["load_json", "parse", "read"]


def read(words: Sequence[str], types: Mapping[str, Any], other: Any = Any) -> dict[str, Any]:
    """Return parameters by name.

    :param words: ``name=text``, ``name:=JSON`` or ``name@=file``. What a word does depends on what
        stands before its first ``=``, so a script may put any text behind it.
    :param types: of the parameters, by name.
    :param other: the type of any other.
    :raises Failure: a word is none of these, a name comes twice, or a file can't be read.
    """
    found: dict[str, Any] = {}
    for word in words:
        key, equals, text = word.partition("=")
        name = key.rstrip(":@")
        if not equals or not name or len(key) - len(name) > 1:
            _refuse(
                "Parameters are given as key=value, key:=JSON or key@=FILE, "
                f"got '{key}{equals}{'...' * bool(equals)}'"
            )
        if name in found:
            _refuse(f"Parameter '{name}' is given more than once")
        type_ = types.get(name, other)
        if key.endswith(":"):
            found[name] = load_json(text, f"Parameter '{name}'")
        elif key.endswith("@"):
            found[name] = _content(text, name, type_)
        else:
            found[name] = parse(text, type_)
        for path, problem in problems.not_json(found[name], name):
            # What Python reads as a number, as 1e400.
            _refuse(f"Parameter '{path}' is {problem}")
    return found


def parse(text: str, type_: Any) -> Any:
    """Return the JSON-ready value that ``text`` means for a parameter of a type.

    Where the type admits the text, it is taken as it is: a ``str``, a date, one of an Enum's texts.
    Anything else is JSON. Where no type is declared, it is JSON if it can be read as such, else
    text. What does not fit at all is left to the action's own check to explain.
    """
    is_json, value = _try_json(text)
    if type_ is Any:
        return value
    try:
        values.convert(text, type_)
    except (msgspec.ValidationError, ValueError, TypeError) as e:
        mismatch = "got `str`" in str(e)
    else:
        return text
    if is_json and (mismatch or isinstance(value, (dict, list)) or _fits(value, type_)):
        return value
    return text


def load_json(text: str, what: str) -> Any:
    """Return what JSON text says.

    :param what: the subject of the message. The text itself is never in it: it may be secret.
    :raises Failure: it is not valid JSON, or an object in it has a key twice.
    """
    try:
        return json.loads(text, object_pairs_hook=_without_repetition)
    except json.JSONDecodeError as e:
        _refuse(f"{what} is not valid JSON: {e.msg}, at line {e.lineno}, column {e.colno}")
    except (ValueError, RecursionError) as e:
        _refuse(f"{what} is not valid JSON: {e}")


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"an object has the key {key!r:.80} more than once")
        found[key] = value
    return found


def _try_json(text: str) -> tuple[bool, Any]:
    try:
        return True, json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return False, text


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _fits(value: Any, type_: Any) -> bool:
    try:
        values.convert(value, type_)
    except (msgspec.ValidationError, ValueError, TypeError):
        return False
    return True


def _content(path: str, name: str, type_: Any) -> Any:
    """Return what a file holds, without the end of its last line, as a shell's ``$(<f)`` does."""
    what = f"Parameter '{name}': the file '{path}'"
    content = files.read(path, what)
    if not _fits("?", type_) and _fits("AA==", type_):
        # Bytes, which are base64 in JSON.
        return base64.b64encode(content).decode()
    text = files.text(content, what)
    return parse(text.removesuffix("\n").removesuffix("\r"), type_)


def _refuse(message: str) -> NoReturn:
    raise outcomes.Failure(message, outcomes.USAGE)
