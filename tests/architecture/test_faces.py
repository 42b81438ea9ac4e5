# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A package's `__init__` is a face: imports, docstring, `__all__`; every `__all__` is complete."""

import ast
from pathlib import PurePath

import pytest

# May say `__version__` late (PEP 562), because package metadata is slow to read.
LAZY_VERSION = {
    PurePath("packages/mistral-lib/src/mistral_lib/__init__.py"),
    PurePath("packages/mistral-extra/src/mistral_extra/__init__.py"),
}


def is_all(node):
    return (
        isinstance(node, ast.Assign)
        and [ast.unparse(target) for target in node.targets] == ["__all__"]
        and isinstance(node.value, ast.List | ast.Tuple)
    )


def is_type_checking(node):
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def is_lazy_version(node):
    return (
        is_type_checking(node)
        and [ast.unparse(line) for line in node.body] == ["__version__: str"]
        and [getattr(line, "name", None) for line in node.orelse] == ["__getattr__"]
    )


def belongs_in_face(node, *, lazy):
    if isinstance(node, ast.Import | ast.ImportFrom) or is_all(node):
        return True
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    if lazy and is_lazy_version(node):
        return True
    return (
        is_type_checking(node)
        and not node.orelse
        and all(isinstance(line, ast.Import | ast.ImportFrom) for line in node.body)
    )


def declared(tree):
    """The names in `__all__`, None where there is none."""
    for node in tree.body:
        if is_all(node):
            return [ast.literal_eval(name) for name in node.value.elts]
    return None


def imported(tree):
    """The public names that a module's imports bind, the machinery of imports itself excepted."""
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module not in ("__future__", "typing"):
            yield from (name.asname or name.name for name in node.names)
        elif isinstance(node, ast.Import):
            yield from (name.asname or name.name.partition(".")[0] for name in node.names)


def defined(tree):
    """The public functions and classes a module defines."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name


def public(names):
    return {name for name in names if not name.startswith("_")}


@pytest.fixture(scope="module")
def trees(root, sources):
    return {path: ast.parse((root / path).read_text(encoding="utf-8")) for path in sources}


def test_every_init_holds_only_imports_docstring_and_all(trees):
    strangers = {
        f"{path}:{node.lineno}": ast.unparse(node)[:60]
        for path, tree in trees.items()
        if path.name == "__init__.py"
        for node in tree.body
        if not belongs_in_face(node, lazy=path in LAZY_VERSION)
    }
    assert strangers == {}


def test_every_init_names_in_all_exactly_what_it_imports(trees):
    different = {
        str(path): names
        for path, tree in trees.items()
        if path.name == "__init__.py"
        and (names := public(declared(tree) or []) ^ public(imported(tree)))
    }
    assert different == {}


def test_every_public_function_and_class_of_a_public_module_is_in_its_all(trees):
    missing = {
        str(path): names
        for path, tree in trees.items()
        if not path.name.startswith("_")
        and (names := public(defined(tree)) - set(declared(tree) or []))
    }
    assert missing == {}


def test_every_name_in_all_exists(trees, imported):
    broken = [
        f"{module.__name__}.{name}"
        for path, module in imported.items()
        for name in declared(trees[path]) or []
        if not hasattr(module, name)
    ]
    assert broken == []
