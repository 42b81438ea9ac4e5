# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What it costs to list and describe everything, as counts: they don't depend on the machine."""

import json
import subprocess
import sys

import pytest

from mistral_extra.actions.openstack import services

LIST_AND_DESCRIBE = """
import json, sys
import mistral_lib.actions
before = set(sys.modules)
from mistral_extra.actions.openstack.provider import OpenStackActionProvider
described = [
    (d.name, d.description, d.params_spec, d.namespace, d.action_class_name,
     dict(d.action_class_attributes or {}))
    for d in OpenStackActionProvider().find_all()
]
print(json.dumps([len(described), sorted(set(sys.modules) - before)]))
"""


@pytest.fixture(scope="module")
def listing():
    done = subprocess.run(
        [sys.executable, "-c", LIST_AND_DESCRIBE], capture_output=True, text=True, check=True
    )
    count, modules = json.loads(done.stdout)
    assert count > 2000
    return modules


def test_no_client_and_nothing_that_clients_need_is_imported(listing):
    packages = {module.partition(".")[0] for module in listing}
    clients = {service.package for service in services.all()}
    assert packages & (clients | {"keystoneauth1", "requests", "oslo_config", "oslo_log"}) == set()


def test_few_modules_are_imported(listing):
    assert len(listing) < 60, listing


def test_nothing_that_is_slow_to_import_is(listing):
    assert (
        set(listing) & {"msgspec", "stevedore", "inspect", "asyncio", "docstring_parser"} == set()
    )
