# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""``python -m tools.catalogue [--check | --fill]``, at the root of the repository.

Reads the installed clients, which are those of ``tools/catalogue/requirements.txt``, and writes
one file a service, for the methods that the mapping names. ``--fill`` first adds an action to the
mapping for each method that none reaches. ``--check`` writes nothing: it prints what differs and
ends with 1 where anything does.
"""

from __future__ import annotations

import argparse
import difflib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tools.catalogue import clients, files, rendering

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The clients to read, by exact versions.
REQUIREMENTS = Path(__file__).with_name("requirements.txt")


def main(arguments: list[str]) -> int:
    """Write, or check; return the exit code."""
    parser = argparse.ArgumentParser(prog=rendering.COMMAND, description=__doc__)
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--check", action="store_true", help="write nothing; end with 1 on any")
    choice.add_argument("--fill", action="store_true", help="map the methods that are not")
    options = parser.parse_args(arguments)
    wanted = dict(_wanted(fill=options.fill or options.check))
    if options.check:
        return check(wanted)
    files.CATALOGUE.mkdir(exist_ok=True)
    for path, text in wanted.items():
        path.write_text(text, encoding="utf-8")
    for path in _strays(wanted):
        path.unlink()
    return 0


def _wanted(fill: bool) -> Iterator[tuple[Path, str]]:
    """Yield what each file should hold."""
    services = clients.by_name()
    built = {name: clients.build(service) for name, service in services.items()}
    mapping = files.read_mapping()
    if fill:
        mapping = files.filled(mapping, built)
    yield files.MAPPING, rendering.mapping(mapping)
    for name, service in services.items():
        yield files.path_of(name), files.catalogue(service, built[name], mapping)


def _strays(wanted: dict[Path, str]) -> list[Path]:
    return sorted(set(files.CATALOGUE.glob("*.json")) - wanted.keys())


def check(wanted: dict[Path, str]) -> int:
    """Print what differs from the files as they should be; return the exit code."""
    differences: list[str] = []
    for path, text in wanted.items():
        there = path.read_text("utf-8") if path.exists() else ""
        name = os.path.relpath(path, files.ROOT)
        differences += difflib.unified_diff(
            there.splitlines(),
            text.splitlines(),
            name,
            f"{name}, as it should be",
            lineterm="",
            n=1,
        )
    differences += [f"{p.relative_to(files.ROOT)}: of no service" for p in _strays(wanted)]
    if not differences:
        return 0
    advice = (
        f"The catalogue is not what the installed clients say: run '{rendering.COMMAND} --fill' "
        "and look at the difference"
    )
    sys.stdout.write("\n".join([*differences, "", advice, ""]))
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
