# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The OpenStack actions as a provider: ``nova.servers_list`` and some 2,200 more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from mistral_extra.actions.openstack import availability, catalogue, descriptors, settings
from mistral_lib.actions import base
from mistral_lib.actions.providers import filtering, plugins

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mistral_lib.actions.base import ActionDescriptor

__all__ = ["OpenStackActionProvider"]


class _Configured(NamedTuple):
    """What the listing depends on."""

    mapping: Mapping[str, Mapping[str, str]]
    region_services: tuple[str, ...]


class OpenStackActionProvider(base.ActionProvider):
    """Finds the actions of the mapping whose client is installed; imports none of the clients.

    A mapping that can't be read is logged, once for each reason, and there are no actions then:
    everything else goes on.

    :param name: that of its entry point.
    """

    def __init__(self, name: str = "openstack") -> None:
        super().__init__(name)
        self._clients = availability.Clients()
        self._made: dict[str, ActionDescriptor | None] = {}
        self._made_for: _Configured | None = None
        self._logged: set[str] = set()

    def names(self) -> list[str]:
        """Return the names of all actions, sorted."""
        configured = self._configured()
        return sorted(name for name, *_ in self._available(configured))

    def find(self, action_name: str, namespace: str | None = None) -> ActionDescriptor | None:
        """Return the descriptor of an action; the namespace has no meaning here."""
        configured = self._configured()
        service, _, action = action_name.partition(".")
        target = configured.mapping.get(service, {}).get(action)
        if target is None or self._clients.reason(service):
            return None
        return self._descriptor(configured, action_name, service, target)

    def find_all(
        self,
        namespace: str | None = None,
        limit: int | None = None,
        sort_fields: list[str] | None = None,
        sort_dirs: list[str] | None = None,
        filters: dict[str, Any] | None = None,
    ) -> list[ActionDescriptor]:
        """Return the descriptors of all actions that pass.

        :param namespace: has no meaning here.
        :param limit: how many at most, after sorting.
        """
        configured = self._configured()
        found = [self._descriptor(configured, *where) for where in self._available(configured)]
        passed = [d for d in found if d is not None]
        if filters:
            passed = [d for d in passed if filtering.matches(d, filters)]
        return filtering.sort(passed, sort_fields, sort_dirs)[: None if limit is None else limit]

    # What is not there.

    def problems(self) -> list[plugins.Problem]:
        """Return what is wrong: with the mapping, or with single actions in it."""
        try:
            mapping = catalogue.mapping()
        except catalogue.MappingError as e:
            return [plugins.Problem(self.name, settings.mapping_path(), str(e), _CORRECT)]
        found = [
            plugins.Problem(
                service, settings.mapping_path(), self._clients.reason(service), _CORRECT
            )
            for service in mapping
            if not self._clients.knows(service)
        ]
        for name, service, target in self._available(self._configured()):
            try:
                _check(descriptors.create(name, service, target, False), service, target)
            except Exception as e:
                found.append(plugins.Problem(name, target, f"{type(e).__name__}: {e}", _CORRECT))
        return found

    def unavailable(self) -> list[plugins.Problem]:
        """Return the services whose client is not installed, with the command that installs it."""
        missing = []
        for service, actions in self._configured().mapping.items():
            problem = self._clients.missing(service)
            if problem is not None:
                name = f"{service} ({len(actions)} actions)"
                missing.append(problem._replace(name=name))
        return missing

    def problem_of(self, action_name: str) -> plugins.Problem | None:
        """Return why an action of the mapping can't be had, None if it can, or is unknown."""
        service, _, action = action_name.partition(".")
        mapping = self._configured().mapping
        if action not in mapping.get(service, {}):
            return None
        missing = self._clients.missing(service)
        return None if missing is None else missing._replace(name=action_name)

    # What is there.

    def _configured(self) -> _Configured:
        """Return what is configured now; what was made for another configuration is forgotten."""
        configured = _Configured({}, ())
        if settings.is_enabled():
            try:
                configured = _Configured(catalogue.mapping(), settings.region_services())
            except catalogue.MappingError as e:
                self._log_once(str(e))
        if self._made_for is None or not (
            self._made_for.mapping is configured.mapping
            and self._made_for.region_services == configured.region_services
        ):
            self._made = {}
            self._made_for = configured
        return configured

    def _available(self, configured: _Configured) -> Iterator[tuple[str, str, str]]:
        """Yield name, service and target of each action whose client is installed."""
        reasons = {}
        for service, actions in configured.mapping.items():
            reason = self._clients.reason(service)
            if reason:
                reasons[service] = reason
                continue
            for name, target in actions.items():
                yield f"{service}.{name}", service, target
        if reasons:
            self._log_once(f"Left out: {'; '.join(reasons.values())}", is_error=False)

    def _descriptor(
        self, configured: _Configured, name: str, service: str, target: str
    ) -> ActionDescriptor | None:
        """Return a descriptor, None where the action can't be made; that is logged once."""
        if name not in self._made:
            descriptor = descriptors.create(
                name, service, target, service in configured.region_services
            )
            try:
                _check(descriptor, service, target)
            except Exception as e:
                self._log_once(f"Action {name} is left out: {type(e).__name__}: {e}")
                self._made[name] = None
            else:
                self._made[name] = descriptor
        return self._made[name]

    def _log_once(self, text: str, is_error: bool = True) -> None:
        if text not in self._logged:
            import logging

            self._logged.add(text)
            level = logging.ERROR if is_error else logging.INFO
            logging.getLogger(__name__).log(level, "%s", text)


_CORRECT = "Correct the mapping, or the option [DEFAULT] openstack_actions_mapping_path"


def _check(descriptor: ActionDescriptor, service: str, target: str) -> None:
    """Have a descriptor that the catalogue knows nothing of look at what it names.

    :raises Exception: the client, or module, lacks it; whatever importing it raised.
    """
    if not catalogue.has(service, target):
        _ = descriptor.params_spec
