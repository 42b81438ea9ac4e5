# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The extras of this package that generic actions need, found without importing what they bring."""

from __future__ import annotations

import functools
import os
import re
import shutil
import sysconfig
from importlib import metadata, util
from typing import TYPE_CHECKING, NamedTuple

from mistral_lib import actions

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    F = TypeVar("F", bound="actions.ActionFunction[..., Any]")

__all__ = ["ANSIBLE", "BCRYPT", "HTTP", "SSH", "Extra", "NotInstalled", "needs", "search_path"]


class NotInstalled(actions.ActionException):
    """What the action needs is not installed where it runs."""

    error_code = "NOT_INSTALLED"


class Extra(NamedTuple):
    """What ``pip install mistral-extra[NAME]`` brings."""

    name: str
    #: As they are imported.
    modules: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    #: Distributions that other packages bring too, with the lowest version that will do.
    least: tuple[tuple[str, tuple[int, ...]], ...] = ()

    def missing(self) -> actions.Problem | None:
        """Return what is not installed, and the command that installs it; None if all is."""
        for module in self.modules:
            if util.find_spec(module) is None:
                return self._problem(module, f"there is no module '{module}'")
        for command in self.commands:
            if shutil.which(command, path=search_path()) is None:
                return self._problem(command, f"there is no command '{command}'")
        for distribution, least in self.least:
            found = _version(distribution)
            if found < least:
                shown, needed = (".".join(map(str, version)) for version in (found, least))
                return self._problem(distribution, f"{distribution} {shown} is older than {needed}")
        return None

    def require(self) -> None:
        """Do nothing, if all is installed.

        :raises NotInstalled: the message names the command that installs it.
        """
        problem = self.missing()
        if problem is not None:
            raise NotInstalled(f"This action can't run here: {problem.error}. {problem.remedy}")

    def _problem(self, target: str, error: str) -> actions.Problem:
        return actions.Problem(
            self.name, target, error, f"pip install 'mistral-extra[{self.name}]'"
        )


def search_path() -> str:
    """Return where commands are looked for: first among those of this Python's environment."""
    return os.pathsep.join([sysconfig.get_path("scripts"), *os.get_exec_path()])


@functools.lru_cache
def _version(distribution: str) -> tuple[int, ...]:
    numbers = re.match(r"[0-9]+(\.[0-9]+)*", metadata.version(distribution))
    return tuple(map(int, numbers[0].split("."))) if numbers else ()


ANSIBLE = Extra("ansible", ("ansible_runner",), ("ansible-playbook", "ansible-galaxy"))
#: Before 2.6 what a small compressed body grows to has no bound; 2.6.3 mends the last of that.
HTTP = Extra("http", ("urllib3",), least=(("urllib3", (2, 6, 3)),))
SSH = Extra("ssh", ("asyncssh",), least=(("asyncssh", (2, 20)),))
#: Part of the same extra, and needed for private keys with a passphrase in OpenSSH's form alone.
BCRYPT = Extra("ssh", ("bcrypt",))


def needs(
    extra: Extra, permission: Callable[[], actions.Problem | None] | None = None
) -> Callable[[F], F]:
    """Have an action tell ``mistral-action doctor`` where its extra is missing.

    Goes above ``@action``. The action itself calls :meth:`Extra.require`.

    :param permission: returns why a server would not run it although the extra is there.
    """

    def problem() -> actions.Problem | None:
        found = extra.missing()
        return permission() if found is None and permission is not None else found

    def tell(function: F) -> F:
        # Static, not bound to the extra: that would pass for data of the action.
        function.action_class.unavailable = staticmethod(problem)  # type: ignore[attr-defined]
        return function

    return tell
