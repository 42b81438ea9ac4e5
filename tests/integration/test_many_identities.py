# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Many identities in many threads, watched at Keystone's side, as benchmarks/identities.py does."""

import sys
from pathlib import Path

import pytest

# The benchmarks aren't installed anywhere.
sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

import identities

pytestmark = pytest.mark.slow


def test_one_login_an_identity_and_no_token_in_other_hands(sandbox):
    found = identities.measure(sandbox.clouds_file, identities=32, threads=32, times=320)
    assert found.logins == {1: 32}
    assert found.counted_logins == 32
    assert found.strayed == 0
    assert (found.sessions, found.clients) == (32, 32)
    # A client with its identity takes some 60 KB; nothing is left of an action.
    assert found.growth < 3_000_000
