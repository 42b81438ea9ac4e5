# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The workflows this package brings, for a server to load when its database is filled."""

from __future__ import annotations

from pathlib import Path

__all__ = ["get_preinstalled_workflows"]

_DIRECTORY = Path(__file__).parent / "resources" / "openstack" / "workflows"


def get_preinstalled_workflows() -> list[Path]:
    """Return the absolute paths of the workflow files, by name.

    The entry point ``workflows`` of ``mistral.preinstalled_workflows``.
    """
    return sorted(_DIRECTORY.glob("*.yaml"))
