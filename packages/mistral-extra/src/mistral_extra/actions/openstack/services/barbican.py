# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What no path through barbicanclient says: its ``create`` makes an object, which is then stored.

And what its objects say of themselves: under the names of the API, without fetching a payload.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "METHODS",
    "acls_submit",
    "containers_create",
    "containers_create_certificate",
    "containers_create_rsa",
    "fields",
    "orders_create_asymmetric",
    "orders_create_key",
    "secrets_retrieve",
    "secrets_store",
]


def secrets_store(
    client: Any,
    name: str | None = None,
    payload: str | None = None,
    algorithm: str | None = None,
    bit_length: int | None = None,
    secret_type: str | None = None,
    mode: str | None = None,
    expiration: str | None = None,
    payload_content_type: str | None = None,
    payload_content_encoding: str | None = None,
) -> Any:
    """Store a secret.

    :param name: A name for people.
    :param payload: The secret itself.
    :param algorithm: The algorithm that the secret is a key of.
    :param bit_length: The length of that key, in bits.
    :param secret_type: For example ``passphrase``, ``symmetric`` or ``opaque``.
    :param mode: The mode of the algorithm.
    :param expiration: When the secret ends, as ISO 8601 text.
    :param payload_content_type: Media type of the payload.
    :param payload_content_encoding: ``base64`` where the payload is binary and encoded so.
    :returns: What is known of the secret, its ``secret_ref`` first.
    """
    secret = client.secrets.create(
        name=name,
        payload=payload,
        algorithm=algorithm,
        bit_length=bit_length,
        secret_type=secret_type,
        mode=mode,
        expiration=expiration,
        payload_content_type=payload_content_type,
        payload_content_encoding=payload_content_encoding,
    )
    stored = secret.store()
    # Asked for more, the object would fetch what was just sent.
    return {"secret_ref": stored, **{k: v for k, v in _kept(secret).items() if k != "secret_ref"}}


def secrets_retrieve(client: Any, secret_ref: str) -> Any:
    """Get the payload of a secret.

    :param secret_ref: URL of the secret.
    """
    return client.secrets.get(secret_ref).payload


def orders_create_key(
    client: Any,
    name: str | None = None,
    algorithm: str | None = None,
    bit_length: int | None = None,
    mode: str | None = None,
    payload_content_type: str | None = None,
    expiration: str | None = None,
) -> dict[str, Any]:
    """Order a symmetric key.

    :param name: A name for the secret that comes of it.
    :param algorithm: The algorithm it is a key of.
    :param bit_length: Its length, in bits.
    :param mode: The mode of the algorithm.
    :param payload_content_type: Media type of the key.
    :param expiration: When the key ends, as ISO 8601 text.
    :returns: ``order_ref``, the URL of the order.
    """
    order = client.orders.create_key(
        name=name,
        algorithm=algorithm,
        bit_length=bit_length,
        mode=mode,
        payload_content_type=payload_content_type,
        expiration=expiration,
    )
    return {"order_ref": order.submit()}


def orders_create_asymmetric(
    client: Any,
    name: str | None = None,
    algorithm: str | None = None,
    bit_length: int | None = None,
    pass_phrase: str | None = None,
    payload_content_type: str | None = None,
    expiration: str | None = None,
) -> dict[str, Any]:
    """Order a pair of keys.

    :param name: A name for the container that comes of it.
    :param algorithm: The algorithm they are keys of.
    :param bit_length: Their length, in bits.
    :param pass_phrase: Protects the private key.
    :param payload_content_type: Media type of the keys.
    :param expiration: When they end, as ISO 8601 text.
    :returns: ``order_ref``, the URL of the order.
    """
    order = client.orders.create_asymmetric(
        name=name,
        algorithm=algorithm,
        bit_length=bit_length,
        pass_phrase=pass_phrase,
        payload_content_type=payload_content_type,
        expiration=expiration,
    )
    return {"order_ref": order.submit()}


def containers_create(
    client: Any, name: str | None = None, secrets: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Put secrets into a container.

    :param name: A name for people.
    :param secrets: URLs of secrets, by the names they have in the container.
    :returns: ``container_ref``, the URL of the container.
    """
    return _stored(client.containers.create(name=name, secrets=_secrets(client, secrets or {})))


def containers_create_rsa(
    client: Any,
    name: str | None = None,
    public_key: str | None = None,
    private_key: str | None = None,
    private_key_passphrase: str | None = None,
) -> dict[str, Any]:
    """Put an RSA key into a container.

    :param name: A name for people.
    :param public_key: URL of the secret that is the public key.
    :param private_key: URL of the secret that is the private key.
    :param private_key_passphrase: URL of the secret that protects the private key.
    :returns: ``container_ref``, the URL of the container.
    """
    parts = {
        "public_key": public_key,
        "private_key": private_key,
        "private_key_passphrase": private_key_passphrase,
    }
    return _stored(client.containers.create_rsa(name=name, **_secrets(client, parts)))


def containers_create_certificate(
    client: Any,
    name: str | None = None,
    certificate: str | None = None,
    intermediates: str | None = None,
    private_key: str | None = None,
    private_key_passphrase: str | None = None,
) -> dict[str, Any]:
    """Put a certificate into a container.

    :param name: A name for people.
    :param certificate: URL of the secret that is the certificate.
    :param intermediates: URL of the secret that holds the certificates in between.
    :param private_key: URL of the secret that is the private key.
    :param private_key_passphrase: URL of the secret that protects the private key.
    :returns: ``container_ref``, the URL of the container.
    """
    parts = {
        "certificate": certificate,
        "intermediates": intermediates,
        "private_key": private_key,
        "private_key_passphrase": private_key_passphrase,
    }
    return _stored(client.containers.create_certificate(name=name, **_secrets(client, parts)))


def acls_submit(
    client: Any,
    entity_ref: str,
    users: Sequence[str] | None = None,
    project_access: bool | None = None,
) -> dict[str, Any]:
    """Say who may read a secret or container.

    :param entity_ref: URL of the secret or container.
    :param users: Ids of the users who may.
    :param project_access: Whether everybody in the project may.
    :returns: ``acl_ref``, the URL of the list.
    """
    acl = client.acls.create(
        entity_ref=entity_ref, users=users, project_access=project_access, operation_type="read"
    )
    return {"acl_ref": acl.submit()}


def _secrets(client: Any, refs: Mapping[str, str | None]) -> dict[str, Any]:
    # A secret got by its URL alone is not fetched.
    return {name: client.secrets.get(ref) for name, ref in refs.items() if ref}


def _stored(container: Any) -> dict[str, Any]:
    return {"container_ref": container.store()}


#: By the name that an action gives as its client method.
METHODS = {
    function.__name__: function
    for function in (
        secrets_store,
        secrets_retrieve,
        orders_create_key,
        orders_create_asymmetric,
        containers_create,
        containers_create_rsa,
        containers_create_certificate,
        acls_submit,
    )
}

#: What is fetched with each look, secret, or another object's business.
_LEFT_OUT = frozenset({"payload", "acls", "secrets", "api"})

#: Fields of the API that the objects keep to themselves.
_INNER = frozenset({"type", "meta"})


def fields(entity: Any) -> dict[str, Any] | None:
    """Return what the API says of a secret, order or container, fetched if need be: once.

    Payloads are not among it: ``secrets_retrieve`` gets them. None of an object of another kind.
    """
    if not hasattr(type(entity), "to_dict"):
        return None
    fill = getattr(entity, "_fill_lazy_properties", None)
    if fill is not None:
        fill()
    return _kept(entity)


def _kept(entity: Any) -> dict[str, Any]:
    """Return what the object holds already, under its public names."""
    kept = {}
    for name, value in vars(entity).items():
        public = name.lstrip("_")
        if public in _LEFT_OUT:
            continue
        if public in _INNER or isinstance(getattr(type(entity), public, None), property):
            kept[public] = value
    if hasattr(type(entity), "_type"):
        kept["type"] = entity._type
    if hasattr(entity, "secret_refs"):
        kept["secret_refs"] = entity.secret_refs
    return kept
