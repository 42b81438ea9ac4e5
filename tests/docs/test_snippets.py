# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The documentation's Python runs, page by page, and its data can be read."""

import doctest
import json
import sys
import types
from pathlib import Path

import pytest
import tomllib
import yaml

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted(str(page.relative_to(DOCS)) for page in DOCS.rglob("*.rst"))
READERS = {"json": json.loads, "toml": tomllib.loads, "yaml": yaml.safe_load}


@pytest.fixture
def module():
    """What the page's code is written into: a module that can be imported by its name."""
    made = types.ModuleType("page")
    sys.modules["page"] = made
    yield made
    del sys.modules["page"]


@pytest.fixture
def run_block(module):
    """A function that runs a block in the module, and returns what a doctest complained of."""
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    # One for the page, so that its sys.stdout stays the same: a block may give it to a log handler.
    runner = doctest.DocTestRunner(optionflags=flags, verbose=False)

    def run(block, page):
        if not block.text.startswith(">>>"):
            # The line numbers of an error are the page's.
            code = compile("\n" * block.line + block.text, page, "exec", dont_inherit=True)
            exec(code, vars(module))
            return ""
        test = doctest.DocTestParser().get_doctest(block.text, vars(module), page, page, block.line)
        # A copy until here: what one block assigns, the next may use.
        test.globs = vars(module)
        said = []
        runner.run(test, out=said.append, clear_globs=False)
        return "".join(said)

    return run


@pytest.mark.parametrize("page", PAGES)
def test_python_of_the_page_runs_and_prints_what_the_page_says(page, docs, blocks_of, run_block):
    complaints = "".join(
        run_block(block, page)
        for block in blocks_of(docs / page)
        if block.directive == "doctest" or block.argument in ("python", "pycon")
    )
    if complaints:
        pytest.fail(complaints, pytrace=False)


@pytest.mark.parametrize("page", PAGES)
def test_data_of_the_page_can_be_read(page, docs, blocks_of):
    for block in blocks_of(docs / page):
        if block.directive == "code-block" and block.argument in READERS:
            READERS[block.argument](block.text)


def test_a_wrong_result_on_a_page_is_noticed(tmp_path, blocks_of, run_block):
    page = tmp_path / "page.rst"
    page.write_text(".. code-block:: python\n\n   x = 1\n\n>>> x\n2\n")
    code, check = blocks_of(page)
    assert run_block(code, "page.rst") == ""
    # in one namespace
    assert "Expected:\n    2" in run_block(check, "page.rst")
