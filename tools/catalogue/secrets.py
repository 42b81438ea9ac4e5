# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Which parameters of the clients' methods are secret: a reviewed list.

A name that sounds secret must be in one of the lists. So a new client can't bring a password that
nobody looked at: the catalogue is not written then.
"""

from __future__ import annotations

import re

from mistral_extra.actions.openstack import secret_names

__all__ = ["is_secret"]

#: Of single methods, by ``service.parameter``; the name means something else in others.
_OF_METHODS = {
    "barbican.payload": frozenset({"secrets.update", "secrets_store"}),
    "designate.key": frozenset({"zone_transfers.accept_request"}),
    # EC2 and TOTP credentials; that of a policy is its rules.
    "keystone.blob": frozenset({"credentials.create", "credentials.update"}),
    "keystone.token": frozenset(
        {"tokens.get_token_data", "tokens.revoke_token", "tokens.validate"}
    ),
    "keystone.token_id": frozenset(
        {
            "federation.saml.create_ecp_assertion",
            "federation.saml.create_saml_assertion",
        }
    ),
    # cloud-init's text sets passwords and writes keys.
    "nova.userdata": frozenset({"servers.create", "servers.rebuild"}),
}

#: Names that only sound so: identifiers, references, flags, types, public halves, keys of mappings.
_HARMLESS = frozenset(
    """
    application_credential auth_algorithm auth_mode auth_type blob cert_busy cert_expiration
    certificate consumer_key credential encryption_key_ref encryption_keys fallback_to_auth
    include_certificate key key_name key_pairs key_type keypair keys newkey output_key
    password_expires_at password_ref payload_content_encoding payload_content_type private
    public_key request_key request_token secret_ref secret_type secrets sort_key sort_keys
    trusted_image_certificates tsigkey
    """.split()  # noqa: SIM905 - readable so
)

_SOUNDS_SECRET = re.compile(
    r"pass|secret|token|key|cred|auth|payload|private|user_?data|blob|psk|cert(?!ain)",
    re.IGNORECASE,
)


def is_secret(service: str, method: str, parameter: str) -> bool:
    """Tell whether a parameter's value must not show.

    :raises LookupError: it sounds like one, and nobody has looked at it.
    """
    if parameter in secret_names.ANYWHERE:
        return True
    if method in _OF_METHODS.get(f"{service}.{parameter}", ()):
        return True
    if _SOUNDS_SECRET.search(parameter) and parameter not in _HARMLESS:
        raise LookupError(
            f"{service} {method}: is its parameter '{parameter}' a secret? Say so in {__name__}"
        )
    return False
