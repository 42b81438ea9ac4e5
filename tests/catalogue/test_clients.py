# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What is mapped can be called, and what can be called is mapped."""

import warnings

import pytest

from mistral_extra.actions.openstack import catalogue, descriptors, services
from mistral_extra.actions.openstack.services import offline
from tools.catalogue import __main__ as command
from tools.catalogue import holes, left_out

SERVICES = [service.name for service in services.all()]


@pytest.fixture(scope="module")
def client():
    """A client that reaches nothing, by its service's name."""

    def make(name):
        with warnings.catch_warnings():
            # Of how old the clients' own code is.
            warnings.simplefilter("ignore")
            return offline.client(services.get(name))

    return make


@pytest.mark.slow
@pytest.mark.parametrize("service", SERVICES)
def test_every_mapped_method_exists_on_the_client(service, client):
    client(service)
    mapped = catalogue.mapping()[service]
    assert mapped
    for name, target in mapped.items():
        if ":" in target:
            assert descriptors.create(name, service, target, False).declaration.name.endswith(name)
        else:
            made = descriptors.create(name, service, target, False).action_class
            assert callable(made.get_fake_client_method()), name


@pytest.mark.slow
@pytest.mark.parametrize("service", SERVICES)
def test_every_public_method_has_an_action_or_a_reason(service, client):
    assert holes.find(service, client(service), catalogue.mapping()[service]) == {}


@pytest.mark.slow
def test_a_new_method_of_a_client_is_found(client):
    mapped = dict(catalogue.mapping()["nova"])
    del mapped["servers_list"]
    assert holes.find("nova", client("nova"), mapped) == {"servers_list": "servers.list"}


@pytest.mark.slow
def test_a_name_that_is_taken_is_not_given_again(client):
    mapped = {**catalogue.mapping()["nova"], "servers_list": "servers.get"}
    with pytest.raises(ValueError, match=r"nova\.servers_list is 'servers\.get' already"):
        holes.find("nova", client("nova"), mapped)


def test_what_is_left_out_has_a_reason():
    assert left_out.reason("neutron", "get_auth_info") == "gives the token away"
    assert left_out.reason("nova", "servers.list") == ""


@pytest.mark.slow
def test_the_catalogue_is_what_the_pinned_clients_say(capsys):
    pinned = dict(
        line.split("==") for line in command.REQUIREMENTS.read_text().splitlines() if "==" in line
    )
    from importlib import metadata

    other = {n: metadata.version(n) for n in pinned if metadata.version(n) != pinned[n]}
    if other:
        pytest.skip(f"other versions than the pinned ones are installed: {other}")
    assert command.main(["--check"]) == 0
    assert capsys.readouterr().out == ""
