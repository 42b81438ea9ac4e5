# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A descriptor that keeps what it says in fields, for providers to derive from."""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING, NamedTuple

from mistral_lib import exceptions
from mistral_lib.actions import base, docstrings, nearest
from mistral_lib.utils import inspect_utils

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = ["ActionDescriptorBase", "Documentation", "ParameterDoc"]


class ParameterDoc(NamedTuple):
    """What is said of a parameter, beside its name and default."""

    #: For readers, in Python's words; empty where nothing is said. No value is checked against it.
    type: str = ""
    text: str = ""


class Documentation(NamedTuple):
    """What a descriptor knows for readers beyond its description and ``params_spec``."""

    #: By name; of an action that takes any names (``**``), also of some that stand in no list.
    parameters: Mapping[str, ParameterDoc] = {}
    #: The type of the result, in Python's words.
    returns: str = ""
    returns_text: str = ""
    #: What to use instead, or just ``deprecated``; None for an action that may be used.
    deprecated: str | None = None
    #: Summary and body, without what is said of parameters and result; empty where the description
    #: is all there is.
    text: str = ""

    def description(self) -> str | None:
        """Return all of it as the text of a descriptor, of which a server shows nothing else."""
        parameters = {name: about.text for name, about in self.parameters.items()}
        return docstrings.render(self.text, parameters, self.returns_text) or None


class ActionDescriptorBase(base.ActionDescriptor, abc.ABC):
    """An action described by fields; derived classes say how to instantiate it.

    :param name: the name workflows call it by.
    :param desc: text for people.
    :param params_spec: the parameters as text, ``"a, b=1, **kw"``.
    :param namespace: its namespace, ``''`` for none.
    :param project_id: the project that owns it.
    :param scope: ``public`` or ``private``.

    >>> from mistral_lib import actions
    >>> from mistral_lib.actions.providers.base import ActionDescriptorBase
    >>> class Fixed(actions.Action):
    ...     def run(self, context):
    ...         return 42
    >>> class FixedDescriptor(ActionDescriptorBase):
    ...     def instantiate(self, input_dict, wf_ctx):
    ...         return Fixed()
    >>> actions.run(FixedDescriptor("demo.fixed", "Always 42.", "", namespace=""))
    42
    """

    def __init__(
        self,
        name: str,
        desc: str | None,
        params_spec: str | None,
        namespace: str | None = None,
        project_id: str | None = None,
        scope: str | None = None,
    ) -> None:
        self._name = name
        self._desc = desc
        self._params_spec = params_spec
        self._namespace = namespace
        self._project_id = project_id
        self._scope = scope

    @property
    def name(self) -> str:
        return self._name

    @property
    def description(self) -> str | None:
        return self._desc

    @property
    def params_spec(self) -> str | None:
        return self._params_spec

    @property
    def namespace(self) -> str | None:
        return self._namespace

    @property
    def project_id(self) -> str | None:
        return self._project_id

    @property
    def scope(self) -> str | None:
        return self._scope

    @property
    def documentation(self) -> Documentation | None:
        """What the command shows of parameters and result; None where there is no more to say.

        A descriptor that reads it from somewhere overrides this.
        """
        return None

    @property
    def action_class_name(self) -> str | None:
        return None

    @property
    def action_class_attributes(self) -> Mapping[str, Any] | None:
        return None

    def check_parameters(self, params: Mapping[str, Any]) -> None:
        """Check the names of parameters against ``params_spec``, as it says now.

        With ``**`` in it, or without any, nothing is checked.

        :raises InvalidInput: names are missing or unexpected; the message lists them and, for a
            misspelt one, the nearest. Or the parameters are not a mapping.
        """
        if params and not hasattr(params, "keys"):
            raise exceptions.InvalidInput(
                f"Invalid input [name={self.name}, class={self.action_class_name}]: the parameters "
                f"are not a mapping of names to values, but {type(params).__name__}"
            )
        if self._params_spec is None:
            return
        spec = inspect_utils.parse_params_spec(self._params_spec)
        given = params.keys() if params else frozenset()
        if spec.open or (spec.required <= given and given <= spec.known):
            return
        problems = [f"name={self.name}", f"class={self.action_class_name}"]
        missing = [n for n in spec.order if n in spec.required and n not in given]
        if missing:
            problems.append(f"missing={missing}")
        unexpected = [n for n in given if n not in spec.known]
        if unexpected:
            problems.append(f"unexpected={unexpected}")
        hints = [f"'{n}'{nearest.hint(str(n), spec.known)}" for n in unexpected]
        advice = "".join(f". No parameter {h}" for h in hints if h.endswith("?"))
        raise exceptions.InvalidInput(f"Invalid input [{', '.join(problems)}]{advice}")

    def post_process_result(self, result: Any) -> Any:
        """Return the result as it is."""
        return result
