# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Methods that no action reaches, and the names that their actions would have."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from mistral_extra.actions.openstack import signatures
from tools.catalogue import clients, entries, methods

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["action_name", "find"]


def find(service: str, client: Any, mapped: Mapping[str, str]) -> dict[str, str]:
    """Return the missing actions of a service: name -> method path.

    A method that its client calls deprecated is none: nobody should begin to use it.

    :param mapped: the actions that there are.
    :raises ValueError: a name is taken already; its meaning must not change.
    """
    reached = set(mapped.values())
    missing = {}
    for path in (*methods.of(client, service), *clients.own_methods(service)):
        if path in reached or _is_deprecated(client, path) or _looks_in_vain(client, path):
            continue
        name = action_name(path)
        if name in mapped:
            raise ValueError(
                f"{service}.{name} is {mapped[name]!r} already, and {path!r} would be called the "
                "same: map it by hand, under another name"
            )
        missing[name] = path
    return missing


def _is_deprecated(client: Any, path: str) -> bool:
    try:
        method = methods.resolve(client, path)
    except AttributeError:
        return False  # one of our own
    return entries.is_deprecated(method)


def _looks_in_vain(client: Any, path: str) -> bool:
    """Tell whether a method looks through a list that can't be had without parameters."""
    group, _, name = path.rpartition(".")
    if name not in ("find", "findall") or not group:
        return False
    source = methods.source_of(methods.resolve(client, path))
    text = "" if source is None else ast.unparse(source)
    if "self.list(" not in text and "self.findall(" not in text:
        return False
    try:
        taken = signatures.read(methods.resolve(client, f"{group}.list"))
    except AttributeError:
        return True
    return any(p.default is signatures.REQUIRED for p in taken.parameters)


def action_name(path: str) -> str:
    """Return what upstream calls the action of a method.

    >>> action_name("servers.list"), action_name("list_networks")
    ('servers_list', 'list_networks')
    >>> action_name("oauth1.consumers.get")
    'oauth1.consumers_get'
    """
    group, dot, method = path.rpartition(".")
    return f"{group}_{method}" if dot else method
