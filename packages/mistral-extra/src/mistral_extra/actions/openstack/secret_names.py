# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Names of values that are secret wherever they stand in an action's parameters.

Parameters that are secret in some methods alone, such as ``payload``, are marked in the catalogue.
"""

from __future__ import annotations

__all__ = ["ANYWHERE"]

#: Of parameters, and of keys at any depth in them: bodies, options of drivers, lists of users.
ANYWHERE = frozenset(
    """
    access_key access_secret adminPass admin_pass admin_password auth_key auth_password
    auth_token chap_secret client_secret consumer_secret db_password heat_password ibmc_password
    ilo_password ipmi_hex_kg_key ipmi_password irmc_password irmc_snmp_auth_password
    irmc_snmp_priv_password irmc_snmp_security luks_passphrase new_password old_password
    original_password pass_phrase passphrase passwd password priv_key private_key
    private_key_passphrase psk redfish_password request_secret rescue_password root_password
    secret secret_key secret_uuid_key service_password snmp_auth_key snmp_community
    snmp_community_read snmp_community_write snmp_priv_key ssh_key_contents ssh_password
    temp_url_key tls_key trustee_password unmanaged_password user_password
    x-account-meta-temp-url-key x-container-meta-temp-url-key xclarity_password
    """.split()  # noqa: SIM905 - readable so
)
