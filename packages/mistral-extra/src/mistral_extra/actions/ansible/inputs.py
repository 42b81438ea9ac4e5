# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What a workflow passes as a path, a text or a structure: as a file that Ansible can read."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mistral_lib import actions

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["as_file", "inventory", "literal_vars", "write"]


def write(path: Path, text: str) -> Path:
    """Write a file that nobody else may read, not even for a moment."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def as_file(given: Any, target: Path, what: str) -> Path:
    """Return the path of what was given, which is written to ``target`` if it isn't a path.

    :param given: a path; text, which has a line break; or a structure.
    :param what: names it in the error.
    :raises InvalidInput: there is no such file.
    """
    if not isinstance(given, str):
        # JSON, which Ansible takes for YAML. Unescaped: YAML knows no surrogates.
        return write(target, json.dumps(given, ensure_ascii=False))
    if "\n" in given:
        return write(target, given)
    path = Path(given).absolute()
    if not path.exists():
        raise actions.InvalidInput(
            f"There is no {what} at '{path}', on the machine that runs the action. (Text that is "
            "to be taken for its content needs a line break.)"
        )
    return path


def inventory(given: str | list[str] | dict[str, Any], folder: Path) -> str:
    """Return an inventory as the command takes it.

    :raises InvalidInput: there is no such file.
    """
    if isinstance(given, str) and "," in given and "\n" not in given:
        return given
    if isinstance(given, list):
        given = {"all": {"hosts": dict.fromkeys(given)}}
    # No suffix: by that, Ansible finds out by itself whether a text is INI or YAML.
    return str(as_file(given, folder / "inventory", "inventory"))


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
