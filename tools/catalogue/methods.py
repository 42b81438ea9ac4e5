# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The public methods of a client that a workflow could want: ``servers.create``."""

from __future__ import annotations

import ast
import inspect
import textwrap
import types
from typing import TYPE_CHECKING, Any

from mistral_extra.actions.openstack import resource_methods, signatures
from tools.catalogue import left_out

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["iterated", "of", "resolve", "source_of"]

_DEPTH = 2


def resolve(client: Any, path: str) -> Callable[..., Any]:
    """Return the method that ``path`` names.

    :raises AttributeError: the client has no such method.
    """
    found = client
    for name in path.split("."):
        found = getattr(found, name, None) or resource_methods.find(found, name) or _absent(path)
    if not callable(found):
        raise AttributeError(f"'{path}' is no method but {type(found).__name__}")
    return found  # type: ignore[no-any-return]


def _absent(path: str) -> Any:
    raise AttributeError(f"the client has no '{path}'")


def of(client: Any, service: str) -> Iterator[str]:
    """Yield the paths of all methods that call the service's API, in the order of their names."""
    package = type(client).__module__.partition(".")[0]
    yield from _of_object(client, service, package, "", 0)


def _of_object(obj: Any, service: str, package: str, prefix: str, depth: int) -> Iterator[str]:
    for name in sorted({*dir(type(obj)), *vars(obj)}):
        path = f"{prefix}{name}"
        if name.startswith("_") or left_out.reason(service, path):
            continue
        if name in vars(obj):
            value = vars(obj)[name]
            if depth < _DEPTH and _is_group(value, package):
                yield from _of_object(value, service, package, f"{path}.", depth + 1)
        elif _is_own_method(obj, name, package) and _does_something(getattr(obj, name)):
            yield path
    for name in resource_methods.names(obj):
        path = f"{prefix}{name}"
        if not left_out.reason(service, path):
            yield path


def _is_group(value: Any, package: str) -> bool:
    """Tell whether an attribute of a client groups methods, as ``nova.servers`` does."""
    cls = type(value)
    if cls.__module__.partition(".")[0] != package or isinstance(value, dict):
        return False
    # What can send any request is what the methods are built on.
    return not any(hasattr(cls, name) for name in ("request", "do_request", "matches"))


def _is_own_method(obj: Any, name: str, package: str) -> bool:
    """Tell whether it is a method, and the client itself declares it, not a library under it."""
    # Looked up without evaluating it: a property may call the service.
    if not isinstance(inspect.getattr_static(obj, name), types.FunctionType | classmethod):
        return False
    owner = next(cls for cls in type(obj).__mro__ if name in vars(cls))
    return owner.__module__.partition(".")[0] == package


def _does_something(method: Callable[..., Any]) -> bool:
    """Tell whether a method does more than to say that it does not exist."""
    tree = source_of(method)
    if tree is None:
        return True
    body = [node for node in tree.body if not isinstance(node, ast.Expr | ast.Pass)]
    only = body[0] if len(body) == 1 else None
    return not (isinstance(only, ast.Raise) and "NotImplemented" in ast.unparse(only))


def source_of(method: Callable[..., Any]) -> ast.FunctionDef | None:
    """Return the syntax tree of the function behind all wrappers, None where there is none."""
    try:
        text = textwrap.dedent(inspect.getsource(signatures.innermost(method)))
        node = ast.parse(text).body[0]
    except (OSError, TypeError, SyntaxError):
        return None
    return node if isinstance(node, ast.FunctionDef) else None


def iterated(method: Callable[..., Any]) -> frozenset[str]:
    """Return the names that a method goes through item by item, whatever its docstring says."""
    tree = source_of(method)
    loops = () if tree is None else ast.walk(tree)
    found = [n.iter for n in loops if isinstance(n, ast.For | ast.comprehension)]
    return frozenset(node.id for node in found if isinstance(node, ast.Name))
