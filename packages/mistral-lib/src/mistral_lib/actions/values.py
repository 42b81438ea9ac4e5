# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Typed values from JSON-ready data, and back."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import msgspec

from mistral_lib.actions import annotated
from mistral_lib.utils import _json

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["as_lists", "convert", "json_ready", "normalize", "parameter_ready"]


def convert(value: Any, type_: Any) -> Any:
    """Return ``value`` as ``type_``, which it must fit: ``"5"`` is not an ``int``.

    :raises msgspec.ValidationError: it does not fit.
    """
    return msgspec.convert(value, type_, str_keys=True, dec_hook=_decode_other)


def _decode_other(type_: Any, value: Any) -> Any:
    if isinstance(value, type_):
        return value
    if annotated.is_path(type_):
        if not isinstance(value, str):
            raise ValueError(f"Expected `str`, got `{type(value).__name__}`")
        return type_(value)
    return _model(type_, value)


def _model(cls: Any, value: Any) -> Any:
    try:
        return cls.model_validate(value)
    except ValueError as e:
        list_errors = getattr(e, "errors", None)
        if list_errors is None:
            raise
        # pydantic's own text has several lines, and quotes the value.
        problems = list_errors(include_url=False, include_context=False, include_input=False)
        parts = (f"{'.'.join(map(str, p['loc']))}: {p['msg']}" for p in problems)
        raise ValueError("; ".join(parts)) from None


def json_ready(value: Any) -> Any:
    """Return ``value`` as JSON-ready data, in the form from which its type can be read back.

    Dataclasses become objects, Enums their values, dates ISO 8601 text, bytes base64, sets lists.

    :raises TypeError: it has no such form; the message names the type.
    """
    if _json.is_plain(value):
        return value
    return msgspec.to_builtins(value, str_keys=True, enc_hook=_encode_other)


_JSON_TYPES: tuple[Any, ...] = (str, int, float, list, dict, tuple)


def _encode_other(value: Any) -> Any:
    if annotated.is_pydantic(type(value)):
        return _dumped(value)
    if annotated.is_path(type(value)):
        return str(value)
    for plain in _JSON_TYPES:
        # A subclass of a JSON type is what its base is.
        if isinstance(value, plain):
            return plain(value)
    if hasattr(value, "items"):
        return dict(value.items())
    if hasattr(value, "__iter__") and not hasattr(value, "read"):
        return list(value)
    raise TypeError(f"an object of {type(value).__module__}.{type(value).__qualname__}")


def _dumped(model: Any) -> Any:
    """Return a pydantic model as data, secrets included, for which pydantic writes asterisks."""
    # By alias, which is what its schema says and its validator reads.
    typed, data = model.model_dump(by_alias=True), model.model_dump(mode="json", by_alias=True)
    return _unveiled(typed, data)


def _unveiled(typed: Any, data: Any) -> Any:
    """Return JSON-ready ``data`` with the secrets of ``typed``, the same value before it was so."""
    if _is_veiled(typed):
        secret = typed.get_secret_value()
        # pydantic reads bytes from text, not from base64.
        return secret.decode() if isinstance(secret, bytes) else json_ready(secret)
    if isinstance(typed, dict) and isinstance(data, dict) and len(typed) == len(data):
        return {k: _unveiled(t, data[k]) for k, t in zip(data, typed.values(), strict=True)}
    if isinstance(typed, (set, frozenset)):
        # In no order, so that only wholes can be told.
        secret = any(map(_is_veiled, typed))
        return [json_ready(_unveiled(t, t)) for t in typed] if secret else data
    if isinstance(typed, (list, tuple)) and isinstance(data, list) and len(typed) == len(data):
        return [_unveiled(t, d) for t, d in zip(typed, data, strict=True)]
    return data


def _is_veiled(value: Any) -> bool:
    return hasattr(value, "get_secret_value")


def normalize(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters of unknown types as JSON-ready data."""
    return {str(name): _normal(value) for name, value in params.items()}


def _normal(value: Any) -> Any:
    try:
        return json_ready(value)
    except (TypeError, ValueError, RecursionError):
        return _json.decode(_json.encode(value))


def parameter_ready(value: Any, type_: Any) -> Any:
    """Return a parameter's value as JSON-ready data, from which ``type_`` can be read back.

    A value of that type keeps all it has, for example the zone of a time; of anything else comes
    what the wire makes of it.
    """
    if _json.is_plain(value):
        return value
    if hasattr(value, "__next__"):
        value = list(value)
    if type_ is not Any:
        try:
            convert(value, type_)
            return json_ready(value)
        except (TypeError, ValueError, RecursionError):
            # Not of that type: a check of it will say so.
            pass
    return _json.decode(_json.encode(value))


def as_lists(value: Any) -> Any:
    """Return JSON-ready data with lists for tuples; the very same data where there are none."""
    kind = type(value)
    if kind is dict:
        changed = {k: new for k, v in value.items() if (new := as_lists(v)) is not v}
        return {**value, **changed} if changed else value
    if kind is list or kind is tuple:
        items = [as_lists(v) for v in value]
        same = kind is list and all(map(operator.is_, items, value))
        return value if same else items
    return value
