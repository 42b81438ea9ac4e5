# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""How Ansible's actions fail."""

from __future__ import annotations

from mistral_lib import actions

__all__ = ["AnsibleFailed", "HostUnreachable", "NoCloudAccess"]


class AnsibleFailed(actions.ActionException):
    """Ansible ended with a code other than 0; ``details`` is the whole outcome."""

    error_code = "ANSIBLE_FAILED"


class HostUnreachable(AnsibleFailed):
    """Ansible could not talk to a host; likewise."""

    error_code = "HOST_UNREACHABLE"
    retryable = True


class NoCloudAccess(actions.ActionException):
    """The action's identity is not one that Ansible could use."""

    error_code = "NO_CLOUD_ACCESS"
