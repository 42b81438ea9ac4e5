# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The files as they lie in the package: always the same for the same content, and good to diff."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["COMMAND", "catalogue", "mapping"]

COMMAND = "python -m tools.catalogue"

Json = dict[str, Any]


def catalogue(client: str, methods: Mapping[str, Json]) -> str:
    """Return the text of one service's file.

    :param client: name and version of what it was read from.
    :param methods: entries by method path.
    """
    head = f"Made by '{COMMAND}' from {client}, whose texts these are (Apache-2.0). Do not edit."
    lines = ["{", f' "generated": {_json(head)},', f' "client": {_json(client)},', ' "methods": {']
    lines += _separated(_method(path, methods[path]) for path in sorted(methods))
    return "\n".join([*lines, " }", "}", ""])


def _method(path: str, entry: Json) -> str:
    """Return an entry with each of its parts, and each parameter, on a line of its own."""
    # Lists of names alone are one part.
    parts = []
    for name, value in entry.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            inner = "\n".join(_separated(f"    {_json(item)}" for item in value))
            parts.append(f"   {_json(name)}: [\n{inner}\n   ]")
        else:
            parts.append(f"   {_json(name)}: {_json(value)}")
    return "\n".join([f"  {_json(path)}: {{", *_separated(iter(parts)), "  }"])


def mapping(content: Mapping[str, Any]) -> str:
    """Return the text of the mapping: services in their order, actions by name."""
    lines = ["{"]
    services = [f"  {_json(name)}: {_service(value)}" for name, value in content.items()]
    return "\n".join([*lines, *_separated(iter(services)), "}", ""])


def _service(value: Any) -> str:
    if not isinstance(value, dict):
        return _json(value)
    # "_comment" sorts before any action.
    pairs = (f"    {_json(name)}: {_json(value[name])}" for name in sorted(value))
    return "\n".join(["{", *_separated(pairs), "  }"])


def _separated(items: Iterator[str] | Any) -> list[str]:
    found = list(items)
    return [item + "," for item in found[:-1]] + found[-1:]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
