# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The commands on the pages run, and print what the pages say; the tutorial's first of all."""

import difflib
import doctest
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

DOCS = Path(__file__).parents[2] / "docs"
TUTORIAL = "tutorial/first-action.rst"
OTHERS = sorted(
    str(page.relative_to(DOCS))
    for page in DOCS.rglob("*.rst")
    if ".. code-block:: console" in page.read_text(encoding="utf-8") and page != DOCS / TUTORIAL
)


def complaints(commands, page):
    """Return what went otherwise than the page says."""
    checker = doctest.OutputChecker()
    for number, command in enumerate(commands):
        following = commands[number + 1].text if number + 1 < len(commands) else ""
        if command.status and following != "echo $?":
            yield f"{page}, line {command.line}: status {command.status}\n{command.output}"
        elif command.expected is not None and not checker.check_output(
            command.expected, command.output, doctest.ELLIPSIS
        ):
            difference = difflib.unified_diff(
                command.expected.splitlines(True),
                command.output.splitlines(True),
                "the page",
                "the command",
            )
            yield f"{page}, line {command.line}: $ {command.text}\n{''.join(difference)}"


def fail_if_any(found):
    text = "\n".join(found)
    if text:
        pytest.fail(text, pytrace=False)


@pytest.fixture(scope="session")
def finished(workshop, docs):
    """The tutorial, worked through: what each of its commands did."""
    return workshop.run(docs / TUTORIAL)


def test_the_tutorial_works_from_its_first_command_to_its_last(finished):
    assert len(finished) > 15
    fail_if_any(complaints(finished, TUTORIAL))


@pytest.mark.parametrize("page", OTHERS)
def test_commands_of_the_page_work_where_the_tutorial_ended(page, finished, workshop, docs):
    before = "cd wordcount-project && . .venv/bin/activate"
    fail_if_any(complaints(workshop.run(docs / page, before), page))


def test_a_wrong_output_on_a_page_is_noticed(tmp_path, workshop):
    page = tmp_path / "page.rst"
    page.write_text(
        ".. code-block:: console\n\n   $ echo one\n   one\n   $ echo two\n   three\n   $ false\n"
    )
    first, second = complaints(workshop.run(page), "page.rst")
    assert "-three\n+two\n" in first
    assert "line 7: status 1" in second
