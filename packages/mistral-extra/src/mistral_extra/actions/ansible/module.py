# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""``ansible.module``: run one module, as the command ``ansible`` does."""

from dataclasses import dataclass
from typing import Annotated, Any

from mistral_extra.actions import availability
from mistral_extra.actions.ansible import parameters, policy
from mistral_extra.actions.ansible.outcome import Outcome, check_success
from mistral_lib import actions
from mistral_lib.actions import Param

__all__ = ["ModuleOutcome", "module"]


@dataclass
class ModuleOutcome(Outcome):
    """The end of a module's run."""

    #: What the module returned, by host.
    results: dict[str, dict[str, Any]]


def _rehearse(**params: Any) -> ModuleOutcome:
    """Do the same in Ansible's check mode."""
    return module(**{**params, "check": True})


@availability.needs(availability.ANSIBLE, policy.server_refusal)
@actions.action(name="ansible.module", tags=["ansible"], test=_rehearse)
def module(
    module: Annotated[str, Param(pattern=r"^[A-Za-z_][\w.]*$", examples=["ansible.builtin.ping"])],
    args: str | dict[str, Any] | None = None,
    inventory: parameters.Inventory = None,
    *,
    hosts: str = "all",
    extra_vars: parameters.ExtraVars = None,
    secret_vars: parameters.SecretVars = None,
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
) -> ModuleOutcome:
    """Run one Ansible module on many hosts. The dry run does so in check mode.

    :param module: its name, best with its collection's.
    :param args: its arguments by name, or as text; a secret comes by ``secret_vars`` and is
        written ``{{ name }}`` here.
    :param hosts: pattern of those to run it on.
    :returns: what the module returned for each host.
    :raises AnsibleFailed: it failed on a host, or can't be run; ``details`` has all of it.
    :raises HostUnreachable: there was no connection to a host; likewise.
    :raises NotInstalled: Ansible is not.
    :raises AnsibleNotAllowed: the operator has not turned it on, here or for the project.
    :raises NoCloudAccess: the workflow's identity is not one for ``openstack``.
    """
    # Here, since only who runs the action needs it.
    from mistral_extra.actions.ansible import options, run

    availability.ANSIBLE.require()
    # The command `ansible` has arguments on its command line, where everybody can read them.
    task = {"name": module, module: args or {}}
    play = {"name": module, "hosts": hosts, "gather_facts": False, "tasks": [task]}
    told = options.Options(
        inventory,
        options.Variables(extra_vars, secret_vars),
        options.Selection(limit=None),
        options.Manner(forks, verbosity, become, check, diff),
        options.Credentials(private_key, vault_password),
    )
    surroundings = run.Surroundings(environment, openstack, timeout)
    done = run.run([play], told, surroundings, context)
    outcome = ModuleOutcome(**vars(done.outcome), results=done.results)
    check_success(outcome, f"Module {module}")
    return outcome
