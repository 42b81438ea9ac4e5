# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What a docstring says about each parameter, in any of the usual styles."""

from __future__ import annotations

import typing
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Described", "clean", "parse", "render"]


class Described(typing.NamedTuple):
    """The parts of a docstring."""

    summary: str
    #: Summary and body, without the lists of parameters.
    text: str
    parameters: Mapping[str, str]
    returns: str | None


def parse(obj: Any) -> Described:
    """Return what the docstring of ``obj`` says: reST, Google, NumPy and Epydoc style."""
    doc = obj if isinstance(obj, str) else getattr(obj, "__doc__", None)
    if not doc:
        return Described("", "", {}, None)
    import docstring_parser

    parsed = docstring_parser.parse(doc)
    body = (parsed.short_description, parsed.long_description)
    return Described(
        summary=_one_line(parsed.short_description) or "",
        text="\n\n".join(part.strip() for part in body if part),
        parameters={p.arg_name: _one_line(p.description) or "" for p in parsed.params},
        returns=_one_line(parsed.returns.description) if parsed.returns else None,
    )


def clean(doc: str | None) -> str | None:
    """Return a docstring without its indentation, None for an empty one."""
    if not doc:
        return None
    import inspect

    return inspect.cleandoc(doc) or None


def render(text: str, parameters: Mapping[str, str], returns: str = "") -> str:
    """Return a docstring of these parts: what :func:`parse` takes apart.

    :param text: summary and body.
    :param parameters: texts by name; one without text is left out.
    """
    lines = [f":param {name}: {about}" for name, about in parameters.items() if about]
    lines += [f":returns: {returns}"] if returns else []
    return "\n\n".join(part for part in (text.strip(), "\n".join(lines)) if part)


def _one_line(text: str | None) -> str | None:
    return " ".join(text.split()) if text else None
