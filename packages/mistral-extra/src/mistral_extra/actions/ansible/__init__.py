# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""``ansible.playbook``, ``ansible.module`` and ``ansible.galaxy_install``: Ansible in workflows.

Ansible runs as a process of its own, never inside this one.
"""
