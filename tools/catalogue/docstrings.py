# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What a client's docstring says, without the markup that only its own documentation resolves."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, NamedTuple

import docstring_parser

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Described", "merge", "parse"]

#: Words by which clients name the types of JSON.
_TYPES = {
    "str": (
        "str",
        "string",
        "text",
        "unicode",
        "six.string_types",
        "basestring",
        "uuid",
        "uuid str",
    ),
    "int": ("int", "integer", "long"),
    "float": ("float",),
    "bool": ("bool", "boolean", "true/false"),
    "dict": ("dict", "dictionary", "json", "object", "hash", "dict()"),
    "list": ("list", "array", "list()", "tuple"),
    "datetime": ("datetime.datetime",),
}
_BY_WORD = {word: name for name, words in _TYPES.items() for word in words}

_ROLE = re.compile(r":(?:py:)?[a-z]+:`~?(?:[^`<]*<)?([^`>]+)>?`")
#: What a result is in Python, which a workflow never sees.
_PYTHON_ONLY = re.compile(
    r"WithMeta|Response object|\bclient\.|object\b.*\binstance", re.IGNORECASE
)
_DEPRECATED = re.compile(
    r"(?:\.\. deprecated::|\bdeprecated\b(?! \(|,? see))(.*)", re.IGNORECASE | re.DOTALL
)


#: How clients say a type without a field for it: "A list of names", "..., boolean."
_PROSE = re.compile(
    r"(?:optional\s+|an?\s+|the\s+|ordered\s+)*"
    r"(list|dict|dictionary|boolean|bool|string|integer|datetime\.datetime)\b(?! or)",
    re.IGNORECASE,
)
_ALTERNATIVE = re.compile(
    r"\bor (?:an? |the )?(?:str|list|dict|bool|int)|\balso\b|\binstead\b", re.IGNORECASE
)
_PROSE_END = re.compile(r", (boolean|bool|string|integer|dict|list)\.?$", re.IGNORECASE)


class Described(NamedTuple):
    """The parts of a docstring."""

    text: str = ""
    #: Type and text of each parameter; either may be empty.
    parameters: Mapping[str, tuple[str, str]] = {}
    returns: str = ""
    #: What to do instead, or ``deprecated``; empty for what is not.
    deprecated: str = ""


def parse(doc: str | None) -> Described:
    """Return what ``doc`` says: reST, Google, NumPy or Epydoc style."""
    if not doc or not doc.strip():
        return Described()
    doc = inspect.cleandoc(doc)
    try:
        parsed = docstring_parser.parse(doc)
    except docstring_parser.ParseError:
        return Described(text=_plain(doc), deprecated=_deprecation(doc))
    body = [
        part.strip("\n") for part in (parsed.short_description, parsed.long_description) if part
    ]
    parameters = {}
    for p in parsed.params:
        name = p.arg_name.strip("*`\\:")
        if name.isidentifier() and name not in parameters:
            said = _line(p.description or "")
            parameters[name] = (_type(p.type_name or "", said), said)
    returns = _line((parsed.returns.description if parsed.returns else "") or "")
    if _PYTHON_ONLY.search(returns):
        returns = ""
    text = _plain("\n\n".join(body))
    return Described(text, parameters, returns, _deprecation(body[0] if body else ""))


def merge(found: Iterable[Described]) -> Described:
    """Return the parts of several docstrings of one method; for each part the first to say it."""
    text = returns = deprecated = ""
    parameters: dict[str, tuple[str, str]] = {}
    for described in found:
        text = text or described.text
        returns = returns or described.returns
        deprecated = deprecated or described.deprecated
        for name, (type_, said) in described.parameters.items():
            known = parameters.get(name, ("", ""))
            parameters[name] = (known[0] or type_, known[1] or said)
    return Described(text, parameters, returns, deprecated)


def _type(said: str, text: str) -> str:
    """Return a type by Python's names, empty where it is none that a message can carry."""
    words = _line(said).partition(" See ")[0].strip("`'\"., ")
    # A resource object can be given in Python only: its id is what a message has.
    words = re.sub(r"^(?:an? )?(\w+) or (?:an? )?\w+client\.\S+$", r"\1", words)
    known = _BY_WORD.get(words.lower())
    if known or not words:
        return known or _type_in_prose(text)
    of_items = re.fullmatch(r"list of (str|int|dict)s?\b.*", words.lower())
    return f"list[{of_items[1]}]" if of_items else ""


def _type_in_prose(text: str) -> str:
    if _ALTERNATIVE.search(text):
        return ""
    found = _PROSE.match(text) or _PROSE_END.search(text)
    return _BY_WORD[found[1].lower()] if found else ""


def _line(text: str) -> str:
    return " ".join(_plain(text).split())


def _plain(text: str) -> str:
    return "\n".join(line.rstrip() for line in _ROLE.sub(r"\1", text).strip().split("\n"))


def _deprecation(summary: str) -> str:
    found = _DEPRECATED.search(summary)
    if found is None:
        return ""
    advice = _line(found[1]).lstrip(":.,-! ")
    return advice or "deprecated"
