# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The services that have actions: what is known of each, and how its client is made."""

from mistral_extra.actions.openstack.services.declaration import Factory, Service
from mistral_extra.actions.openstack.services.lookup import all, get  # noqa: A004

__all__ = ["Factory", "Service", "all", "get"]
