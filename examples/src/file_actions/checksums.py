# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""``files.checksum``: a typed function. The model for most actions."""

import hashlib
from dataclasses import dataclass
from enum import Enum

from mistral_lib import actions

from file_actions import contents

__all__ = ["Algorithm", "Checksum", "checksum"]


class Algorithm(str, Enum):
    """Digest algorithms that every Python has."""

    SHA256 = "sha256"
    SHA384 = "sha384"
    SHA512 = "sha512"


@dataclass
class Checksum:
    """The digest of one file."""

    path: str
    algorithm: Algorithm
    #: Hexadecimal, in small letters.
    digest: str
    #: In bytes.
    size: int


@actions.action(name="files.checksum", timeout=600, idempotent=True, tags=["files"])
def checksum(
    path: str, algorithm: Algorithm = Algorithm.SHA256, *, context: actions.ActionContext
) -> Checksum:
    """Compute the checksum of a file.

    :param path: the file, on the machine that runs the action.
    :param algorithm: how.
    :returns: the digest and the size.
    :raises FileMissing: there is no such file.
    :raises FileBusy: somebody is writing it; try again.
    """
    digest, size = hashlib.new(algorithm.value), 0
    for chunk in contents.chunks(path, context):
        digest.update(chunk)
        size += len(chunk)
    return Checksum(path, algorithm, digest.hexdigest(), size)
