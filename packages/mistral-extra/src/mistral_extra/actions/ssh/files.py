# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A file's content, from where a workflow may take it to a host."""

from __future__ import annotations

import contextlib
import functools
import secrets
from collections.abc import Callable
from typing import BinaryIO

import asyncssh

from mistral_extra import config
from mistral_extra.actions.content_folders import content_folders
from mistral_extra.actions.network.connection import reason
from mistral_extra.actions.network.texts import check_whole, one_line
from mistral_extra.actions.ssh import errors, failures
from mistral_lib import actions

__all__ = ["content", "write"]

#: Bytes, or what opens a file of the executor.
Content = bytes | Callable[[], BinaryIO]

_CHUNK = 256 * 1024


def content(text: str | None, data: bytes | None, source: str | None) -> Content:
    """Return the content, or what opens the file of the executor that has it.

    :raises InvalidInput: it is not exactly one, or not a file that the site has opened.
    """
    given = [each for each in (text, data, source) if each is not None]
    if len(given) != 1:
        raise actions.InvalidInput("One of the parameters 'text', 'data' and 'source' is needed")
    check_whole({"text": text, "source": source})
    if source is None:
        return text.encode() if text is not None else data or b""
    folders = content_folders(config.SSH_ACTION_GROUP, "source_folders")
    # Each host reads it anew.
    open_source = functools.partial(folders.open, source, "Parameter 'source'")
    open_source().close()
    return open_source


async def write(
    connection: asyncssh.SSHClientConnection, target: str, content: Content, mode: int
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
        raise failures.copying(e, target) from e
    except asyncssh.ChannelOpenError as e:
        raise errors.CopyFailed(f"the host offers no SFTP: {one_line(e.reason)}") from e
    return size


async def _write(sftp: asyncssh.SFTPClient, path: str, content: Content, mode: int) -> int:
    # Nobody but the user may look into it until it is complete.
    private = asyncssh.SFTPAttrs(permissions=0o600)
    async with sftp.open(path, "wb", private) as file:
        if isinstance(content, bytes):
            await file.write(content)
        else:
            try:
                with content() as source:
                    while chunk := source.read(_CHUNK):
                        await file.write(chunk)
            except OSError as e:
                raise errors.CopyFailed(f"the source can't be read: {reason(e)}") from e
        size = await file.tell()
    await sftp.chmod(path, mode)
    return size
