# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""An SSH server on loopback that runs commands: ``ssh_server.py PORT HOST_KEY AUTHORIZED_KEYS``."""

import asyncio
import sys

import asyncssh


async def run(process):
    """Run one command, as a login would."""
    local = await asyncio.create_subprocess_shell(
        process.command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    await process.redirect(stdin=local.stdin, stdout=local.stdout, stderr=local.stderr)
    status = await local.wait()
    await process.stdout.drain()
    process.exit(status)


async def main(port, host_key, authorized):
    """Serve until the process is stopped."""
    await asyncssh.listen(
        "127.0.0.1",
        int(port),
        server_host_keys=[host_key],
        authorized_client_keys=authorized,
        process_factory=run,
        encoding=None,
        sftp_factory=True,
    )
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
