# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What `make run` shows."""

import subprocess
import sys
from pathlib import Path

import pytest

DEMO = Path(__file__).parents[1] / "demo.py"


@pytest.mark.slow
def test_the_demo_ends_well_within_its_width_and_shows_no_key():
    done = subprocess.run([sys.executable, DEMO], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert [line for line in lines if len(line) > 100] == []
    assert "files.report" in done.stdout
    assert '"code": "FILES_DIFFER"' in done.stdout
    assert "with the key ***" in done.stdout
    assert "correct-horse" not in done.stdout
    assert "\x1b" not in done.stdout
