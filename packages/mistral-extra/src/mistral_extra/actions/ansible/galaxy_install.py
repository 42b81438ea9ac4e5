# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""``ansible.galaxy_install``: install collections and roles for playbooks to use."""

from dataclasses import dataclass
from typing import Annotated, Any

from mistral_extra.actions import availability
from mistral_extra.actions.ansible import parameters, policy
from mistral_extra.actions.ansible.installed import Package
from mistral_lib import actions
from mistral_lib.actions import Param

__all__ = ["Installation", "galaxy_install"]


@dataclass
class Installation:
    """What was installed."""

    installed: list[Package]
    changed: bool
    #: What Ansible printed; where it was long, a note stands in the place of its middle.
    stdout: str


@availability.needs(availability.ANSIBLE, policy.server_refusal)
@actions.action(name="ansible.galaxy_install", tags=["ansible"], idempotent=True)
def galaxy_install(
    requirements: str | dict[str, Any] | list[dict[str, Any]],
    *,
    collections_path: str = "~/.ansible/collections",
    roles_path: str = "~/.ansible/roles",
    force: bool = False,
    server: Annotated[str | None, Param(examples=["https://galaxy.example"])] = None,
    token: actions.Secret[str | None] = None,
    environment: parameters.Environment = None,
    timeout: parameters.Timeout = 600.0,
    context: actions.ActionContext,
) -> Installation:
    """Install Ansible collections and roles on the machine that runs the action.

    :param requirements: path of a requirements file, its text, or what is in it as a structure:
        ``collections`` and ``roles``, or a list of roles.
    :param collections_path: folder for collections; by default where Ansible looks for them.
    :param roles_path: folder for roles; likewise.
    :param force: install again what is there.
    :param server: URL of the Galaxy server; by default the one that Ansible is configured to use.
    :param token: for that server.
    :returns: what is new.
    :raises AnsibleFailed: something could not be installed; ``details`` has what Ansible said.
    :raises NotInstalled: Ansible is not.
    :raises AnsibleNotAllowed: the operator has not turned it on, here or for the project.
    """
    # Here, since only who runs the action needs it.
    from mistral_extra.actions.ansible import environment as surroundings
    from mistral_extra.actions.ansible import galaxy

    availability.ANSIBLE.require()
    source = galaxy.Source(requirements, server, token, force)
    variables = surroundings.checked(environment or {})
    paths = (collections_path, roles_path)
    done = galaxy.install(source, paths, variables, timeout, context)
    return Installation(done.packages, bool(done.packages), done.printed)
