# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The descriptor of an action that is a Python class or function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mistral_lib import exceptions
from mistral_lib.actions import base as actions_base
from mistral_lib.actions import docstrings, errors, function, server_errors
from mistral_lib.actions.providers import base
from mistral_lib.utils import inspect_utils

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from mistral_lib.actions.declaration import Declaration

__all__ = ["PythonActionDescriptor"]


class PythonActionDescriptor(base.ActionDescriptorBase):
    """Describes an action class, or a function declared with ``@action``.

    :param name: the name workflows call it by.
    :param action_cls: the class or function.
    :param action_cls_attrs: class fields its instances get on top.
    :param namespace: its namespace, ``''`` for none.
    :param project_id: the project that owns it.
    :param scope: ``public`` or ``private``.
    :raises ActionException: ``action_cls`` is no action.
    """

    def __init__(
        self,
        name: str,
        action_cls: Any,
        action_cls_attrs: Mapping[str, Any] | None = None,
        namespace: str | None = None,
        project_id: str | None = None,
        scope: str | None = None,
    ) -> None:
        cls = _unwrapped(action_cls)
        self._action_cls = cls
        self._action_cls_attrs = action_cls_attrs
        self._declaration: Declaration | None = getattr(cls, "_declaration", None)
        self._declared_spec = (
            inspect_utils.get_arg_list_as_str(cls.__init__)
            if self._declaration is None
            else self._declaration.contract.signature.params_spec
        )
        super().__init__(name, _description(cls), self._declared_spec, namespace, project_id, scope)

    def __repr__(self) -> str:
        return f"Python action [name={self.name}, cls={self._action_cls}]"

    @property
    def action_class(self) -> type:
        """The action's class; for a function, the generated one."""
        return self._action_cls  # type: ignore[no-any-return]

    @property
    def action_class_name(self) -> str:
        return f"{self._action_cls.__module__}.{self._action_cls.__name__}"

    @property
    def action_class_attributes(self) -> Mapping[str, Any] | None:
        return self._action_cls_attrs

    @property
    def declaration(self) -> Declaration | None:
        """What ``@action`` was told: types, tags, timeout...; None for a class."""
        return self._declaration

    def check_parameters(self, params: Mapping[str, Any]) -> None:
        """Check names and, for a typed function, values.

        :raises InvalidInput: some don't fit; the message names action, parameter, the type that
            came and what was expected.
        """
        # A server may have put another text of parameters in place: then names are all there is.
        declared = self._params_spec is self._declared_spec and hasattr(params or {}, "keys")
        if self._declaration is None or not declared:
            super().check_parameters(params)
            return
        contract = self._declaration.contract
        try:
            contract.check(dict(params or {}), self.name)
        except exceptions.InvalidInput as invalid:
            try:
                super().check_parameters(params)
            except exceptions.InvalidInput as names:
                # What is wrong with the names comes first, in the words of every descriptor.
                more = contract.value_problems(params)
                text = f"{names}; {more}" if more else str(names)
                raise exceptions.InvalidInput(text) from None
            raise invalid from None

    def instantiate(self, input_dict: dict[str, Any], wf_ctx: Any) -> actions_base.Action:
        """Return an action with these parameters.

        :raises ActionException: its constructor failed.
        """
        cls = self._action_cls
        if self._action_cls_attrs:
            cls = actions_base.subclass_with_attributes(cls, self._action_cls_attrs)
        try:
            action: actions_base.Action = cls(**input_dict)
        except BaseException as e:
            refusal = server_errors.as_refusal(e) if isinstance(e, Exception) else None
            refusal = refusal or errors.instead_of_ending(e)
            if refusal is None or refusal is e:
                raise
            raise refusal from e
        return action


def _unwrapped(action_cls: Any) -> Any:
    found = actions_base.action_class_of(action_cls)
    if found is not None:
        return found
    if isinstance(action_cls, type):
        # Servers and plug-ins describe classes that only look like actions, too.
        return action_cls
    from mistral_lib.actions import reprs

    raise exceptions.ActionException(
        f"Not an action: {reprs.of_value(action_cls)}. Give a class derived from Action, or a "
        "function declared with @action"
    )


#: Packages whose classes are there to be derived from: what they say of themselves is about that.
_OURS = ("mistral_lib", "mistral_extra")


def _description(cls: Any) -> str | None:
    """Return what is said of an action and its parameters: a server has no other place for it."""
    if issubclass(cls, function.FunctionAction):
        text = docstrings.clean(cls.__doc__) or ""
        signature = cls._declaration.contract.signature
        said = {n: p.description or "" for n, p in signature.parameters.items()}
        more = {name: about for name, about in said.items() if about not in text}
        return docstrings.render(text, more) or None
    text = _documentation_of(cls) or ""
    about = docstrings.clean(getattr(vars(cls).get("__init__"), "__doc__", None)) or ""
    return "\n\n".join(part for part in (text, about) if part) or None


def _documentation_of(cls: type) -> str | None:
    """Return a class's docstring, or the one it inherits from a class that is not ours."""
    for ancestor in cls.__mro__[:-1]:
        is_base = ancestor is not cls and ancestor.__module__.partition(".")[0] in _OURS
        if vars(ancestor).get("__doc__") is not None and not is_base:
            text: str | None = inspect_utils.get_docstring(ancestor)
            return text
    return None
