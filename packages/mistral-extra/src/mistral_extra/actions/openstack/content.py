# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Binary content in a result: an image, an object, an archive.

JSON has no bytes. Content that is UTF-8 becomes text; for any other an action says by its
parameter ``action_content`` what is to become of it:

``"base64"``
    base64 text stands in its place.
``"file:/path"``
    it is written to that file of the executor's machine (mode 0600, and whole or not at all), and
    ``{"path":, "size":, "sha256":}`` stands in its place.
"""

from __future__ import annotations

import codecs
import contextlib
from typing import TYPE_CHECKING, Any

from mistral_extra.actions.openstack.utils import exceptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    #: Makes JSON-ready data of a content's pieces; the second parameter is its place in the result.
    Taker = Callable[[Iterable[bytes], str], Any]

__all__ = ["taker"]

_BASE64 = "base64"
_FILE = "file:"


def taker(wish: str | None) -> Taker:
    """Return what does with content as ``action_content`` wishes.

    :raises ActionException: there is no such wish.
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


def _as_text(pieces: Iterable[bytes], path: str) -> str:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        texts = [decoder.decode(piece) for piece in pieces]
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

    return base64.b64encode(b"".join(pieces)).decode("ascii")


class _IntoFile:
    """Writes the one content of a result to a file."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._written: str | None = None

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
        import os
        import tempfile

        folder = os.path.dirname(os.path.abspath(self._path))
        with self._failing_as_told(path):
            # Readable by its owner alone, and beside its target, so that moving it is atomic.
            handle, unfinished = tempfile.mkstemp(prefix=".content-", dir=folder)
        digest, size = hashlib.sha256(), 0
        try:
            with os.fdopen(handle, "wb") as file:
                # Pieces come from the network, which fails with OSErrors too.
                for piece in pieces:
                    digest.update(piece)
                    with self._failing_as_told(path):
                        size += file.write(piece)
                with self._failing_as_told(path):
                    file.flush()
                    os.fsync(file.fileno())
            with self._failing_as_told(path):
                os.replace(unfinished, self._path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(unfinished)
            raise
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
