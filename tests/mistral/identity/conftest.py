# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Real OpenStack beside the real Mistral."""

import os
from pathlib import Path

import pytest

from tools.sandbox import folder, starting
from tools.sandbox.fixtures import direct_loopback

__all__ = ["direct_loopback"]

SERVICES = ("keystone", "glance", "nova", "neutron", "cinder", "heat")


@pytest.fixture(scope="session")
def sandbox(direct_loopback):
    """A sandbox with what these tests ask for; SANDBOX_FOLDER names one that runs."""
    place = Path(os.environ.get("SANDBOX_FOLDER", folder.HOME / "test-identity-sandbox"))
    running = starting.bring_up(SERVICES, place)
    try:
        yield running
        running.check()
    finally:
        running.release()
