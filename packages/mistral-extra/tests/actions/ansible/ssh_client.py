# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""An SSH client that understands what Ansible passes to ``ssh``, for machines without that."""

import asyncio
import sys

import asyncssh

ALONE = ("-C", "-t", "-tt", "-v", "-vv", "-vvv", "-q", "-n")


def parse(words):
    """Return options, host and command."""
    options, words = {}, list(words)
    while words[0].startswith("-"):
        word = words.pop(0)
        if word == "-o":
            name, _, value = words.pop(0).partition("=")
            options.setdefault(name.lower(), value.strip('"'))
        elif word not in ALONE:
            raise SystemExit(f"ssh_client: unknown option {word}")
    return options, words[0], " ".join(words[1:])


async def main(words):
    """Run the command there and return its status; 255 where there is no connection."""
    options, host, command = parse(words)
    try:
        connection = await asyncssh.connect(
            host,
            int(options.get("port", 22)),
            username=options["user"],
            client_keys=[options["identityfile"]] if "identityfile" in options else None,
            known_hosts=options["userknownhostsfile"],
            config=None,
            agent_path=None,
        )
    except (OSError, asyncssh.Error) as e:
        sys.stderr.write(f"ssh_client: {host}: {e}\n")
        return 255
    async with connection:
        given = b"" if sys.stdin.isatty() else sys.stdin.buffer.read()
        done = await connection.run(command, input=given, encoding=None)
    sys.stdout.buffer.write(done.stdout)
    sys.stderr.buffer.write(done.stderr)
    return 255 if done.exit_status is None else done.exit_status


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
