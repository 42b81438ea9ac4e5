# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""``ssh.copy``: a file to many hosts."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from mistral_extra.actions import availability
from mistral_extra.actions.ssh.parameters import AtOnce, Hosts, Jump, Login, Seconds
from mistral_extra.actions.ssh.results import HostResult, checked
from mistral_lib import actions
from mistral_lib.actions import Param

if TYPE_CHECKING:
    import asyncssh

__all__ = ["CopyResult", "copy"]

Mode = Annotated[str, Param(pattern="^0?[0-7]{3}$", examples=["0644"])]


@dataclass
class CopyResult(HostResult):
    """What came of the file on one host."""

    target: str = ""
    #: In bytes.
    size: int = 0


@availability.needs(availability.SSH)
@actions.action(name="ssh.copy", tags=["ssh"], idempotent=True)
async def copy(
    hosts: Hosts,
    target: str,
    login: Login,
    *,
    text: actions.Secret[str | None] = None,
    data: actions.Secret[bytes | None] = None,
    source: str | None = None,
    mode: Mode = "0644",
    known_hosts: str | None = None,
    verify_host_key: bool = True,
    jump: Jump | None = None,
    at_once: AtOnce = 10,
    check: bool = True,
    timeout: Seconds = 600.0,
    context: actions.ActionContext,
) -> list[CopyResult]:
    """Write a file on one or many hosts.

    The file is there as a whole or not at all: it is written beside its place and moved there.

    :param hosts: each as ``[USER@]HOST[:PORT]``.
    :param target: path on the hosts; its folder must be there.
    :param login: ``username``, and ``private_key`` (with ``passphrase``) or ``password``.
    :param text: the content, masked; or
    :param data: the content as bytes in base64, masked; or
    :param source: a file of the executor, in one of the folders that the site opened for it.
    :param mode: permissions of the file, octal.
    :param known_hosts: the hosts' keys, as lines of OpenSSH's file; the site's file by default.
    :param verify_host_key: whether the host's key must be a known one.
    :param jump: ``host`` to go through, with a ``login`` of its own if need be.
    :param at_once: to how many hosts at a time.
    :param check: whether a host that fails fails the action.
    :param timeout: seconds for everything.
    :returns: what came of each host, in the order of ``hosts``.
    :raises HostsFailed: some failed; ``details`` has the results of all.
    """
    availability.SSH.require()
    from mistral_extra.actions.network.texts import check_whole
    from mistral_extra.actions.ssh import files, parallel

    check_whole({"target": target})
    content = files.content(text, data, source)

    def result(host: str) -> CopyResult:
        return CopyResult(host, target=target)

    async def work(connection: "asyncssh.SSHClientConnection", result: CopyResult) -> None:
        result.size = await files.write(connection, target, content, int(mode, 8))
        context.progress(f"{result.host}: {target} has {result.size} bytes")

    fleet = parallel.Fleet(hosts, login, known_hosts, verify_host_key, jump, at_once, timeout)
    return checked(await parallel.on_each(fleet, result, work, repeatable=True), check)
