# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The services that a sandbox can have, in the order in which they are started."""

from __future__ import annotations

from tools.sandbox.services.barbican import BARBICAN
from tools.sandbox.services.cinder import CINDER
from tools.sandbox.services.designate import DESIGNATE
from tools.sandbox.services.glance import GLANCE
from tools.sandbox.services.gnocchi import GNOCCHI
from tools.sandbox.services.heat import HEAT
from tools.sandbox.services.ironic import IRONIC
from tools.sandbox.services.keystone import KEYSTONE
from tools.sandbox.services.manila import MANILA
from tools.sandbox.services.mistral import MISTRAL
from tools.sandbox.services.neutron import NEUTRON
from tools.sandbox.services.nova import NOVA
from tools.sandbox.services.placement import PLACEMENT
from tools.sandbox.services.swift import SWIFT
from tools.sandbox.services.zaqar import ZAQAR

__all__ = ["SERVICES"]

#: By name; those that take longest to start come first.
SERVICES = {
    service.name: service
    for service in (
        KEYSTONE,
        NOVA,
        NEUTRON,
        CINDER,
        PLACEMENT,
        HEAT,
        GLANCE,
        SWIFT,
        MANILA,
        IRONIC,
        DESIGNATE,
        MISTRAL,
        ZAQAR,
        GNOCCHI,
        BARBICAN,
    )
}
