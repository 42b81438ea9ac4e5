# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""How catalogues spell endpoints: whichever way, an action finds its service.

The paths of a case stand behind the service's base URL, so they tell where the request belongs.
"""

import copy

import pytest

from mistral_extra.actions.openstack import services
from mistral_lib.actions import Runner

from .test_services import CASES, HEADERS

#: Versions of each service's API as catalogues have them, the one that its actions speak first.
VERSIONS = {
    "nova": ("v2.1", "v2"),
    "glance": ("v2", "v1"),
    "keystone": ("v3", "v2.0"),
    "heat": ("v1",),
    "neutron": ("v2.0",),
    "cinder": ("v3", "v2", "v1"),
    "trove": ("v1.0",),
    "ironic": ("v1",),
    "baremetal_introspection": ("v1",),
    "swift": ("v1",),
    "swiftservice": ("v1",),
    "zaqar": ("v2", "v1.1"),
    "mistral": ("v2", "v1"),
    "designate": ("v2", "v1"),
    "magnum": ("v1",),
    "aodh": ("v2",),
    "gnocchi": ("v1",),
    "zun": ("v1",),
    "manila": ("v2", "v1"),
    "barbican": ("v1",),
    "tacker": ("v1.0",),
    "octavia": ("v2.0", "v2"),
    "vitrage": ("v1",),
    "watcher": ("v1",),
    "blazar": ("v1",),
    "freezer": ("v2", "v1"),
}

#: Services whose URL may have the project behind the version.
WITH_PROJECT = {
    "nova": "p1",
    "heat": "p1",
    "cinder": "p1",
    "trove": "p1",
    "manila": "p1",
    "freezer": "p1",
    "swift": "AUTH_p1",
    "swiftservice": "AUTH_p1",
}

#: Of these the project is a necessary part.
ALWAYS_WITH_PROJECT = {"heat", "trove", "swift", "swiftservice", "freezer"}


def spellings():
    for name, versions in VERSIONS.items():
        paths = ["", "/"]
        for version in versions:
            paths += [f"/{version}", f"/{version}/"]
            if name in WITH_PROJECT:
                paths += [f"/{version}/{WITH_PROJECT[name]}", f"/{version}/{WITH_PROJECT[name]}/"]
        for path in paths:
            if name.startswith("swift") and path.strip("/") == "v1":
                # Ceph's gateway: the token tells the account.
                continue
            yield name, path


def types():
    import os_service_types

    known = os_service_types.ServiceTypes()
    for service in services.all():
        names = {*service.types, *known.get_all_types(service.types[0])}
        yield from ((service.name, name) for name in sorted(names))


@pytest.fixture
def run(cloud, action_of):
    """Run a case with the endpoint at a path: the request goes to where the case says."""

    def run_(name, path, *, service_type=None, base=""):
        case = CASES[name]
        wanted = case.path
        if name in WITH_PROJECT and name not in ALWAYS_WITH_PROJECT:
            # Where the catalogue has no project, none is added.
            wanted = wanted.replace("/p1", "")
            if "p1" in path:
                version = VERSIONS[name][0]
                wanted = wanted.replace(f"/{version}", f"/{version}/p1", 1)
        for method in ("GET", "HEAD"):
            cloud.answer(method, base + wanted, case.answer, headers=HEADERS)
            for first, body in case.first.items():
                cloud.answer(method, base + first, body)
                cloud.answer(method, base + first + "/p1", body)
        context = cloud.context()
        known = "swift" if name == "swiftservice" else name
        body = copy.deepcopy(context.security.service_catalog)
        (service,) = (s for s in body["catalog"] if s["name"] == known)
        service["type"] = service_type or service["type"]
        for endpoint in service["endpoints"]:
            where = f"{endpoint['region']}/{endpoint['interface']}"
            endpoint["url"] = f"{cloud.url}/{where}/{known}{base}{path}"
        context.security.service_catalog = body
        result = Runner(wire=True).run(action_of(name, case.method, **case.params), context=context)
        assert result.is_success(), (result.error, [r.path for r in cloud.requests])
        assert base + wanted in [r.path.rstrip("/") for r in cloud.requests]
        if name == "swiftservice":
            assert result.data["success"], result.data

    return run_


def test_there_are_spellings_of_every_service():
    assert set(VERSIONS) == {service.name for service in services.all()}


@pytest.mark.parametrize(("name", "path"), list(spellings()))
def test_action_finds_its_service_however_the_endpoint_is_spelt(run, name, path):
    run(name, path)


@pytest.mark.parametrize(("name", "path"), [(n, p) for n, p in spellings() if not p.endswith("/")])
def test_service_may_be_behind_a_path(run, name, path):
    run(name, path, base="/api/stack")


@pytest.mark.parametrize(("name", "service_type"), list(types()))
def test_action_finds_its_service_by_all_its_types(run, name, service_type):
    version = VERSIONS[name][0]
    run(name, f"/{version}/AUTH_p1" if name.startswith("swift") else "", service_type=service_type)


def test_swift_without_an_account_is_left_to_the_gateway(cloud, run, action_of):
    cloud.answer("GET", "/swift/v1/c", [{"name": "one"}])
    context = cloud.context()
    for service in context.security.service_catalog["catalog"]:
        for endpoint in service["endpoints"]:
            endpoint["url"] = endpoint["url"].replace("/v1/AUTH_p1", "/swift/v1")
    result = Runner().run(action_of("swift", "get_container", container="c"), context=context)
    assert result.data[1] == [{"name": "one"}]
