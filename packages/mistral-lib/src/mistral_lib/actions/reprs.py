# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Field lists for ``repr``, without any secret in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mistral_lib import utils
from mistral_lib.actions import headers, secrets
from mistral_lib.actions.redaction import MASK, Masker
from mistral_lib.utils import _masking

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

__all__ = ["fields", "secrets_in"]

#: Characters kept of each value.
_LONGEST_VALUE = 200


def fields(
    values: Mapping[str, Any],
    hidden: Iterable[str] = (),
    inside: tuple[tuple[str, ...], ...] = (),
    also: Iterable[Any] = (),
) -> str:
    """Return ``"name=value, ..."``, masked.

    :param hidden: names whose values are secrets.
    :param inside: where values hold secrets deeper inside, as names of fields.
    :param also: further secrets.

    Hidden are the values of the names in ``hidden``, of those that oslo.utils holds for
    sensitive and of HTTP headers with credentials, wherever they turn up, and what oslo.utils
    finds inside other values.
    """
    secret = _secret_names(values, hidden)
    found = [*also, *secrets_in(values, hidden, inside)]
    masker = Masker(found, secret.union(hidden, _names_inside(inside)))
    return ", ".join(
        f"{n}={repr(MASK) if n in secret and v is not None else _shown(v, masker)}"
        for n, v in values.items()
    )


def secrets_in(
    values: Mapping[str, Any],
    hidden: Iterable[str] = (),
    inside: tuple[tuple[str, ...], ...] = (),
) -> list[Any]:
    """Return the values that :func:`fields` hides."""
    found = [values[n] for n in _secret_names(values, hidden)]
    found += headers.credentials(values)
    found += secrets.kept_under(frozenset(hidden), values)
    if inside:
        from mistral_lib.actions import paths

        found += [v for path in inside for v in paths.values_at(values, path)]
    return found


def _names_inside(inside: tuple[tuple[str, ...], ...]) -> frozenset[str]:
    if not inside:
        return frozenset()
    from mistral_lib.actions import paths

    return paths.names_of(inside)


def _secret_names(values: Mapping[str, Any], hidden: Iterable[str]) -> set[str]:
    hidden = frozenset(hidden)
    return {
        n
        for n in values
        if secrets.is_one_of(n, hidden) or headers.is_secret_header(n) or _masking.is_secret_name(n)
    }


def _shown(value: Any, masker: Masker) -> str:
    if isinstance(value, (str, dict, list)):
        # What oslo.utils leaves of a secret, the masker would not know.
        value = utils.mask_data(headers.without_credentials(masker.data(value), MASK))
    # Masked before it is cut: half a secret would not be found.
    return str(utils.cut_string(masker.text(repr(value)), _LONGEST_VALUE))
