# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What a test gave to be run: found by name where need be, described, and watched while made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mistral_lib import exceptions
from mistral_lib.actions import base, paths, redaction, values, wire
from mistral_lib.actions.providers import base as providers
from mistral_lib.actions.providers import python
from mistral_lib.testing import leaks, stand_ins

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["Subject", "WatchedDescriptor", "find"]


class Subject:
    """An action under test.

    :param action: as the test gave it.
    :param name: what messages call it.
    :param descriptor: None for an action with its parameters in it, and for what is no action.
    :param provider: where the runner looks it up, so that its message says what is installed.
    """

    def __init__(
        self,
        action: Any,
        name: str,
        descriptor: base.ActionDescriptor | None = None,
        provider: base.ActionProvider | None = None,
    ) -> None:
        self.action = action
        self.name = name
        self.descriptor = descriptor
        self.provider = provider
        #: The parameters that the action has in it already.
        self.params: Mapping[str, Any] = vars(action) if isinstance(action, base.Action) else {}

    @property
    def action_class(self) -> type | None:
        """The class of the action, None where only its descriptor knows."""
        if isinstance(self.action, base.Action):
            return type(self.action)
        return getattr(self.descriptor, "action_class", None)

    @property
    def is_stand_in(self) -> bool:
        """Whether it is a test's own answer, which nobody could send anywhere."""
        return isinstance(self.descriptor, stand_ins.StandInDescriptor)

    @property
    def declared_secrets(self) -> frozenset[str]:
        """Names of the parameters that the action's author declared secret."""
        if self.action_class is not None:
            return getattr(self.action_class, "_hidden_parameters", frozenset())
        return getattr(self.descriptor, "secrets", frozenset())

    def secrets_of(
        self, params: Mapping[str, Any], public: frozenset[str]
    ) -> Iterator[tuple[str, Any]]:
        """Yield each secret among the parameters: what it may be called, and its value.

        :param public: names that only sound secret.
        """
        for name in leaks.secret_parameters(params, self.declared_secrets, public):
            yield f"parameter '{name}' of {self.name}", params[name]
        for path in self._secret_paths:
            for value in paths.values_at(values.normalize(params), path):
                yield f"parameter '{'.'.join(path)}' of {self.name}", value

    def shown(self, params: Mapping[str, Any], public: frozenset[str]) -> dict[str, Any]:
        """Return the parameters with ``***`` where a secret one has its place."""
        shown = values.normalize(params) if self._secret_paths else dict(params)
        for name in leaks.secret_parameters(params, self.declared_secrets, public):
            shown[name] = None if params[name] is None else redaction.MASK
        for path in self._secret_paths:
            shown = leaks.masked_at(shown, path)
        return shown

    @property
    def _secret_paths(self) -> tuple[paths.Path, ...]:
        return getattr(self.action_class, "_secret_paths", ())

    def check_nameable(self) -> None:
        """Check that a reader of the wire can find the action's class.

        :raises SerializationError: it can't; the message tells the ways out.
        """
        cls = self.action_class
        if cls is None or not issubclass(cls, base.Action):
            return
        try:
            wire.class_path(cls, base.Action, base.action_class_of)
        except exceptions.SerializationError as e:
            raise exceptions.SerializationError(
                f"Action {cls.__qualname__} can't cross the wire: a reader imports it by module "
                "and name, and it is not at the top level of a module. Define it there; or, for "
                "an action made inside a test, turn the wire off: ActionEnvironment(wire=False), "
                "or env.wire = False"
            ) from e

    def watched(self, on_made: Callable[[base.Action], None]) -> Any:
        """Return what to give the runner, so that ``on_made`` gets the action that it runs."""
        if isinstance(self.action, base.Action):
            on_made(self.action)
        if self.descriptor is None:
            return self.action
        return WatchedDescriptor(self.descriptor, on_made)


class WatchedDescriptor(providers.ActionDescriptorBase):
    """Another descriptor, with somebody told of each action that it makes."""

    def __init__(
        self, inner: base.ActionDescriptor, on_made: Callable[[base.Action], None]
    ) -> None:
        super().__init__(
            inner.name,
            inner.description,
            inner.params_spec,
            inner.namespace,
            inner.project_id,
            inner.scope,
        )
        self._inner = inner
        self._on_made = on_made

    @property
    def action_class_name(self) -> str | None:
        """The inner descriptor's."""
        return self._inner.action_class_name

    @property
    def action_class_attributes(self) -> Mapping[str, Any] | None:
        """The inner descriptor's."""
        return self._inner.action_class_attributes

    def check_parameters(self, params: Mapping[str, Any]) -> None:
        """Have the inner descriptor check."""
        self._inner.check_parameters(params)

    def instantiate(self, input_dict: dict[str, Any], wf_ctx: Any) -> base.Action:
        """Have the inner descriptor make the action."""
        action = self._inner.instantiate(input_dict, wf_ctx)
        self._on_made(action)
        return action

    def post_process_result(self, result: Any) -> Any:
        """Have the inner descriptor do it."""
        return self._inner.post_process_result(result)


def find(action: Any, known: stand_ins.StandIns, *, installed: bool = True) -> Subject:
    """Return what ``action`` is.

    :param known: stand-ins, the first to have an answer to a name.
    :param installed: a name without a stand-in may be that of an installed action.
    """
    if isinstance(action, str):
        return _find_by_name(action, known, installed)
    cls = base.action_class_of(action)
    if cls is not None:
        return Subject(action, *_described(cls))
    if isinstance(action, base.ActionDescriptor):
        return Subject(action, action.name, action)
    if isinstance(action, base.Action):
        return Subject(action, _described(type(action))[0])
    return Subject(action, str(action))


def _find_by_name(name: str, known: stand_ins.StandIns, installed: bool) -> Subject:
    descriptor = known.lookup(name)
    if descriptor is not None or not installed:
        return Subject(name, name, descriptor)
    from mistral_lib.actions.providers import installed as everything

    provider = everything.provider()
    return Subject(name, name, provider.find(name), provider)


def _described(cls: type[base.Action]) -> tuple[str, base.ActionDescriptor]:
    descriptor = python.PythonActionDescriptor(cls.__name__, cls, namespace="")
    if descriptor.declaration is not None and descriptor.declaration.name != cls.__name__:
        name = descriptor.declaration.name
        return name, python.PythonActionDescriptor(name, cls, namespace="")
    return cls.__name__, descriptor
