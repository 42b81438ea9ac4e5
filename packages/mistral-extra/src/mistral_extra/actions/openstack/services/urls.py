# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The version in a service's URL: some clients add it, others expect it to be there.

A cloud registers ``https://dns.example/`` or ``https://dns.example/v2`` as it likes, so a client
gets what it needs, whatever the catalogue says.
"""

from __future__ import annotations

import re

__all__ = ["for_version"]

_VERSION = re.compile(r"/v\d+(\.\d+)?$")


def for_version(url: str, version: str) -> str:
    """Return ``url`` with ``version`` at its end, unless there is one; without any for ``""``.

    >>> for_version("https://dns.example/", "v2")
    'https://dns.example/v2'
    >>> for_version("https://image.example/v2/", "")
    'https://image.example'
    """
    url = url.rstrip("/")
    if not version:
        return _VERSION.sub("", url)
    return url if _VERSION.search(url) else f"{url}/{version}"
