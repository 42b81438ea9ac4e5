# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What the extra `cli`, rich, makes of tables and progress on a terminal."""

import inspect
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from mistral_lib.cli import command

# Each is a process on a terminal of its own.
pytestmark = pytest.mark.slow

LONG = "terminal.a_name_that_is_" + "very_" * 20 + "long"

SOURCE = """
    from mistral_lib import actions

    @actions.action
    def listed(count: int = 1) -> list:
        \"\"\"Show [bold]brackets[/bold] as they are.\"\"\"
        return [{"name": "[red]x[/red]", "size": n} for n in range(count)]

    @actions.action
    def long(*, context: actions.ActionContext) -> str:
        context.progress("half [of] it")
        context.sleep(1.5)
        return "done"
"""


@pytest.fixture
def on_terminal(tmp_path):
    """Run the command with stdout or stderr on a terminal of 60 columns; return both texts."""
    (tmp_path / "terminal_plugin.py").write_text(textwrap.dedent(SOURCE))
    info = tmp_path / "terminal_plugin-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: terminal-plugin\nVersion: 1.0\n")
    points = {"terminal.listed": "listed", "terminal.long": "long", LONG: "listed"}
    text = "".join(f"{name} = terminal_plugin:{target}\n" for name, target in points.items())
    (info / "entry_points.txt").write_text(f"[mistral.actions]\n{text}")
    source = Path(inspect.getfile(command.main)).parents[2]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join((str(tmp_path), str(source))),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "COLUMNS": "60",
        "TERM": "xterm",
    }

    def run(stream, *args):
        terminal, end = os.openpty()
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, stream: end}
        process = subprocess.Popen(
            [sys.executable, "-m", "mistral_lib.cli", *args],
            cwd=tmp_path,
            env=environment,
            **streams,
        )
        os.close(end)
        shown = b""
        while True:
            try:
                part = os.read(terminal, 65536)
            except OSError:
                part = b""
            if not part:
                break
            shown += part
        os.close(terminal)
        out, err = process.communicate(timeout=30)
        return shown.decode(), ((out or b"") + (err or b"")).decode()

    return run


def plain(text):
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", text).replace("\r\n", "\n")


def test_table_has_a_rule_and_brackets_are_no_markup(on_terminal):
    shown, other = on_terminal("stdout", "run", "terminal.listed", "-f", "table", "count=2")
    assert plain(shown).splitlines()[0].split() == ["name", "size"]
    assert "──" in shown
    assert "[red]x[/red]" in plain(shown)
    assert other == ""


def test_name_longer_than_the_terminal_is_whole_and_on_one_line(on_terminal):
    columns = ("-c", "name", "-c", "summary")
    shown, _ = on_terminal("stdout", "list", "terminal.*", *columns)
    rows = plain(shown).splitlines()
    assert [row for row in rows if row.startswith(LONG)]
    assert "[bold]brackets[/bold]" in " ".join(plain(shown).split())


def test_long_table_is_drawn_plainly(on_terminal):
    shown, _ = on_terminal("stdout", "run", "terminal.listed", "-f", "table", "count=101")
    assert plain(shown).startswith("NAME          SIZE\n[red]x[/red]  0\n")


def test_long_run_shows_its_progress_on_one_line_that_goes_away(on_terminal):
    shown, result = on_terminal("stderr", "run", "terminal.long")
    assert "terminal.long  1 s  half [of] it" in plain(shown)
    assert result == '"done"\n'
    # The line is erased at the end: up one line, clear it.
    assert shown.endswith("\x1b[1A\x1b[2K")
