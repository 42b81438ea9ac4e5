# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Binary content in a result: an image, an object, an archive.

JSON has no bytes. Content that is UTF-8 becomes text; for any other an action says by its
parameter ``action_content`` what is to become of it:

``"base64"``
    base64 text stands in its place.
``"file:/path"``
    it is streamed to that new file of the executor's machine, which lies in one of
    ``[openstack_actions] content_folders`` (mode 0600, and whole or not at all), and
    ``{"path":, "size":, "sha256":}`` stands in its place.

Text and base64 are held in memory: ``[openstack_actions] max_content_size`` bounds them.
"""

from __future__ import annotations

import codecs
import contextlib
from typing import TYPE_CHECKING, Any

from mistral_extra.actions.content_folders import content_folders
from mistral_extra.actions.openstack.utils import exceptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    #: Makes JSON-ready data of a content's pieces; the second parameter is its place in the result.
    Taker = Callable[[Iterable[bytes], str], Any]

__all__ = ["bounded", "taker"]

_BASE64 = "base64"
_FILE = "file:"


def taker(wish: str | None) -> Taker:
    """Return what does with content as ``action_content`` wishes.

    :raises ActionException: there is no such wish, or its file may not be written.
    """
    if not wish:
        return _as_text
    if wish == _BASE64:
        return _as_base64
    if str(wish).startswith(_FILE) and wish != _FILE:
        return _IntoFile(wish.removeprefix(_FILE))
    raise exceptions.ActionException(
        f"action_content must be '{_BASE64}' or '{_FILE}/path', got {wish!r:.100}",
        error_code="INVALID_INPUT",
    )


def bounded(pieces: Iterable[bytes], what: str) -> bytes:
    """Return the pieces as one.

    :param what: names it in the error.
    :raises ActionException: ``CONTENT_TOO_LARGE``.
    """
    return b"".join(_limited(pieces, what))


def _limited(pieces: Iterable[bytes], what: str) -> Iterator[bytes]:
    """Yield the pieces, unless they are more than an operator lets an action hold in memory."""
    from mistral_extra import config

    most: int = config.CONF[config.OPENSTACK_ACTIONS_GROUP].max_content_size
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > most:
            raise exceptions.ActionException(
                f"{what} is larger than {most} bytes, which is all that an action holds in memory: "
                f"stream it (action_content='{_FILE}/path' of a result, an object with 'file' or "
                "'url' as a parameter), or raise [openstack_actions] max_content_size",
                error_code="CONTENT_TOO_LARGE",
            )
        yield piece


def _as_text(pieces: Iterable[bytes], path: str) -> str:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        texts = [decoder.decode(piece) for piece in _limited(pieces, path)]
        texts.append(decoder.decode(b"", final=True))
    except UnicodeDecodeError as e:
        raise exceptions.ActionException(
            f"{path} is binary, which a result can't hold: give the action "
            f"action_content='{_BASE64}', or action_content='{_FILE}/path' for a large one",
            error_code="BINARY_RESULT",
        ) from e
    return "".join(texts)


def _as_base64(pieces: Iterable[bytes], path: str) -> str:
    import base64

    encoded, rest = [], b""
    for piece in _limited(pieces, path):
        # Three bytes are four characters: what is over waits for the next piece.
        whole = rest + piece
        end = len(whole) - len(whole) % 3
        encoded.append(base64.b64encode(whole[:end]).decode("ascii"))
        rest = whole[end:]
    encoded.append(base64.b64encode(rest).decode("ascii"))
    return "".join(encoded)


class _IntoFile:
    """Writes the one content of a result to a file."""

    def __init__(self, path: str) -> None:
        from mistral_extra import config

        self._path = path
        self._written: str | None = None
        self._folders = content_folders(config.OPENSTACK_ACTIONS_GROUP)
        self._folders.resolve(path, "action_content")

    def __call__(self, pieces: Iterable[bytes], path: str) -> dict[str, Any]:
        if self._written is not None:
            raise exceptions.ActionException(
                f"{self._written} is in {self._path} already, and {path} is binary too: "
                f"action_content='{_BASE64}' takes more than one",
                error_code="BINARY_RESULT",
            )
        self._written = path
        return self._write(pieces, path)

    def _write(self, pieces: Iterable[bytes], path: str) -> dict[str, Any]:
        import hashlib

        digest, size = hashlib.sha256(), 0
        with contextlib.ExitStack() as stack:
            with self._failing_as_told(path):
                file = stack.enter_context(self._folders.create(self._path, "action_content"))
            # Pieces come from the network, which fails with OSErrors too.
            for piece in pieces:
                digest.update(piece)
                with self._failing_as_told(path):
                    size += file.write(piece)
            with self._failing_as_told(path):
                stack.close()
        return {"path": self._path, "size": size, "sha256": digest.hexdigest()}

    @contextlib.contextmanager
    def _failing_as_told(self, path: str) -> Iterator[None]:
        try:
            yield
        except OSError as e:
            raise exceptions.ActionException(
                f"{path} can't be written to {self._path}: {e.strerror or e}",
                error_code="CONTENT_NOT_WRITTEN",
            ) from e
