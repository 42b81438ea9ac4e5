# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Cutting values down to a line, for logs and for columns of limited size.

The exact texts are the server's: top-level strings stand in plain single quotes, unescaped, and
what is inside nested containers is shown as ``repr`` has it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = [
    "brief",
    "cut",
    "cut_by_char",
    "cut_by_kb",
    "cut_dict",
    "cut_list",
    "cut_string",
    "get_number_of_chars_from_kilobytes",
    "string",
]

_ELLIPSIS = "..."
_BRACKETS: dict[type, tuple[str, str]] = {dict: ("{", "}"), list: ("[", "]"), tuple: ("(", ")")}


def brief(value: Any, length: int = 80) -> str:
    """Return the ``repr`` of any value for an error message, at most ``length`` characters of it.

    Of a value whose ``repr`` raises, that is what the text says.
    """
    try:
        text = repr(value[: length + 1] if type(value) in (str, bytes) else value)
    except Exception as e:
        return f"<{type(value).__name__} whose repr raises {type(e).__name__}>"
    return text if len(text) <= length else text[: length - len(_ELLIPSIS)] + _ELLIPSIS


def string(value: object) -> str:
    """Return ``str`` of any value; what :func:`brief` makes of it where that raises."""
    try:
        return value if type(value) is str else str(value)
    except Exception:
        return brief(value)


def cut(data: Any, length: int = 100) -> Any:
    """Return ``data`` as text of about ``length`` characters; a falsy value as it is.

    :param length: see :func:`cut_dict` and :func:`cut_list` for dictionaries and lists,
        :func:`cut_string` for the text of anything else. Negative: nothing is cut.
    """
    if not data:
        return data
    if isinstance(data, list):
        return cut_list(data, length)
    if isinstance(data, dict):
        return cut_dict(data, length)
    if type(data) is tuple and length >= 0:
        return cut_string(_first_characters(_repr_pieces(data, length), length), length)
    return cut_string(str(data), length)


def cut_by_char(data: Any, length: int) -> Any:
    """Do :func:`cut` with a length in characters."""
    return cut(data, length)


def cut_by_kb(data: Any, kilobytes: float) -> Any:
    """Do :func:`cut` with a length in kilobytes of ASCII text; negative: nothing is cut."""
    return cut(data, get_number_of_chars_from_kilobytes(kilobytes))


def get_number_of_chars_from_kilobytes(kilobytes: float) -> int:
    """Return how many characters of ASCII text fit into so many kilobytes of 1024 bytes."""
    return int(kilobytes * 1024.0)


def cut_dict(dict_data: dict[Any, Any], length: int = 100) -> str:
    """Return the text of a dictionary, at most ``length`` characters with ``...`` at its end.

    Only what is shown is rendered. The text is never shorter than the three dots, and whole where
    ``length`` is negative.

    :raises ValueError: it is no dictionary.
    """
    if not isinstance(dict_data, dict):
        raise ValueError(f"A dictionary is expected, got: {type(dict_data)}")
    return _clip(_dict_pieces(dict_data, length), length)


def cut_list(list_data: list[Any], length: int = 100) -> str:
    """Do for a list what :func:`cut_dict` does for a dictionary.

    :raises ValueError: it is no list.
    """
    if not isinstance(list_data, list):
        raise ValueError(f"A list is expected, got: {type(list_data)}")
    return _clip(_list_pieces(list_data, length), length)


def cut_string(str_data: str, length: int = 100) -> str:
    """Return the first ``length`` characters and ``...``; whole if it is no longer than that."""
    if 0 <= length < len(str_data):
        return f"{str_data[:length]}{_ELLIPSIS}"
    return str_data


def _clip(pieces: Iterable[str], length: int) -> str:
    if length < 0:
        return "".join(pieces)
    text = _first_characters(pieces, length)
    if len(text) <= length:
        return text
    return text[: max(length - len(_ELLIPSIS), 0)] + _ELLIPSIS


def _first_characters(pieces: Iterable[str], length: int) -> str:
    """Join pieces until there are more characters than ``length``."""
    taken, size = [], 0
    for piece in pieces:
        taken.append(piece)
        size += len(piece)
        if size > length:
            break
    return "".join(taken)


def _dict_pieces(data: dict[Any, Any], length: int) -> Iterator[str]:
    yield "{"
    separator = ""
    for key, value in data.items():
        yield separator
        yield from _element_pieces(key, length)
        yield ": "
        yield from _element_pieces(value, length)
        separator = ", "
    yield "}"


def _list_pieces(data: list[Any], length: int) -> Iterator[str]:
    yield "["
    separator = ""
    for value in data:
        yield separator
        yield from _element_pieces(value, length)
        separator = ", "
    yield "]"


def _element_pieces(value: Any, length: int) -> Iterator[str]:
    if isinstance(value, str):
        yield f"'{value if length < 0 else value[: length + 1]}'"
    elif length < 0 or type(value) not in _BRACKETS:
        yield str(value)
    else:
        yield from _repr_pieces(value, length)


def _repr_pieces(value: Any, length: int) -> Iterator[str]:
    """Yield ``repr(value)`` in pieces, so that a reader may stop early.

    Strings are rendered just beyond ``length``. Keeps a stack of its own: nothing is too deep.
    """
    stack: list[tuple[int, Iterator[tuple[str, Any]]]] = [(0, iter((("", value),)))]
    entered = set()
    while stack:
        identity, parts = stack[-1]
        for text, part in parts:
            yield text
            kind = type(part)
            if kind is str:
                yield _repr_of_start(part, length)
            elif kind not in _BRACKETS:
                yield "" if part is _NOTHING else repr(part)
            elif id(part) in entered:
                yield _ELLIPSIS.join(_BRACKETS[kind])
            else:
                entered.add(id(part))
                stack.append((id(part), _parts(part)))
                break
        else:
            stack.pop()
            entered.discard(identity)


_NOTHING = object()


def _parts(container: Any) -> Iterator[tuple[str, Any]]:
    """Yield the parts of a container, each with the text that stands before it."""
    opening, closing = _BRACKETS[type(container)]
    before = opening
    if type(container) is dict:
        for key, value in container.items():
            yield before, key
            yield ": ", value
            before = ", "
    else:
        for value in container:
            yield before, value
            before = ", "
    if not container:
        closing = opening + closing
    elif type(container) is tuple and len(container) == 1:
        closing = "," + closing
    yield closing, _NOTHING


def _repr_of_start(text: str, length: int) -> str:
    """Return a text that begins as ``repr(text)`` does, for more than ``length`` characters."""
    if len(text) <= length:
        return repr(text)
    # repr takes double quotes for a text that has single ones only, wherever they stand.
    quotes = ("'" if "'" in text else "") + ('"' if '"' in text else "")
    return repr(text[: length + 1] + quotes)
