# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What kind of thing a client's method returns, read from its source and its name."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from tools.catalogue import methods

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["KINDS", "kind"]

#: All there are; ``data`` is what a service's JSON says, as it is.
KINDS = ("binary", "data", "generator", "list", "none", "resource")

#: Methods that return content: no source tells bytes from text.
_BINARY = {
    "glance": {"images.data"},
    "swift": {"get_object"},
    "tacker": {
        "download_artifact_from_vnf_package",
        "download_vnf_package",
        "download_vnfd_from_vnf_package",
    },
}

#: Ends of the names of the managers' own methods, by which all others do their work.
_BY_CALL = {
    "list": ("list", "_list", "_paginated", "_list_pagination", "_query", "findall"),
    "resource": ("_get", "_create", "_update", "_post", "_boot", "_find_one", "find"),
}
_MANAGED = ("resource_class", "resource_name", "collection_key", "model")


def kind(service: str, path: str, method: Callable[..., Any]) -> str:
    """Return one of :data:`KINDS`."""
    if path in _BINARY.get(service, ()):
        return "binary"
    function = methods.source_of(method)
    if function is None:
        return "data"
    nodes = list(_own_nodes(function))
    if any(isinstance(node, ast.Yield | ast.YieldFrom) for node in nodes):
        return "generator"
    values = [n.value for n in nodes if isinstance(n, ast.Return) and n.value is not None]
    if not any(_is_something(value) for value in values):
        return "none"
    owner = type(getattr(method, "__self__", None))
    if not any(hasattr(owner, name) for name in _MANAGED):
        return "data"
    return _by_call(values, path.rpartition(".")[2])


def _by_call(values: list[ast.expr], name: str) -> str:
    called = {
        node.func.attr
        for value in values
        for node in ast.walk(value)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    for found, ends in _BY_CALL.items():
        if any(
            call == end or (end[0] == "_" and call == end[1:]) for call in called for end in ends
        ):
            return found
    if name.startswith("list") or name.endswith(("_list", "findall")):
        return "list"
    return "resource" if name in ("get", "create", "update", "show", "find") else "data"


def _own_nodes(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """Yield the nodes of a function, without those of functions inside it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.Lambda):
            waiting += ast.iter_child_nodes(node)


def _is_something(value: ast.expr) -> bool:
    return not (isinstance(value, ast.Constant) and value.value is None)
