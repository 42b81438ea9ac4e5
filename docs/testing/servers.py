# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Actions about servers."""

import logging
from dataclasses import dataclass

from mistral_lib import actions

LOG = logging.getLogger(__name__)


@dataclass
class Rebuilt:
    """What became of a server."""

    server: str
    seconds: int


def can_rebuild(server: str, password: str, *, context: actions.ActionContext) -> Rebuilt:
    """Look whether the server is there."""
    context.run("nova.servers_get", server=server)
    return Rebuilt(server, 0)


@actions.action(timeout=900, test=can_rebuild)
def rebuild(
    server: str, password: actions.Secret[str], *, context: actions.ActionContext
) -> Rebuilt:
    """Rebuild a server, and wait until it is active.

    :param server: its id.
    :param password: of the administrator of the new server.
    """
    LOG.info("rebuilding %s, password %s", server, password)
    context.run("nova.servers_rebuild", server=server, password=password)
    seconds = 0
    while context.run("nova.servers_get", server=server)["status"] != "ACTIVE":
        context.progress(f"{server}: waiting for {seconds} seconds")
        context.sleep(10)
        seconds += 10
    return Rebuilt(server, seconds)
