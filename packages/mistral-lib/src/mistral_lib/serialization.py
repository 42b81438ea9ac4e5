# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What goes over the wire, and the registry of who writes it.

A registered object travels as ``{"__serial_key": KEY, "__serial_data": TEXT}`` where TEXT is the
string its own serializer made; anything else is plain JSON, and None is None. Both the keys and
the inner string are shared with servers and executors of other versions: they never change.
"""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING

from mistral_lib import exceptions
from mistral_lib.utils import _json

if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "DictBasedSerializer",
    "MistralSerializable",
    "PolymorphicSerializer",
    "Serializer",
    "cleanup",
    "get_polymorphic_serializer",
    "register_serializer",
    "unregister_serializer",
]

_KEY = "__serial_key"
_DATA = "__serial_data"


class Serializer(abc.ABC):
    """Writes one kind of object as text and reads it back."""

    @abc.abstractmethod
    def serialize(self, entity: Any) -> str | None:
        """Return the text form of ``entity``."""

    @abc.abstractmethod
    def deserialize(self, data_str: str | None) -> Any:
        """Return the object that ``data_str`` describes."""


class DictBasedSerializer(Serializer):
    """A serializer that only has to say what an object is as a dictionary."""

    def serialize(self, entity: Any) -> str | None:
        """Return the JSON text of the object's dictionary, None for None."""
        if entity is None:
            return None
        return _json.encode(self.serialize_to_dict(entity))

    def deserialize(self, data_str: str | None) -> Any:
        """Return the object, None for None.

        :raises DeserializationError: the text is no JSON object.
        """
        if data_str is None:
            return None
        return self.deserialize_from_dict(_decode_object(data_str, type(self).__name__))

    @abc.abstractmethod
    def serialize_to_dict(self, entity: Any) -> dict[str, Any]:
        """Return the dictionary form of ``entity``."""

    @abc.abstractmethod
    def deserialize_from_dict(self, entity_dict: dict[str, Any]) -> Any:
        """Return the object that ``entity_dict`` describes."""


class MistralSerializable:
    """Base of everything that may be registered with :func:`register_serializer`."""

    @classmethod
    def get_serialization_key(cls) -> str:
        """Return the key under which the wire knows this class."""
        return f"{cls.__module__}.{cls.__name__}"


class PolymorphicSerializer(Serializer):
    """Serializes any registered object, and plain JSON values beside it."""

    def __init__(self) -> None:
        self.serializers: dict[str, Serializer] = {}

    def register(self, entity_cls: type, serializer: Serializer) -> None:
        """Have ``serializer`` write ``entity_cls``; a class without a key is left alone.

        :raises RuntimeError: the key is taken.
        """
        key = _key_of(entity_cls)
        if key is None:
            return
        if key in self.serializers:
            raise exceptions.SerializationError(
                f"A serializer for '{key}' is registered already "
                f"({type(self.serializers[key]).__name__}): unregister it first"
            )
        self.serializers[key] = serializer

    def unregister(self, entity_cls: type) -> None:
        """Forget the serializer of ``entity_cls``, if there is one."""
        key = _key_of(entity_cls)
        if key is not None:
            self.serializers.pop(key, None)

    def cleanup(self) -> None:
        """Forget all serializers."""
        self.serializers.clear()

    def serialize(self, entity: Any) -> str | None:
        """Return the wire form of a registered object or JSON-ready value.

        :raises RuntimeError: the object's class has a key that nobody registered.
        """
        if entity is None:
            return None
        key = _key_of(type(entity))
        if key is None:
            return _json.encode(entity)
        serializer = self.serializers.get(key)
        if serializer is None:
            raise exceptions.SerializationError(
                f"No serializer is registered for '{key}' (an object of class "
                f"{type(entity).__name__}): call mistral_lib.serialization.register_serializer()"
            )
        return _json.encode_strings({_KEY: key, _DATA: serializer.serialize(entity)})

    def deserialize(self, data_str: str | None) -> Any:
        """Return what a wire form describes.

        :raises DeserializationError: it is malformed, or its key is not registered here.
        """
        if data_str is None:
            return None
        data = _decode(data_str, "a serialized object")
        if not isinstance(data, dict) or _KEY not in data:
            return data
        key = data[_KEY]
        serializer = self.serializers.get(key) if isinstance(key, str) else None
        if serializer is None:
            raise exceptions.DeserializationError(
                f"No serializer is registered for the key {_shorten(key)}; known: "
                f"{', '.join(sorted(self.serializers)) or 'none'}. The sender may run another "
                "version, or its package may not be imported here"
            )
        inner = data.get(_DATA)
        if not isinstance(inner, str) and (inner is not None or _DATA not in data):
            raise exceptions.DeserializationError(
                f"The object of key '{key}' needs '{_DATA}' as a string, "
                f"got {type(inner).__name__ if _DATA in data else 'nothing'}"
            )
        return serializer.deserialize(inner)


def _key_of(cls: type) -> str | None:
    return cls.get_serialization_key() if issubclass(cls, MistralSerializable) else None


def _decode(text: str, what: str) -> Any:
    try:
        return _json.decode(text)
    except (ValueError, TypeError) as e:
        raise exceptions.DeserializationError(f"Not the JSON of {what}: {e}") from e


def _decode_object(text: str, reader: str) -> dict[str, Any]:
    data = _decode(text, f"an object for {reader}")
    if not isinstance(data, dict):
        raise exceptions.DeserializationError(
            f"{reader} reads a JSON object, got {type(data).__name__}"
        )
    return data


def _shorten(value: Any) -> str:
    text = repr(value) if isinstance(value, str) else type(value).__name__
    return text if len(text) <= 100 else text[:100] + "..."


_SERIALIZER = PolymorphicSerializer()


def get_polymorphic_serializer() -> PolymorphicSerializer:
    """Return the serializer that the whole process shares."""
    return _SERIALIZER


def register_serializer(entity_cls: type, serializer: Serializer) -> None:
    """Register with the shared serializer; see :meth:`PolymorphicSerializer.register`."""
    _SERIALIZER.register(entity_cls, serializer)


def unregister_serializer(entity_cls: type) -> None:
    """Unregister from the shared serializer."""
    _SERIALIZER.unregister(entity_cls)


def cleanup() -> None:
    """Forget all registered serializers of the process."""
    _SERIALIZER.cleanup()
