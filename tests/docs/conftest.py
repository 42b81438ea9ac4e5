# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Reads the code blocks out of the documentation, and a place where its commands can run."""

import dataclasses
import re
import textwrap
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"

_DIRECTIVE = re.compile(r"^( *)\.\. ([\w-]+):: *(.*)$")
_OPTION = re.compile(r"^:([\w-]+): *(.*)$")


@dataclasses.dataclass
class Block:
    """One piece of a page that a reader would run or copy."""

    #: ``code-block`` or ``literalinclude``, ``doctest`` for a bare ``>>>``.
    directive: str
    #: The language of a code block, the file of an include.
    argument: str
    options: dict[str, str]
    text: str
    #: Of the first line of ``text`` in the page, from 0.
    line: int


def read_blocks(page: Path) -> list[Block]:
    """Return the code blocks, includes and doctests of a page, in their order."""
    lines = page.read_text(encoding="utf-8").splitlines()
    found, number = [], 0
    while number < len(lines):
        directive = _DIRECTIVE.match(lines[number])
        if directive and directive[2] in ("code-block", "literalinclude"):
            block, number = _read_directive(lines, number, directive)
            found.append(block)
        elif lines[number].lstrip().startswith(">>> "):
            start = number
            while number < len(lines) and lines[number].strip():
                number += 1
            text = textwrap.dedent("\n".join(lines[start:number])) + "\n"
            found.append(Block("doctest", "", {}, text, start))
        else:
            number += 1
    return found


def _read_directive(lines: list[str], number: int, match: re.Match[str]) -> tuple[Block, int]:
    indent = len(match[1])
    end = number + 1
    while end < len(lines) and (
        not lines[end].strip() or len(lines[end]) - len(lines[end].lstrip()) > indent
    ):
        end += 1
    body = number + 1
    options = {}
    while body < end and (option := _OPTION.match(lines[body].strip())):
        options[option[1]] = option[2]
        body += 1
    while body < end and not lines[body].strip():
        body += 1
    text = textwrap.dedent("\n".join(lines[body:end])).strip("\n") + "\n"
    return Block(match[2], match[3].strip(), options, text, body), end


@pytest.fixture(scope="session")
def docs() -> Path:
    """The folder of the documentation's sources."""
    return DOCS


@pytest.fixture(scope="session")
def blocks_of():
    """A function that returns the blocks of a page."""
    return read_blocks
