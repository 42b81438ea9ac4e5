# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A module holds one concept: under 400 lines, its functions under 40 without their docstring."""

import ast

MODULE_LINES = 400
FUNCTION_LINES = 40

# "path" or "path::qualified.function" -> why it is longer than the rest.
EXCEPTIONS: dict[str, str] = {}


def is_code(path):
    return "tests" not in path.parts


def docstring_lines(function):
    first = function.body[0]
    if ast.get_docstring(function, clean=False) is None:
        return 0
    return first.end_lineno - first.lineno + 1


def functions(node, prefix=""):
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{prefix}{child.name}", child
        name = f"{prefix}{child.name}." if hasattr(child, "name") else prefix
        yield from functions(child, name)


def oversized(root, paths):
    for path in paths:
        text = (root / path).read_text(encoding="utf-8")
        lines = text.count("\n")
        if lines >= MODULE_LINES:
            yield str(path), lines
        for name, function in functions(ast.parse(text)):
            lines = function.end_lineno - function.lineno + 1 - docstring_lines(function)
            if lines >= FUNCTION_LINES:
                yield f"{path}::{name}", lines


def test_modules_and_functions_are_short_or_listed_with_a_reason(root, modules):
    found = dict(oversized(root, filter(is_code, modules)))
    assert {name: lines for name, lines in found.items() if name not in EXCEPTIONS} == {}


def test_every_exception_is_still_needed_and_says_why(root, modules):
    found = dict(oversized(root, filter(is_code, modules)))
    assert [name for name in EXCEPTIONS if name not in found] == []
    assert all(EXCEPTIONS.values())


def test_a_long_function_is_found_by_its_qualified_name(tmp_path):
    head = 'class Plan:\n    def build(self):\n        """Long.\n\n        Text.\n        """\n'
    body = "        x = 1\n" * FUNCTION_LINES
    (tmp_path / "plan.py").write_text(head + body, encoding="utf-8")
    # The signature and the body, without the four lines of docstring.
    assert list(oversized(tmp_path, ["plan.py"])) == [("plan.py::Plan.build", FUNCTION_LINES + 1)]
