# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A file's content, from where a workflow may take it to a host."""

from __future__ import annotations

import contextlib
import secrets
from pathlib import Path

import asyncssh

from mistral_extra import config
from mistral_extra.actions.network.connection import reason
from mistral_extra.actions.network.texts import check_whole
from mistral_extra.actions.ssh import errors
from mistral_lib import actions

__all__ = ["content", "write"]

_CHUNK = 256 * 1024


def content(text: str | None, data: bytes | None, source: str | None) -> bytes | Path:
    """Return the content, or the file of the executor that has it.

    :raises InvalidInput: it is not exactly one, or no file that the site opened.
    """
    given = [each for each in (text, data, source) if each is not None]
    if len(given) != 1:
        raise actions.InvalidInput("One of the parameters 'text', 'data' and 'source' is needed")
    check_whole({"text": text, "source": source})
    if source is None:
        return text.encode() if text is not None else data or b""
    path = Path(source).resolve()
    folders = [Path(each).resolve() for each in config.CONF[config.SSH_ACTION_GROUP].source_folders]
    if not any(path.is_relative_to(folder) for folder in folders):
        # Whether there is such a file is nobody's business.
        raise actions.InvalidInput(
            f"Parameter 'source': {source} is in no folder that this site opened for it: the "
            "operator may add one to [ssh_action] source_folders"
        )
    if not path.is_file():
        raise actions.InvalidInput(f"Parameter 'source': {source} is no file")
    return path


async def write(
    connection: asyncssh.SSHClientConnection, target: str, content: bytes | Path, mode: int
) -> int:
    """Write a file on a host; return its size in bytes.

    :raises CopyFailed: the host refuses, or there is no room.
    """
    beside = f"{target}.{secrets.token_hex(4)}.part"
    try:
        async with connection.start_sftp_client() as sftp:
            try:
                size = await _write(sftp, beside, content, mode)
                await sftp.posix_rename(beside, target)
            except BaseException:
                with contextlib.suppress(asyncssh.SFTPError):
                    await sftp.remove(beside)
                raise
    except asyncssh.SFTPError as e:
        raise errors.CopyFailed(f"{target} can't be written: {e.reason}") from e
    except asyncssh.ChannelOpenError as e:
        raise errors.CopyFailed(f"the host offers no SFTP: {e.reason}") from e
    return size


async def _write(sftp: asyncssh.SFTPClient, path: str, content: bytes | Path, mode: int) -> int:
    # Nobody but the user may look into it until it is complete.
    private = asyncssh.SFTPAttrs(permissions=0o600)
    async with sftp.open(path, "wb", private) as file:
        if isinstance(content, bytes):
            await file.write(content)
        else:
            try:
                with content.open("rb") as source:
                    while chunk := source.read(_CHUNK):
                        await file.write(chunk)
            except OSError as e:
                raise errors.CopyFailed(f"the source can't be read: {reason(e)}") from e
        size = await file.tell()
    await sftp.chmod(path, mode)
    return size
