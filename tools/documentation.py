# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A Sphinx extension: links into Python's documentation, and a title for unreleased notes.

Sphinx's own intersphinx would fetch an inventory at each build; a build here needs no network. What
is of the standard library is known without: a name's page is its module's, its anchor the name.
"""

from __future__ import annotations

import builtins
import sys
from typing import TYPE_CHECKING, Any

from docutils import nodes

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

__all__ = ["python_url", "setup"]

_PYTHON = "https://docs.python.org/3/library"
#: Builtins that are types with methods, or constants; functions and the rest are on one page.
_TYPES = {"bytes", "dict", "frozenset", "list", "memoryview", "range", "set", "str", "tuple"}
_CONSTANTS = {"Ellipsis", "False", "None", "NotImplemented", "True"}
#: What reno calls the release of a repository without tags.
_UNTAGGED = "0.0.0"


def python_url(name: str) -> str | None:
    """Return the address of what Python's documentation says of a name, as ``datetime.date``.

    None for a name that is neither a builtin nor of a module of the standard library.
    """
    if hasattr(builtins, name):
        value = getattr(builtins, name)
        if isinstance(value, type) and issubclass(value, BaseException):
            return f"{_PYTHON}/exceptions.html#{name}"
        page = "stdtypes" if name in _TYPES else "functions"
        return f"{_PYTHON}/{'constants' if name in _CONSTANTS else page}.html#{name}"
    module = name.rpartition(".")[0] or name
    if module.partition(".")[0] not in sys.stdlib_module_names:
        return None
    return f"{_PYTHON}/{module}.html#{name if module != name else f'module-{name}'}"


def _link_to_python(
    app: Sphinx, env: BuildEnvironment, node: nodes.Element, content: nodes.Element
) -> nodes.reference | None:
    url = python_url(node.get("reftarget", "")) if node.get("refdomain") == "py" else None
    if url is None:
        return None
    return nodes.reference("", "", content, internal=False, refuri=url)


def _name_release(app: Sphinx, doctree: nodes.document) -> None:
    for title in doctree.findall(nodes.title):
        if title.astext() == _UNTAGGED:
            title.children = [nodes.Text("Not released yet")]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("missing-reference", _link_to_python)
    app.connect("doctree-read", _name_release)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
