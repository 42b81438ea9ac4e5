# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Typed functions as actions, which upstream's library does not know."""

from __future__ import annotations

from typing import Any

from mistral_lib import actions


@actions.action
def add(a: int, b: int = 1) -> int:
    """Add two numbers."""
    return a + b


@actions.action
def create_server(
    name: str,
    image: str,
    flavor: str,
    networks: list[dict[str, str]] | None = None,
    metadata: dict[str, str] | None = None,
    security_groups: list[str] | None = None,
    volumes: list[dict[str, Any]] | None = None,
    key_name: str | None = None,
    availability_zone: str | None = None,
    config_drive: bool = False,
    wait: bool = True,
    timeout: float = 300.0,
) -> dict[str, Any]:
    """Do what the class in :mod:`samples` does."""
    return {"name": name, "flavor": flavor, "waited": wait}
