# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""No parameter that a client formats as a time is missed: a workflow has only text to give."""

import ast
import warnings

import pytest

from mistral_extra.actions.openstack import catalogue, services
from mistral_extra.actions.openstack.services import offline
from tools.catalogue import methods

FORMATTING = {"isoformat", "strftime", "astimezone", "timestamp", "utctimetuple"}
#: Functions of clients that format what they are given.
FORMATTERS = {"isotime", "strtime"}


def formatted(tree):
    """Yield the names whose values a function formats as times, unless it looks at them first."""
    guarded = {
        call.args[0].id
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and getattr(call.func, "id", "") == "isinstance"
        and isinstance(call.args[0], ast.Name)
    }
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
            continue
        values = [call.func.value] if call.func.attr in FORMATTING else []
        if call.func.attr in FORMATTERS:
            values = [*call.args, *(keyword.value for keyword in call.keywords)]
        yield from (v.id for v in values if isinstance(v, ast.Name) and v.id not in guarded)


def own_helpers(client, path, tree):
    """Return the trees of the manager's private methods that a method calls."""
    owner = client
    for name in path.split(".")[:-1]:
        owner = getattr(owner, name)
    called = {
        call.func.attr
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "self"
    }
    functions = (getattr(type(owner), name, None) for name in called)
    found = (methods.source_of(f) for f in functions if callable(f))
    return [tree, *(t for t in found if t is not None)]


@pytest.mark.slow
@pytest.mark.parametrize("service", [service.name for service in services.all()])
def test_what_a_client_formats_as_a_time_is_a_datetime_in_the_catalogue(service):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        client = offline.client(services.get(service))
    missed = []
    for target in sorted(set(catalogue.mapping()[service].values())):
        entry = catalogue.entry(service, target)
        try:
            tree = methods.source_of(methods.resolve(client, target))
        except AttributeError:
            continue  # a function of ours
        if tree is None:
            continue
        names = {p.name: p.type for p in entry.params}
        for part in own_helpers(client, target, tree):
            missed += [
                (target, n) for n in formatted(part) if names.get(n, "datetime") != "datetime"
            ]
    assert missed == []


def test_the_four_that_are_known_are_found():
    typed = {
        (service, target, p.name)
        for service in ("nova", "keystone")
        for target in catalogue.mapping()[service].values()
        for p in catalogue.entry(service, target).params
        if p.type == "datetime"
    }
    assert typed == {
        ("keystone", "application_credentials.create", "expires_at"),
        ("keystone", "trusts.create", "expires_at"),
        ("nova", "usage.get", "end"),
        ("nova", "usage.get", "start"),
        ("nova", "usage.list", "end"),
        ("nova", "usage.list", "start"),
    }
