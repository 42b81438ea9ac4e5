# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Fixtures of pytest: a server in one process, and a cluster, each for the session.

A ``conftest.py`` imports those it offers its tests. What is started ends with the session, however
that ends. A server that already runs in the folder that ``MISTRAL_FOLDER`` (or
``MISTRAL_CLUSTER_FOLDER``) names is used and left alone.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tools.mistral import starting
from tools.mistral.deployment import Plan
from tools.supervision import folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.mistral.handle import Server

__all__ = ["cluster", "one_process"]


def _serve(plan: Plan, variable: str, name: str) -> Iterator[Server]:
    server = starting.bring_up(plan, Path(os.environ.get(variable, folder.HOME / name)))
    try:
        yield server
        server.check()
    finally:
        server.release()


@pytest.fixture(scope="session")
def one_process() -> Iterator[Server]:
    """A Mistral in one process, with this tree's packages and the plug-ins for proofs."""
    plan = Plan(options={"ansible_action": {"enabled": True}})
    yield from _serve(plan, "MISTRAL_FOLDER", "test-mistral")


@pytest.fixture(scope="session")
def cluster() -> Iterator[Server]:
    """A Mistral over RabbitMQ and PostgreSQL, with two executors."""
    yield from _serve(Plan(cluster=True), "MISTRAL_CLUSTER_FOLDER", "test-cluster")
