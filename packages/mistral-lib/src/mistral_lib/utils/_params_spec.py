# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Parameter strings such as ``a, b=[1, 2], **kw``: names, with defaults as JSON."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

__all__ = ["ParamsSpec", "parse_params_spec", "parse_value", "split_entry", "split_params"]

#: White space as JSON has it; other spaces are part of a value.
_SPACE = " \t\r\n"


class ParamsSpec(NamedTuple):
    """What a parameter string says about the names an action takes."""

    required: frozenset[str]
    """Names without a default."""
    known: frozenset[str]
    """All names."""
    order: tuple[str, ...]
    """All names, in the order they are written."""
    open: bool
    """There is a ``**name``: any name is taken, so there is nothing to check."""


@functools.lru_cache(maxsize=4096)
def parse_params_spec(spec: str | None) -> ParamsSpec:
    """Return what a parameter string says; None says that there are no parameters."""
    entries = split_params(spec or "")
    is_open = any(e.startswith("**") for e in entries)
    pairs = [split_entry(e) for e in entries if not e.startswith("*")]
    names = tuple(dict.fromkeys(name for name, _ in pairs))
    optional = {name for name, default in pairs if default is not None}
    return ParamsSpec(
        required=frozenset(names) - optional,
        known=frozenset(names),
        order=names,
        open=is_open,
    )


def split_params(spec: str, delimiter: str = ",") -> list[str]:
    """Split at delimiters, but not at those inside a value that is JSON.

    Entries come back without surrounding space, empty ones not at all. Text that only looks like
    JSON, ``a=[1, b``, is split at every delimiter.

    :raises ValueError: ``delimiter`` is empty.
    """
    if not any(opening in spec for opening in '[{"'):
        entries = spec.split(delimiter)
    else:
        entries = _split_around_values(spec, delimiter)
    return [stripped for e in entries if (stripped := e.strip())]


def _split_around_values(spec: str, delimiter: str) -> list[str]:
    if not delimiter:
        raise ValueError("empty separator")
    entries, start = [], 0
    while start <= len(spec):
        end = _end_of_entry(spec, start, delimiter)
        entries.append(spec[start:end])
        start = end + len(delimiter)
    return entries


def _end_of_entry(spec: str, start: int, delimiter: str) -> int:
    plain_end = spec.find(delimiter, start)
    if plain_end < 0:
        return len(spec)
    equals = spec.find("=", start, plain_end)
    if equals >= 0:
        value_end = _end_of_value(spec, equals + 1)
        after = value_end + _leading_space(spec[value_end:], delimiter)
        if value_end > plain_end and (after == len(spec) or spec.startswith(delimiter, after)):
            return after
    return plain_end


def _end_of_value(spec: str, start: int) -> int:
    """Return where the JSON value that begins at ``start`` ends, or -1 where there is none."""
    import json

    start += _leading_space(spec[start:])
    if spec[start : start + 1] not in ("[", "{", '"'):
        return -1
    try:
        return json.JSONDecoder().raw_decode(spec, start)[1]
    except (ValueError, RecursionError):
        return -1


def _leading_space(text: str, delimiter: str = "") -> int:
    """Return how many characters of space come first; a delimiter may be space itself."""
    if delimiter and text.startswith(delimiter):
        return 0
    return len(text) - len(text.lstrip(_SPACE))


def split_entry(entry: str) -> tuple[str, str | None]:
    """Split ``name=value`` at the first ``=``; the value of a name alone is None."""
    name, equals, value = entry.partition("=")
    return name.strip(), value.strip(_SPACE) if equals else None


def parse_value(text: str) -> Any:
    """Return ``text`` read as JSON, or itself where it is none."""
    import json

    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
