# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Tables: by rich on a terminal where it is installed, else with plain aligned columns."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

from mistral_lib.cli import terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mistral_lib.cli.output import Output

__all__ = ["cell", "draw"]

#: More rows than this are drawn plainly everywhere: rich takes a tenth of a second to load, and as
#: much again for a thousand rows.
_MOST_RICH_ROWS = 100

#: Space that the columns behind the first have at least, in characters, when rich wraps them.
_LEAST_WIDTH = 40


def cell(value: Any) -> str:
    """Return a JSON-ready value as one line of text without control characters."""
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        value = ", ".join(value)
    if not isinstance(value, str):
        return terminal.printable(json.dumps(value, ensure_ascii=False))
    if value.isprintable():
        return value
    # What a plug-in says of itself must neither break the line nor drive the terminal.
    return "".join(c if c.isprintable() else " " for c in value).strip()


def draw(output: Output, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Draw a table. The first column, names, is never wrapped or cut."""
    # They may be the keys of what an action returned.
    columns = [cell(column) for column in columns]
    if output.is_terminal and len(rows) <= _MOST_RICH_ROWS and _draw_richly(output, columns, rows):
        return
    lines = [[column.upper() for column in columns], *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    # The last column is as long as it likes.
    widths[-1] = 0
    output.write(
        "\n".join(
            "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
            for line in lines
        )
    )


def _draw_richly(output: Output, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    try:
        from rich import box, console, table, text
    except ImportError:
        return False
    longest = max(len(row[0]) for row in rows)
    width = shutil.get_terminal_size().columns
    width = max(width, longest + (_LEAST_WIDTH if len(columns) > 1 else 1))
    drawn = table.Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    drawn.add_column(text.Text(columns[0]), no_wrap=True, min_width=longest)
    for column in columns[1:]:
        drawn.add_column(text.Text(column), overflow="fold")
    for row in rows:
        # As Text: brackets in it are no markup.
        drawn.add_row(*(text.Text(value) for value in row))
    with output.guarded():
        console.Console(file=output.stream, width=width, highlight=False).print(drawn)
    return True
