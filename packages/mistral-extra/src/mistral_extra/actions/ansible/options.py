# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What a run of ``ansible-playbook`` is told besides its playbook, as words of the command.

Each option is one word, so that no value can pass for another. What may be secret goes into files.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mistral_extra.actions.ansible import inputs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mistral_extra.actions.content_folders import ContentFolders

__all__ = ["Credentials", "Manner", "Options", "Selection", "Variables"]


@dataclass(frozen=True)
class Variables:
    """Values for the playbook."""

    extra: dict[str, Any] | None
    secret: dict[str, Any] | None = field(repr=False)

    def words(self, folder: Path) -> Iterator[str]:
        """Yield the options; files are written to ``folder``."""
        if self.extra:
            text = json.dumps(self.extra, ensure_ascii=False)
            yield f"--extra-vars=@{inputs.write(folder / 'extra-vars', text)}"
        if self.secret:
            text = inputs.literal_vars(self.secret)
            yield f"--extra-vars=@{inputs.write(folder / 'secret-vars', text)}"


@dataclass(frozen=True)
class Selection:
    """On which hosts, and which tasks."""

    limit: str | None
    tags: list[str] | None = None
    skip_tags: list[str] | None = None

    def words(self) -> Iterator[str]:
        """Yield the options."""
        if self.limit is not None:
            yield f"--limit={self.limit}"
        if self.tags:
            yield f"--tags={','.join(self.tags)}"
        if self.skip_tags:
            yield f"--skip-tags={','.join(self.skip_tags)}"


@dataclass(frozen=True)
class Manner:
    """How to go about it."""

    forks: int | None
    verbosity: int
    become: bool
    check: bool
    diff: bool

    def words(self) -> Iterator[str]:
        """Yield the options."""
        if self.forks is not None:
            yield f"--forks={self.forks}"
        if self.verbosity:
            yield "-" + "v" * self.verbosity
        yield from (f"--{flag}" for flag in ("become", "check", "diff") if getattr(self, flag))


@dataclass(frozen=True)
class Credentials:
    """What opens hosts and vaults."""

    private_key: str | None = field(repr=False)
    vault_password: str | None = field(repr=False)

    def words(self, folder: Path) -> Iterator[str]:
        """Yield the options; files are written to ``folder``."""
        if self.private_key is not None:
            # ssh takes neither line ends of Windows, nor blanks around the key, nor a last line
            # without its end; a workflow's text may well have been through editors and YAML.
            lines = self.private_key.strip("\ufeff \t\r\n").splitlines()
            text = "".join(f"{line.strip()}\n" for line in lines)
            yield f"--private-key={inputs.write(folder / 'private-key', text)}"
        if self.vault_password is not None:
            yield f"--vault-password-file={inputs.write(folder / 'vault', self.vault_password)}"


@dataclass(frozen=True)
class Options:
    """All of it."""

    inventory: str | list[str] | dict[str, Any] | None
    variables: Variables
    selection: Selection
    manner: Manner
    credentials: Credentials

    @property
    def secrets(self) -> list[Any]:
        """The values that must not show."""
        return [
            self.variables.secret,
            self.credentials.private_key,
            self.credentials.vault_password,
        ]

    def words(self, folder: Path, folders: ContentFolders | None) -> Iterator[str]:
        """Yield the options; files are written to ``folder``.

        :param folders: in which the path of an inventory must be, if not None.
        :raises InvalidInput: there is no inventory at the path given.
        """
        if self.inventory is not None:
            yield f"--inventory={inputs.inventory(self.inventory, folder, folders)}"
        yield from self.variables.words(folder)
        yield from self.selection.words()
        yield from self.manner.words()
        yield from self.credentials.words(folder)
