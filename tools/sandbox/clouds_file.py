# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The ``clouds.yaml`` by which OpenStack's clients find a sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.sandbox.cloud import REGIONS, USERS

if TYPE_CHECKING:
    from tools.sandbox.cloud import Cloud

__all__ = ["CLOUDS", "write"]

#: Whom it has an entry for.
CLOUDS = ("admin", "demo", "mistral")

_ENTRY = """\
  {user}:
    auth:
      auth_url: {auth_url}
      username: {user}
      password: {password}
      project_name: {project}
      user_domain_id: default
      project_domain_id: default
    region_name: {region}
    identity_api_version: 3
"""


def write(cloud: Cloud) -> None:
    """Write the file, readable by its owner alone."""
    entries = [
        _ENTRY.format(
            user=user,
            project=USERS[user],
            password=cloud.passwords[user],
            auth_url=cloud.auth_url,
            region=REGIONS[0],
        )
        for user in CLOUDS
    ]
    cloud.clouds_file.touch(mode=0o600)
    cloud.clouds_file.write_text("clouds:\n" + "".join(entries), encoding="utf-8")
