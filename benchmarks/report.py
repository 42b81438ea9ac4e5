# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The table that people read, made of what was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from figures import Figure

    #: By side, case and metric: what each round measured, in seconds, bytes, or a number.
    Measured = Mapping[str, Mapping[str, list[dict[str, Any]]]]

__all__ = ["Row", "rows", "table"]

#: How much of a unit a second, or a byte, is.
SCALES = {"µs": 1e6, "ms": 1e3, "s": 1.0, "MB": 1e-6, "": 1.0}


class Row(NamedTuple):
    """One figure as it was measured, in its unit; None where a side can't do it."""

    figure: Figure
    upstream: float | None
    ours: float

    @property
    def met(self) -> bool | None:
        """Whether the target is reached; None without one."""
        return self.figure.met(self.upstream, self.ours)

    def as_json(self) -> dict[str, Any]:
        """Return the row for programs."""
        return {
            "case": self.figure.case,
            "metric": self.figure.metric,
            "unit": self.figure.unit,
            "upstream": self.upstream,
            "ours": self.ours,
            "ratio": self.ours / self.upstream if self.upstream else None,
            "target": self.figure.target or None,
            "met": self.met,
        }


def rows(figures: Iterable[Figure], measured: Measured) -> list[Row]:
    """Return a row for each figure of which ours was measured: the least of all rounds."""
    found = []
    for figure in figures:
        upstream, ours = (_least(measured[side], figure) for side in ("upstream", "ours"))
        if ours is not None:
            found.append(Row(figure, upstream, ours))
    return found


def _least(measured: Mapping[str, list[dict[str, Any]]], figure: Figure) -> float | None:
    values = [one[figure.metric] for one in measured.get(figure.case, ()) if figure.metric in one]
    return min(values) * SCALES[figure.unit] if values else None


def table(found: Iterable[Row]) -> str:
    """Return the rows as text, one a line."""
    cells = [("what", "upstream", "ours", "ratio", "target", "met")]
    cells += [_cells(row) for row in found]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join(
            # Words stand left, numbers right.
            cell.ljust(width) if index in (0, 5) else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in cells
    ]
    return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:]])


def _cells(row: Row) -> tuple[str, ...]:
    unit = row.figure.unit
    ratio = f"1/{row.upstream / row.ours:.1f}" if row.upstream else "–"
    met = {True: "yes", False: "NO", None: ""}[row.met]
    target = row.figure.target
    return row.figure.text, _number(row.upstream, unit), _number(row.ours, unit), ratio, target, met


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return "–"
    digits = 0 if not unit or value >= 100 else 1 if value >= 10 else 2
    return f"{value:.{digits}f} {unit}".strip()
