# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Options of the actions, registered when this module is imported.

It is the one module here that registers on import: a server reads its configuration files before
any action is looked for, and expects the options to be there by then. Group, names, types and
defaults of the OpenStack actions' options are those of mistral-extra 17, so an existing
mistral.conf keeps its meaning; ``max_results`` is new, and so are the other actions' groups.
"""

from __future__ import annotations

from oslo_config import cfg, types

__all__ = [
    "ANSIBLE_ACTION_GROUP",
    "CONF",
    "EMAIL_ACTION_GROUP",
    "HTTP_ACTION_GROUP",
    "OPENSTACK_ACTIONS_GROUP",
    "SSH_ACTION_GROUP",
    "ansible_action_opts",
    "email_action_opts",
    "http_action_opts",
    "list_opts",
    "openstack_actions_opts",
    "os_actions_mapping_path",
    "ssh_action_opts",
]

CONF = cfg.CONF

OPENSTACK_ACTIONS_GROUP = "openstack_actions"

#: In ``[DEFAULT]``; an object of its own because ``mistral-db-manage`` reads it by this name.
os_actions_mapping_path = cfg.StrOpt(
    "openstack_actions_mapping_path",
    default="actions/openstack/mapping.json",
    help=(
        "JSON file that maps action names to client methods, one object a service. Either an "
        "absolute path, or one relative to the installed package mistral_extra."
    ),
)

openstack_actions_opts = [
    cfg.StrOpt(
        "os-actions-endpoint-type",
        default="public",
        choices=["public", "admin", "internal"],
        deprecated_group="DEFAULT",
        help="Which of a service's endpoints in the catalogue OpenStack actions talk to.",
    ),
    cfg.ListOpt(
        "modules-support-region",
        default=[
            "nova",
            "glance",
            "heat",
            "neutron",
            "cinder",
            "trove",
            "ironic",
            "designate",
            "tacker",
            "aodh",
            "gnocchi",
        ],
        help="Services whose actions take the extra parameter action_region.",
    ),
    cfg.StrOpt(
        "default_region",
        help=(
            "Region of an action that names none, where the request's own context names none "
            "either."
        ),
    ),
    cfg.IntOpt(
        "max_results",
        default=100_000,
        min=0,
        help=("The most items an action returns of a listing; one with more fails. 0 is no limit."),
    ),
    cfg.ListOpt(
        "content_folders",
        default=[],
        help=(
            "Folders of the executor whose files OpenStack actions may read, and write new ones "
            "to, where a workflow names a path. None by default, since whoever may run a workflow "
            "could read and write all that the executor can."
        ),
    ),
    cfg.IntOpt(
        "max_content_size",
        default=16 * 1024 * 1024,
        min=1,
        help=(
            "The most bytes of content, such as an image or an object, that an action holds in "
            "memory: to return it as text or base64, or to send it within JSON. Streaming to and "
            "from files has no such limit."
        ),
    ),
    cfg.FloatOpt(
        "connect_timeout",
        default=10.0,
        min=0.001,
        help="Seconds in which a service, or Keystone, must take a connection.",
    ),
    cfg.FloatOpt(
        "read_timeout",
        default=60.0,
        min=0.001,
        help=(
            "Seconds that an OpenStack action waits for an answer of a service, or for the next "
            "part of one. An action's parameter action_timeout sets other seconds for its "
            "requests, more or fewer."
        ),
    ),
    cfg.FloatOpt(
        "answer_timeout",
        default=600.0,
        min=0.001,
        help=(
            "Seconds in which an answer must be whole, even if its parts come in time. What is "
            "streamed, such as an image or an object, may take longer. An action_timeout of more "
            "seconds counts instead."
        ),
    ),
    cfg.IntOpt(
        "max_answer_size",
        default=256 * 1024 * 1024,
        min=1,
        help=(
            "The most bytes of an answer, unpacked, that is read at once. What is streamed, such "
            "as an image or an object, is bounded by max_content_size where it is held in memory."
        ),
    ),
]

# ------------------------------------------------------------------------------------------------
# The actions that connect to where a workflow says: HTTP, SSH, mail
# ------------------------------------------------------------------------------------------------

HTTP_ACTION_GROUP = "http_action"
SSH_ACTION_GROUP = "ssh_action"
EMAIL_ACTION_GROUP = "email_action"

#: This host, its neighbours on the link, everybody at once, and the metadata services of clouds:
#: what only the executor can reach, and a workflow's author should not by way of it. And
#: 64:ff9b:1::/48 (RFC 8215): it stands for IPv4 addresses, in a way that each site sets.
_BLOCKED_NETWORKS = [
    "0.0.0.0/8",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "224.0.0.0/4",
    "255.255.255.255/32",
    "100.100.100.200/32",
    "168.63.129.16/32",
    "192.0.0.192/32",
    "::/127",
    "64:ff9b:1::/48",
    "fe80::/10",
    "ff00::/8",
    "fd00:ec2::/32",
    "fd00:42::42/128",
    "fd00:a9fe:a9fe::1/128",
    "fd00:c1::a9fe:a9fe/128",
    "fd20:ce::254/128",
]


def _egress_opts(actions: str) -> list[cfg.Opt]:
    return [
        cfg.ListOpt(
            "blocked_networks",
            default=_BLOCKED_NETWORKS,
            help=(
                f"Networks (CIDR) that {actions} never connect to, whatever name leads there. "
                "The address that a name resolved to, and is connected to, decides."
            ),
        ),
        cfg.ListOpt(
            "allowed_networks",
            default=[],
            help=(
                f"Networks (CIDR) that {actions} may connect to although blocked_networks has "
                "them; for example 127.0.0.1/32."
            ),
        ),
    ]


http_action_opts = [
    *_egress_opts("HTTP actions"),
    cfg.ListOpt(
        "schemes",
        item_type=types.String(choices=["https", "http"]),
        default=["https", "http"],
        help="Schemes of the URLs that HTTP actions may request: https, http or both.",
    ),
    cfg.IntOpt(
        "max_response_size",
        default=1024 * 1024,
        min=1,
        help=(
            "The most bytes of a response's body, decompressed, that an HTTP action takes. An "
            "action may ask for less. The server itself takes results of up to 1,024 KB, unless "
            "[engine] execution_field_size_limit_kb says otherwise."
        ),
    ),
    cfg.StrOpt(
        "proxy",
        secret=True,
        help=(
            "Proxy that HTTP actions send all requests through: "
            "http://[USER:PASSWORD@]HOST[:PORT], port 3128 by default. Targets are still looked up "
            "here, and those in blocked_networks refused; but the proxy looks names up again, and "
            "has to block for itself what it must not reach. None by default: the proxies that "
            "the environment names are ignored."
        ),
    ),
]

ssh_action_opts = [
    *_egress_opts("SSH actions"),
    cfg.StrOpt(
        "known_hosts",
        default="~/.ssh/known_hosts",
        help="File with the keys of the hosts, for actions that bring no known_hosts of their own.",
    ),
    cfg.ListOpt(
        "source_folders",
        default=[],
        help=(
            "Folders of the executor whose files ssh.copy may send. None by default, since "
            "whoever may run a workflow could read all that the executor can."
        ),
    ),
]

email_action_opts = [
    *_egress_opts("mail actions"),
    cfg.StrOpt(
        "helo_name",
        regex=r"^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$",
        help=(
            "Full name by which this host introduces itself to mail servers. By default its own "
            "where that has several parts, and else the address that it connects from."
        ),
    ),
]

# ------------------------------------------------------------------------------------------------
# The actions that run programs of a workflow's author on the executor: Ansible
# ------------------------------------------------------------------------------------------------

ANSIBLE_ACTION_GROUP = "ansible_action"

ansible_action_opts = [
    cfg.BoolOpt(
        "enabled",
        help=(
            "Whether the Ansible actions may run. Whoever may run a workflow can then run any "
            "program as the user of the executor: see isolation. Unset, they are off in every "
            "environment in which a Mistral server is installed; mistral-action, and scripts in "
            "an environment without a server, have them on."
        ),
    ),
    cfg.ListOpt(
        "projects",
        default=[],
        help=(
            "Ids of the projects whose workflows may run Ansible actions where they are enabled; "
            "all, if there are none. A task with a target cloud belongs to no project of the list, "
            "since its author names the project."
        ),
    ),
    cfg.ListOpt(
        "content_folders",
        default=[],
        help=(
            "Folders of the executor whose playbooks, inventories, roles and collections "
            "workflows may name by path; with isolation, Ansible can read them whole. None by "
            "default: playbooks come as text or structures. Where enabled is unset and the "
            "actions are on, every folder may be named."
        ),
    ),
    cfg.StrOpt(
        "isolation",
        choices=["none", "bubblewrap"],
        default="none",
        help=(
            "What Ansible and all that it starts can see of the executor. none: whatever the user "
            "of the executor can, the server's configuration included. bubblewrap: a read-only "
            "system without configuration files of services, the content_folders, and no process "
            "but its own; the network stays that of the executor. It takes the program bwrap, of "
            "the package bubblewrap; where that can't work, the actions fail."
        ),
    ),
]


def list_opts() -> list[tuple[str | None, list[cfg.Opt]]]:
    """Return (group, options) pairs, None being ``[DEFAULT]``.

    The entry point ``mistral_extra`` of ``oslo.config.opts``: ``oslo-config-generator
    --namespace mistral_extra`` prints a sample file from it.
    """
    return [
        (None, [os_actions_mapping_path]),
        (OPENSTACK_ACTIONS_GROUP, openstack_actions_opts),
        (HTTP_ACTION_GROUP, http_action_opts),
        (SSH_ACTION_GROUP, ssh_action_opts),
        (EMAIL_ACTION_GROUP, email_action_opts),
        (ANSIBLE_ACTION_GROUP, ansible_action_opts),
    ]


CONF.register_opt(os_actions_mapping_path)
CONF.register_opts(openstack_actions_opts, group=OPENSTACK_ACTIONS_GROUP)
CONF.register_opts(http_action_opts, group=HTTP_ACTION_GROUP)
CONF.register_opts(ssh_action_opts, group=SSH_ACTION_GROUP)
CONF.register_opts(email_action_opts, group=EMAIL_ACTION_GROUP)
CONF.register_opts(ansible_action_opts, group=ANSIBLE_ACTION_GROUP)
