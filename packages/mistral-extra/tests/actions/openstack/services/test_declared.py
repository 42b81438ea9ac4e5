# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
import json
import subprocess
import sys

import pytest

from mistral_extra import config
from mistral_extra.actions.openstack import services
from mistral_extra.actions.openstack.services import urls
from mistral_extra.actions.openstack.utils import exceptions

UPSTREAMS = [
    "nova",
    "glance",
    "keystone",
    "heat",
    "neutron",
    "cinder",
    "trove",
    "ironic",
    "baremetal_introspection",
    "swift",
    "swiftservice",
    "zaqar",
    "mistral",
    "designate",
    "magnum",
    "aodh",
    "gnocchi",
    "zun",
    "manila",
]


def test_upstreams_services_come_first_and_in_its_order():
    assert [service.name for service in services.all()][: len(UPSTREAMS)] == UPSTREAMS


def test_services_upstream_lacks_are_there():
    rest = {service.name for service in services.all()[len(UPSTREAMS) :]}
    assert rest == {"barbican", "tacker", "octavia", "vitrage", "watcher", "blazar", "freezer"}


def test_service_is_found_by_its_name():
    assert services.get("nova").package == "novaclient"


def test_misspelt_service_is_told_the_nearest():
    with pytest.raises(exceptions.ActionException, match="'neutrn': did you mean 'neutron'"):
        services.get("neutrn")
    with pytest.raises(exceptions.ActionException, match="there are nova, glance") as caught:
        services.get("x")
    assert caught.value.error_code == "SERVICE_UNKNOWN"


def test_default_microversions_are_upstreams():
    latest = [s.name for s in services.all() if s.microversion == "latest"]
    assert latest == ["nova", "cinder", "zun", "manila"]
    assert services.get("ironic").microversion == "1.34"


def test_plain_dependencies_have_no_extra():
    assert [s.name for s in services.all() if s.extra is None] == [
        "nova",
        "glance",
        "keystone",
        "heat",
    ]


def test_services_that_support_regions_are_known():
    option = next(o for o in config.openstack_actions_opts if o.dest == "modules_support_region")
    assert set(option.default) <= {service.name for service in services.all()}


def test_importing_the_declarations_imports_no_client_and_no_plumbing():
    code = (
        "import json, sys, mistral_extra.actions.openstack.services, "
        "mistral_extra.actions.openstack.actions; print(json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in json.loads(done.stdout)}
    clients = {service.package for service in services.all()}
    assert loaded & (clients | {"keystoneauth1", "requests", "oslo_log", "oslo_utils"}) == set()


@pytest.mark.parametrize(
    ("url", "version", "made"),
    [
        ("http://dns.example", "v2", "http://dns.example/v2"),
        ("http://dns.example/", "v2", "http://dns.example/v2"),
        ("http://dns.example/v2", "v2", "http://dns.example/v2"),
        ("http://cloud.example/dns/v2/", "v2", "http://cloud.example/dns/v2"),
        ("http://net.example/v2.0/", "", "http://net.example"),
        ("http://net.example/network", "", "http://net.example/network"),
        ("http://v2.example", "", "http://v2.example"),
        ("http://v2", "v3", "http://v2/v3"),
        ("http://v2/", "", "http://v2"),
        ("http://identity.example/v2.0", "v3", "http://identity.example/v3"),
        ("http://volume.example/v2/p1", "v3", "http://volume.example/v3/p1"),
        ("http://volume.example/v2/p1/", "", "http://volume.example"),
        (f"http://volume.example/v2/{'0a' * 16}", "v3", f"http://volume.example/v3/{'0a' * 16}"),
        ("http://cloud.example/api/v1/volume", "v3", "http://cloud.example/api/v1/volume/v3"),
        (
            "http://cloud.example/api/v1/volume/v2/p1",
            "v3",
            "http://cloud.example/api/v1/volume/v3/p1",
        ),
    ],
)
def test_version_in_a_url_is_as_the_client_expects_it(url, version, made):
    assert urls.for_version(url, version, "p1") == made
