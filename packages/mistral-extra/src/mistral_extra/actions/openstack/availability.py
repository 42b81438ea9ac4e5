# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Which services have actions here: those whose client is installed, told without importing it."""

from __future__ import annotations

from importlib import util

from mistral_extra.actions.openstack import services
from mistral_lib.actions.providers import plugins

__all__ = ["Clients"]


class Clients:
    """The clients that are installed, looked for once."""

    def __init__(self) -> None:
        self._services = {service.name: service for service in services.all()}
        self._installed: dict[str, bool] = {}

    def knows(self, service: str) -> bool:
        """Tell whether there is such a service."""
        return service in self._services

    def reason(self, service: str) -> str:
        """Return why a service has no actions, empty where it has."""
        if not self.knows(service):
            return f"'{service}' is no service that has actions"
        missing = self.missing(service)
        return f"{service}: {missing.error} ({missing.remedy})" if missing else ""

    def missing(self, service: str) -> plugins.Problem | None:
        """Return which client is missing, and the command that installs it; None if none is."""
        known = self._services.get(service)
        if known is None or self._is_installed(known.package):
            return None
        what = f"mistral-extra[{known.extra}]" if known.extra else known.distribution
        return plugins.Problem(
            service,
            known.package,
            f"its client, {known.distribution}, is not installed",
            f"pip install '{what}'",
        )

    def _is_installed(self, package: str) -> bool:
        if package not in self._installed:
            self._installed[package] = _is_found(package)
        return self._installed[package]


def _is_found(package: str) -> bool:
    try:
        return util.find_spec(package) is not None
    except ValueError:
        # Loaded already, and by hand.
        return True
