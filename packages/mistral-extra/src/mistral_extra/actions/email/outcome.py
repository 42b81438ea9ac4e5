# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What came of a mail, as data that a workflow can read."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Sent"]


@dataclass
class Sent:
    """What the server took."""

    message_id: str
    #: Addresses that it will deliver to.
    accepted: list[str]
    #: Those that it refused, with what it said.
    refused: dict[str, str]
