# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What a function takes and returns, read once when it is declared an action."""

from __future__ import annotations

import inspect
import json
import sys
import typing
from typing import TYPE_CHECKING, Any

import msgspec

from mistral_lib import exceptions
from mistral_lib.actions import annotated, markers, paths, values

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import FrameType

__all__ = ["REQUIRED", "Parameter", "Signature", "read"]


class _Required:
    __slots__ = ()

    def __repr__(self) -> str:
        return "REQUIRED"


#: Stands for the default of a parameter that has none.
REQUIRED = _Required()


class Parameter(typing.NamedTuple):
    """One parameter a user passes."""

    name: str
    #: As the validator takes it; ``Any`` where the function says nothing.
    type: Any
    default: Any
    #: The default as JSON-ready data.
    default_json: Any
    secret: bool
    #: Whether it is secret or has secrets inside.
    holds_secret: bool
    #: Where it holds classes, and the names of their fields.
    fields: list[tuple[paths.Path, frozenset[str]]]
    description: str | None
    positional_only: bool
    #: As its author wrote it, markers of secrets included.
    annotation: Any

    @property
    def required(self) -> bool:
        """Whether there is no default."""
        return self.default is REQUIRED


class Signature(typing.NamedTuple):
    """Everything :mod:`mistral_lib.actions.schema` needs to know of a function."""

    name: str
    parameters: Mapping[str, Parameter]
    injected: Mapping[str, markers.Inject]
    #: Secrets inside parameters, as names from the parameter inwards.
    secret_paths: tuple[tuple[str, ...], ...]
    #: Name and value type of ``**kwargs``, None without it.
    extra: Parameter | None
    returns: Any

    @property
    def params_spec(self) -> str:
        """The parameters as users see them: ``"a, b=1, **kw"``, defaults as JSON."""
        parts = [
            p.name if p.required else f"{p.name}={json.dumps(p.default_json)}"
            for p in self.parameters.values()
        ]
        return ", ".join(parts + ([f"**{self.extra.name}"] if self.extra else []))

    @property
    def secrets(self) -> frozenset[str]:
        """Names of the secret parameters."""
        return frozenset(p.name for p in self.parameters.values() if p.secret)


def read(function: Callable[..., Any], name: str, secrets: frozenset[str]) -> Signature:
    """Return the signature of ``function``.

    :param name: what messages call it.
    :param secrets: names of parameters that are secret beyond those annotated so.
    :raises InvalidDeclaration: a parameter can't come from a workflow; the message names it.
    """
    parameters: dict[str, Parameter] = {}
    injected: dict[str, markers.Inject] = {}
    nested: list[tuple[str, ...]] = []
    extra = None
    returns: Any = Any
    declared = inspect.signature(function)
    for parameter in declared.parameters.values():
        _check_context(name, parameter)
        meaning = _meaning(function, name, parameter.name, parameter.annotation)
        if meaning.inject is not None:
            injected[parameter.name] = meaning.inject
            continue
        nested += [(parameter.name, *path) for path in meaning.secret_paths]
        read_parameter = _read_parameter(name, parameter, meaning, secrets)
        if parameter.kind is parameter.VAR_KEYWORD:
            if meaning.secret or meaning.secret_paths:
                raise _fail(name, f"**{parameter.name}", "a secret needs a parameter of its own")
            extra = read_parameter
        else:
            parameters[parameter.name] = read_parameter
    if declared.return_annotation is not declared.empty:
        returns = _meaning(function, name, "return", declared.return_annotation).type
    _check_secrets(name, secrets, parameters, extra)
    return Signature(name, parameters, injected, tuple(nested), extra, returns)


def _fail(action: str, parameter: str, problem: str) -> exceptions.InvalidDeclaration:
    what = "its return value" if parameter == "return" else f"parameter '{parameter}'"
    return exceptions.InvalidDeclaration(f"Action '{action}', {what}: {problem}")


def _meaning(
    function: Callable[..., Any], action: str, parameter: str, annotation: Any
) -> annotated.Meaning:
    if annotation is inspect.Parameter.empty:
        return annotated.Meaning(Any, False, [], [], None, None, Any)
    try:
        resolved = _resolve(function, annotation)
        meaning = annotated.read(resolved)
    except NameError as e:
        raise _fail(
            action,
            parameter,
            f"its annotation {annotation!r} can't be resolved: {e}. Import the "
            "name at run time (outside 'if TYPE_CHECKING')",
        ) from e
    except (TypeError, ValueError, SyntaxError, exceptions.InvalidDeclaration) as e:
        raise _fail(action, parameter, f"bad annotation {annotation!r}: {e}") from e
    if meaning.inject is None:
        complaint = annotated.find_unsupported(meaning.type, returned=parameter == "return")
        if complaint:
            raise _fail(
                action,
                parameter,
                f"its type can't be used: {complaint}. Use JSON types, "
                "dataclasses, TypedDicts, Enums, Literals, datetime, UUID, bytes, or containers "
                "and Optionals of them",
            )
    return meaning


def _resolve(function: Callable[..., Any], annotation: Any) -> Any:
    """Evaluate an annotation that is text, or has text in it."""
    holder = type("_Holder", (), {"__annotations__": {"it": annotation}})
    # A decorator's wrapper has the names of the decorator's module, not of the function's.
    namespace = getattr(inspect.unwrap(function), "__globals__", {})
    try:
        return typing.get_type_hints(holder, namespace, None, include_extras=True)["it"]
    except NameError:
        local = _enclosing_locals(namespace)
        if local is None:
            raise
        return typing.get_type_hints(holder, namespace, local, include_extras=True)["it"]


def _enclosing_locals(namespace: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the local names of the function that is declaring the action, if one is."""
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        if frame.f_globals is namespace:
            return None if frame.f_locals is namespace else frame.f_locals
        frame = frame.f_back
    return None


def _check_context(action: str, parameter: inspect.Parameter) -> None:
    """Refuse ``context`` without an annotation, the one name of which two things may be meant.

    As in a class's ``run(self, context)`` the author means the action's context. But a function's
    parameters are the workflow's unless annotated otherwise: the action would fail in every
    workflow, or be given a default for ever, and nothing would say why.
    """
    named = parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    if named and parameter.name == "context" and parameter.annotation is parameter.empty:
        raise _fail(
            action,
            "context",
            "it has no annotation: write 'context: ActionContext' to be given the action's "
            "context, or annotate it as what it is (at least Any) if a workflow passes it",
        )


def _read_parameter(
    action: str,
    parameter: inspect.Parameter,
    meaning: annotated.Meaning,
    secrets: frozenset[str],
) -> Parameter:
    name = parameter.name
    if parameter.kind is parameter.VAR_POSITIONAL:
        raise _fail(
            action, f"*{name}", "a workflow passes parameters by name: use a list parameter"
        )
    type_, default, default_json = meaning.type, REQUIRED, None
    if parameter.default is not parameter.empty:
        default = parameter.default
        if default is None and not annotated.takes_null(type_):
            type_ = typing.Optional[type_]  # noqa: UP045 - made at run time
        default_json = _default_json(action, name, default, type_)
    secret = meaning.secret or name in secrets
    if secret and default_json:
        raise _fail(action, name, "a secret can't have a default, which listings would show")
    return Parameter(
        name=name,
        type=type_,
        default=default,
        default_json=default_json,
        secret=secret,
        holds_secret=secret or bool(meaning.secret_paths),
        fields=meaning.fields,
        description=meaning.description,
        positional_only=parameter.kind is parameter.POSITIONAL_ONLY,
        annotation=meaning.annotation,
    )


def _default_json(action: str, name: str, default: Any, type_: Any) -> Any:
    """Return the default as JSON-ready data, checked against the parameter's own type."""
    try:
        value = values.json_ready(default)
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError) as e:
        raise _fail(
            action,
            name,
            f"its default of type {type(default).__name__} is not JSON-serializable "
            "(users see defaults in listings): use None and set the value inside",
        ) from e
    try:
        values.convert(value, type_)
    except msgspec.ValidationError as e:
        raise _fail(action, name, f"its default doesn't fit its type: {e}") from e
    return value


def _check_secrets(
    action: str,
    secrets: frozenset[str],
    parameters: Mapping[str, Parameter],
    extra: Parameter | None,
) -> None:
    for name in sorted(secrets - set(parameters)):
        if extra is None:
            raise _fail(
                action,
                name,
                "is declared secret, but the function has no such parameter; it "
                f"takes {', '.join(parameters) or 'none'}",
            )
