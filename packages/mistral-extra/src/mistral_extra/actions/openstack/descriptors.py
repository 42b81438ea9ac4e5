# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The descriptors of the OpenStack actions: each looks up what it is asked for, and no sooner."""

from __future__ import annotations

import abc
import functools
from typing import TYPE_CHECKING, Any

from mistral_extra.actions.openstack import arguments, catalogue, content_parameters
from mistral_extra.actions.openstack.services import unusable
from mistral_lib.actions.providers import base

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mistral_extra.actions.openstack.base import OpenStackAction
    from mistral_extra.actions.openstack.catalogue import Entry
    from mistral_lib.actions.base import Action
    from mistral_lib.actions.declaration import Declaration
    from mistral_lib.actions.providers.python import PythonActionDescriptor

__all__ = ["FunctionActionDescriptor", "MethodActionDescriptor", "action_class", "create"]

_REGION = base.ParameterDoc(
    "str", "Region of the service; empty for the context's, or the configured one."
)
_CONTENT = base.ParameterDoc(
    "str",
    "What becomes of content that is no text: 'base64' puts it into the result so encoded, "
    "'file:/path' streams it to that file and returns path, size and sha256.",
)
_TIMEOUT = base.ParameterDoc(
    "float",
    "Seconds to wait for each answer of the service; the configured ones by default.",
)


def create(
    name: str, service: str, target: str, has_region: bool
) -> MethodActionDescriptor | FunctionActionDescriptor:
    """Return the descriptor of an action.

    :param name: all of it: ``nova.servers_list``.
    :param target: what the mapping says: path of a method, or ``package.module:function``.
    :param has_region: its service's actions take ``action_region``.
    """
    if ":" in target:
        return FunctionActionDescriptor(name, service, target)
    return MethodActionDescriptor(name, service, target, has_region)


@functools.cache
def action_class(service: str) -> type[OpenStackAction]:
    """Return the class that the actions of a service are made of."""
    from mistral_extra.actions.openstack import actions

    classes: list[type[OpenStackAction]] = [getattr(actions, name) for name in actions.__all__]
    return next(cls for cls in classes if cls._declared_as == service)


class _LazyDescriptor(base.ActionDescriptorBase):
    """Knows name and target at once, and reads the rest in the catalogue when asked for it."""

    def __init__(self, name: str, service: str, target: str) -> None:
        # The base's fields, but for the two that are computed: assigned, they win.
        self._name = name
        self._namespace = ""
        self._project_id = None
        self._scope = None
        self._service = service
        self._target = target

    def __repr__(self) -> str:
        return f"OpenStack action [name={self._name}, target={self._target}]"

    @functools.cached_property
    def _desc(self) -> str | None:  # type: ignore[override]
        return self.documentation.description()

    def _text(self) -> str:
        """Return what is said of the action, without its parameters and result."""
        return self._entry().doc

    @functools.cached_property
    def _params_spec(self) -> str | None:  # type: ignore[override]
        return self._entry().params_spec(self._added())

    def _entry(self) -> Entry:
        return catalogue.entry(self._service, self._target) or self._live

    @property
    @abc.abstractmethod
    def _live(self) -> Entry:
        """What the target itself says, where the catalogue lacks it."""

    def _added(self) -> dict[str, base.ParameterDoc]:
        """Return parameters beside the target's, as they stand in ``params_spec``."""
        return {}

    @property
    def documentation(self) -> base.Documentation:
        """What the client's own documentation says of parameters and result."""
        entry = self._entry()
        accepted = {name: base.ParameterDoc() for name in entry.accepted or ()}
        if entry.accepted is not None:
            accepted[entry.extra] = base.ParameterDoc(text="No others than those that are named.")
        parameters = accepted | {
            p.name: base.ParameterDoc(p.type, p.doc + _filters(entry.ignoring.get(p.name)))
            for p in (*entry.params, *entry.keywords)
        }
        added = {name.partition("=")[0]: doc for name, doc in self._added().items()}
        for name, documented in parameters.items():
            text = content_parameters.text(self._service, self._target, name)
            if text is not None:
                parameters[name] = documented._replace(text=text)
        return base.Documentation(
            parameters | added,
            returns=_RETURNS.get(entry.returns, ""),
            returns_text=entry.returns_doc,
            deprecated=entry.deprecated or None,
            text=self._text(),
        )


def _filters(known: list[str] | None) -> str:
    if known is None:
        return ""
    return (
        f" The API documents the filters {', '.join(known)}; others may be ignored by the service, "
        "which then lists everything."
    )


#: What a workflow gets of what a client returns.
_RETURNS = {"generator": "list", "list": "list", "resource": "dict", "none": "None"}


class MethodActionDescriptor(_LazyDescriptor):
    """Describes the action that calls one method of a service's client.

    :param name: all of it: ``nova.servers_list``.
    :param service: name of the service.
    :param target: path of the method.
    :param has_region: it takes ``action_region``.
    """

    def __init__(self, name: str, service: str, target: str, has_region: bool) -> None:
        super().__init__(name, service, target)
        self._has_region = has_region

    def _text(self) -> str:
        text = self._entry().doc or (
            f"Call {self._target} of the client of {self._service}, which says no more about it."
        )
        why = unusable.reason(self._service, self._target)
        return f"Can't be used: {why}.\n\n{text}" if why else text

    def _added(self) -> dict[str, base.ParameterDoc]:
        added = {'action_region=""': _REGION} if self._has_region else {}
        if self._entry().returns == "binary":
            added['action_content=""'] = _CONTENT
        added["action_timeout=null"] = _TIMEOUT
        return added

    @functools.cached_property
    def _live(self) -> Entry:
        import inspect

        from mistral_extra.actions.openstack import signatures

        method = self.action_class.get_fake_client_method()
        taken = signatures.read(method)
        parameters = [
            {"name": p.name, "doc": p.note}
            | ({} if p.default is signatures.REQUIRED else {"default": p.default})
            for p in taken.parameters
        ]
        raw = {"params": parameters, "doc": inspect.getdoc(method) or ""}
        return catalogue.Entry(raw | ({"extra": taken.extra} if taken.extra else {}))

    @functools.cached_property
    def action_class(self) -> type[OpenStackAction]:
        """The class of this one action, made when it is first asked for."""
        cls = action_class(self._service)
        fields = {"client_method_name": self._target, "__module__": cls.__module__}
        return type(cls.__name__, (cls,), {**fields, "__doc__": cls.__doc__})

    @property
    def action_class_name(self) -> str:
        cls = action_class(self._service)
        return f"{cls.__module__}.{cls.__name__}"

    @property
    def action_class_attributes(self) -> Mapping[str, Any]:
        return {"client_method_name": self._target}

    def check_parameters(self, params: Mapping[str, Any]) -> None:
        """Check names and values, as far as the catalogue knows what the method takes.

        Unlike other descriptors', also of a method that takes any names (``**``).

        :raises InvalidInput: names are missing or unexpected, or a value is not of its type.
        """
        super().check_parameters(params)
        # A server may have put another list of parameters in its place, which then wins.
        if self._params_spec == self._entry().params_spec(self._added()):
            added = {name.partition("=")[0] for name in self._added()}
            own = {name: value for name, value in (params or {}).items() if name not in added}
            arguments.check(self._name, self._service, self._target, own)

    def instantiate(self, input_dict: dict[str, Any], wf_ctx: Any) -> Action:
        """Return an action with these parameters."""
        return self.action_class(**input_dict)


class FunctionActionDescriptor(_LazyDescriptor):
    """Describes an action that is a function declared with ``@action``.

    :param name: all of it: ``nova.servers_wait``.
    :param service: name of the service.
    :param target: ``package.module:function``.
    """

    @functools.cached_property
    def _python(self) -> PythonActionDescriptor:
        from importlib import import_module

        from mistral_lib.actions.providers import python

        module, _, attribute = self._target.partition(":")
        found = getattr(import_module(module), attribute)
        return python.PythonActionDescriptor(self._name, found, namespace="")

    @functools.cached_property
    def _live(self) -> Entry:
        return catalogue.Entry({"doc": self._python.description or ""})

    @functools.cached_property
    def _params_spec(self) -> str | None:  # type: ignore[override]
        if not catalogue.has(self._service, self._target):
            return self._python.params_spec
        return super()._params_spec

    @property
    def declaration(self) -> Declaration | None:
        """What ``@action`` was told."""
        return self._python.declaration

    @property
    def action_class(self) -> type:
        """The class that was generated for the function."""
        return self._python.action_class

    @property
    def action_class_name(self) -> str:
        return self._target.replace(":", ".")

    def check_parameters(self, params: Mapping[str, Any]) -> None:
        """Check names and, by the function's types, values.

        :raises InvalidInput: some don't fit.
        """
        super().check_parameters(params)
        self._python.check_parameters(params)

    def instantiate(self, input_dict: dict[str, Any], wf_ctx: Any) -> Action:
        """Return an action with these parameters."""
        return self._python.instantiate(input_dict, wf_ctx)
