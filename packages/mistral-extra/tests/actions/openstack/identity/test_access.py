# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
import pytest

from mistral_extra.actions.openstack import access
from mistral_extra.actions.openstack.utils import exceptions


def service(name, type_, *places):
    endpoints = [
        {
            "id": "i",
            "interface": interface,
            "region_id": region,
            "url": f"https://{region}/{interface}",
        }
        for region, interface in places
    ]
    return {"type": type_, "name": name, "endpoints": endpoints}


CATALOG = [
    service("cinder", "block-storage", ("North", "public"), ("South", "internal")),
    service("nova", "compute", ("North", "public"), ("North", "admin"), ("South", "public")),
    service("nova2", "compute", ("West", "public")),
]


@pytest.mark.parametrize(
    ("types", "region", "interface", "url"),
    [
        (("compute",), None, "public", "https://North/public"),
        (("compute",), "South", "public", "https://South/public"),
        (("compute",), "West", "public", "https://West/public"),
        (("compute",), "North", "admin", "https://North/admin"),
        (("volumev3", "block-storage"), None, "public", "https://North/public"),
        # By the official list of service types, the same.
        (("volumev3",), "South", "internal", "https://South/internal"),
    ],
)
def test_endpoint_is_that_of_type_region_and_interface(types, region, interface, url):
    assert access.find(CATALOG, types, region, interface).url == url


def test_endpoint_is_found_by_the_services_name():
    assert access.find(CATALOG, (), None, "public", "nova2").region == "West"
    assert access.find(CATALOG, ("compute",), None, "public", "nova2").region == "West"


@pytest.mark.parametrize(
    ("catalog", "types", "region", "interface", "message"),
    [
        (
            CATALOG,
            ("dns",),
            None,
            "public",
            "no public endpoint of the service 'dns': its service "
            "types are block-storage, compute$",
        ),
        (
            CATALOG,
            ("compute",),
            "East",
            "public",
            "'compute' in region East: it has admin in North, "
            "public in North, public in South, public in West$",
        ),
        (
            CATALOG,
            ("compute",),
            None,
            "internal",
            "no internal endpoint of the service 'compute': it",
        ),
        ([], ("compute",), None, "public", "it is empty, since the token is not scoped"),
    ],
)
def test_what_is_not_there_is_told_with_what_is(catalog, types, region, interface, message):
    with pytest.raises(exceptions.MistralKeystoneException, match=message):
        access.find(catalog, types, region, interface)


def test_access_asks_for_the_catalogue_once(keystone, cache):
    way = cache.access(("compute",), keystone.context(bare=True), region="South")
    assert keystone.asked() == []
    assert way.endpoint == f"{keystone.url}/compute/South/public"
    assert (way.service_type, way.region, way.interface) == ("compute", "South", "public")
    assert way.found is way.found
    assert way.verify is True
    assert way.auth is way.session.auth
    assert keystone.asked() == ["GET /v3/auth/tokens"]
