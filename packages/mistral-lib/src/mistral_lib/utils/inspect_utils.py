# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What functions, classes and objects tell about themselves.

Plain Python functions are read from their code objects, without the ``inspect`` module, which is
slow to load and slow to run.
"""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Any, NamedTuple

from mistral_lib.utils._params_spec import ParamsSpec, parse_params_spec, split_params

if TYPE_CHECKING:
    import inspect
    from collections.abc import Callable, Iterator

__all__ = [
    "ParamsSpec",
    "get_arg_list",
    "get_arg_list_as_str",
    "get_args_spec",
    "get_docstring",
    "get_public_fields",
    "is_coroutine_function",
    "iter_subclasses",
    "parse_params_spec",
    "split_params",
]

_VARARGS, _VARKEYWORDS = 0x04, 0x08  # inspect.CO_VARARGS, inspect.CO_VARKEYWORDS
_COROUTINE = 0x80  # inspect.CO_COROUTINE
_CONSTANTS = {None: "null", True: "true", False: "false"}


class _Parameters(NamedTuple):
    positional: tuple[str, ...]
    defaults: tuple[Any, ...]
    keyword_only: tuple[str, ...]
    keyword_defaults: dict[str, Any]
    var_keyword: str | None


def get_public_fields(obj: Any) -> dict[str, Any]:
    """Return the public data attributes of a class or of an object and its class, by name.

    A name with a leading underscore is not public. Methods, properties and whatever else computes
    its value on access are no data; nested classes are.
    """
    cls = obj if isinstance(obj, type) else type(obj)
    fields: dict[str, Any] = {}
    slots: list[str] = []
    # From the root down; without the root itself, which has no data.
    for base in cls.__mro__[-2::-1]:
        for name, value in vars(base).items():
            if name.startswith("_"):
                continue
            if _is_data(value):
                fields[name] = value
            else:
                fields.pop(name, None)
                if type(value) is types.MemberDescriptorType:
                    slots.append(name)
    if obj is not cls:
        own = {n: getattr(obj, n) for n in slots if hasattr(obj, n)} | getattr(obj, "__dict__", {})
        fields.update((n, v) for n, v in own.items() if not n.startswith("_") and _is_data(v))
    return dict(sorted(fields.items()))


def _is_data(value: Any) -> bool:
    return not hasattr(type(value), "__get__") and type(value) is not types.BuiltinFunctionType


def get_docstring(obj: Any) -> str | None:
    """Return the docstring without its indentation; a class or method without inherits one."""
    doc = getattr(obj, "__doc__", None)
    if doc is None and isinstance(obj, type):
        docs = (vars(base).get("__doc__") for base in obj.__mro__ if base is not object)
        doc = next((d for d in docs if d is not None), None)
    elif doc is None:
        # The method of a base class that this one overrides may have one.
        import inspect

        return inspect.getdoc(obj)
    return _without_indentation(doc) if isinstance(doc, str) else None


def _without_indentation(doc: str) -> str:
    first, *rest = doc.expandtabs().split("\n")
    indent = min((len(r) - len(r.lstrip()) for r in rest if r.strip()), default=0)
    return "\n".join([first.lstrip(), *(r[indent:] for r in rest)]).strip("\n")


def get_arg_list(func: Callable[..., Any]) -> list[str]:
    """Return the names of the positional parameters, ``self`` excepted."""
    return [name for name in _parameters(func).positional if name != "self"]


def get_arg_list_as_str(func: Callable[..., Any]) -> str:
    """Return the parameters as users see them: ``"a, b, c=1, **kw"``, with defaults as JSON.

    An ``__arguments__`` that the function carries wins. Keyword-only parameters come after the
    positional ones. A parameter whose default JSON can't say is left out: it keeps its default.
    """
    given = getattr(func, "__arguments__", None)
    if given:
        return given  # type: ignore[no-any-return]  # the author's, whatever it is
    parameters = _parameters(func)
    required = len(parameters.positional) - len(parameters.defaults)
    entries = [
        name if i < required else _entry(name, parameters.defaults[i - required])
        for i, name in enumerate(parameters.positional)
        if name != "self"
    ]
    entries += [
        _entry(name, parameters.keyword_defaults[name])
        if name in parameters.keyword_defaults
        else name
        for name in parameters.keyword_only
    ]
    if parameters.var_keyword is not None:
        entries.append(f"**{parameters.var_keyword}")
    return ", ".join(e for e in entries if e)


def _entry(name: str, default: Any) -> str:
    """Return ``name=default``, or nothing where JSON can't say the default."""
    if default is None or isinstance(default, bool):
        # Most defaults are, and this takes a tenth of the time.
        return f"{name}={_CONSTANTS[default]}"
    import json

    try:
        return f"{name}={json.dumps(default)}"
    except (TypeError, ValueError, RecursionError):
        return ""


def get_args_spec(func: Callable[..., Any]) -> inspect.FullArgSpec:
    """Return what ``inspect.getfullargspec`` does.

    :raises TypeError: ``func`` is not callable, or tells nothing about its parameters.
    """
    import inspect

    return inspect.getfullargspec(func)


def _parameters(func: Any) -> _Parameters:
    if type(func) is not types.FunctionType or hasattr(func, "__signature__"):
        spec = get_args_spec(func)
        return _Parameters(
            positional=tuple(spec.args),
            defaults=spec.defaults or (),
            keyword_only=tuple(spec.kwonlyargs),
            keyword_defaults=spec.kwonlydefaults or {},
            var_keyword=spec.varkw,
        )
    code = func.__code__
    names, positional = code.co_varnames, code.co_argcount
    named = positional + code.co_kwonlyargcount
    return _Parameters(
        positional=names[:positional],
        defaults=func.__defaults__ or (),
        keyword_only=names[positional:named],
        keyword_defaults=func.__kwdefaults__ or {},
        var_keyword=(
            names[named + bool(code.co_flags & _VARARGS)] if code.co_flags & _VARKEYWORDS else None
        ),
    )


def iter_subclasses(cls: type, _seen: set[type] | None = None) -> Iterator[type]:
    """Yield all subclasses of a class, at any depth, each once, a parent before its children.

    :raises TypeError: ``cls`` is no class.
    """
    if not isinstance(cls, type):
        raise TypeError(f"iter_subclasses must be called with a class, not {cls!r:.100}")
    seen = set() if _seen is None else _seen
    subclasses: list[type] = type.__subclasses__(cls)
    for subclass in subclasses:
        if subclass not in seen:
            seen.add(subclass)
            yield subclass
            yield from iter_subclasses(subclass, seen)


def is_coroutine_function(func: Any) -> bool:
    """Tell whether ``func`` was written as ``async def``."""
    return type(func) is types.FunctionType and bool(func.__code__.co_flags & _COROUTINE)
