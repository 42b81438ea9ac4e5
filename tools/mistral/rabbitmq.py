# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""RabbitMQ in a folder of its own, on loopback, with a port mapper (epmd) of its own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NoReturn

from tools.mistral import debian
from tools.mistral.deployment import HOST

if TYPE_CHECKING:
    from tools.mistral.deployment import Deployment

__all__ = ["run"]

_CONFIG = """\
listeners.tcp.1 = {host}:{port}
default_user = mistral
default_pass = {password}
default_permissions.configure = .*
default_permissions.read = .*
default_permissions.write = .*
log.console = true
log.console.level = info
log.file = false
"""
#: Erlang's schedulers wait for work by spinning: not on a machine that others use.
_QUIET = "+sbwt none +sbwtdcpu none +sbwtdio none"


def run(deployment: Deployment) -> NoReturn:
    """Become the server."""
    place = deployment.folder / "rabbitmq"
    place.mkdir(mode=0o700, exist_ok=True)
    config = place / "rabbitmq.conf"
    config.touch(mode=0o600)
    config.write_text(
        _CONFIG.format(
            host=HOST,
            port=deployment.ports["rabbitmq"],
            password=deployment.passwords["rabbitmq"],
        )
    )
    (place / "enabled_plugins").write_text("[].\n")
    variables = {
        "HOME": str(place),
        "LANG": "C.UTF-8",
        "PATH": os.defpath,
        "ERL_EPMD_ADDRESS": HOST,
        "ERL_EPMD_PORT": str(deployment.ports["epmd"]),
        "RABBITMQ_CONFIG_FILE": str(config),
        "RABBITMQ_DIST_PORT": str(deployment.ports["erlang"]),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(place / "enabled_plugins"),
        "RABBITMQ_LOG_BASE": str(place / "log"),
        "RABBITMQ_MNESIA_BASE": str(place / "mnesia"),
        "RABBITMQ_NODENAME": "mistral@localhost",
        "RABBITMQ_PID_FILE": str(place / "pid"),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
            f"{_QUIET} -kernel inet_dist_use_interface {{127,0,0,1}}"
        ),
        # No shell stays above the server: signals reach it.
        "RUNNING_UNDER_SYSTEMD": "true",
    }
    os.execve(debian.rabbitmq_server(), ["rabbitmq-server"], variables)
