# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""OpenStack for any action: clients and sessions to borrow, and classes to derive from.

Nobody logs in: who the action runs for is in its context.

>>> from typing import Annotated, Any
>>> from mistral_extra import openstack
>>> from mistral_lib import actions
>>> @actions.action
... def count_servers(*, nova: Annotated[Any, openstack.Client("nova")]) -> int:
...     '''Count the servers of the project.'''
...     return len(nova.servers.list())

A test of it passes a client of its own; a run fills in the one of the context's user, and says what
is wrong where there is none:

>>> from types import SimpleNamespace
>>> count_servers(nova=SimpleNamespace(servers=SimpleNamespace(list=lambda: ["a", "b"])))
2
>>> actions.run(count_servers, {}, actions.ActionContext())
Traceback (most recent call last):
...
mistral_lib.exceptions.ActionFailed: The action's context has no token, ...
"""

from mistral_extra.actions.openstack.actions import (
    AodhAction,
    BarbicanAction,
    BaremetalIntrospectionAction,
    BlazarAction,
    CinderAction,
    DesignateAction,
    FreezerAction,
    GlanceAction,
    GnocchiAction,
    HeatAction,
    IronicAction,
    KeystoneAction,
    MagnumAction,
    ManilaAction,
    MistralAction,
    NeutronAction,
    NovaAction,
    OctaviaAction,
    SwiftAction,
    SwiftServiceAction,
    TackerAction,
    TroveAction,
    VitrageAction,
    WatcherAction,
    ZaqarAction,
    ZunAction,
)
from mistral_extra.actions.openstack.base import OpenStackAction
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
from mistral_extra.actions.openstack.utils import keystone as keystone_utils

__all__ = [
    "AodhAction",
    "BarbicanAction",
    "BaremetalIntrospectionAction",
    "BlazarAction",
    "CinderAction",
    "Client",
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
    "OpenStackAction",
    "Statistics",
    "SwiftAction",
    "SwiftServiceAction",
    "TackerAction",
    "TroveAction",
    "VitrageAction",
    "WatcherAction",
    "ZaqarAction",
    "ZunAction",
    "clear_cache",
    "client",
    "connection",
    "forget",
    "keystone_utils",
    "session",
    "statistics",
]
