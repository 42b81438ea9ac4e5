# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What the method of a client takes, behind all that clients wrap their methods in.

The catalogue is made with it, and a mapping of an operator's own that names a method the catalogue
lacks is answered by it.
"""

from __future__ import annotations

import functools
import inspect
import json
import types
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["REQUIRED", "Parameter", "Signature", "Version", "innermost", "read", "versions"]

#: The default of a parameter that has none.
REQUIRED: Any = object()


class Parameter(NamedTuple):
    """A parameter that a caller can pass by name."""

    name: str
    #: JSON-ready, or :data:`REQUIRED`.
    default: Any
    #: In which versions of the API it is taken, where that differs.
    note: str = ""


class Signature(NamedTuple):
    """What a method takes by name."""

    parameters: tuple[Parameter, ...]
    #: Name of what takes all others, as ``kwargs``; empty where there may be none.
    extra: str


class Version(NamedTuple):
    """One of the functions between which a method chooses by the version of the API."""

    first: str
    last: str
    function: Callable[..., Any]


def read(method: Callable[..., Any]) -> Signature:
    """Return what ``method`` takes; of a method with several versions, what any of them takes.

    The newest version goes first. A parameter is required where all versions require it: which of
    them answers is known when the server has been asked.
    """
    known = versions(method)
    if len(known) < 2:
        return _read_alone(method)
    read_ = [_read_function(version.function) for version in known]
    names = dict.fromkeys(p.name for signature in reversed(read_) for p in signature.parameters)
    extra = next((s.extra for s in reversed(read_) if s.extra), "")
    return Signature(tuple(_merged(name, known, read_) for name in names), extra)


def versions(method: Callable[..., Any]) -> list[Version]:
    """Return the versions of a method, the oldest first; none where it has but one.

    novaclient, cinderclient, manilaclient and zunclient share the module this looks into.
    """
    for function in _chain(method):
        names = getattr(getattr(function, "__code__", None), "co_freevars", ())
        space = getattr(function, "__globals__", {})
        if "name" in names and "VersionedMethod" in space:
            name = function.__closure__[names.index("name")].cell_contents
            look_up = space.get("get_substitutions") or space["get_versioned_methods"]
            found = sorted(look_up(name), key=lambda m: m.start_version)
            return [
                Version(_said(m.start_version), _said(m.end_version), innermost(m.func))
                for m in found
            ]
    return []


def innermost(method: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function that a client's author wrote, behind all wrappers."""
    *_, function = _chain(method)
    return function  # type: ignore[no-any-return]


def _chain(method: Any) -> Iterator[Any]:
    function = getattr(method, "__func__", method)
    while function is not None:
        yield function
        function = _inside(function)


def _inside(function: Any) -> Any:
    if isinstance(function, functools.partial):
        return function.func
    return getattr(function, "__wrapped__", None) or _enclosed(function)


def _enclosed(wrapper: Any) -> Any:
    """Return the one function that a wrapper without ``functools.wraps`` calls, as octavia's."""
    code = getattr(wrapper, "__code__", None)
    if code is None or code.co_argcount or code.co_kwonlyargcount or not wrapper.__closure__:
        return None
    cells = [cell.cell_contents for cell in wrapper.__closure__]
    functions = [found for found in cells if isinstance(found, types.FunctionType)]
    return functions[0] if len(functions) == 1 else None


def _said(version: Any) -> str:
    return version.get_string() if version and not version.is_latest() else ""


def _read_alone(method: Callable[..., Any]) -> Signature:
    # As inspect sees it, unless something hides what is behind.
    function = innermost(method)
    hidden = inspect.ismethod(method) and inspect.unwrap(method.__func__) is not function
    return _read_function(function) if hidden else _read(inspect.signature(method))


def _read_function(function: Callable[..., Any]) -> Signature:
    """Return what a function takes that was looked up without its object."""
    signature = inspect.signature(function)
    _, *rest = signature.parameters.values()
    return _read(signature.replace(parameters=rest))


def _read(signature: inspect.Signature) -> Signature:
    parameters, extra = [], ""
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.VAR_KEYWORD:
            extra = parameter.name
        elif parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
            default = parameter.default
            if default is parameter.empty:
                parameters.append(Parameter(parameter.name, REQUIRED))
            elif not callable(default):
                parameters.append(Parameter(parameter.name, _json_ready(default)))
            # A function can't be passed in a message: such a parameter keeps its default.
    return Signature(tuple(parameters), extra)


def _json_ready(default: Any) -> Any:
    try:
        return json.loads(json.dumps(default))
    except (TypeError, ValueError):
        # A mark that says "not given", which is what leaving it out says too.
        return None


def _merged(name: str, known: Sequence[Version], read_: Sequence[Signature]) -> Parameter:
    """Return a parameter as all versions together take it."""
    by_version = [next((p for p in s.parameters if p.name == name), None) for s in read_]
    present = [i for i, p in enumerate(by_version) if p is not None]
    required = [i for i, p in enumerate(by_version) if p and p.default is REQUIRED]
    newest = by_version[present[-1]]
    assert newest is not None
    since = known[present[0]].first if present[0] > 0 else ""
    until = known[present[-1]].last if present[-1] < len(known) - 1 else ""
    notes = [_taken(since, until)] if since or until else []
    default = newest.default
    if required and len(required) < len(known):
        if default is REQUIRED:
            default = None
        if required[-1] == len(known) - 1 and present[0] < required[0]:
            notes.append(f"Required from API version {known[required[0]].first} on.")
        elif required == present:
            notes.append("Required there.")
    return Parameter(name, default, " ".join(notes))


def _taken(since: str, until: str) -> str:
    if since and until:
        return f"API versions {since} to {until}."
    return f"API version {since} and newer." if since else f"API version {until} and older."
