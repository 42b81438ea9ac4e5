# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The example plug-in at work on this repository's own files: what ``make run`` shows.

Ends with an error as soon as something does not go as it says.
"""

import io
import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from textwrap import fill
from typing import Any

from mistral_lib import actions

ROOT = Path(__file__).resolve().parents[1]
#: Where the demo writes; git ignores it. Like all paths here relative to the top.
SCRATCH = "build/demo"
MANIFEST = f"{SCRATCH}/SHA256SUMS"
KEY = "correct-horse-battery-staple"
WIDTH = 100

LOG = logging.getLogger("demo")


@actions.action
def careless_sign(
    path: str, key: actions.Secret[str], *, context: actions.ActionContext
) -> dict[str, str]:
    """Sign a file, and log what should never be logged.

    An action needs no package: this one runs as it stands.

    :param path: the file.
    :param key: the key.
    """
    LOG.warning("signing %s with the key %s", path, key)
    signed: dict[str, str] = context.run("files.sign", path=path, key=key)
    return signed


def main() -> None:
    """Show everything, in the order in which one would try it."""
    os.chdir(ROOT)
    shutil.rmtree(SCRATCH, ignore_errors=True)
    Path(SCRATCH).mkdir(parents=True)
    show_installed()
    show_report()
    show_manifest()
    show_typed_error()
    show_refused_input()
    show_masked_secret()
    show_command()


def show_installed() -> None:
    """What the plug-in's entry points announce."""
    headline("The actions that were found")
    found = actions.EntryPointActionProvider(allow=["files.*"]).find_all()
    if not found:
        sys.exit("No action named files.*: install the plug-in by 'pip install -e examples'")
    print_table(
        {"action": d.name, "description": (d.description or "").partition("\n")[0]} for d in found
    )


def show_report() -> None:
    """An action that runs two others, with its progress."""
    headline("files.report on this repository, as a table")
    runner = actions.Runner(on_progress=lambda text: print(f"... {text}"))
    result = runner.run("files.report", {"folder": "."})
    if not result.is_success():
        sys.exit(f"files.report failed: {result.error}")
    print_table([*result.data["kinds"], result.data["total"]])


def show_manifest() -> None:
    """Three actions in a row, each using what the one before left."""
    headline("files.manifest, files.verify and files.sign on it, as JSON")
    print_json(actions.run("files.manifest", {"folder": "packages", "target": MANIFEST}))
    print_json(actions.run("files.verify", {"folder": "packages", "manifest": MANIFEST}))
    print_json(actions.run("files.sign", {"path": MANIFEST, "key": KEY}))


def show_typed_error() -> None:
    """What a workflow branches on when an action fails."""
    headline("files.verify after one file was changed and one removed: the error a workflow reads")
    copy = Path(shutil.copytree(ROOT / "examples", f"{SCRATCH}/copy"))
    before = f"{SCRATCH}/BEFORE"
    actions.run("files.manifest", {"folder": str(copy), "target": before})
    (copy / "README.rst").write_text("Nobody will notice.\n", encoding="utf-8")
    (copy / "demo.py").unlink()
    result = actions.Runner().run("files.verify", {"folder": str(copy), "manifest": before})
    if not result.is_error() or result.error["code"] != "FILES_DIFFER":
        sys.exit(f"files.verify did not notice: {result}")
    print_json(result.error)


def show_refused_input() -> None:
    """Wrong parameters are told before anything runs."""
    headline("files.checksum with a parameter misspelt: the message")
    try:
        actions.run("files.checksum", {"pth": "README.rst"})
    except actions.InvalidInput as e:
        print(fill(str(e), WIDTH))
    else:
        sys.exit("files.checksum took parameters that it has not")


def show_masked_secret() -> None:
    """A secret is masked in whatever the process logs while the action runs."""
    headline("An action logs its secret parameter: the line in the log")
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    LOG.addHandler(handler)
    LOG.propagate = False
    actions.run(careless_sign, {"path": MANIFEST, "key": KEY})
    line = written.getvalue().rstrip()
    if not line or KEY in line:
        sys.exit("The line is missing, or the key is in it")
    print(line)


def show_command() -> None:
    """The same actions without a line of Python."""
    headline("The same from the command line")
    command = Path(sys.executable).with_name("mistral-action")
    arguments = ["run", "files.checksum", "path=README.rst"]
    print("$", command.name, *arguments, flush=True)
    subprocess.run([command, *arguments], check=True)


def headline(text: str) -> None:
    """Begin a section."""
    print(f"\n{text}\n{'-' * len(text)}")


def print_json(data: Any) -> None:
    """Print a result as a workflow sees it."""
    print(json.dumps(data, indent=2))


def print_table(rows: Iterable[Mapping[str, Any]]) -> None:
    """Print rows that have the same keys."""
    rows = list(rows)
    columns = [_column(name, [row[name] for row in rows]) for name in rows[0]]
    for cells in zip(*columns, strict=True):
        line = "  ".join(cells).rstrip()
        print(line if len(line) <= WIDTH else f"{line[: WIDTH - 3]}...")


def _column(name: str, values: list[Any]) -> list[str]:
    """Return the cells of a column, all of one width; numbers to the right."""
    cells = [name.upper(), *(f"{v:,}" if isinstance(v, int) else str(v) or "-" for v in values)]
    align = str.rjust if isinstance(values[0], int) else str.ljust
    width = max(map(len, cells))
    return [align(cell, width) for cell in cells]


if __name__ == "__main__":
    main()
