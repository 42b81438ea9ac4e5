# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A mechanism driver for ML2 that binds every port at once: there is no agent and no switch."""

from __future__ import annotations

from typing import Any

from neutron_lib import constants
from neutron_lib.api.definitions import portbindings
from neutron_lib.plugins.ml2 import api

__all__ = ["BindAll"]


class BindAll(api.MechanismDriver):  # type: ignore[misc]  # untyped
    """Binds to the first segment offered."""

    connectivity = portbindings.CONNECTIVITY_L2

    def initialize(self) -> None:
        """There is nothing to set up."""

    def bind_port(self, context: Any) -> None:
        details = {
            portbindings.CAP_PORT_FILTER: True,
            portbindings.VIF_DETAILS_CONNECTIVITY: portbindings.CONNECTIVITY_L2,
        }
        for segment in context.segments_to_bind[:1]:
            context.set_binding(
                segment[api.ID],
                portbindings.VIF_TYPE_OVS,
                details,
                status=constants.PORT_STATUS_ACTIVE,
            )
