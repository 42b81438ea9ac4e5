# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The parameters that Ansible's actions share, each described once."""

from __future__ import annotations

from typing import Annotated, Any

from mistral_lib import actions
from mistral_lib.actions import Param

__all__ = [
    "Become",
    "Check",
    "Diff",
    "Environment",
    "ExtraVars",
    "Forks",
    "Inventory",
    "Limit",
    "OpenStack",
    "PrivateKey",
    "SecretVars",
    "SkipTags",
    "Tags",
    "Timeout",
    "VaultPassword",
    "Verbosity",
]

# Text with a line break is the thing itself, text without one is where it lies: see `inputs`.

Inventory = Annotated[
    str | list[str] | dict[str, Any] | None,
    Param(
        "path of an inventory, its text (of more than one line), names of hosts (a list, or text "
        "with commas), or groups as a structure; by default what Ansible is configured to use, "
        "else localhost"
    ),
]
ExtraVars = Annotated[
    dict[str, Any] | None, Param("variables that win over all others; no secrets")
]
SecretVars = Annotated[
    actions.Secret[dict[str, Any] | None],
    Param("more of them, whose values are masked in whatever is shown, and taken literally"),
]
Limit = Annotated[
    str | None,
    # What begins with "@", be it one of several, would be a file of the executor's.
    Param("pattern that hosts must match, too; not @file", pattern="^[^@]+$"),
]
Tags = Annotated[list[str] | None, Param("run only the tasks with one of these tags")]
SkipTags = Annotated[list[str] | None, Param("leave out the tasks with one of these tags")]
Forks = Annotated[int | None, Param("how many hosts at a time; 5 by default", ge=1)]
Verbosity = Annotated[int, Param("how much Ansible prints", ge=0, le=6)]
Become = Annotated[bool, Param("work as another user, root by default")]
Check = Annotated[bool, Param("change nothing, and tell what would be changed")]
Diff = Annotated[bool, Param("print what changes in files, which may hold secrets")]
PrivateKey = Annotated[
    actions.Secret[str | None], Param("text of the private key for SSH, without a passphrase")
]
VaultPassword = Annotated[
    actions.Secret[str | None], Param("password of what Ansible Vault encrypted")
]
Environment = Annotated[
    dict[str, str] | None,
    Param("environment variables for Ansible, beside a minimal set; no secrets"),
]
OpenStack = Annotated[
    bool, Param("let modules that use openstacksdk act under the identity of the workflow")
]
Timeout = Annotated[
    float, Param("seconds after which everything is stopped", gt=0, le=7 * 24 * 3600)
]
