# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The table's rows: what is measured, in which unit, and what it should come to."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["FIGURES", "Figure"]


class Figure(NamedTuple):
    """One row."""

    text: str
    #: The case that measures it, and its name among what that case prints.
    case: str
    metric: str
    unit: str
    #: Ours must be at most upstream's by this.
    divisor: float | None = None
    #: Ours must be at most this, in the unit.
    limit: float | None = None

    @property
    def target(self) -> str:
        """The target as people read it."""
        parts = [f"1/{self.divisor:g}"] if self.divisor else []
        parts += [f"{self.limit:g} {self.unit}".strip()] if self.limit else []
        return ", ".join(parts)

    def met(self, upstream: float | None, own: float) -> bool | None:
        """Tell whether ``own`` reaches the target, None where there is none.

        :param upstream: what upstream's takes, in the unit, as ``own`` is.
        """
        if not self.target:
            return None
        if self.limit is not None and own > self.limit:
            return False
        return self.divisor is None or upstream is None or own * self.divisor <= upstream


FIGURES = (
    Figure("import mistral_lib.actions: CPU", "import", "cpu", "ms", divisor=8),
    Figure("    modules over bare Python", "import", "modules", "", limit=90),
    Figure("    resident memory", "import", "memory", "MB", limit=6),
    Figure("Action there and back", "action", "round_trip", "µs", divisor=8),
    Figure("    a typed function's", "typed_action", "round_trip", "µs"),
    Figure("ActionContext, 57 KB catalogue, there and back", "context", "round_trip", "ms", 8),
    Figure("Result of 1 MB, records: serialize", "result_records", "serialize", "ms", 30),
    Figure("    there and back", "result_records", "round_trip", "ms"),
    Figure("    to_json_str", "result_records", "to_json_str", "ms", 30),
    Figure("Result of 1 MB, long strings: serialize", "result_logs", "serialize", "ms"),
    Figure("    to_json_str", "result_logs", "to_json_str", "ms"),
    Figure("Result of 1 MB, many alphabets: serialize", "result_notes", "serialize", "ms"),
    Figure("    to_json_str", "result_notes", "to_json_str", "ms"),
    Figure("mask_data of 1 MB, records", "mask_nothing", "mask_data", "ms", divisor=10),
    Figure("    a tenth of them with a secret", "mask_records", "mask_data", "ms", divisor=10),
    Figure("mask_data of 1 MB, long strings", "mask_logs", "mask_data", "ms"),
    Figure("descriptor: construct", "descriptor", "construct", "µs", divisor=4),
    Figure("    check", "descriptor", "check", "µs", divisor=4),
    Figure("    instantiate", "descriptor", "instantiate", "µs"),
    Figure("    a typed function's: construct", "typed_descriptor", "construct", "µs"),
    Figure("    check, names and values", "typed_descriptor", "check", "µs"),
    Figure("    instantiate", "typed_descriptor", "instantiate", "µs"),
    Figure("typed function through the runner", "runner", "trivial", "µs", limit=15),
    Figure("    twelve parameters", "runner", "realistic", "µs"),
    Figure("    and a token to mask", "runner", "with_token", "µs"),
    Figure("    over the wire", "runner", "over_wire", "µs"),
    Figure("mistral-action list, 1,000 actions, cold process", "list", "cpu", "s", limit=0.2),
    Figure("    elapsed, which a busy machine stretches", "list", "elapsed", "s"),
)
