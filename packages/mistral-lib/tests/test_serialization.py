# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The registry of serializers and the base classes that plug-ins derive theirs from."""

import json

import pytest

from mistral_lib import exceptions, serialization
from mistral_lib.actions import base, context, types


class Ship(serialization.MistralSerializable):
    def __init__(self, name):
        self.name = name


class Submarine(Ship):
    @classmethod
    def get_serialization_key(cls):
        return "submarine"


class Ferry(Submarine):
    """Has its parent's key."""


class ShipSerializer(serialization.DictBasedSerializer):
    def serialize_to_dict(self, entity):
        return {"name": entity.name}

    def deserialize_from_dict(self, entity_dict):
        return Ship(entity_dict["name"])


class Upper(serialization.Serializer):
    """Writes text that is no JSON."""

    def serialize(self, entity):
        return None if entity.name is None else entity.name.upper()

    def deserialize(self, data_str):
        return Submarine(data_str)


SHIP_KEY = f"{__name__}.Ship"


@pytest.fixture
def registry():
    return serialization.PolymorphicSerializer()


@pytest.fixture
def restored():
    """Give the process its serializers back."""
    shared = serialization.get_polymorphic_serializer()
    before = dict(shared.serializers)
    yield shared
    shared.serializers.clear()
    shared.serializers.update(before)


def test_a_key_is_module_and_class_unless_the_class_says_otherwise():
    assert Ship.get_serialization_key() == SHIP_KEY
    assert Ferry.get_serialization_key() == "submarine"


def test_the_keys_of_the_librarys_own_classes_are_those_of_the_wire():
    keys = [c.get_serialization_key() for c in (base.Action, types.Result, context.ActionContext)]
    assert keys == [
        "mistral_lib.actions.base.Action",
        "mistral_lib.actions.types.Result",
        "mistral_lib.actions.context.ActionContext",
    ]
    assert set(keys) <= serialization.get_polymorphic_serializer().serializers.keys()


def test_every_subclass_of_action_has_the_key_of_action():
    class Own(base.Action):
        pass

    class Different(base.Action):
        @classmethod
        def get_serialization_key(cls):
            return "different"

    assert Own.get_serialization_key() == "mistral_lib.actions.base.Action"
    assert Different.get_serialization_key() == "different"


def test_a_registered_object_travels_under_its_key_with_its_content_as_text(registry):
    registry.register(Ship, ShipSerializer())
    text = registry.serialize(Ship("Ann"))
    outer = json.loads(text)
    assert outer.keys() == {"__serial_key", "__serial_data"}
    assert outer["__serial_key"] == SHIP_KEY
    assert json.loads(outer["__serial_data"]) == {"name": "Ann"}
    read = registry.deserialize(text)
    assert (type(read), read.name) == (Ship, "Ann")


def test_a_serializer_of_ones_own_may_write_any_text(registry):
    registry.register(Submarine, Upper())
    text = registry.serialize(Submarine("“ann”"))
    assert json.loads(text) == {"__serial_key": "submarine", "__serial_data": "“ANN”"}
    assert registry.deserialize(text).name == "“ANN”"


def test_a_serializer_may_write_nothing_and_is_given_nothing_back(registry):
    registry.register(Submarine, Upper())
    text = registry.serialize(Submarine(None))
    assert json.loads(text) == {"__serial_key": "submarine", "__serial_data": None}
    assert registry.deserialize(text).name is None


def test_a_subclass_with_the_same_key_uses_the_same_serializer(registry):
    registry.register(Submarine, Upper())
    assert registry.deserialize(registry.serialize(Ferry("ann"))).name == "ANN"


def test_a_value_without_a_key_is_plain_json(registry):
    assert json.loads(registry.serialize({"a": [1, None]})) == {"a": [1, None]}
    assert registry.deserialize('{"a": [1, null]}') == {"a": [1, None]}


def test_none_is_none_for_every_serializer(registry):
    assert registry.serialize(None) is None
    assert registry.deserialize(None) is None
    assert ShipSerializer().serialize(None) is None
    assert ShipSerializer().deserialize(None) is None


@pytest.mark.parametrize("value", [0, False, "", [], {}])
def test_a_false_value_is_not_none(value, registry):
    assert registry.deserialize(registry.serialize(value)) == value


def test_a_second_registration_of_a_key_is_an_error(registry):
    registry.register(Submarine, Upper())
    with pytest.raises(RuntimeError, match=r"'submarine' is registered already \(Upper\)"):
        registry.register(Ferry, ShipSerializer())
    assert isinstance(registry.serializers["submarine"], Upper)


def test_a_key_can_be_registered_again_after_it_was_unregistered(registry):
    registry.register(Submarine, Upper())
    registry.unregister(Submarine)
    registry.register(Submarine, ShipSerializer())
    assert isinstance(registry.serializers["submarine"], ShipSerializer)


def test_unregistering_what_is_not_registered_does_nothing(registry):
    registry.unregister(Ship)
    registry.unregister(dict)
    assert registry.serializers == {}


def test_registering_a_class_without_a_key_does_nothing(registry):
    registry.register(dict, ShipSerializer())
    assert registry.serializers == {}


def test_cleanup_forgets_all(registry):
    registry.register(Ship, ShipSerializer())
    registry.register(Submarine, Upper())
    registry.cleanup()
    assert registry.serializers == {}


def test_writing_an_object_with_an_unknown_key_is_an_error_that_says_what_to_do(registry):
    with pytest.raises(RuntimeError, match=r"of class Ship\): call mistral_lib\.serialization\."):
        registry.serialize(Ship("Ann"))


def test_reading_an_unknown_key_is_an_error_that_names_the_known_ones(registry):
    registry.register(Submarine, Upper())
    text = json.dumps({"__serial_key": SHIP_KEY, "__serial_data": "{}"})
    with pytest.raises(exceptions.DeserializationError, match="; known: submarine"):
        registry.deserialize(text)


def test_reading_a_key_where_none_is_known_says_so(registry):
    text = json.dumps({"__serial_key": "submarine", "__serial_data": "{}"})
    with pytest.raises(exceptions.DeserializationError, match="'submarine'; known: none"):
        registry.deserialize(text)


def test_a_dict_based_serializer_reads_objects_only():
    with pytest.raises(
        exceptions.DeserializationError, match=r"^ShipSerializer reads a JSON object, got list$"
    ):
        ShipSerializer().deserialize("[1]")


def test_a_dict_based_serializer_writes_odd_values_as_the_wire_does():
    assert json.loads(ShipSerializer().serialize(Ship({"Ann"}))) == {"name": ["Ann"]}


def test_the_functions_of_the_module_work_on_the_serializer_of_the_process(restored):
    serialization.register_serializer(Ship, ShipSerializer())
    assert restored.deserialize(restored.serialize(Ship("Ann"))).name == "Ann"
    serialization.unregister_serializer(Ship)
    assert SHIP_KEY not in restored.serializers
    serialization.cleanup()
    assert restored.serializers == {}


def test_the_serializer_of_the_process_is_always_the_same():
    first = serialization.get_polymorphic_serializer()
    assert serialization.get_polymorphic_serializer() is first


@pytest.mark.parametrize("cls", [serialization.Serializer, serialization.DictBasedSerializer])
def test_the_base_classes_cannot_be_used_as_they_are(cls):
    with pytest.raises(TypeError, match="abstract"):
        cls()
