# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The workflow's identity for modules that use openstacksdk.

They get it as a ``clouds.yaml``: what is in the environment reaches every process that Ansible
starts, and Ansible gathers it as a fact of localhost.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from mistral_extra.actions.ansible import errors, inputs

if TYPE_CHECKING:
    from mistral_lib.actions import SecurityContext

__all__ = ["environment"]

_NAME = "workflow"


def environment(security: SecurityContext, folder: Path) -> dict[str, str]:
    """Write ``clouds.yaml`` to ``folder`` and return the variables that lead there.

    :raises NoCloudAccess: there is no token, or none of use.
    """
    if not security.auth_token or not security.auth_uri:
        raise errors.NoCloudAccess(
            "openstack=True needs an identity, and the action's context has no token: run it in a "
            "workflow, or give the command a context"
        )
    if security.is_trust_scoped:
        raise errors.NoCloudAccess(
            "openstack=True can't use this workflow's token: it comes from a trust, and Keystone "
            "gives nobody another token for it, as openstacksdk would ask. Start the workflow by "
            "a user, not by a cron trigger; or pass an application credential in secret_vars"
        )
    cloud = {
        "auth_type": "v3token",
        "auth": {
            "auth_url": security.auth_uri,
            "token": security.auth_token,
            "project_id": security.project_id,
        },
        "region_name": security.region_name,
        "verify": not security.insecure,
        "cacert": _certificates(security.auth_cacert, folder),
    }
    known = {name: value for name, value in cloud.items() if value is not None}
    path = inputs.write(folder / "clouds.yaml", json.dumps({"clouds": {_NAME: known}}))
    return {"OS_CLIENT_CONFIG_FILE": str(path), "OS_CLOUD": _NAME}


def _certificates(path: str | None, folder: Path) -> str | None:
    """Return the path of a copy that Ansible can read wherever it runs, of certificates alone."""
    if path is None:
        return None
    try:
        content = Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        # What is wrong with it, the module says that wants it.
        return path
    return str(inputs.write(folder / "ca.pem", "\n".join(_CERTIFICATE.findall(content)) + "\n"))


_CERTIFICATE = re.compile(
    "-----BEGIN (?:TRUSTED )?CERTIFICATE-----.*?-----END (?:TRUSTED )?CERTIFICATE-----", re.DOTALL
)
