# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""``ansible.playbook``: run a playbook."""

from typing import Any

from mistral_extra.actions import availability
from mistral_extra.actions.ansible import parameters, policy
from mistral_extra.actions.ansible.outcome import Outcome, check_success
from mistral_lib import actions

__all__ = ["playbook"]


def _rehearse(**params: Any) -> Outcome:
    """Do the same in Ansible's check mode."""
    return playbook(**{**params, "check": True})


@availability.needs(availability.ANSIBLE, policy.server_refusal)
@actions.action(name="ansible.playbook", tags=["ansible"], test=_rehearse)
def playbook(
    playbook: str | list[dict[str, Any]],
    inventory: parameters.Inventory = None,
    *,
    extra_vars: parameters.ExtraVars = None,
    secret_vars: parameters.SecretVars = None,
    limit: parameters.Limit = None,
    tags: parameters.Tags = None,
    skip_tags: parameters.SkipTags = None,
    forks: parameters.Forks = None,
    verbosity: parameters.Verbosity = 0,
    become: parameters.Become = False,
    check: parameters.Check = False,
    diff: parameters.Diff = False,
    private_key: parameters.PrivateKey = None,
    vault_password: parameters.VaultPassword = None,
    environment: parameters.Environment = None,
    openstack: parameters.OpenStack = False,
    timeout: parameters.Timeout = 3600.0,
    context: actions.ActionContext,
) -> Outcome:
    """Run an Ansible playbook. The dry run does so in check mode.

    :param playbook: path on the machine that runs the action, text, or a list of plays.
    :returns: what was done on which host.
    :raises AnsibleFailed: a task failed, or Ansible could not begin; ``details`` has all of it.
    :raises HostUnreachable: there was no connection to a host; likewise.
    :raises NotInstalled: Ansible is not.
    :raises AnsibleNotAllowed: the operator has not turned it on, here or for the project.
    :raises NoCloudAccess: the workflow's identity is not one for ``openstack``.
    """
    # Here, since only who runs the action needs it.
    from mistral_extra.actions.ansible import options, run

    availability.ANSIBLE.require()
    told = options.Options(
        inventory,
        options.Variables(extra_vars, secret_vars),
        options.Selection(limit, tags, skip_tags),
        options.Manner(forks, verbosity, become, check, diff),
        options.Credentials(private_key, vault_password),
    )
    surroundings = run.Surroundings(environment, openstack, timeout)
    outcome = run.run(playbook, told, surroundings, context).outcome
    check_success(outcome, "The playbook")
    return outcome
