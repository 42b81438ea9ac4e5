# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Real OpenStack for the tests of this folder: see docs/howto/sandbox.rst."""

import sys
from pathlib import Path

import pytest
import yaml
from keystoneauth1 import session
from keystoneauth1.identity import v3

# The tools aren't installed anywhere.
sys.path.append(str(Path(__file__).parents[2]))

from tools.sandbox.fixtures import direct_loopback, sandbox, tls_keystone

__all__ = ["direct_loopback", "sandbox", "tls_keystone"]


@pytest.fixture(scope="session")
def session_of(sandbox):
    """A function that logs in as a user of ``clouds.yaml``; all else is keystoneauth's."""
    clouds = yaml.safe_load(sandbox.clouds_file.read_text())["clouds"]

    def log_in(user, verify=True, **changes):
        auth = v3.Password(**clouds[user]["auth"] | changes)
        return session.Session(auth=auth, verify=verify)

    return log_in
