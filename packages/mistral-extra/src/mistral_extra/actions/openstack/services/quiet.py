# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Clients made with less noise than they make by themselves.

neutronclient logs that it is deprecated, and what octaviaclient and tackerclient are built on warns
of it, at each construction: news for the maintainers of this package, not for the operator of a
cloud.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mistral_extra.actions.openstack.services import construction

if TYPE_CHECKING:
    import logging

    from mistral_extra.actions.openstack.access import Access

__all__ = ["neutron", "octavia", "tacker"]

_NEUTRON_SAYS = "The python binding code in neutronclient is deprecated"
_OCTAVIA_SAYS = "The BaseAPI class is deprecated for removal"

_TACKER_SAYS = "keystoneclient.adapter.Adapter is deprecated"

_neutron = construction.from_session(
    "neutronclient.v2_0.client:Client", interface_as="endpoint_type", url_version=""
)
_octavia = construction.from_session(
    "octaviaclient.api.v2.octavia:OctaviaAPI",
    url_as="endpoint",
    url_version="",
    leaves_out=("region_name", "interface"),
)
_tacker = construction.from_session(
    "tackerclient.v1_0.client:Client", interface_as="endpoint_type", url_version=""
)


def neutron(access: Access, version: str | None, microversion: str | None) -> Any:
    """Return a neutronclient; its log loses that one message."""
    import logging

    logger = logging.getLogger("neutronclient.v2_0.client")
    if _without_neutrons_notice not in logger.filters:
        logger.addFilter(_without_neutrons_notice)
    return _neutron(access, version, microversion)


def _without_neutrons_notice(record: logging.LogRecord) -> bool:
    return not str(record.msg).startswith(_NEUTRON_SAYS)


def octavia(access: Access, version: str | None, microversion: str | None) -> Any:
    """Return octaviaclient's API object."""
    _ignore(_OCTAVIA_SAYS)
    return _octavia(access, version, microversion)


def tacker(access: Access, version: str | None, microversion: str | None) -> Any:
    """Return a tackerclient."""
    _ignore(_TACKER_SAYS)
    return _tacker(access, version, microversion)


def _ignore(text: str) -> None:
    """Have warnings that begin with ``text`` ignored from now on."""
    import re
    import warnings

    # Saved and restored filters (catch_warnings) would be another thread's as well.
    warnings.filterwarnings("ignore", re.escape(text), DeprecationWarning)
