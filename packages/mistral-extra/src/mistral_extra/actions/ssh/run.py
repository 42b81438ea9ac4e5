# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""``ssh.run``: a command on many hosts."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from mistral_extra.actions import availability
from mistral_extra.actions.ssh.parameters import AtOnce, Hosts, Jump, Login, Seconds
from mistral_extra.actions.ssh.results import HostResult, checked
from mistral_lib import actions
from mistral_lib.actions import Param

if TYPE_CHECKING:
    import asyncssh

__all__ = ["CommandResult", "run"]

Variable = Annotated[str, Param(pattern="^[A-Za-z_][A-Za-z0-9_]*$")]


@dataclass
class CommandResult(HostResult):
    """What a command did on one host."""

    #: None where it did not end by itself.
    exit_code: int | None = None
    #: The name of what killed it, such as ``KILL``.
    signal: str | None = None
    stdout: str = ""
    stderr: str = ""
    #: Bytes of output before those that are here.
    dropped: int = 0


@availability.needs(availability.SSH)
@actions.action(name="ssh.run", tags=["ssh"])
async def run(
    hosts: Hosts,
    command: str,
    login: Login,
    *,
    stdin: actions.Secret[str | None] = None,
    environment: dict[Variable, str] | None = None,
    known_hosts: str | None = None,
    verify_host_key: bool = True,
    jump: Jump | None = None,
    at_once: AtOnce = 10,
    check: bool = True,
    max_output: Annotated[int, Param(ge=0, le=1 << 20)] = 64 * 1024,
    timeout: Seconds = 600.0,
    context: actions.ActionContext,
) -> list[CommandResult]:
    """Run a command on one or many hosts.

    At the deadline, or when the action is cancelled, the command is stopped where it still runs:
    by SIGTERM, and 2 seconds later by SIGKILL. What it prints is told as progress, line by line.

    :param hosts: each as ``[USER@]HOST[:PORT]``.
    :param command: for the user's shell, on a host that has a POSIX shell.
    :param login: ``username``, and ``private_key`` (with ``passphrase``) or ``password``.
    :param stdin: what the command reads; masked, so the place for a password. More than 8192
        characters of it are not masked in the output.
    :param environment: variables to set; not masked, so no place for a password.
    :param known_hosts: the hosts' keys, as lines of OpenSSH's file; the site's file by default.
    :param verify_host_key: whether the host's key must be a known one.
    :param jump: ``host`` to go through, with a ``login`` of its own if need be.
    :param at_once: on how many hosts at a time.
    :param check: whether a host that fails, or a code other than 0, fails the action.
    :param max_output: bytes of standard output, and of errors, to keep of each host: the last ones.
    :param timeout: seconds for everything.
    :returns: what came of each host, in the order of ``hosts``.
    :raises HostsFailed: some failed; ``details`` has the results of all.
    """
    availability.SSH.require()
    from mistral_extra.actions.ssh import commands, errors, parallel

    masker = commands.masker(stdin, login, jump)
    commands.check(command, variables := environment or {}, stdin)

    async def work(connection: "asyncssh.SSHClientConnection", result: CommandResult) -> None:
        def report(text: str) -> None:
            context.progress(f"{result.host}: {text}")

        stdout, stderr = (commands.Tail(max_output, report, masker.text) for _ in range(2))
        try:
            end = await commands.execute(connection, command, variables, stdin, stdout, stderr)
        finally:
            result.stdout, result.stderr = stdout.text, stderr.text
            result.dropped = stdout.dropped + stderr.dropped
        result.exit_code, result.signal = end
        if result.exit_code != 0:
            raise errors.CommandFailed(_ending(result))

    fleet = parallel.Fleet(hosts, login, known_hosts, verify_host_key, jump, at_once, timeout)
    results = await parallel.on_each(fleet, CommandResult, work, repeatable=False)
    return checked(results, check)


def _ending(result: CommandResult) -> str:
    """Say how a command ended, and what it said last."""
    end = f"exit code {result.exit_code}"
    if result.exit_code is None:
        end = f"killed by signal {result.signal}" if result.signal else "ended without an exit code"
    said = (result.stderr.strip() or result.stdout.strip()).rpartition("\n")[2]
    return f"{end}: {said[:200]}" if said else end
