# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Identifiers: UUIDs, random names, and the name of this process."""

from __future__ import annotations

from typing import Any

__all__ = [
    "generate_string",
    "generate_unicode_uuid",
    "get_process_identifier",
    "is_valid_uuid",
]


def generate_unicode_uuid() -> str:
    """Return a new random UUID as text with dashes."""
    import uuid

    return str(uuid.uuid4())


def is_valid_uuid(uuid_string: Any) -> bool:
    """Tell whether a text is a UUID: in upper or lower case, with or without dashes or braces."""
    import uuid

    try:
        canonical = uuid.UUID(uuid_string).hex
        bare = uuid_string.replace("urn:", "").replace("uuid:", "").strip("{}")
    except (TypeError, ValueError, AttributeError):
        return False
    # UUID() takes more than it should, for example digits of other scripts.
    return bool(canonical == bare.replace("-", "").lower())


def generate_string(length: int) -> str:
    """Return ``length`` random capital letters and digits; not fit to be a secret."""
    import random
    import string

    return "".join(random.choice(string.ascii_uppercase + string.digits) for _ in range(length))


def get_process_identifier() -> str:
    """Return the host's name and the process id, as in ``host_1234``."""
    import os
    import socket

    return f"{socket.gethostname()}_{os.getpid()}"
