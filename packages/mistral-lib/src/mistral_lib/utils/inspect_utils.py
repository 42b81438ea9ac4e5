# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What a class or function says of itself: fields, documentation, parameters."""

from __future__ import annotations

import json
from types import FunctionType
from typing import TYPE_CHECKING, Any

from mistral_lib.utils._params_spec import ParamsSpec, parse_params_spec

if TYPE_CHECKING:
    import inspect

__all__ = [
    "ParamsSpec",
    "get_arg_list",
    "get_arg_list_as_str",
    "get_args_spec",
    "get_docstring",
    "get_public_fields",
    "parse_params_spec",
]


def get_public_fields(obj: Any) -> dict[str, Any]:
    """Return public data attributes of a class or object by name, no methods or properties."""
    cls = obj if isinstance(obj, type) else type(obj)
    fields: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        for name, value in vars(base).items():
            if name[0] == "_":
                continue
            if hasattr(type(value), "__get__"):
                fields.pop(name, None)
            else:
                fields[name] = value
    if obj is not cls:
        fields.update((n, v) for n, v in vars(obj).items() if n[0] != "_")
    return fields


def get_docstring(obj: Any) -> str | None:
    """Return the docstring without its indentation, an inherited one where there is none."""
    import inspect

    return inspect.getdoc(obj)


def get_args_spec(func: Any) -> inspect.FullArgSpec:
    """Return the full argument specification of a function."""
    import inspect

    return inspect.getfullargspec(func)


def get_arg_list(func: Any) -> list[str]:
    """Return the names of positional parameters, without ``self``."""
    spec = get_args_spec(func)
    return [a for a in spec.args if a != "self"]


def get_arg_list_as_str(func: Any) -> str:
    """Return the parameters as text, ``"a, b=1, **kw"``, defaults as JSON.

    A parameter whose default JSON can't say is left out. ``func.__arguments__``, if set, wins.
    """
    told = getattr(func, "__arguments__", None)
    if told:
        return str(told)
    if type(func) is FunctionType and not hasattr(func, "__wrapped__"):
        return ", ".join(_of_function(func))
    spec = get_args_spec(func)
    return ", ".join(
        _entries(spec.args, spec.defaults, spec.kwonlyargs, spec.kwonlydefaults, spec.varkw)
    )


def _of_function(func: FunctionType) -> list[str]:
    code = func.__code__
    count, keyword_only = code.co_argcount, code.co_kwonlyargcount
    names = code.co_varnames
    rest = count + keyword_only + bool(code.co_flags & 0x04)
    extra = names[rest] if code.co_flags & 0x08 else None
    return _entries(
        names[:count],
        func.__defaults__,
        names[count : count + keyword_only],
        func.__kwdefaults__,
        extra,
    )


def _entries(args: Any, defaults: Any, keyword_only: Any, keyword_defaults: Any, extra: Any) -> Any:
    given = dict(zip(args[len(args) - len(defaults or ()) :], defaults or (), strict=True))
    given.update(keyword_defaults or {})
    entries = []
    for name in (*args, *keyword_only):
        if name == "self":
            continue
        if name not in given:
            entries.append(name)
            continue
        try:
            entries.append(f"{name}={json.dumps(given[name])}")
        except (TypeError, ValueError):
            continue
    if extra:
        entries.append(f"**{extra}")
    return entries
