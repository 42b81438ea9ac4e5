# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The version in a service's URL: some clients add it, others expect it to be there.

A cloud registers ``https://dns.example/``, ``https://dns.example/v2`` or, from the days when the
project was part of it, ``https://dns.example/v1/PROJECT``. A client gets what it needs, whatever
the catalogue says.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mistral_extra.actions.openstack.access import Access

__all__ = ["for_version", "of"]

#: What stands before the version, the version, and the project behind it.
_VERSIONED = re.compile(
    r"(?P<base>[^/]*//[^/]+(?:/.*)?)/v\d+(?:\.\d+)?(?:/(?P<project>[^/]+))?", re.DOTALL
)

#: What a project looks like: an id as Keystone makes them, or an account of Swift.
_PROJECT = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|AUTH_.+")


def of(access: Access, version: str | None, *, with_project: bool = False) -> str:
    """Return a service's URL as :func:`for_version` spells it; for None as the catalogue does.

    :param with_project: the client expects the project in it, which is added if need be.
    :raises MistralKeystoneException: the catalogue has no such endpoint.
    """
    if version is None:
        return access.endpoint
    project = access.project_id
    url = for_version(access.endpoint, version, project)
    return f"{url}/{project}" if with_project and project and url.endswith(f"/{version}") else url


def for_version(url: str, version: str, project_id: str | None = None) -> str:
    """Return ``url`` with ``version`` in the place of any other; without version for ``""``.

    The project that stands behind the version stays there, and goes with it.

    >>> for_version("https://dns.example/", "v2")
    'https://dns.example/v2'
    >>> for_version("https://volume.example/v2/AUTH_p1", "v3")
    'https://volume.example/v3/AUTH_p1'
    >>> for_version("https://image.example/v2/", "")
    'https://image.example'

    :param project_id: tells the project from another part of the path.
    """
    url = url.rstrip("/")
    parts = _VERSIONED.fullmatch(url)
    project = parts["project"] if parts else None
    if parts is None or (project and project != project_id and not _PROJECT.fullmatch(project)):
        return f"{url}/{version}" if version else url
    if not version:
        return parts["base"]
    return "/".join(filter(None, (parts["base"], version, project)))
