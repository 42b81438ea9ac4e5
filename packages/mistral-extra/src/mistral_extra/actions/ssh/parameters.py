# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Types of the parameters that the SSH actions share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from mistral_lib import actions
from mistral_lib.actions import Param

__all__ = ["AtOnce", "Hosts", "Jump", "Login", "Seconds"]

Hosts = Annotated[list[str], Param(min_length=1, examples=[["ann@node1", "node2:2222"]])]
AtOnce = Annotated[int, Param(ge=1, le=500)]
Seconds = Annotated[float, Param(gt=0, le=86400)]


@dataclass
class Login:
    """Who logs in: by a private key, a password, or both."""

    #: Where the host's name does not begin with one, as in ``ann@node1``.
    username: str | None = None
    password: actions.Secret[str | None] = None
    #: The key itself, in PEM or OpenSSH's form.
    private_key: actions.Secret[str | None] = None
    #: Of the private key.
    passphrase: actions.Secret[str | None] = None

    @property
    def secrets(self) -> tuple[str | None, ...]:
        """What must not show."""
        return self.password, self.private_key, self.passphrase


@dataclass
class Jump:
    """The host that the others are reached through."""

    host: str
    #: That of the other hosts by default.
    login: Login | None = None

    @property
    def secrets(self) -> tuple[str | None, ...]:
        """What must not show."""
        return () if self.login is None else self.login.secrets
