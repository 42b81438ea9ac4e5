# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Every public method and property is documented, by itself or by what it overrides.

The linter sees to modules, classes and functions; it doesn't know what a method inherits.
"""

import functools
import inspect

DESCRIBED = (staticmethod, classmethod, property, functools.cached_property)


def classes(module):
    for name, value in vars(module).items():
        if (
            isinstance(value, type)
            and value.__module__ == module.__name__
            and not name.startswith("_")
        ):
            yield value


def undocumented(owner):
    for name, member in vars(owner).items():
        if name.startswith("_") or not (
            inspect.isfunction(member) or isinstance(member, DESCRIBED)
        ):
            continue
        if not inspect.getdoc(getattr(owner, name)):
            yield f"{owner.__module__}.{owner.__qualname__}.{name}"


def test_every_public_method_and_property_is_documented(imported):
    bare = [
        name
        for module in imported.values()
        for owner in classes(module)
        for name in undocumented(owner)
    ]
    assert bare == []


class Described:
    def run(self):
        """Do it."""

    @property
    def name(self):
        """What it is called."""


class Inheriting(Described):
    def run(self):
        pass

    @property
    def name(self):
        pass

    def stop(self):
        pass


def test_an_override_inherits_its_documentation_and_a_new_method_has_none():
    assert [name.rpartition(".")[2] for name in undocumented(Inheriting)] == ["stop"]
