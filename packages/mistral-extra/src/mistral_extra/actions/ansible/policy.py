# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What the operator lets Ansible do on this machine, and for whom.

Ansible runs programs that the author of a workflow wrote. No filter of inventories or playbooks
could tell harmless ones from others, so it is off on a server until the operator turns it on.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Literal, NamedTuple

from mistral_extra import interactive
from mistral_extra.actions.ansible import errors
from mistral_extra.actions.content_folders import ContentFolders, content_folders
from mistral_lib import actions

if TYPE_CHECKING:
    from typing import Any

__all__ = ["Policy", "for_context", "server_refusal"]

LOG = logging.getLogger(__name__)

_WHY = (
    "whoever may run a workflow could run any program as the user of the executor, and read its "
    "configuration"
)
_REMEDY = (
    "the operator turns them on by [ansible_action] enabled = true, for some projects by projects; "
    "isolation = bubblewrap keeps them from the files and processes of the executor"
)


class Policy(NamedTuple):
    """What a run may do; there is none without :func:`for_context`."""

    #: Whose files may be named by path; None where any file may.
    content_folders: ContentFolders | None
    isolation: Literal["none", "bubblewrap"]


def for_context(context: actions.ActionContext) -> Policy:
    """Return the policy for a run.

    :param context: of the action, whose project counts.
    :raises AnsibleNotAllowed: the operator has not turned Ansible on for it.
    """
    options = _options()
    if options.enabled is None and _is_own_machine():
        unlimited = not options.content_folders and options.isolation == "none"
        return Policy(None if unlimited else _folders(), options.isolation)
    if not options.enabled:
        _log_once(f"Ansible actions are refused, since {_WHY}: {_REMEDY}")
        raise errors.AnsibleNotAllowed(f"Ansible actions are off on this machine: {_REMEDY}")
    if options.projects and _project(context) not in options.projects:
        raise errors.AnsibleNotAllowed(
            "Ansible actions are off for the project of this workflow: the operator may add its id "
            "to [ansible_action] projects. (A task with a target cloud counts as of no project.)"
        )
    if options.isolation == "none":
        _log_once(
            f"Ansible actions are on without isolation: {_WHY}. Set [ansible_action] isolation = "
            "bubblewrap, or projects that are trusted with it"
        )
    return Policy(_folders(), options.isolation)


def server_refusal() -> actions.Problem | None:
    """Return why a server would refuse the actions, for ``mistral-action doctor``.

    None if it would not, and where nothing speaks of a server: neither is one installed, nor was
    its configuration passed to the command.
    """
    options = _options()
    concerned = interactive.server_installed() or _configuration_files()
    if options.enabled or not concerned:
        return None
    return actions.Problem(
        "ansible_action",
        "[ansible_action] enabled",
        f"off on a server with these options, since {_WHY}",
        _REMEDY[0].upper() + _REMEDY[1:],
    )


def _options() -> Any:
    # Not before the first run: listing the actions takes no configuration.
    from mistral_extra import config

    return config.CONF[config.ANSIBLE_ACTION_GROUP]


def _folders() -> ContentFolders:
    from mistral_extra import config

    return content_folders(config.ANSIBLE_ACTION_GROUP)


def _configuration_files() -> bool:
    from mistral_extra import config

    # The option is there once configuration was read.
    return bool(getattr(config.CONF, "config_file", None))


def _is_own_machine() -> bool:
    """Return whether the actions run for the person who started the process."""
    return interactive.is_declared() or not interactive.server_installed()


def _project(context: actions.ActionContext) -> str | None:
    """Return the project that the server vouches for."""
    security = context.security
    # Who names a target cloud names the project as well.
    return None if security.is_target else security.project_id


_logged = set[str]()


def _log_once(text: str) -> None:
    if text not in _logged:
        _logged.add(text)
        LOG.warning("%s", text)
