# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Connections to hosts that are who they should be, at addresses that the policy lets pass.

Nothing of the executor's own account is used: no key, no agent, no configuration file. Whoever may
run a workflow would log in as the executor.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import asyncssh
from asyncssh.public_key import get_default_certificate_algs, get_default_public_key_algs

from mistral_extra import config
from mistral_extra.actions import availability
from mistral_extra.actions.network import cleanup, egress, names
from mistral_extra.actions.network.connection import reason
from mistral_extra.actions.network.texts import check_whole
from mistral_extra.actions.ssh import failures, targets
from mistral_extra.actions.ssh.parameters import Jump, Login
from mistral_extra.actions.ssh.targets import Target
from mistral_lib import actions

__all__ = ["Access", "KnownHosts", "access", "connected", "tunnel"]

#: Seconds for the connection and the login to one host, whatever the deadline.
_LOGIN = 30.0

#: Seconds that an address has to take a connection before the next one is tried.
_CONNECT = 10.0

#: Seconds between looks whether a silent host is still there; it is given up after three.
_KEEPALIVE = 15.0

#: An address of no host. Given none, asyncssh would look the name up.
_NOWHERE = "::"


class KnownHosts(asyncssh.SSHKnownHosts):
    """The keys of hosts by the name that was asked for, as OpenSSH has it.

    asyncssh would let a host pass by the key of its address too: whoever can answer for a name
    would lead to any other known host.
    """

    def match(self, host: str, addr: str, port: int | None) -> Any:
        """Return what is known of a host."""
        return super().match(host, _NOWHERE, port)


class Access(NamedTuple):
    """How hosts are connected to."""

    policy: egress.EgressPolicy
    login: Login
    known_hosts: KnownHosts | None
    keys: list[asyncssh.SSHKey]


async def access(login: Login, known_hosts: str | None, verify: bool) -> Access:
    """Return how to connect with a login.

    In a thread: a key says itself how long it takes to open, which may be for ever.

    :param known_hosts: lines as in OpenSSH's file of that name; None for the site's file.
    :raises InvalidInput: the login has neither key nor password, or something can't be read.
    """
    if login.private_key is None and login.password is None:
        raise actions.InvalidInput("Parameter 'login' needs 'private_key' or 'password'")
    check_whole({f"login.{part}": text for part, text in vars(login).items()})
    check_whole({"known_hosts": known_hosts})
    keys: list[asyncssh.SSHKey] = []
    if login.private_key is not None:
        keys = [await asyncio.to_thread(_key, login.private_key, login.passphrase)]
    return Access(
        policy=egress.policy_of(config.SSH_ACTION_GROUP),
        login=login,
        known_hosts=_known_hosts(known_hosts) if verify else None,
        keys=keys,
    )


def _key(private_key: str, passphrase: str | None) -> asyncssh.SSHKey:
    try:
        return asyncssh.import_private_key(private_key, passphrase)
    except ValueError as e:
        # Of asyncssh's errors, some are about the key and some about its encryption.
        if isinstance(e, asyncssh.KeyEncryptionError):
            availability.BCRYPT.require()
        raise actions.InvalidInput(
            "Parameter 'login.private_key' must be a private key in PEM or OpenSSH's form, with "
            "the 'login.passphrase' that opens it where it is encrypted"
        ) from e


def _known_hosts(text: str | None) -> KnownHosts:
    path = os.path.expanduser(config.CONF[config.SSH_ACTION_GROUP].known_hosts)
    try:
        return KnownHosts(Path(path).read_text("utf-8") if text is None else text)
    except OSError as e:
        raise actions.InvalidInput(
            "Parameter 'known_hosts' is needed: this site's own file, [ssh_action] known_hosts, "
            f"can't be read: {reason(e)}"
        ) from e
    except ValueError as e:
        source = "Parameter 'known_hosts'" if text is not None else "[ssh_action] known_hosts"
        raise actions.InvalidInput(f"{source} is not in OpenSSH's form: {e}") from e


@contextlib.asynccontextmanager
async def tunnel(
    jump: Jump | None, known_hosts: str | None, verify: bool, login: Login
) -> AsyncIterator[asyncssh.SSHClientConnection | None]:
    """Keep a connection to the jump host, through which all others go."""
    if jump is None:
        yield None
        return
    by = await access(jump.login or login, known_hosts, verify)
    async with connected(targets.parse(jump.host), by) as connection:
        yield connection


@contextlib.asynccontextmanager
async def connected(
    target: Target, by: Access, through: asyncssh.SSHClientConnection | None = None
) -> AsyncIterator[asyncssh.SSHClientConnection]:
    """Keep a connection to a host while the block runs.

    Through a jump host the name is resolved there, out of the policy's reach.

    :raises HostUnknown: the name has no address.
    :raises AddressBlocked: it has only such as the policy forbids.
    :raises Unreachable: nobody is there, or it speaks no SSH.
    :raises UntrustedServer: its key is not the known one.
    :raises AuthenticationFailed: it refuses the user.
    """
    username = target.username or by.login.username
    if username is None:
        raise actions.InvalidInput(
            f"{target.text!r} needs a user: 'login.username', or USER@ before the host"
        )
    try:
        async with asyncio.timeout(_LOGIN):
            route: dict[str, Any] = (
                {"sock": await _open(target, by.policy)} if through is None else {"tunnel": through}
            )
            connection = await asyncssh.connect(
                target.host,
                target.port,
                **route,
                username=username,
                password=by.login.password,
                client_keys=by.keys or None,
                known_hosts=by.known_hosts,
                server_host_key_algs=_algorithms(by.known_hosts, target),
                config=None,
                agent_path=None,
                gss_auth=False,
                gss_kex=False,
                keepalive_interval=_KEEPALIVE,
            )
    except actions.ActionException:
        raise
    except Exception as e:
        # asyncssh passes on whatever its reading of a hostile server ran into.
        raise failures.login(e, target.host, target.port, username) from e
    try:
        yield connection
    finally:
        connection.close()
        try:
            async with asyncio.timeout(cleanup.GOODBYE):
                await connection.wait_closed()
        except TimeoutError:
            connection.abort()


def _algorithms(known_hosts: KnownHosts | None, target: Target) -> Sequence[str]:
    """Return the algorithms of host keys to ask for; empty for the usual ones.

    Those of the known keys come first, so that a host with several keys shows a known one. The
    others follow, as with OpenSSH: a host that was replaced then shows which key it has, where
    else there would be nothing but a failed negotiation.
    """
    if known_hosts is None:
        return ()
    port = None if target.port == targets.PORT else target.port
    keys, authorities, *_ = known_hosts.match(target.host, _NOWHERE, port)
    known = [algorithm for key in keys for algorithm in key.sig_algorithms]
    certified = get_default_certificate_algs()
    first = [*(certified if authorities else ()), *known]
    if not first:
        return ()
    every = dict.fromkeys([*first, *get_default_public_key_algs(), *certified])
    return [algorithm.decode("ascii") for algorithm in every]


async def _open(target: Target, policy: egress.EgressPolicy) -> socket.socket:
    """Return a connection to the first address that takes one."""
    loop = asyncio.get_running_loop()
    addresses = await loop.run_in_executor(None, names.look_up, target.host)
    failure: OSError | None = None
    for address in policy.permitted(target.host, addresses):
        family = socket.AF_INET if address.version == 4 else socket.AF_INET6
        connection = socket.socket(family)
        connection.setblocking(False)
        try:
            async with asyncio.timeout(_CONNECT):
                await loop.sock_connect(connection, (str(address), target.port))
        except OSError as e:
            connection.close()
            failure = e
        except BaseException:
            connection.close()
            raise
        else:
            return connection
    assert failure is not None
    raise failure
