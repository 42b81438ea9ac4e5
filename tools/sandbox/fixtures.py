# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Fixtures of pytest: a sandbox for the session, and TLS in front of its Keystone.

A ``conftest.py`` imports those it offers its tests. A sandbox that runs already is used and left
alone; else one is started, which ends with the last pytest session that uses it, however that ends.
``SANDBOX_FOLDER`` names another one than that of ``make sandbox-up``.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tools.sandbox import starting, tls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.sandbox.handle import Sandbox

__all__ = ["direct_loopback", "sandbox", "tls_keystone"]

_FOLDER = "SANDBOX_FOLDER"
_LOOPBACK = "127.0.0.0/8"


@pytest.fixture(scope="session")
def sandbox(direct_loopback: None) -> Iterator[Sandbox]:
    """Real OpenStack on loopback, every service answering.

    A service that crashes fails the session's last test with the end of its log. A test that
    stops one starts it again.
    """
    running = starting.bring_up(place=Path(os.environ.get(_FOLDER, starting.DEFAULT)))
    try:
        yield running
        running.check()
    finally:
        running.release()


@pytest.fixture(scope="session")
def direct_loopback() -> Iterator[None]:
    """Have no HTTP proxy of the environment asked for what is on loopback."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("no_proxy", "NO_PROXY"):
            patch.setenv(name, _LOOPBACK, prepend=",")
        yield


@pytest.fixture(scope="session")
def tls_keystone(
    sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tls.TLSFront]:
    """The sandbox's Keystone by TLS, with a certificate of an authority of its own."""
    with tls.serve_tls(sandbox.ports["keystone"], tmp_path_factory.mktemp("tls")) as front:
        yield front
