# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What `make run` shows of OpenStack."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEMO = [sys.executable, "-m", "examples.openstack_demo"]


@pytest.mark.slow
def test_the_demo_counts_one_request_an_action_and_one_client():
    done = subprocess.run(DEMO, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = [line.split()[:2] for line in done.stdout.splitlines() if line.startswith("keystone.")]
    assert rows[1:] == [["keystone.users_get", "1"], ["keystone.projects_list", "1"]]
    assert "1 client" in done.stdout
    assert "canary" not in done.stdout + done.stderr
