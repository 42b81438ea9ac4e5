# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The report of long modules and functions finds what it is made to find."""

from tools import sizes


def test_a_long_function_is_found_by_its_qualified_name(tmp_path):
    head = 'class Plan:\n    def build(self):\n        """Long.\n\n        Text.\n        """\n'
    path = tmp_path / "plan.py"
    path.write_text(head + "        x = 1\n" * sizes.FUNCTION_LINES, encoding="utf-8")
    # The signature and the body, without the four lines of docstring.
    assert list(sizes.long_places([path])) == [(f"{path}::Plan.build", sizes.FUNCTION_LINES + 1)]


def test_a_long_module_is_found(tmp_path):
    path = tmp_path / "plan.py"
    path.write_text("x = 1\n" * sizes.MODULE_LINES, encoding="utf-8")
    assert list(sizes.long_places([path])) == [(str(path), sizes.MODULE_LINES)]


def test_the_sources_are_the_tracked_ones_without_the_tests(root):
    paths = sizes.sources(root)
    assert root / "tools" / "sizes.py" in paths
    assert not [path for path in paths if "tests" in path.parts]
