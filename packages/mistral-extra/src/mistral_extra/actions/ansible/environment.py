# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The environment that Ansible runs in: next to nothing of this process's own."""

from __future__ import annotations

import os
import re
from importlib import util
from pathlib import Path
from typing import TYPE_CHECKING

from mistral_extra.actions import availability
from mistral_lib import actions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mistral_extra.actions.content_folders import ContentFolders

__all__ = ["check_paths", "checked", "minimal", "reporting", "settings"]

_INHERITED = frozenset(("LOGNAME", "TZ", "USER"))


def minimal() -> dict[str, str]:
    """Return what any command needs."""
    return {
        **{name: value for name, value in os.environ.items() if name in _INHERITED},
        "HOME": os.path.expanduser("~"),
        # Ansible refuses to work in any other encoding.
        "LC_ALL": "C.UTF-8",
        "PATH": availability.search_path(),
    }


def settings(folder: Path) -> dict[str, str]:
    """Return Ansible's settings, which a workflow may change.

    :param folder: takes what Ansible keeps while it works: a process that is stopped does not
        clean up after itself.
    """
    return {
        "ANSIBLE_LOCAL_TEMP": str(folder / "tmp"),
        "ANSIBLE_NOCOLOR": "True",
        "ANSIBLE_PERSISTENT_CONTROL_PATH_DIR": str(folder / "pc"),
        # Quicker, and without it the arguments of each module would lie on the host for a while.
        "ANSIBLE_PIPELINING": "True",
        "ANSIBLE_RETRY_FILES_ENABLED": "False",
        # Short: the path of a socket may have about 100 characters.
        "ANSIBLE_SSH_CONTROL_PATH_DIR": str(folder / "cp"),
        # Modules that work on this machine unpack themselves there.
        "TMPDIR": str(folder),
    }


def checked(given: Mapping[str, str]) -> Mapping[str, str]:
    """Return the variables that a workflow gives.

    :raises InvalidInput: one can't be put into an environment.
    """
    for name, value in given.items():
        if not name or "=" in name or "\0" in name + value:
            raise actions.InvalidInput(
                f"Parameter 'environment': the variable {name!r:.100} can't be set. A name is not "
                "empty and has no '=' in it; neither name nor value has a NUL character"
            )
    return given


#: Ansible's settings that name files and folders of this machine; not those of other hosts.
_NAMES_FILES = re.compile(
    r"ANSIBLE_(?!ASYNC_DIR$|REMOTE_)\w*?"
    r"(CONFIG|DIR|FILES?|HOME|INVENTORY|LIBRARY|LIST|MODULE_UTILS|PATHS?|PLUGINS|SOURCES?|TEMP)"
)


def check_paths(
    variables: Mapping[str, str], working_folder: Path, folders: ContentFolders | None
) -> None:
    """Check that Ansible's settings lead to no file that a workflow may not name.

    :param variables: that a workflow sets.
    :param working_folder: where relative paths start.
    :param folders: in which a file must be, if any is not allowed.
    :raises InvalidInput: one does.
    """
    if folders is None:
        return
    for name, value in variables.items():
        if not _NAMES_FILES.fullmatch(name):
            continue
        for part in re.split(r"[:,]", value):
            # "label@path", as vault identities are written.
            path = os.path.expanduser(part.strip().rpartition("@")[2])
            if path and os.path.dirname(path):
                path = os.path.join(working_folder, path)
                folders.resolve(path, f"Parameter 'environment': {name}")


def reporting(folder: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the settings that make Ansible report events by ansible-runner's plug-in.

    :param folder: where the plug-in leaves what belongs to each event.
    :param environment: the settings so far.
    """
    # Found, not imported: that takes as long as Ansible takes to start, and may happen meanwhile.
    runner = util.find_spec("ansible_runner")
    assert runner is not None
    assert runner.origin is not None
    plugins = Path(runner.origin).parent / "display_callback" / "callback"
    others = environment.get("ANSIBLE_CALLBACK_PLUGINS")
    return {
        "ANSIBLE_CALLBACK_PLUGINS": os.pathsep.join(filter(None, (others, str(plugins)))),
        "ANSIBLE_STDOUT_CALLBACK": "awx_display",
        "AWX_ISOLATED_DATA_DIR": str(folder),
    }
