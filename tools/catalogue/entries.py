# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""One method of a client as the catalogue has it: JSON, of which what says nothing is left out."""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
from typing import TYPE_CHECKING, Any

from mistral_extra.actions.openstack import signatures
from tools.catalogue import clients, docstrings, filters, methods, returns, secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mistral_extra.actions.openstack.signatures import Parameter, Signature
    from tools.catalogue.docstrings import Described

__all__ = ["describe", "entry", "for_target", "is_deprecated"]

Json = dict[str, Any]


def entry(service: str, path: str, method: Callable[..., Any]) -> Json:
    """Return what the catalogue says of a method."""
    signature = signatures.read(method)
    described = describe(method)
    lists = methods.iterated(method)
    found: Json = {
        "doc": described.text,
        "params": _marked(
            service, path, (_parameter(p, described, lists) for p in signature.parameters)
        ),
        "extra": signature.extra,
        "keywords": _marked(service, path, _keywords(signature, described)),
        "ignoring": filters.documented(service, path),
        "returns": returns.kind(service, path, method),
        "returns_doc": described.returns,
        "deprecated": described.deprecated,
    }
    entry_ = {name: value for name, value in found.items() if value}
    if signature.extra:
        taken = filters.accepted(service, path, method)
        # None at all is a fact, too.
        entry_ |= {} if taken is None else {"accepted": taken}
    return entry_


def _marked(service: str, path: str, parameters: Iterable[Json]) -> list[Json]:
    """Return descriptions of parameters, those that are secret marked so."""
    return [
        found | ({"secret": True} if secrets.is_secret(service, path, found["name"]) else {})
        for found in parameters
    ]


def describe(method: Callable[..., Any]) -> Described:
    """Return what the docstrings of a method, and of its versions, say."""
    newest_first = [v.function for v in reversed(signatures.versions(method))]
    candidates = [*newest_first, signatures.innermost(method)]
    return docstrings.merge(docstrings.parse(inspect.getdoc(f)) for f in candidates)


def _parameter(parameter: Parameter, described: Described, lists: frozenset[str]) -> Json:
    type_, text = described.parameters.get(parameter.name, ("", ""))
    if type_ == "str" and parameter.name in lists:
        # Keystone's "role_names" is a "string" to its docstring.
        type_ = "list[str]"
    stop = "" if not text or text.endswith((".", ":")) else "."
    said = f"{text}{stop} {parameter.note}".strip() if parameter.note else text
    found: Json = {"name": parameter.name}
    if parameter.default is not signatures.REQUIRED:
        found["default"] = parameter.default
        if not type_ and parameter.default is not None:
            type_ = type(parameter.default).__name__
    return found | ({"type": type_} if type_ else {}) | ({"doc": said} if said else {})


def _keywords(signature: Signature, described: Described) -> list[Json]:
    """Return what the docstring says can be given, where the signature takes anything."""
    if not signature.extra:
        return []
    named = {p.name for p in signature.parameters} | {signature.extra, "self"}
    return [
        {"name": name} | ({"type": type_} if type_ else {}) | ({"doc": text} if text else {})
        for name, (type_, text) in described.parameters.items()
        if name not in named
    ]


def is_deprecated(method: Callable[..., Any]) -> bool:
    """Tell whether a client says of a method, in words or by a decorator, not to use it."""
    if describe(method).deprecated:
        return True
    tree = methods.source_of(method)
    decorators = [ast.unparse(d) for d in tree.decorator_list] if tree is not None else []
    return any(d.startswith("removals.remove(") for d in decorators)


def for_target(service: str, client: Any, target: str) -> Json:
    """Return the entry of what an action is mapped to: a method, or a function of ours.

    :raises AttributeError: there is no such method.
    """
    if ":" in target:
        return _of_function(target)
    own = clients.own_methods(service).get(target)
    method = methods.resolve(client, target) if own is None else functools.partial(own, client)
    return entry(service, target, method)


def _of_function(target: str) -> Json:
    from mistral_lib.actions.providers import python
    from mistral_lib.cli import facts

    module, _, name = target.partition(":")
    function = getattr(importlib.import_module(module), name)
    found = facts.of(python.PythonActionDescriptor(target, function))
    parameters = [
        {"name": p.name}
        | ({} if p.required else {"default": p.default})
        | ({"type": p.type_text} if p.type_text else {})
        | ({"doc": p.description} if p.description else {})
        for p in found.parameters
    ]
    parts: Json = {
        "doc": found.text,
        "params": parameters,
        "returns": "data",
        "returns_doc": found.returns_text,
    }
    return {name: value for name, value in parts.items() if value}
