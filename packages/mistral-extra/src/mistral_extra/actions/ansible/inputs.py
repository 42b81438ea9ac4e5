# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What a workflow passes as a path, a text or a structure: as a file that Ansible can read."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mistral_extra.actions.ansible import errors
from mistral_lib import actions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mistral_extra.actions.content_folders import ContentFolders

__all__ = ["as_file", "inventory", "literal_vars", "write"]


def write(path: Path, text: str) -> Path:
    """Write a file that nobody else may read, not even for a moment.

    :raises InvalidInput: the text can't be written in UTF-8.
    :raises FileExistsError: something is there.
    :raises StartFailed: the disk is full, for example.
    """
    try:
        content = text.encode()
    except UnicodeEncodeError as e:
        # Its text quotes what is to be written, which may be secret.
        raise actions.InvalidInput(
            f"What is given as {path.name} has half a character in it (U+D800 to U+DFFF), at "
            f"{e.start}: Ansible reads UTF-8, which has no such thing"
        ) from None
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb") as file:
            file.write(content)
    except FileExistsError:
        raise
    except OSError as e:
        raise errors.start_failed(e) from e
    return path


def as_file(given: Any, target: Path, what: str, folders: ContentFolders | None) -> Path:
    """Return the path of what was given, which is written to ``target`` if it isn't a path.

    :param given: a path; text, which has a line break or is JSON; or a structure.
    :param what: names it in the error.
    :param folders: in which a path must be, if not None.
    :raises InvalidInput: there is no such file, it is elsewhere, or nothing is given.
    """
    if not given or (isinstance(given, str) and not given.strip()):
        # Nothing would be this process's working folder, and all that lies in it.
        raise actions.InvalidInput(f"The {what} is empty: give a path, its text or a structure")
    if not isinstance(given, str):
        # JSON, which Ansible takes for YAML. Unescaped: YAML knows no surrogates.
        return write(target, json.dumps(given, ensure_ascii=False))
    if _is_content(given):
        return write(target, given)
    path = Path(given).absolute() if folders is None else folders.resolve(given, f"The {what}")
    if not _is_there(path):
        raise actions.InvalidInput(
            f"There is no {what} at '{path!s:.300}', on the machine that runs the action. (Text "
            "that is to be taken for its content needs a line break.)"
        )
    return path


def _is_content(text: str) -> bool:
    """Tell whether a text is the thing itself, not where it lies."""
    return "\n" in text or text.lstrip()[:1] in ("{", "[")


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        # Too long for a path, or with a NUL in it.
        return False


def inventory(
    given: str | list[str] | dict[str, Any], folder: Path, folders: ContentFolders | None
) -> str:
    """Return an inventory as the command takes it.

    :param folder: takes it, if it is not a path.
    :param folders: in which a path must be, if not None.
    :raises InvalidInput: there is no such file, it is elsewhere, or no host is in it.
    """
    if isinstance(given, str) and "," in given and not _is_content(given):
        if "/" in given and folders is not None:
            # Ansible takes it for a path where there is such a file.
            folders.resolve(given, "The inventory")
        return given
    if isinstance(given, list) and given:
        given = {"all": {"hosts": dict.fromkeys(given)}}
    # No suffix: by that, Ansible finds out by itself whether a text is INI or YAML.
    return str(as_file(given, folder / "inventory", "inventory", folders))


def literal_vars(variables: Mapping[str, Any]) -> str:
    """Return variables as YAML whose strings Ansible doesn't take for templates."""
    import yaml

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:
            return True

    def represent(dumper: Any, text: str) -> Any:
        return dumper.represent_scalar("!unsafe", text, style='"')

    # Names of variables stay ordinary strings: keys come as their own type.
    Dumper.add_representer(str, represent)
    Dumper.add_representer(_Name, lambda dumper, name: dumper.represent_str(str(name)))
    return str(yaml.dump(_with_names(variables), Dumper=Dumper, allow_unicode=True))


class _Name(str):
    __slots__ = ()


def _with_names(value: Any) -> Any:
    if isinstance(value, dict):
        return {_Name(name): _with_names(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_with_names(inner) for inner in value]
    return value
