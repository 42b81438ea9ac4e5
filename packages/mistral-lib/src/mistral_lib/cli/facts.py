# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What is known about one action, wherever it comes from: a function, a class, a descriptor."""

from __future__ import annotations

import json
import typing
from typing import TYPE_CHECKING, Any, NamedTuple

from mistral_lib.actions import annotated, base, docstrings, schema
from mistral_lib.actions.providers.base import Documentation, ParameterDoc
from mistral_lib.utils import _params_spec

if TYPE_CHECKING:
    from mistral_lib.actions.base import ActionDescriptor
    from mistral_lib.actions.declaration import Declaration

__all__ = ["Facts", "Parameter", "of", "secret_names"]


#: Types by which a word on a command line is read, where they are only said.
_SCALARS: dict[str, Any] = {"str": str, "int": int, "float": float, "bool": bool}

_JSON_TYPES = {
    "str": "string",
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "list": "array",
    "dict": "object",
}


class Parameter(NamedTuple):
    """One parameter as a user passes it."""

    name: str
    #: The type that a value is read as; ``Any`` where nothing is declared.
    type: Any
    required: bool
    #: JSON-ready; None where there is none.
    default: Any
    secret: bool
    description: str
    #: A type that is said but not declared: documentation, by which no value is checked.
    said_type: str = ""

    @property
    def type_text(self) -> str:
        """The type for readers, empty where nothing is declared or said."""
        return self.said_type if self.type is Any else annotated.describe(self.type)

    def __str__(self) -> str:
        text = f"{self.name}: {self.type_text}" if self.type_text else self.name
        if self.required:
            return text
        return f"{text}{' = ' if self.type_text else '='}{json.dumps(self.default)}"


class Facts(NamedTuple):
    """What the command tells about an action."""

    name: str
    summary: str
    #: Summary and body of the documentation, without its lists of parameters.
    text: str
    parameters: tuple[Parameter, ...]
    #: What takes all other parameters, None where there may be none.
    extra: Parameter | None
    #: The type of the result for readers, empty where nothing is declared.
    returns: str
    returns_text: str
    tags: tuple[str, ...]
    #: Seconds.
    timeout: float | None
    idempotent: bool
    deprecated: str | None
    dry_run: bool
    #: False when the result is delivered later; None when each run decides.
    sync: bool | None
    input_schema: dict[str, Any]
    output_schema: dict[str, Any]

    @property
    def secrets(self) -> tuple[str, ...]:
        """Names of the secret parameters."""
        return tuple(p.name for p in self.parameters if p.secret)

    @property
    def signature(self) -> str:
        """The action as Python would declare it, for readers; defaults are JSON."""
        shown = [str(p) for p in self.parameters]
        if self.extra is not None:
            shown.append(f"**{self.extra}")
        return f"{self.name}({', '.join(shown)})" + (f" -> {self.returns}" if self.returns else "")


def of(descriptor: ActionDescriptor) -> Facts:
    """Return what is known about an action."""
    declaration: Declaration | None = getattr(descriptor, "declaration", None)
    if declaration is not None:
        return _of_function(descriptor.name, declaration)
    return _of_names(descriptor)


def secret_names(descriptor: ActionDescriptor) -> frozenset[str]:
    """Return the names of an action's secret parameters."""
    names: frozenset[str] = getattr(
        getattr(descriptor, "action_class", None), "_hidden_parameters", frozenset()
    )
    return names


def _of_function(name: str, declared: Declaration) -> Facts:
    contract = declared.contract
    described = docstrings.parse(declared.function)
    signature = contract.signature

    def read(p: Any) -> Parameter:
        text = p.description or described.parameters.get(p.name) or ""
        return Parameter(p.name, p.type, p.required, p.default_json, p.secret, text)

    return Facts(
        name=name,
        summary=described.summary,
        text=described.text,
        parameters=tuple(read(p) for p in signature.parameters.values()),
        extra=None if signature.extra is None else read(signature.extra)._replace(required=True),
        returns="" if signature.returns is Any else annotated.describe(signature.returns),
        returns_text=described.returns or "",
        tags=tuple(sorted(declared.tags)),
        timeout=declared.timeout,
        idempotent=declared.idempotent,
        deprecated=declared.deprecated,
        dry_run=declared.dry_run is not None,
        sync=declared.sync,
        input_schema={**contract.input_schema(), "title": name},
        output_schema=contract.output_schema(),
    )


def _of_names(descriptor: ActionDescriptor) -> Facts:
    """Facts of an action that declares no types: its parameter string says the names it takes."""
    cls: Any = getattr(descriptor, "action_class", None)
    documented: Documentation = getattr(descriptor, "documentation", None) or Documentation()
    described = docstrings.parse(documented.text or descriptor.description or "")
    parameters, extra = _parameters_of_names(descriptor, described, documented)
    is_sync = getattr(cls, "is_sync", None)
    return Facts(
        name=descriptor.name,
        summary=described.summary,
        text=described.text,
        parameters=tuple(parameters),
        extra=extra,
        returns=documented.returns,
        returns_text=documented.returns_text or described.returns or "",
        tags=(),
        timeout=None,
        idempotent=False,
        deprecated=documented.deprecated,
        dry_run=callable(getattr(cls, "test", None)),
        sync=True if is_sync in (None, base.Action.is_sync) else None,
        input_schema=_schema_of_names(descriptor.name, parameters, extra is not None),
        output_schema={"$schema": schema.DIALECT},
    )


def _parameters_of_names(
    descriptor: ActionDescriptor, described: docstrings.Described, documented: Documentation
) -> tuple[list[Parameter], Parameter | None]:
    """Return the parameters by name, and the one that takes all others."""
    cls: Any = getattr(descriptor, "action_class", None)
    texts = {
        **docstrings.parse(getattr(cls, "__init__", None)).parameters,
        **described.parameters,
        **{name: doc.text for name, doc in documented.parameters.items() if doc.text},
    }
    types, hidden = _types_of(cls), secret_names(descriptor)

    def parameter(name: str, default: str | None) -> Parameter:
        said = documented.parameters.get(name, ParameterDoc()).type
        return Parameter(
            name=name,
            type=types.get(name, _SCALARS.get(said, Any)),
            required=default is None,
            default=None if default is None else _params_spec.parse_value(default),
            secret=name in hidden,
            description=texts.get(name, ""),
            said_type=said,
        )

    parameters: dict[str, Parameter] = {}
    extra = None
    for entry in _params_spec.split_params(descriptor.params_spec or ""):
        name, default = _params_spec.split_entry(entry)
        if name.startswith("**"):
            extra = parameter(name[2:], None)
        elif not name.startswith("*"):
            parameters[name] = parameter(name, default)
    if extra is not None:
        # What else is known to be taken: a reader can't find it anywhere else.
        for name in documented.parameters:
            if name != extra.name:
                parameters.setdefault(name, parameter(name, "null"))
    return list(parameters.values()), extra


def _types_of(cls: Any) -> dict[str, Any]:
    """Return the annotations of a class's ``__init__``, by which values are read from words."""
    try:
        hints = typing.get_type_hints(cls.__init__, include_extras=True)
        return {name: annotated.read(hint).type for name, hint in hints.items()}
    except Exception:
        # Nothing checks them on a server either, so they may say anything.
        return {}


def _schema_of_names(name: str, parameters: list[Parameter], is_open: bool) -> dict[str, Any]:
    properties: dict[str, dict[str, Any]] = {}
    for p in parameters:
        properties[p.name] = _said_type_schema(p)
        if p.description:
            properties[p.name]["description"] = p.description
        if not p.required:
            properties[p.name]["default"] = p.default
        if p.secret:
            properties[p.name]["writeOnly"] = True
    return {
        "$schema": schema.DIALECT,
        "title": name,
        "type": "object",
        "properties": properties,
        "required": [p.name for p in parameters if p.required],
        "additionalProperties": is_open,
    }


def _said_type_schema(parameter: Parameter) -> dict[str, Any]:
    """Return the type that is said of a parameter, where JSON has it."""
    name = _JSON_TYPES.get(parameter.said_type.partition("[")[0])
    if name is None:
        return {}
    optional = not parameter.required and parameter.default is None
    return {"type": [name, "null"] if optional else name}
