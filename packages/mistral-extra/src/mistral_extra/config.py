# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Options of the OpenStack actions, registered when this module is imported.

It is the one module here that registers on import: a server reads its configuration files before
any action is looked for, and expects the options to be there by then. Group, names, types and
defaults are those of mistral-extra 17, so an existing
mistral.conf keeps its meaning; ``max_results`` is new.
"""

from __future__ import annotations

from oslo_config import cfg

__all__ = [
    "CONF",
    "OPENSTACK_ACTIONS_GROUP",
    "list_opts",
    "openstack_actions_opts",
    "os_actions_mapping_path",
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
        help=(
            "The most items an action returns of a listing that its client fetches page by page; "
            "one with more fails. 0 is no limit."
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
    ]


CONF.register_opt(os_actions_mapping_path)
CONF.register_opts(openstack_actions_opts, group=OPENSTACK_ACTIONS_GROUP)
