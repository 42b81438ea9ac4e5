# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
import pytest

from mistral_extra.actions import action_generator, generator_factory


def test_there_is_a_generator_for_each_service_of_upstreams():
    made = list(generator_factory.all_generators())
    assert [g.__name__ for g in made] == [
        f"{name.replace(' ', '')}ActionGenerator" for name in generator_factory.SUPPORTED_MODULES
    ]
    assert len(made) == 19
    assert all(issubclass(g, action_generator.ActionGenerator) for g in made)


def test_each_knows_its_namespace_and_its_class():
    made = {g.action_namespace: g.base_action_class for g in generator_factory.all_generators()}
    assert made["nova"].__name__ == "NovaAction"
    assert made["baremetal_introspection"].__name__ == "BaremetalIntrospectionAction"
    assert made["swiftservice"].__name__ == "SwiftServiceAction"
    assert all(cls._declared_as == namespace for namespace, cls in made.items())


def test_a_generator_that_makes_nothing_says_what_it_must_define():
    with pytest.raises(NotImplementedError, match=r"ActionGenerator must define create_actions"):
        action_generator.ActionGenerator.create_actions()
