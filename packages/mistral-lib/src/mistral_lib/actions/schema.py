# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""From a signature to JSON Schema, and from parameters to typed values."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import msgspec

from mistral_lib import exceptions
from mistral_lib.actions import annotated, docstrings, nearest, paths
from mistral_lib.actions import values as typed
from mistral_lib.actions.signature import REQUIRED
from mistral_lib.utils import _json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mistral_lib.actions.signature import Parameter, Signature

__all__ = ["DIALECT", "Contract"]

#: The JSON Schema dialect of every schema here.
DIALECT = "https://json-schema.org/draft/2020-12/schema"


class Contract:
    """A function's signature, ready to check and convert what comes in and goes out.

    :param signature: what the function takes and returns.
    :param function: whose docstring describes it.
    """

    __slots__ = (
        "_function",
        "_mutable",
        "_names",
        "_positional",
        "_struct",
        "_structured",
        "signature",
    )

    def __init__(self, signature: Signature, function: Callable[..., Any]) -> None:
        self.signature = signature
        self._function = function
        self._names = signature.parameters.keys()
        self._struct = msgspec.defstruct(
            "Parameters",
            [
                (p.name, p.type) if p.required else (p.name, p.type, msgspec.UNSET)
                for p in signature.parameters.values()
            ],
            kw_only=True,
        )
        self._positional = [p.name for p in signature.parameters.values() if p.positional_only]
        self._structured = [p for p in signature.parameters.values() if p.fields]
        self._mutable = {
            p.name: p.default
            for p in signature.parameters.values()
            if p.default is not REQUIRED and p.default.__hash__ is None
        }

    # -- values

    def normalize(self, params: dict[str, Any], name: str | None = None) -> dict[str, Any]:
        """Return parameters JSON-ready, as they are kept, stored and sent.

        :param name: what the message calls the action; what it was declared as by default.
        :raises InvalidInput: one can't be said in JSON.
        """
        if _json.is_plain(params):
            return params
        ready, problems = {}, []
        for key, value in params.items():
            try:
                ready[str(key)] = typed.parameter_ready(value, self._type_of(key))
            except (exceptions.SerializationError, TypeError, ValueError, RecursionError):
                kind = type(value).__name__
                problems.append(f"parameter '{key}' can't be said in JSON: it is or holds {kind}")
        if problems:
            raise self._invalid(problems, name)
        return ready

    def _type_of(self, name: str) -> Any:
        parameter = self.signature.parameters.get(name, self.signature.extra)
        return Any if parameter is None else parameter.type

    def values(self, params: dict[str, Any], name: str | None = None) -> dict[str, Any]:
        """Return typed values by name, of those parameters that were passed.

        :param params: JSON-ready, as :meth:`normalize` makes them.
        :param name: what the message calls the action; what it was declared as by default.
        :raises InvalidInput: some don't fit; the message names each.
        """
        struct = self._validated(params, name)
        known = params if self.signature.extra is None else params.keys() & self._names
        values = {n: getattr(struct, n) for n in known}
        if self.signature.extra is not None:
            values.update(self._extra_values(self.signature.extra, params, name))
        for parameter, default in self._mutable.items():
            # Otherwise every run would share, and could change, the one default.
            values.setdefault(parameter, copy.deepcopy(default))
        return values

    def _validated(self, params: dict[str, Any], name: str | None) -> Any:
        """Return the struct of the declared parameters among ``params``.

        :raises InvalidInput: some don't fit, or there is no such parameter.
        """
        problems = []
        if self.signature.extra is None and not params.keys() <= self._names:
            problems = self._unexpected(params)
        try:
            struct = typed.convert(params, self._struct)
        except (msgspec.ValidationError, TypeError, ValueError) as e:
            problems += self._problems(params) or [str(e)]
        for structured in self._structured:
            if structured.name in params:
                problems += _unknown_fields(structured, params[structured.name], structured.name)
        if problems:
            raise self._invalid(problems, name)
        return struct

    def arguments(self, params: dict[str, Any], context: Any) -> tuple[list[Any], dict[str, Any]]:
        """Return what to call the function with, injected parameters included.

        :raises InvalidInput: some parameters don't fit.
        """
        values = self.values(params)
        for name, inject in self.signature.injected.items():
            values[name] = inject.factory(context)
        args = [values.pop(name) for name in self._positional if name in values]
        return args, values

    def _extra_values(
        self, extra: Parameter, params: Mapping[str, Any], action: str | None
    ) -> dict[str, Any]:
        names = [name for name in params if name not in self._names]
        problems = [p for n in names if (p := _problem(extra, params[n], n))]
        problems += [p for n in names for p in _unknown_fields(extra, params[n], n)]
        if problems:
            raise self._invalid(problems, action)
        return {n: typed.convert(params[n], extra.type) for n in names}

    def check(self, params: dict[str, Any], name: str | None = None) -> None:
        """Check names and values of parameters.

        :param name: what the message calls the action; what it was declared as by default.
        :raises InvalidInput: some don't fit; the message names each.
        """
        if not _json.is_plain(params):
            if any(map(_holds_iterator, params.values())):
                # Looking into an iterator would use it up before the action gets it.
                return
            params = self.normalize(params, name)
        self._check(params, name)

    def _check(self, params: dict[str, Any], name: str | None) -> None:
        self._validated(params, name)
        if self.signature.extra is not None:
            self._extra_values(self.signature.extra, params, name)

    def _problems(self, params: Mapping[str, Any]) -> list[str]:
        """Return what is wrong with each parameter; a struct's error tells the first only."""
        found = []
        for parameter in self.signature.parameters.values():
            if parameter.name in params:
                found.append(_problem(parameter, params[parameter.name], parameter.name))
            elif parameter.required:
                found.append(f"parameter '{parameter.name}' is missing")
        return [problem for problem in found if problem]

    def _unexpected(self, params: Mapping[str, Any]) -> list[str]:
        known = self.signature.parameters.keys()
        return [
            f"there is no parameter '{name}'{nearest.hint(name, known)}"
            for name in params
            if name not in known
        ]

    def _invalid(self, problems: list[str], name: str | None) -> exceptions.InvalidInput:
        return exceptions.InvalidInput(
            f"Invalid input of action '{name or self.signature.name}': {'; '.join(problems)}"
        )

    def output(self, value: Any) -> Any:
        """Return what the function returned as JSON-ready data.

        :raises InvalidOutput: it has no such form; the message says where.
        """
        try:
            return typed.as_lists(typed.json_ready(value))
        except (TypeError, ValueError, RecursionError) as e:
            path = typed.find_unready(value)
            raise exceptions.InvalidOutput(
                f"Action '{self.signature.name}' returned a value that can't be said in JSON, "
                f"at {path}: {e}"
            ) from e

    # -- schemas

    def input_schema(self) -> dict[str, Any]:
        """Return the JSON Schema of the parameters, as one object."""
        described = docstrings.parse(self._function)
        definitions: dict[str, Any] = {}
        properties = {}
        for p in self.signature.parameters.values():
            property_ = _schema_of(p.type, definitions)
            text = p.description or described.parameters.get(p.name)
            if text:
                # After the type, as a reader expects it; an annotation's own came first.
                property_.pop("description", None)
                property_["description"] = text
            if not p.required:
                property_["default"] = p.default_json
            if p.secret:
                property_["writeOnly"] = True
            properties[p.name] = property_
        extra = self.signature.extra
        schema = {
            "$schema": DIALECT,
            "title": self.signature.name,
            "type": "object",
            "properties": properties,
            "required": [p.name for p in self.signature.parameters.values() if p.required],
            "additionalProperties": _schema_of(extra.type, definitions) if extra else False,
        }
        return _with_definitions(schema, definitions)

    def output_schema(self) -> dict[str, Any]:
        """Return the JSON Schema of what the action returns."""
        definitions: dict[str, Any] = {}
        schema = {"$schema": DIALECT, **_schema_of(self.signature.returns, definitions)}
        text = docstrings.parse(self._function).returns
        if text:
            schema.setdefault("description", text)
        return _with_definitions(schema, definitions)


def _problem(parameter: Parameter, value: Any, name: str) -> str | None:
    """Return what is wrong with a value, None if nothing is."""
    try:
        typed.convert(value, parameter.type)
    except (msgspec.ValidationError, TypeError, ValueError) as e:
        reason, _, path = str(e).partition(" - at `$")
        where = name + path.rstrip("`")
        expected = annotated.describe(parameter.type)
        if reason.startswith("Expected `"):
            # These words never quote the value; without a "got", they name a constraint.
            wanted, _, came = reason.removeprefix("Expected ").replace("`", "").partition(", got ")
            if path or not came:
                came = came or ("" if path else type(value).__name__)
                return f"parameter '{where}' must be {wanted}" + (f", got {came}" if came else "")
            reason = ""
        if parameter.holds_secret or not reason:
            return f"parameter '{name}' must be {expected}, got {type(value).__name__}"
        if path:
            return f"parameter '{where}' does not fit: {reason}"
        return f"parameter '{where}' must be {expected}, got {type(value).__name__} ({reason})"
    return None


#: Containers inside containers in which iterators are looked for.
_DEEPEST = 8


def _holds_iterator(value: Any, depth: int = 0) -> bool:
    if hasattr(value, "__next__"):
        return True
    if depth == _DEEPEST or not isinstance(value, (dict, list, tuple)):
        return False
    items = value.values() if isinstance(value, dict) else value
    return any(_holds_iterator(item, depth + 1) for item in items)


def _unknown_fields(parameter: Parameter, value: Any, name: str) -> Iterator[str]:
    """Say which keys are no field: the validator drops them, and a misspelt one with them."""
    for path, fields in parameter.fields:
        for found in paths.values_at(value, path):
            for key in found.keys() - fields if isinstance(found, dict) else ():
                where = ".".join((name, *path))
                yield f"parameter '{where}' has no field '{key}'{nearest.hint(key, fields)}"


def _schema_of(type_: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    def schema_of_model(model: Any) -> dict[str, Any]:
        if annotated.is_path(model):
            return {"type": "string"}
        schema: dict[str, Any] = model.model_json_schema()
        # Its references are from the root: so must its definitions be.
        definitions.update(schema.pop("$defs", {}))
        return schema

    (schema,), found = msgspec.json.schema_components(
        [type_], schema_hook=schema_of_model, ref_template="#/$defs/{name}"
    )
    for definition in found.values():
        if "properties" in definition:
            definition.setdefault("additionalProperties", False)
    definitions.update(found)
    return dict(schema)


def _with_definitions(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    return {**schema, "$defs": definitions} if definitions else schema
