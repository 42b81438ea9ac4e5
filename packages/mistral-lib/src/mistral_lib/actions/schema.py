# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""From a signature to JSON Schema, and from parameters to typed values."""

from __future__ import annotations

import copy
import itertools
from typing import TYPE_CHECKING, Any

import msgspec

from mistral_lib import exceptions
from mistral_lib.actions import annotated, docstrings, nearest, paths, secrets
from mistral_lib.actions import values as typed
from mistral_lib.actions.signature import REQUIRED
from mistral_lib.utils import _json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mistral_lib.actions.signature import Parameter, Signature

__all__ = ["DIALECT", "Contract"]

#: The JSON Schema dialect of every schema here.
DIALECT = "https://json-schema.org/draft/2020-12/schema"


#: What the validator raises for a value that does not fit.
_REFUSALS = (msgspec.ValidationError, TypeError, ValueError)

#: Problems that a message tells of, at most.
_MOST_PROBLEMS = 20


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

    def normalize(self, params: dict[str, Any]) -> dict[str, Any]:
        """Return parameters JSON-ready, as they are kept, stored and sent.

        :raises InvalidInput: one is not JSON-serializable.
        """
        ready, problems = self._ready(params)
        if problems:
            raise self._invalid(problems, params, None)
        return ready

    def _ready(self, params: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
        """Return parameters JSON-ready, and what is wrong with those that can't be."""
        if _json.is_plain(params):
            return params, []
        ready, wrong = {}, []
        for key, value in params.items():
            try:
                ready[str(key)] = typed.parameter_ready(value, self._type_of(key))
            except (exceptions.SerializationError, TypeError, ValueError, RecursionError):
                from mistral_lib.actions import problems

                path, part = problems.unready(value, str(key))
                kind = type(part).__name__
                wrong.append(f"parameter '{path}' is not JSON-serializable: it is or holds {kind}")
        return ready, wrong

    def _type_of(self, name: str) -> Any:
        parameter = self.signature.parameters.get(name, self.signature.extra)
        return Any if parameter is None else parameter.type

    def values(
        self, params: dict[str, Any], name: str | None = None, *, is_plain: bool = False
    ) -> dict[str, Any]:
        """Return typed values by name, of those parameters that were passed.

        :param params: JSON-ready, as :meth:`normalize` makes them.
        :param name: what the message calls the action; what it was declared as by default.
        :param is_plain: the parameters are known to be of JSON's types alone.
        :raises InvalidInput: some don't fit; the message names each.
        """
        extra = self.signature.extra
        fits = extra is not None or params.keys() <= self._names
        try:
            struct = typed.convert(params, self._struct)
            known = params if extra is None else params.keys() & self._names
            values = {n: getattr(struct, n) for n in known} if fits else {}
            if extra is not None:
                for n in params.keys() - self._names:
                    values[n] = typed.convert(params[n], extra.type)
        except _REFUSALS as e:
            raise self._invalid(self._problems(params) or [str(e)], params, name) from None
        if (
            not fits
            or not (is_plain or _json.is_plain(params))
            or ((self._structured or extra is not None) and self._has_unknown_fields(params))
        ):
            problems = self._problems(params)
            if problems:
                raise self._invalid(problems, params, name)
        for parameter, default in self._mutable.items():
            # Otherwise every run would share, and could change, the one default.
            values.setdefault(parameter, copy.deepcopy(default))
        return values

    def arguments(self, params: dict[str, Any], context: Any) -> tuple[list[Any], dict[str, Any]]:
        """Return what to call the function with, injected parameters included.

        :raises InvalidInput: some parameters don't fit.
        """
        values = self.values(params)
        for name, inject in self.signature.injected.items():
            values[name] = inject.factory(context)
        args = [values.pop(name) for name in self._positional if name in values]
        return args, values

    def check(self, params: dict[str, Any], name: str | None = None) -> None:
        """Check names and values of parameters.

        :param name: what the message calls the action; what it was declared as by default.
        :raises InvalidInput: some don't fit; the message names each.
        """
        is_plain = _json.is_plain(params)
        if not is_plain:
            if any(map(_holds_iterator, params.values())):
                # Looking into an iterator would use it up before the action gets it.
                return
            ready, unready = self._ready(params)
            if unready:
                raise self._invalid([*unready, *self._problems(ready, params)], ready, name)
            params = ready
        self.values(params, name, is_plain=is_plain)

    def _problems(
        self, params: Mapping[str, Any], passed: Mapping[str, Any] | None = None
    ) -> list[str]:
        """Return all that is wrong with parameters: their names first.

        :param passed: all that came, where some of it is not in ``params``.
        """
        came = params if passed is None else passed
        parameters = self.signature.parameters
        found = [
            f"parameter '{p.name}' is missing"
            for p in parameters.values()
            if p.required and p.name not in came
        ]
        if self.signature.extra is None:
            found += [
                f"there is no parameter '{n}'{nearest.hint(n, parameters.keys())}"
                for n in came
                if n not in parameters
            ]
        return found + self._value_problems(params)

    def value_problems(self, params: Mapping[str, Any]) -> str:
        """Return what is wrong with the values of parameters, as far as there are such."""
        ready, problems = self._ready(dict(params))
        problems += self._value_problems(ready)
        return self._text(problems, ready)

    def _value_problems(self, params: Mapping[str, Any]) -> list[str]:
        from mistral_lib.actions import problems

        found: list[str] = []
        for name, value in params.items():
            parameter = self.signature.parameters.get(name, self.signature.extra)
            if parameter is None:
                continue
            wrong = problems.of_parameter(parameter, value, name)
            # One more, from which the message tells that there are more.
            found += itertools.islice(wrong, _MOST_PROBLEMS + 1)
            found += itertools.islice(
                problems.unknown_fields(parameter, value, name), _MOST_PROBLEMS + 1
            )
        return found

    def _has_unknown_fields(self, params: Mapping[str, Any]) -> bool:
        extra = self.signature.extra
        if extra is not None and extra.fields:
            others = (v for n, v in params.items() if n not in self._names)
            if any(_has_unknown_fields(extra, value) for value in others):
                return True
        return any(
            _has_unknown_fields(p, params[p.name]) for p in self._structured if p.name in params
        )

    def _invalid(
        self, problems: list[str], params: Mapping[str, Any], name: str | None
    ) -> exceptions.InvalidInput:
        return exceptions.InvalidInput(
            f"Invalid input of action '{name or self.signature.name}': "
            + self._text(problems, params)
        )

    def _text(self, problems: list[str], params: Mapping[str, Any]) -> str:
        """Return the problems as one text, without the values of secret parameters."""
        names, inside = self.signature.secrets, self.signature.secret_paths
        masker = secrets.masker_for(dict(params), names, None, inside)
        return masker.text("; ".join(_first(problems)))

    def output(self, value: Any) -> Any:
        """Return what the function returned as JSON-ready data.

        :raises InvalidOutput: it has no such form; the message says where.
        """
        try:
            ready = typed.as_lists(typed.json_ready(value))
        except (TypeError, ValueError, RecursionError) as e:
            from mistral_lib.actions import problems

            path, _ = problems.unready(value, "$")
            raise exceptions.InvalidOutput(
                f"Action '{self.signature.name}' returned a value that is not JSON-serializable, "
                f"at {path}: {e}"
            ) from e
        if not (_json.is_plain(ready) and _json.is_writable(ready)):
            from mistral_lib.actions import problems

            parts = itertools.islice(problems.not_json(ready, "$"), _MOST_PROBLEMS + 1)
            found = [f"{path} is {what}" for path, what in parts]
            if found:
                raise exceptions.InvalidOutput(
                    f"Action '{self.signature.name}' returned a value that is not "
                    f"JSON-serializable: {'; '.join(_first(found))}"
                )
        return ready

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


def _first(problems: list[str]) -> list[str]:
    more = ["and more"] if len(problems) > _MOST_PROBLEMS else []
    return problems[:_MOST_PROBLEMS] + more


#: Containers inside containers in which iterators are looked for.
_DEEPEST = 8


def _holds_iterator(value: Any, depth: int = 0) -> bool:
    if hasattr(value, "__next__"):
        return True
    if depth == _DEEPEST or not isinstance(value, (dict, list, tuple)):
        return False
    items = value.values() if isinstance(value, dict) else value
    return any(_holds_iterator(item, depth + 1) for item in items)


def _has_unknown_fields(parameter: Parameter, value: Any) -> bool:
    return any(
        isinstance(found, dict) and not found.keys() <= fields
        for path, fields in parameter.fields
        for found in paths.values_at(value, path)
    )


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
