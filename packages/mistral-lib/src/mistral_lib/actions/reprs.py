# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Field lists for ``repr``, without any secret in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mistral_lib import utils
from mistral_lib.actions.redaction import MASK, Masker
from mistral_lib.utils import _masking

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

__all__ = ["fields"]

#: Characters kept of each value.
_LONGEST_VALUE = 200


def fields(
    values: Mapping[str, Any],
    hidden: Iterable[str] = (),
    inside: tuple[tuple[str, ...], ...] = (),
) -> str:
    """Return ``"name=value, ..."``, masked.

    :param hidden: names whose values are secrets.
    :param inside: where values hold secrets deeper inside, as names of fields.

    Hidden are the values of the names in ``hidden`` and of those that oslo.utils holds for
    sensitive, wherever they turn up, and what oslo.utils finds inside other values.
    """
    secret = {n for n in values if n in frozenset(hidden) or _masking.is_secret_name(n)}
    found = [values[n] for n in secret]
    if inside:
        from mistral_lib.actions import paths

        found += [v for path in inside for v in paths.values_at(values, path)]
    masker = Masker(found, {*secret, *(path[-1] for path in inside)})
    return ", ".join(
        f"{n}={repr(MASK) if n in secret and v is not None else _shown(v, masker)}"
        for n, v in values.items()
    )


def _shown(value: Any, masker: Masker) -> str:
    if isinstance(value, (str, dict, list)):
        value = masker.data(utils.mask_data(value))
    # Masked before it is cut: half a secret would not be found.
    return str(utils.cut_string(masker.text(repr(value)), _LONGEST_VALUE))
