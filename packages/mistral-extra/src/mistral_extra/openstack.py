# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""OpenStack for any action: clients and sessions to borrow."""

from mistral_extra.actions.openstack.client_cache import Statistics
from mistral_extra.actions.openstack.clients import (
    Client,
    clear_cache,
    client,
    connection,
    forget,
    session,
    statistics,
)

__all__ = [
    "Client",
    "Statistics",
    "clear_cache",
    "client",
    "connection",
    "forget",
    "session",
    "statistics",
]
