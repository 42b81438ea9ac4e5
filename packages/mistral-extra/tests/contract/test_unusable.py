# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Actions that can't work say so, and only those."""

import contextlib

import pytest

from mistral_extra import openstack
from mistral_extra.actions.openstack import catalogue, descriptors
from mistral_extra.actions.openstack.services import unusable
from mistral_lib.actions import Runner

from .test_failures import VERSIONS

UNUSABLE = [
    (service, name, target)
    for service, actions in catalogue.mapping().items()
    for name, target in actions.items()
    if unusable.reason(service, target)
]


def test_there_are_some_of_three_services():
    assert {service for service, _, _ in UNUSABLE} == {"manila", "neutron", "trove"}


@pytest.mark.parametrize(("service", "name", "target"), UNUSABLE)
def test_unusable_action_says_why_and_asks_nobody(cloud, need, service, name, target):
    need(service)
    entry = catalogue.entry(service, target)
    params = {p.name: "1" for p in entry.params if p.default is catalogue.REQUIRED}
    descriptor = descriptors.create(f"{service}.{name}", service, target, False)
    assert descriptor.description.startswith("Can't be used: ")
    for dry_run in (False, True):
        action = descriptor.instantiate(params, None)
        result = Runner().run(action, context=cloud.context(), dry_run=dry_run)
        assert result.error["code"] == "METHOD_UNUSABLE"
        assert unusable.reason(service, target) in result.error["message"]
    assert cloud.requests == []


@pytest.mark.parametrize(("service", "name", "target"), UNUSABLE)
def test_clients_own_method_asks_nobody_either(cloud, need, service, name, target):
    need(service)
    microversion = "2.60" if service == "manila" else None
    found = openstack.client(service, cloud.context(), microversion=microversion)
    for part in target.split("."):
        found = getattr(found, part)
    cloud.requests.clear()
    entry = catalogue.entry(service, target)
    params = {p.name: "1" for p in entry.params if p.default is catalogue.REQUIRED}
    with contextlib.suppress(AttributeError, TypeError):
        assert found(**params) in (None, [])
    assert cloud.requests == []


@pytest.mark.parametrize(
    ("service", "method", "params"),
    [
        ("manila", "quotas.list", {}),
        ("cinder", "services.find", {"host": "h"}),
        ("trove", "users.find", {"name": "n"}),
    ],
)
def test_what_a_client_does_not_implement_is_called_so(cloud, action_of, service, method, params):
    if service in VERSIONS:
        cloud.answer("GET", *VERSIONS[service])
    cloud.answer_all({})
    result = Runner().run(action_of(service, method, **params), context=cloud.context())
    assert result.error["code"] == "METHOD_UNUSABLE"
    assert "the method can't be used: " in result.error["message"]
