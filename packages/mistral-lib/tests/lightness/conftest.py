# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Counting modules takes a fresh interpreter for each question."""

import os
import subprocess
import sys

import pytest

PROBE = """
import sys
{first}
before = set(sys.modules)
{code}
print(*sorted(set(sys.modules) - before), sep="\\n")
"""


@pytest.fixture
def loaded_by(tmp_path):
    """Return the function that runs code in a new process and tells which modules it loaded.

    Modules that were there before, or that ``first`` loads, don't count. ``path`` is a folder to
    put on Python's path.
    """

    def run(code, *, first="", path=None):
        # What stevedore remembers of this machine stays out of it.
        environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
        if path is not None:
            given = [str(path), os.environ.get("PYTHONPATH", "")]
            environment["PYTHONPATH"] = os.pathsep.join(filter(None, given))
        done = subprocess.run(
            [sys.executable, "-c", PROBE.format(first=first, code=code)],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return set(done.stdout.split())

    return run
