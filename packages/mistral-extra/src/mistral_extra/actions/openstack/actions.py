# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""One class a service: the base of its actions, and of a plug-in's own.

What a service is called, where it is found and how its client is made stands in
:mod:`mistral_extra.actions.openstack.services`. The names of these classes travel on the wire.
"""

from __future__ import annotations

from typing import Any

from mistral_extra.actions.openstack import base
from mistral_extra.actions.openstack.services import barbican, trove, zaqar

__all__ = [
    "AodhAction",
    "BarbicanAction",
    "BaremetalIntrospectionAction",
    "BlazarAction",
    "CinderAction",
    "DesignateAction",
    "FreezerAction",
    "GlanceAction",
    "GnocchiAction",
    "HeatAction",
    "IronicAction",
    "KeystoneAction",
    "MagnumAction",
    "ManilaAction",
    "MistralAction",
    "NeutronAction",
    "NovaAction",
    "OctaviaAction",
    "SwiftAction",
    "SwiftServiceAction",
    "TackerAction",
    "TroveAction",
    "VitrageAction",
    "WatcherAction",
    "ZaqarAction",
    "ZunAction",
]


def _try_import(name: str) -> Any:
    """Return a module, None where importing it fails for whatever reason."""
    from oslo_utils import importutils

    try:
        return importutils.try_import(name)
    except Exception:
        import logging

        logging.getLogger(__name__).warning("Module %s can't be imported", name, exc_info=True)
        return None


class NovaAction(base.OpenStackAction):
    """Base of the actions of the compute service."""

    _declared_as = "nova"


class GlanceAction(base.OpenStackAction):
    """Base of the actions of the image service."""

    _declared_as = "glance"


class KeystoneAction(base.OpenStackAction):
    """Base of the actions of the identity service."""

    _declared_as = "keystone"


class HeatAction(base.OpenStackAction):
    """Base of the actions of the orchestration service."""

    _declared_as = "heat"


class NeutronAction(base.OpenStackAction):
    """Base of the actions of the networking service."""

    _declared_as = "neutron"


class CinderAction(base.OpenStackAction):
    """Base of the actions of the block storage service."""

    _declared_as = "cinder"


class MistralAction(base.OpenStackAction):
    """Base of the actions of the workflow service."""

    _declared_as = "mistral"

    def _create_client(self, context: Any) -> Any:
        """Return a client; a server without authentication is found where it listens itself."""
        from mistral_extra import config

        conf = config.CONF
        if "pecan" not in conf or "auth_enable" not in conf.pecan:
            return super()._create_client(context)
        from mistral_extra.actions.openstack.services import borrowing, construction, urls

        constructor = construction.load("mistralclient.api.v2.client:Client")
        if not conf.pecan.auth_enable:
            import requests

            from mistral_extra.actions.openstack import transport

            session = requests.Session()
            transport.bound(session)
            address = f"http://{conf.api.host}:{conf.api.port}/v2"
            client = constructor(mistral_url=address, session=session)
            borrowing.take_definitions_as_they_are(client)
            return client
        facts = self.get_session_and_auth(context)
        url = urls.for_version(facts["auth"].endpoint, "v2")
        session = facts["session"]
        tls = {} if session is None else borrowing.tls_options(session)
        client = constructor(mistral_url=url, session=session, **tls)
        borrowing.take_definitions_as_they_are(client)
        return client


class TroveAction(base.OpenStackAction):
    """Base of the actions of the database service."""

    _declared_as = "trove"
    _methods = trove.METHODS


class IronicAction(base.OpenStackAction):
    """Base of the actions of the bare metal service."""

    _declared_as = "ironic"


class BaremetalIntrospectionAction(base.OpenStackAction):
    """Base of the actions of the bare metal introspection service."""

    _declared_as = "baremetal_introspection"


class SwiftAction(base.OpenStackAction):
    """Base of the actions of the object storage service."""

    _declared_as = "swift"


class SwiftServiceAction(base.OpenStackAction):
    """Base of the actions that move many objects of the object storage service at a time."""

    _declared_as = "swiftservice"


class ZaqarAction(base.OpenStackAction):
    """Base of the actions of the messaging service."""

    _declared_as = "zaqar"
    _methods = zaqar.METHODS


class BarbicanAction(base.OpenStackAction):
    """Base of the actions of the key manager service."""

    _declared_as = "barbican"
    _methods = barbican.METHODS


class DesignateAction(base.OpenStackAction):
    """Base of the actions of the DNS service."""

    _declared_as = "designate"


class MagnumAction(base.OpenStackAction):
    """Base of the actions of the container infrastructure service."""

    _declared_as = "magnum"


class TackerAction(base.OpenStackAction):
    """Base of the actions of the NFV orchestration service."""

    _declared_as = "tacker"


class AodhAction(base.OpenStackAction):
    """Base of the actions of the alarming service."""

    _declared_as = "aodh"


class GnocchiAction(base.OpenStackAction):
    """Base of the actions of the metric service."""

    _declared_as = "gnocchi"


class ZunAction(base.OpenStackAction):
    """Base of the actions of the container service."""

    _declared_as = "zun"


class ManilaAction(base.OpenStackAction):
    """Base of the actions of the shared file system service."""

    _declared_as = "manila"


class OctaviaAction(base.OpenStackAction):
    """Base of the actions of the load balancer service."""

    _declared_as = "octavia"


class VitrageAction(base.OpenStackAction):
    """Base of the actions of the root cause analysis service."""

    _declared_as = "vitrage"


class WatcherAction(base.OpenStackAction):
    """Base of the actions of the resource optimization service."""

    _declared_as = "watcher"


class BlazarAction(base.OpenStackAction):
    """Base of the actions of the reservation service."""

    _declared_as = "blazar"


class FreezerAction(base.OpenStackAction):
    """Base of the actions of the backup service."""

    _declared_as = "freezer"
