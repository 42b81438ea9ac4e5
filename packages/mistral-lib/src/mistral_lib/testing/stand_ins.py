# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What an action under test gets when it runs another one by name."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from mistral_lib import exceptions
from mistral_lib.actions import base, nearest, types
from mistral_lib.actions.providers import base as providers
from mistral_lib.actions.providers import composite, python

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["StandInDescriptor", "StandIns"]


class StandIns(base.ActionProvider):
    """The actions that a test environment knows by name.

    :param fallback: asked for names that have no stand-in; none by default, so that no test runs
        the real thing unawares.
    """

    def __init__(self, fallback: base.ActionProvider | None = None) -> None:
        super().__init__("testing")
        self._fallback = fallback
        self._registered: dict[str, base.ActionDescriptor] = {}

    def register(self, name: str, answer: Any, secrets: Iterable[str] = ()) -> None:
        """Have ``answer`` stand in for the action of that name.

        :param answer: an action (function, class or descriptor), run as such; another callable,
            called with the parameters by name; an exception, raised; a
            :class:`~mistral_lib.actions.Result`; or plain data, of which each run gets a copy.
        :param secrets: names of parameters that are secret. An action says so itself.
        """
        self._registered[name] = _describe(name, answer, frozenset(secrets))

    def lookup(self, name: str) -> base.ActionDescriptor | None:
        """Return the stand-in, or what the fallback finds; None where neither knows it."""
        found = self._registered.get(name)
        if found is None and self._fallback is not None:
            return self._fallback.find(name)
        return found

    def names(self) -> list[str]:
        """Return all names, sorted."""
        fallback = () if self._fallback is None else composite.names_of(self._fallback)
        return sorted({*self._registered, *fallback})

    def find(self, action_name: str, namespace: str | None = None) -> base.ActionDescriptor:
        """Return the descriptor of one action.

        :raises ActionNotFound: there is none; the message says how a test provides it.
        """
        found = self.lookup(action_name)
        if found is None:
            known = self.names()
            raise exceptions.ActionNotFound(
                f"This test environment knows no action '{action_name}'"
                f"{nearest.hint(action_name, known)} (known: {', '.join(known) or 'none'}). "
                f"Give it a stand-in: env.register({action_name!r}, data_or_function), or let it "
                "find real ones: ActionEnvironment(provider=...)"
            )
        return found

    def find_all(
        self,
        namespace: str | None = None,
        limit: int | None = None,
        sort_fields: list[str] | None = None,
        sort_dirs: list[str] | None = None,
        filters: dict[str, Any] | None = None,
    ) -> list[base.ActionDescriptor]:
        """Return the descriptors of all stand-ins."""
        return list(self._registered.values())


def _describe(name: str, answer: Any, secrets: frozenset[str]) -> base.ActionDescriptor:
    if isinstance(answer, base.ActionDescriptor):
        return answer
    cls = base.action_class_of(answer)
    if cls is not None:
        return python.PythonActionDescriptor(name, cls, namespace="")
    return StandInDescriptor(name, answer, secrets)


class StandInDescriptor(providers.ActionDescriptorBase):
    """Describes a stand-in that is no action; it takes any parameters.

    :param answer: see :meth:`StandIns.register`.
    :param secrets: names of its secret parameters.
    """

    def __init__(self, name: str, answer: Any, secrets: frozenset[str]) -> None:
        super().__init__(name, "A stand-in of a test.", None, namespace="")
        self.answer = answer
        self.secrets = secrets

    def instantiate(self, input_dict: dict[str, Any], wf_ctx: Any) -> base.Action:
        """Return an action that gives the answer."""
        return _StandIn(self, input_dict)


class _StandIn(base.Action):
    def __init__(self, descriptor: StandInDescriptor, params: Mapping[str, Any]) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._params = params

    def __repr__(self) -> str:
        return f"<stand-in for {self._descriptor.name}>"

    def run(self, context: Any) -> Any:
        """Give the answer."""
        answer = self._descriptor.answer
        if isinstance(answer, BaseException):
            raise answer
        if isinstance(answer, type) and issubclass(answer, BaseException):
            raise answer()
        if isinstance(answer, types.Result):
            return answer
        return answer(**self._params) if callable(answer) else copy.deepcopy(answer)
