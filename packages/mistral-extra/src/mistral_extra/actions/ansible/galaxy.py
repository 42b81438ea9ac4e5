# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""One run of ``ansible-galaxy install``."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from mistral_extra.actions.ansible import command, environment, errors, inputs, installed, policy
from mistral_extra.actions.ansible.private_folder import private_folder
from mistral_extra.actions.ansible.transcript import Transcript, shortened
from mistral_lib import actions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mistral_extra.actions.content_folders import ContentFolders

__all__ = ["COLLECTIONS_PATH", "ROLES_PATH", "Installed", "Source", "Target", "install"]


@dataclass(frozen=True)
class Source:
    """What to install, and from where."""

    requirements: str | dict[str, Any] | list[dict[str, Any]]
    server: str | None
    token: str | None = field(repr=False)
    force: bool

    def words(self, folder: Path, folders: ContentFolders | None) -> Iterator[str]:
        """Yield the command's options; files are written to ``folder``.

        :param folders: in which the path of a requirements file must be, if not None.
        :raises InvalidInput: there is no file at the path given, or the server's URL has a user.
        """
        target = folder / "requirements.yml"
        path = inputs.as_file(self.requirements, target, "requirements file", folders)
        yield f"--role-file={path}"
        if self.server is not None:
            if "@" in urlsplit(self.server).netloc:
                raise actions.InvalidInput(
                    "Parameter 'server' must have no user name or password in it, which others "
                    "could see: give 'token'"
                )
            yield f"--server={self.server}"
        if self.force:
            yield "--force"

    def settings(self, folder: Path) -> dict[str, str]:
        """Return what is told by the environment: where the token is."""
        if self.token is None:
            return {}
        path = inputs.write(folder / "token", json.dumps({"token": self.token}))
        return {"ANSIBLE_GALAXY_TOKEN_PATH": str(path)}


class Target(NamedTuple):
    """Where to."""

    collections: Path
    roles: Path

    @classmethod
    def of(cls, collections: str, roles: str, folders: ContentFolders | None) -> Target:
        """Return the folders of these paths, in which ``~`` is this process's home.

        :param folders: in which those must be that are not Ansible's own, if not None.
        :raises InvalidInput: one is elsewhere.
        """
        given = {"collections_path": collections, "roles_path": roles}
        return cls(*(_folder(path, name, folders) for name, path in given.items()))

    def prepare(self, folders: ContentFolders | None) -> None:
        """Make the folders: inside the isolation only what is there can be shown.

        :param folders: that the operator opened.
        :raises InvalidInput: one is neither Ansible's own nor one of ``folders`` itself. Of what is
            below those another run may exchange a folder for a link that leads elsewhere.
        """
        opened = {Path(COLLECTIONS_PATH).expanduser(), Path(ROLES_PATH).expanduser()}
        opened |= {Path(folder).resolve() for folder in (folders.folders if folders else ())}
        for path in self:
            if path not in opened:
                raise actions.InvalidInput(
                    f"With isolation, Ansible installs to one of [ansible_action] content_folders "
                    f"itself, not below it: {path!s:.80}"
                )
            path.mkdir(parents=True, exist_ok=True)

    def packages(self) -> dict[installed.Package, int]:
        """Return what is there, and since when."""
        return dict([*installed.collections(self.collections), *installed.roles(self.roles)])

    def settings(self) -> dict[str, str]:
        """Return the settings that make Ansible install there."""
        return {
            "ANSIBLE_COLLECTIONS_PATH": str(self.collections),
            "ANSIBLE_ROLES_PATH": str(self.roles),
        }


#: Where Ansible looks for collections and roles.
COLLECTIONS_PATH = "~/.ansible/collections"
ROLES_PATH = "~/.ansible/roles"


def _folder(path: str, name: str, folders: ContentFolders | None) -> Path:
    expanded = Path(path).expanduser().absolute()
    if folders is None or path in (COLLECTIONS_PATH, ROLES_PATH):
        return expanded
    return folders.resolve(str(expanded), f"Parameter '{name}'")


class Installed(NamedTuple):
    """What an installation did."""

    packages: list[installed.Package]
    #: What Ansible printed.
    printed: str


def install(
    source: Source,
    paths: tuple[str, str],
    variables: Mapping[str, str],
    timeout: float,
    context: actions.ActionContext,
) -> Installed:
    """Install what is not there.

    :param paths: folder for collections, and folder for roles.
    :param variables: for the environment, on top.
    :param timeout: seconds.
    :raises AnsibleNotAllowed: the operator has not turned Ansible on for the context.
    :raises AnsibleFailed: something could not be installed.
    :raises ActionTimeout: the time was over before.
    :raises ActionCancelled: the action was asked to stop before.
    """
    allowed = policy.for_context(context)
    opened = allowed.content_folders
    context = context.with_timeout(timeout, "Ansible")
    target = Target.of(*paths, opened)
    printed = _Printed(actions.Masker([source.token, context.security.auth_token]), context)
    with private_folder() as folder:
        words = ["ansible-galaxy", "install", *source.words(folder, opened)]
        environment.check_paths(variables, folder, opened)
        settings = {**environment.settings(folder), **target.settings(), **source.settings(folder)}
        surroundings = {**environment.minimal(), **settings, **variables}
        before = target.packages()
        if allowed.isolation != "none":
            target.prepare(opened)
        ready = command.Command(words, folder, surroundings, folder, allowed, target)
        rc = command.run(ready, context, printed.read)
    text = printed.end()
    if rc:
        raise errors.AnsibleFailed(
            f"ansible-galaxy ended with code {rc}, saying: {text.strip()[-_LAST_WORDS:]}",
            details={"rc": rc, "stdout": text},
        )
    # What was installed again has another time.
    new = sorted(package for package, _ in target.packages().items() - before.items())
    return Installed(new, text)


#: Characters.
_LAST_WORDS = 1000


#: Characters of a progress text that are kept of each end.
_KEPT_OF_PROGRESS = 500

#: Characters of a line whose end has not come.
_MOST_UNFINISHED = 65_536


class _Printed:
    """What the command prints, line by line: also the progress of the action."""

    def __init__(self, masker: actions.Masker, context: actions.ActionContext) -> None:
        self._masker = masker
        self._context = context
        self._kept = Transcript(masker)
        self._unfinished = ""

    def read(self, text: str) -> None:
        """Take more of it."""
        self._kept.write(text)
        lines, _, rest = (self._unfinished + text).rpartition("\n")
        self._unfinished = rest[-_MOST_UNFINISHED:]
        for line in filter(str.strip, self._masker.text(lines).split("\n")):
            self._context.progress(shortened(line, _KEPT_OF_PROGRESS))

    def end(self) -> str:
        """Return all of it, or what was kept."""
        return str(self._kept)
