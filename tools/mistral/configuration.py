# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The server's configuration file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tools.mistral.deployment import HOST
from tools.sandbox import configuration as files
from tools.sandbox.cloud import REGIONS, USERS, Cloud

if TYPE_CHECKING:
    from tools.mistral.deployment import Deployment

__all__ = ["write"]

#: Whom the server logs in as at Keystone: the trustee of trusts.
_USER = "mistral"
#: Without Keystone nobody is an administrator, as whom alone one may upload code.
_EVERYBODY = '"admin_only": "@"\n'


def write(deployment: Deployment) -> None:
    """Write the file of all parts."""
    sections = files.merged(
        _shared(deployment),
        _cluster() if deployment.plan.cluster else _one_process(),
        _identity(Path(deployment.plan.keystone)) if deployment.plan.keystone else {},
        {section: dict(options) for section, options in deployment.plan.options.items()},
    )
    files.write(deployment.config, sections)
    policy = deployment.config.with_name("policy.yaml")
    policy.write_text("{}\n" if deployment.plan.keystone else _EVERYBODY, encoding="utf-8")


def _shared(deployment: Deployment) -> files.Sections:
    return {
        "DEFAULT": {
            "transport_url": deployment.transport,
            "rpc_response_timeout": 60,
            "log_dir": "",
            "use_stderr": True,
        },
        "api": {"host": HOST, "port": deployment.ports["api"]},
        "coordination": {"backend_url": ""},
        # With it on, a process may not stop on SIGTERM, and runs the same trigger once a part.
        "cron_trigger": {"enabled": False},
        "database": {"connection": deployment.database},
        "oslo_concurrency": {"lock_path": deployment.folder / "locks"},
        "oslo_policy": {"policy_file": deployment.config.with_name("policy.yaml")},
        "pecan": {"auth_enable": False},
        "profiler": {"enabled": False},
    }


def _one_process() -> files.Sections:
    loopback = {"allowed_networks": "127.0.0.0/8"}
    return {
        "database": {"sqlite_synchronous": False},
        # All that one can try these actions on without a network.
        "http_action": loopback,
        "email_action": loopback,
        "ssh_action": loopback,
    }


def _cluster() -> files.Sections:
    return {
        # For ever: the database may be restarted.
        "database": {"max_retries": -1, "max_overflow": 100},
        # Queues and messages outlive a restart of the broker.
        "oslo_messaging_rabbit": {
            "amqp_durable_queues": True,
            "heartbeat_timeout_threshold": 0,
            "rabbit_retry_interval": 1,
            "rabbit_retry_backoff": 1,
            "rabbit_interval_max": 2,
        },
        # An executor that died is noticed in half a minute rather than in five or, before its
        # action's first heartbeat, sixty. Shorter than a restart of the broker it must not be.
        "action_heartbeat": {
            "check_interval": 3,
            "max_missed_heartbeats": 8,
            "first_heartbeat_timeout": 60,
            "batch_size": 0,
        },
    }


def _identity(sandbox: Path) -> files.Sections:
    """Return how the server asks a sandbox's Keystone about tokens, and logs in itself."""
    cloud = Cloud.load(sandbox)
    login = files.credentials(cloud, "keystone_authtoken")["keystone_authtoken"]
    login |= {
        "username": _USER,
        "password": cloud.passwords[_USER],
        "project_name": USERS[_USER],
        "region_name": REGIONS[0],
    }
    return {
        "pecan": {"auth_enable": True},
        "keystone_authtoken": login,
        "cron_trigger": {"enabled": True},
        "openstack_actions": {"default_region": REGIONS[0]},
    }
