# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Methods as clients wrap them; the wrappers are the clients' own where they are installed."""

import functools

import novaclient.v2.keypairs
import pytest

from mistral_extra.actions.openstack import signatures

NOT_GIVEN = object()


def unhelpful(function):
    """Wrap without functools.wraps, as octaviaclient does."""

    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)

    return wrapper


def helpful(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)

    return wrapper


class Client:
    def plain(self, a, b=1, *, c, d=None, **more):
        """Say it."""

    def odd(self, wait=print, mark=NOT_GIVEN, pair=(1, 2)):
        """Have defaults that JSON lacks."""

    def positional(self, a, *rest):
        """Take any number."""

    wrapped = helpful(plain)
    hidden = unhelpful(plain)
    hidden_twice = helpful(unhelpful(plain))


EXPECTED = [("a", signatures.REQUIRED), ("b", 1), ("c", signatures.REQUIRED), ("d", None)]


@pytest.mark.parametrize("name", ["plain", "wrapped", "hidden", "hidden_twice"])
def test_a_method_is_read_behind_its_wrappers(name):
    method = getattr(Client(), name)
    taken = signatures.read(method)
    assert [(p.name, p.default) for p in taken.parameters] == EXPECTED
    assert taken.extra == "more"
    assert signatures.innermost(method) is Client.plain


def test_a_function_that_was_given_its_client_is_read_without_it():
    taken = signatures.read(functools.partial(Client.plain, Client()))
    assert [(p.name, p.default) for p in taken.parameters] == EXPECTED


def test_a_default_that_json_lacks_is_null_and_a_function_is_no_parameter():
    taken = signatures.read(Client().odd)
    assert [(p.name, p.default) for p in taken.parameters] == [("mark", None), ("pair", [1, 2])]


def test_what_can_only_be_given_by_position_is_no_parameter():
    assert [p.name for p in signatures.read(Client().positional).parameters] == ["a"]


def test_a_method_with_versions_takes_what_any_of_them_takes():
    method = novaclient.v2.keypairs.KeypairManager(api=None).create
    versions = signatures.versions(method)
    assert [version.first for version in versions] == ["2.0", "2.2", "2.10", "2.92"]
    found = {p.name: p for p in signatures.read(method).parameters}
    assert list(found) == ["name", "public_key", "key_type", "user_id"]
    assert found["name"].default is signatures.REQUIRED
    assert found["public_key"].default is None
    assert found["public_key"].note == "Required from API version 2.92 on."
    assert found["key_type"].note == "API version 2.2 and newer."
    assert found["user_id"].note == "API version 2.10 and newer."


def test_a_parameter_that_newer_versions_lack_says_so():
    from novaclient.v2 import servers

    found = {
        p.name: p for p in signatures.read(servers.ServerManager(api=None).evacuate).parameters
    }
    assert found["on_shared_storage"].note == "API version 2.13 and older."
    assert found["force"].note == "API versions 2.29 to 2.67."


def test_a_method_without_versions_has_none():
    assert signatures.versions(Client().plain) == []
