# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""``files.sign`` and ``files.check_signature``: actions with a secret parameter."""

import hmac
from dataclasses import dataclass
from typing import Annotated

from mistral_lib import actions

from file_actions import contents

__all__ = ["BadSignature", "Key", "Signature", "check_signature", "sign"]

#: A type of parameter that several actions share: what it is, what it must be, that it is secret.
Key = Annotated[
    actions.Secret[str],
    actions.Param("The key that signer and checker share: at least 16 characters.", min_length=16),
]


@dataclass
class Signature:
    """The HMAC-SHA256 of one file."""

    path: str
    #: Hexadecimal, in small letters.
    signature: str


class BadSignature(actions.ActionException):
    """The file is not the one that was signed, or the key another; ``details`` has its ``path``."""

    error_code = "BAD_SIGNATURE"


@actions.action(name="files.sign", timeout=600, idempotent=True, tags=["files"])
def sign(path: str, key: Key, *, context: actions.ActionContext) -> Signature:
    """Sign a file with a key.

    :param path: the file, on the machine that runs the action.
    :returns: the signature, for ``files.check_signature``.
    :raises FileMissing: there is no such file.
    :raises FileBusy: somebody is writing it; try again.
    """
    mac = hmac.new(key.encode(), digestmod="sha256")
    for chunk in contents.chunks(path, context):
        mac.update(chunk)
    return Signature(path, mac.hexdigest())


@actions.action(name="files.check_signature", timeout=600, idempotent=True, tags=["files"])
def check_signature(
    path: str,
    signature: Annotated[str, actions.Param(pattern="^[0-9a-f]{64}$")],
    key: Key,
    *,
    context: actions.ActionContext,
) -> Signature:
    """Check that a file is the one that was signed.

    :param path: the file, on the machine that runs the action.
    :param signature: what ``files.sign`` returned as ``signature``.
    :returns: the signature that was checked.
    :raises BadSignature: it is another file, or another key.
    :raises FileMissing: there is no such file.
    """
    computed = sign(path, key, context=context)
    if not hmac.compare_digest(computed.signature, signature):
        raise BadSignature(
            f"{path} does not bear this signature: the file or the key is another",
            details={"path": path},
        )
    return computed
