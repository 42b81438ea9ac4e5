# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Report which modules and functions are long: places to read twice, not rules to obey by cutting.

``python -m tools.sizes`` lists modules from 400 lines on, and functions from 40 lines on, their
docstring not counted.
"""

import ast
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

MODULE_LINES = 400
FUNCTION_LINES = 40

Function = ast.FunctionDef | ast.AsyncFunctionDef


def sources(root: Path) -> list[Path]:
    """Return the Python files below `root` that git tracks or would add, tests excepted."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"]
    names = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
    paths = (root / name for name in names.splitlines())
    return sorted(path for path in paths if path.exists() and "tests" not in path.parts)


def long_places(paths: Iterable[Path]) -> Iterator[tuple[str, int]]:
    """Yield each long module and long function by its qualified name, with its lines."""
    for path in paths:
        text = path.read_text(encoding="utf-8")
        if (lines := text.count("\n")) >= MODULE_LINES:
            yield str(path), lines
        for name, function in _functions(ast.parse(text)):
            if (lines := _length(function)) >= FUNCTION_LINES:
                yield f"{path}::{name}", lines


def _functions(
    node: ast.AST, prefix: str = ""
) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function):
            yield f"{prefix}{child.name}", child
        yield from _functions(child, f"{prefix}{child.name}." if hasattr(child, "name") else prefix)


def _length(function: Function) -> int:
    end = function.end_lineno or function.lineno
    lines = end - function.lineno + 1
    if ast.get_docstring(function, clean=False) is not None:
        first = function.body[0]
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


if __name__ == "__main__":
    root = Path(__file__).resolve().parent.parent
    for name, lines in sorted(long_places(sources(root)), key=lambda place: -place[1]):
        sys.stdout.write(f"{lines:5}  {name.removeprefix(f'{root}/')}\n")
