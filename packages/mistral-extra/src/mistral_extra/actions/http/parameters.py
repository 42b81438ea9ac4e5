# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Types of the parameters of a request that have parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple

from mistral_lib import actions
from mistral_lib.actions import Param

__all__ = ["Auth", "Content", "FilePart", "Retry"]


@dataclass
class Auth:
    """Who asks: a user name with a password, or a token."""

    username: str | None = None
    password: actions.Secret[str | None] = None
    bearer: actions.Secret[str | None] = None


@dataclass
class FilePart:
    """One file of a form: its content as text, or as bytes in base64."""

    filename: str
    text: str | None = None
    data: bytes | None = None
    content_type: str = "application/octet-stream"


@dataclass
class Retry:
    """When to try again by ourselves."""

    #: Tries beyond the first.
    count: Annotated[int, Param(ge=0, le=20)] = 3
    #: Seconds before the second try; each pause is twice as long as the one before.
    delay: Annotated[float, Param(ge=0)] = 1.0


class Content(NamedTuple):
    """The four ways to give a body, of which one is used."""

    body: str | None = None
    json: Any = None
    form: dict[str, Any] | None = None
    files: dict[str, FilePart] | None = None
