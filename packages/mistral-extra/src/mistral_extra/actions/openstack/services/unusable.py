# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Methods that can't do anything for an action, whatever it passes.

Their names are in the mapping since upstream has them. Without a word here they would succeed with
null, or fail with one of Python's.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

__all__ = ["reason"]

_EMPTY = "the client's method is empty and asks no service"
_PASSWORD = "the client logs in to Mistral by itself, with a password that no action has"
_OBJECT = "the client takes a type as an object that it made, which no action has"
_HOOK = "it is a hook of the client for its own extensions and asks no service"

#: Reasons by service and pattern of the method's path.
_REASONS = {
    "manila": {"share_type_access.list": _OBJECT, "share_group_type_access.list": _OBJECT},
    "neutron": {"extend_*": _HOOK},
    "trove": {
        "backups.execution_*": _PASSWORD,
        "backups.schedule_*": _PASSWORD,
        **{
            f"{manager}.{method}": _EMPTY
            for manager in ("configuration_parameters", "quota", "root", "security_group_rules")
            for method in ("find", "findall", "list")
        },
    },
}


def reason(service: str | None, path: str) -> str:
    """Return why the method at a path is of no use; empty where it is of use."""
    for pattern, why in _REASONS.get(service or "", {}).items():
        if fnmatchcase(path, pattern):
            return why
    return ""
