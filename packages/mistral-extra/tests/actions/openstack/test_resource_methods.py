# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
import inspect

import pytest

from mistral_extra.actions.openstack import resource_methods


class Resource:
    def __init__(self, id_):
        self.id = id_

    def to_dict(self):
        return {"id": self.id}


class Flavor(Resource):
    def set_keys(self, metadata, overwrite=False):
        """Set extra specs."""
        return (self.id, metadata, overwrite)

    def tune(self, **settings):
        return (self.id, settings)

    def delete(self):
        raise AssertionError("the manager has it")

    def _private(self):
        raise AssertionError("it is private")


class Flavors:
    resource_class = Flavor

    def get(self, flavor, fields=None):
        return Flavor(flavor)

    def delete(self, flavor):
        """The manager's."""


class Parts(Flavors):
    def get(self, flavor, part):
        """One id is not enough."""


def test_it_gets_the_resource_and_calls_its_method():
    set_keys = resource_methods.find(Flavors(), "set_keys")
    assert set_keys(flavor="f", metadata={"a": "1"}) == ("f", {"a": "1"}, False)
    assert set_keys("f", {}, overwrite=True) == ("f", {}, True)
    assert str(inspect.signature(set_keys)) == "(flavor, metadata, overwrite=False)"


def test_any_names_are_handed_over():
    assert resource_methods.find(Flavors(), "tune")(flavor="f", a=1, b=2) == ("f", {"a": 1, "b": 2})


def test_parameters_that_do_not_fit_are_refused_before_anything_is_fetched():
    with pytest.raises(TypeError, match="missing a required argument: 'metadata'"):
        resource_methods.find(Flavors(), "set_keys")(flavor="f")


@pytest.mark.parametrize("name", ["_private", "fly", "id"])
def test_there_is_no_such_method(name):
    assert resource_methods.find(Flavors(), name) is None


def test_what_takes_more_than_an_id_to_get_has_none():
    assert resource_methods.find(Parts(), "set_keys") is None
    assert list(resource_methods.names(Parts())) == []
    assert resource_methods.find(object(), "set_keys") is None


def test_names_are_those_that_the_manager_lacks():
    assert list(resource_methods.names(Flavors())) == ["set_keys", "tune"]
