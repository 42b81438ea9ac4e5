# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Generators of the OpenStack actions: the mapping and the catalogue, as lists of classes.

Servers get these actions from :mod:`mistral_extra.actions.openstack.provider`; no entry point
announces the generators, or every action would be listed twice.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from mistral_extra.actions import action_generator
from mistral_extra.actions.openstack import availability, catalogue, descriptors, settings
from mistral_lib.utils import inspect_utils

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mistral_extra.actions.openstack.base import OpenStackAction

__all__ = ["OpenStackActionGenerator", "get_mapping"]

_log = logging.getLogger(__name__)


def get_mapping() -> dict[str, dict[str, str]]:
    """Return the configured mapping, without its comments: the caller's own copy.

    :raises MappingError: the file can't be read.
    """
    return {service: dict(actions) for service, actions in catalogue.mapping().items()}


class OpenStackActionGenerator(action_generator.ActionGenerator):
    """Makes the action classes of one service."""

    base_action_class: type[OpenStackAction] | None = None

    @classmethod
    def prepare_action_inputs(cls, origin_inputs: str, added: Iterable[str] = ()) -> str:
        """Return a parameter string with more parameters in it.

        >>> add = OpenStackActionGenerator.prepare_action_inputs
        >>> add("a, b, c=1, **kwargs", added=['region="One"', "d"])
        'd, a, b, region="One", c=1, **kwargs'

        :param origin_inputs: parameters, ``"a, b=1, **kw"``.
        :param added: a name alone is required and goes first; ``name=default`` goes before the
            first parameter that has a default.
        """
        inputs = inspect_utils.split_params(origin_inputs)
        required = [i for i in inputs if "=" not in i and not i.startswith("**")]
        rest = [i for i in inputs if i not in required]
        more = list(added)
        names = [m for m in more if "=" not in m]
        return ", ".join([*names, *required, *(m for m in more if "=" in m), *rest])

    @classmethod
    def create_action_class(cls, method_name: str | None) -> type[OpenStackAction] | None:
        """Return the class of the action that calls a method; None for no method."""
        if not method_name or cls.base_action_class is None:
            return None
        fields = {
            "client_method_name": method_name,
            "__module__": cls.base_action_class.__module__,
            "__doc__": cls.base_action_class.__doc__,
        }
        return type(method_name, (cls.base_action_class,), fields)

    @classmethod
    def create_actions(cls) -> list[dict[str, Any]]:
        """Return the service's actions; none, and a line in the log, where its client is missing.

        An action whose method the client lacks is left out, and logged.

        :raises MappingError: the mapping can't be read.
        """
        service = cls.action_namespace or ""
        missing = availability.Clients().missing(service)
        if missing is not None:
            _log.warning("No actions of %s: %s. %s", service, missing.error, missing.remedy)
            return []
        created = []
        for name, target in catalogue.mapping().get(service, {}).items():
            try:
                created.append(cls._create(f"{service}.{name}", service, target))
            except Exception:
                _log.exception("Action %s.%s can't be made", service, name)
        return created

    @classmethod
    def _create(cls, name: str, service: str, target: str) -> dict[str, Any]:
        descriptor = descriptors.create(name, service, target, has_region=False)
        arg_list = descriptor.params_spec or ""
        action_class: type | None = descriptor.action_class
        if isinstance(descriptor, descriptors.MethodActionDescriptor):
            action_class = cls.create_action_class(target)
            if service in settings.region_services():
                arg_list = cls.prepare_action_inputs(arg_list, added=['action_region=""'])
        return {
            "class": action_class,
            "name": name,
            "description": descriptor.description,
            "arg_list": arg_list,
        }
