# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Results as JSON, YAML, a table, or plain values for scripts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mistral_lib.cli import outcomes, tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mistral_lib.cli.output import Output

__all__ = ["FORMATS", "json_text", "structured", "write_data", "write_rows", "yaml_text"]

FORMATS = ("table", "json", "yaml", "value")


def write_rows(
    output: Output, format_: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Write a listing.

    ``json`` and ``yaml`` are lists of objects, ``value`` is a line for each row with a tab between
    columns, ``table`` has a heading.

    :param format_: one of :data:`FORMATS`.
    :param columns: their names.
    :param rows: a JSON-ready value for each column.
    """
    if format_ in ("json", "yaml"):
        records = [dict(zip(columns, row, strict=True)) for row in rows]
        output.write(structured(output, format_, records))
    elif rows:
        cells = [[tables.cell(value) for value in row] for row in rows]
        if format_ == "value":
            output.write("\n".join("\t".join(row) for row in cells))
        else:
            tables.draw(output, columns, cells)


def write_data(output: Output, format_: str, data: Any) -> None:
    """Write JSON-ready data of any shape.

    A table has a row for each field of an object or each item of a list; a list of objects has a
    column for each field. ``value`` is the same without headings, and text as it is.

    :param format_: one of :data:`FORMATS`.
    """
    if format_ in ("json", "yaml"):
        output.write(structured(output, format_, data))
    elif isinstance(data, dict):
        write_rows(output, format_, ("field", "value"), list(data.items()))
    elif isinstance(data, list) and data and all(isinstance(item, dict) for item in data):
        columns = list(dict.fromkeys(name for item in data for name in item))
        write_rows(output, format_, columns, [[item.get(c) for c in columns] for item in data])
    elif isinstance(data, list):
        write_rows(output, format_, ("value",), [[item] for item in data])
    else:
        output.write(data if isinstance(data, str) else tables.cell(data))


def structured(output: Output, format_: str, data: Any) -> str:
    """Return ``data`` as ``json`` or ``yaml`` that the output's encoding can say."""
    try:
        return (json_text if format_ == "json" else yaml_text)(output, data)
    except RecursionError as e:
        raise outcomes.Failure(f"The result is nested too deeply to be printed as {format_}") from e


def json_text(output: Output, data: Any) -> str:
    """Return indented JSON; characters that the output's encoding lacks are escaped."""
    text = json.dumps(data, indent=2, ensure_ascii=False)
    return text if output.can_say(text) else json.dumps(data, indent=2)


def yaml_text(output: Output, data: Any) -> str:
    """Return YAML; characters that the output's encoding lacks are escaped."""
    import yaml

    def dump(allow_unicode: bool) -> str:
        text: str = yaml.safe_dump(data, sort_keys=False, allow_unicode=allow_unicode)
        # YAML ends a document that is one plain value by a line of dots.
        return text.removesuffix("...\n").rstrip("\n")

    text = dump(allow_unicode=True)
    return text if output.can_say(text) else dump(allow_unicode=False)
