# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The fixture ``action_environment``; pytest loads this wherever mistral-lib is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mistral_lib.testing.environment import ActionEnvironment

__all__ = ["action_environment"]


@pytest.fixture
def action_environment() -> Iterator[ActionEnvironment]:
    """Run actions as a server does; see mistral_lib.testing.ActionEnvironment."""
    from mistral_lib.testing.environment import ActionEnvironment

    with ActionEnvironment() as environment:
        yield environment
