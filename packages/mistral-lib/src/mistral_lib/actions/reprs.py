# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The ``repr`` of actions and contexts, without any secret in it.

A server puts ``repr(action)`` into the text of every failure, where tenants, notifications and the
log see it. So of a class, which declares nothing about its values, only the names are shown.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mistral_lib import utils
from mistral_lib.actions import headers, secrets
from mistral_lib.actions.redaction import MASK, Masker
from mistral_lib.utils import _masking, inspect_utils

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from mistral_lib.actions.base import Action

__all__ = ["fields", "of_action", "of_value", "secrets_in"]

#: Characters kept of each value, and of an action as a whole.
_LONGEST_VALUE = 80
_LONGEST = 400
#: Names of credentials that neither oslo.utils nor a header has: those of a session, by name.
_HIDDEN = frozenset({"cookies"})

#: A scheme of HTTP and its credentials (RFC 9110, 11.4), wherever they stand.
_AUTHORIZATION = re.compile(r"\b(basic|bearer)\s+[\w.~+/=-]{8,}", re.IGNORECASE)

#: Deeper data is shown by its type alone.
_DEEPEST = 20


def of_action(action: Action) -> str:
    """Return ``"function(name=value, ...)"`` or ``"Class(name, ...)"``; it raises nothing.

    Values are shown where a function declares them, they are not secret, and all fit their types:
    of a value that does not fit nobody knows what it holds.
    """
    cls: Any = type(action)
    declaration = getattr(cls, "_declaration", None)
    if declaration is None:
        hidden = {n: f"{n}={MASK!r}" for n in cls._hidden_parameters}
        shown = ", ".join(hidden.get(n, n) for n in _parameters_of(cls))
    else:
        signature = declaration.contract.signature
        values = {n: v for n, v in vars(action).items() if n in signature.parameters}
        try:
            declaration.contract.check(vars(action))
            shown = fields(values, cls._hidden_parameters, cls._secret_paths)
        except Exception:
            shown = ", ".join(values)
    return f"{cls.__name__}({_cut(shown, _LONGEST - len(cls.__name__) - len('()'))})"


def _parameters_of(cls: Any) -> list[str]:
    """Return the names in the signature of a class's constructor, as its author wrote them."""
    try:
        spec = inspect_utils.get_args_spec(cls.__init__)
    except (TypeError, ValueError):
        # One that is not written in Python.
        return []
    stars = ("*", spec.varargs), ("**", spec.varkw)
    more = [f"{star}{name}" for star, name in stars if name]
    return [*spec.args[1:], *spec.kwonlyargs, *more]


def of_value(value: Any) -> str:
    """Return ``repr`` of a value that may be anything, for a message: masked, and cut."""
    return _shown(value, Masker())


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
    hidden = {*hidden, *_HIDDEN}
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


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 3]}..."


def _shown(value: Any, masker: Masker) -> str:
    try:
        if isinstance(value, (str, dict, list, tuple)):
            # What the other two leave of a secret, the masker would not know.
            value = headers.without_credentials(masker.data(value), MASK)
            value = _without_credentials_in_texts(value)
            if isinstance(value, (str, dict, list)):
                # Of what stands in a list, and in no dictionary, mask_data makes texts.
                value = utils.mask_data({"": value})[""]
        text = masker.text(repr(value))
    except Exception:
        # A cycle, a number of too many digits, somebody's __repr__.
        text = f"<{type(value).__name__}>"
    # Masked before it is cut: half a secret would not be found.
    return _cut(text, _LONGEST_VALUE)


def _without_credentials_in_texts(value: Any, depth: int = 0) -> Any:
    """Return a copy of data without credentials in texts.

    That is user information, queries and fragments of URLs, and what a header would be made of.
    """
    if depth > _DEEPEST:
        return f"<{type(value).__name__}>"
    if isinstance(value, str):
        return _AUTHORIZATION.sub(rf"\1 {MASK}", _without_credentials_in_url(value))
    if isinstance(value, dict):
        return {
            _without_credentials_in_texts(k, depth + 1): _without_credentials_in_texts(v, depth + 1)
            for k, v in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [_without_credentials_in_texts(v, depth + 1) for v in value]
    return value


def _without_credentials_in_url(text: str) -> str:
    """Mask what may be credentials of a URL anywhere in a text.

    Passwords that nobody quoted hold ``/``, ``?``, ``@`` and blanks, and a text may hold several
    URLs: so all up to the last ``@`` goes. Linear in the length of any text.
    """
    slashes = text.find("//")
    begin = slashes + 2 if slashes >= 0 else 0
    at = text.rfind("@")
    if at > begin and (begin or ":" in text[:at]):
        text = f"{text[:begin]}{MASK}{text[at:]}"
        at = begin + len(MASK)
    for separator in "?#":
        before, found, after = text[at + 1 :].partition(separator)
        if found and (begin or "=" in after):
            text = f"{text[: at + 1]}{before}{separator}{MASK}"
    return text
