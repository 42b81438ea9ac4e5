# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Types of the parameters of a mail that have parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, NamedTuple

from mistral_extra.actions.network.tls import Tls
from mistral_lib import actions
from mistral_lib.actions import Param

__all__ = ["Attachment", "Auth", "Port", "Relay", "Seconds", "Security"]

#: STARTTLS on the way, TLS from the beginning, or neither.
Security = Literal["starttls", "tls", "none"]

Port = Annotated[int, Param(ge=1, le=65535)]
Seconds = Annotated[float, Param(gt=0, le=3600)]


@dataclass
class Auth:
    """Who sends."""

    username: str
    password: actions.Secret[str]


@dataclass
class Attachment:
    """One file: its content as text, or as bytes in base64."""

    filename: str
    text: str | None = None
    data: bytes | None = None
    content_type: str = "application/octet-stream"


class Relay(NamedTuple):
    """The server, and how to talk to it; the action describes it."""

    host: str
    port: int
    security: Security
    tls: Tls | None
    auth: Auth | None
