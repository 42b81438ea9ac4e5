# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Reads the code blocks out of the documentation, and a place where its commands can run."""

import dataclasses
import os
import re
import subprocess
import sys
import textwrap
from importlib import metadata
from pathlib import Path

import pytest
import tomllib
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

DOCS = Path(__file__).parents[2] / "docs"

# The tools, which a page imports, aren't installed anywhere.
sys.path.append(str(DOCS.parent))

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


# ------------------------------------------------------------------------------------------------
# A place where the commands on the pages run: an environment as a stranger's, with the library's
# wheel in it
# ------------------------------------------------------------------------------------------------

_MARK = "@@@ command"


@dataclasses.dataclass
class Command:
    """One command of a page."""

    text: str
    #: What the page shows after it; None where it shows nothing.
    expected: str | None
    #: Of the command in the page, from 1.
    line: int
    output: str = "(it was never run)"
    status: int = -1


def read_commands(block: Block) -> list[Command]:
    """Return the commands of a console block; further lines of one begin with ``>``."""
    found: list[Command] = []
    for number, line in enumerate(block.text.splitlines(), block.line + 1):
        if line.startswith("$ "):
            found.append(Command(line[2:], None, number))
        elif line.startswith("> ") and found[-1].expected is None:
            found[-1].text += "\n" + line[2:]
        else:
            found[-1].expected = (found[-1].expected or "") + line + "\n"
    return found


class Workshop:
    """Runs the pages' commands, all in one folder, each page in a shell of its own."""

    def __init__(self, place: Path, environment: dict[str, str]) -> None:
        self.place = place
        self._environment = environment

    def run(self, page: Path, before: str = "") -> list[Command]:
        """Put the page's files in place and run its commands, in order; return what they did.

        :param before: shell commands that make the place ready.
        """
        script, commands = [before, f"echo '{_MARK}'"], []
        for block in read_blocks(page):
            if block.directive == "literalinclude" and "caption" in block.options:
                source = (page.parent / block.argument).resolve()
                target = block.options["caption"]
                script.append(f'mkdir -p "$(dirname {target})" && cp "{source}" {target}')
            elif block.argument == "console":
                for command in read_commands(block):
                    commands.append(command)
                    script.append(f"{{ {command.text}\n}} </dev/null")
                    # So that `echo $?` may come next.
                    script.append(f"status=$?; echo; echo '{_MARK}' $status; (exit $status)")
        self._run("\n".join(script), commands)
        return commands

    def _run(self, script: str, commands: list[Command]) -> None:
        done = subprocess.run(
            ["bash", "-c", "exec 2>&1\n" + script],
            cwd=self.place,
            env=self._environment,
            stdout=subprocess.PIPE,
            text=True,
            timeout=300,
        )
        _, _, said = done.stdout.partition(f"{_MARK}\n")
        parts = re.split(rf"^{_MARK} (\d+)\n", said, flags=re.MULTILINE)
        for command, output, status in zip(commands, parts[::2], parts[1::2], strict=False):
            # Without the line break that comes before the mark.
            command.output, command.status = output[:-1], int(status)


@pytest.fixture(scope="session")
def workshop(tmp_path_factory) -> Workshop:
    """A workshop in which `pip install mistral-lib pytest` works, without a network.

    The library is a wheel made of this checkout; what it and the tests need besides is lent by the
    environment that the tests run in, and nothing else of that is to be seen.
    """
    wheels, library = tmp_path_factory.mktemp("wheels"), DOCS.parent / "packages" / "mistral-lib"
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory"]
    subprocess.run([*build, str(wheels)], cwd=library, check=True, capture_output=True)
    lent = tmp_path_factory.mktemp("lent")
    manifest = tomllib.loads((library / "pyproject.toml").read_text(encoding="utf-8"))
    needed = [Requirement(r).name for r in manifest["project"]["dependencies"]]
    _lend(lent, ["pytest", "hatchling", "editables", *needed])
    place = tmp_path_factory.mktemp("workshop")
    environment = {
        "COLUMNS": "88",
        "HOME": str(place),
        "LANG": "C.UTF-8",
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_FIND_LINKS": str(wheels),
        # pip reads this as the opposite of the option's name: no isolation.
        "PIP_NO_BUILD_ISOLATION": "false",
        "PIP_NO_INDEX": "1",
        "PYTHONPATH": str(lent),
    }
    return Workshop(place, environment)


def _lend(target: Path, names: list[str]) -> None:
    """Link distributions, and all that they need, into a folder."""
    todo, seen = list(names), set()
    while todo:
        name = canonicalize_name(todo.pop())
        if name in seen:
            continue
        seen.add(name)
        distribution = metadata.distribution(name)
        required = map(Requirement, distribution.requires or ())
        todo += [r.name for r in required if not r.marker or r.marker.evaluate({"extra": ""})]
        tops = {file.parts[0] for file in distribution.files or () if file.parts[0] != ".."}
        for top in tops - {"__pycache__"}:
            link = target / top
            if not link.is_symlink():
                link.symlink_to(distribution.locate_file(top))
