# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Entry points as stevedore lists them, loaded one by one, each failure with its remedy."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from mistral_lib import exceptions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.metadata import EntryPoint
    from types import ModuleType

__all__ = [
    "ACTIONS",
    "PROVIDERS",
    "SERVER",
    "Problem",
    "allowed",
    "distribution_of",
    "import_module",
    "list_all",
    "load",
    "problem",
]

#: Entry point group of single actions.
ACTIONS = "mistral.actions"

#: Entry point group of action providers.
PROVIDERS = "mistral.action.providers"

#: The server's package and distribution.
SERVER = "mistral"


class Problem(NamedTuple):
    """Why a plug-in did not load."""

    name: str
    #: ``module:attribute``.
    target: str
    error: str
    remedy: str

    def __str__(self) -> str:
        return f"'{self.name}' ({self.target}): {self.error}. {self.remedy}"


def list_all(group: str) -> list[EntryPoint]:
    """Return the entry points of a group, sorted by name, importing none of them.

    Where two have one name, the first that is found comes first.
    """
    from stevedore import named

    # Asked for no name at all, the manager loads nothing but still lists everything.
    manager: Any = named.NamedExtensionManager(group, names=[])
    return sorted(manager.list_entry_points(), key=lambda e: e.name)


def allowed(name: str, allow: Sequence[str] | None, deny: Sequence[str] | None) -> bool:
    """Tell whether glob patterns let a name pass: it must match ``allow``, if given, not ``deny``.

    ``*`` matches any text, dots included, as in ``"nova.*"``.
    """
    from fnmatch import fnmatchcase

    # A lone pattern is not meant letter by letter, one of which may be "*".
    allow = [allow] if isinstance(allow, str) else allow
    deny = [deny] if isinstance(deny, str) else deny
    if allow is not None and not any(fnmatchcase(name, p) for p in allow):
        return False
    return not any(fnmatchcase(name, p) for p in deny or ())


def load(entry_point: EntryPoint) -> Any | Problem:
    """Return what an entry point names, or why it can't be had."""
    try:
        import_module(entry_point.value.partition(":")[0].strip())
        return entry_point.load()
    except (Exception, SystemExit) as e:
        return problem(entry_point, e)


def import_module(name: str) -> ModuleType:
    """Import a module, of the server or of a plug-in for it, outside a server as well.

    The server's modules import each other in a circle (Mistral 23). They get through it where the
    API is imported before all others, as the server does.
    """
    if name.partition(".")[0] == SERVER and name not in sys.modules:
        _import_servers_api()
    try:
        return importlib.import_module(name)
    except Exception as e:
        # A plug-in that imports the server's modules.
        if "circular import" in str(e) and _import_servers_api():
            return importlib.import_module(name)
        raise


def _import_servers_api() -> bool:
    """Import the server's API; tell whether that was done now."""
    api = f"{SERVER}.api.app"
    if api in sys.modules:
        return False
    import warnings

    try:
        with warnings.catch_warnings():
            # Deprecations of what the server is made of are its developers' business.
            warnings.simplefilter("ignore")
            importlib.import_module(api)
    except (Exception, SystemExit):
        # Not installed, or broken: importing what needs it says so.
        return False
    return True


def problem(entry_point: EntryPoint, error: BaseException, remedy: str | None = None) -> Problem:
    """Return the problem that ``error`` is for the plug-in of ``entry_point``.

    :param remedy: what to do; found from the error of loading it when None.
    """
    text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    remedy = remedy or _remedy(entry_point, error)
    return Problem(entry_point.name, entry_point.value, text, remedy)


def _remedy(entry_point: EntryPoint, error: BaseException) -> str:
    module = entry_point.value.partition(":")[0].strip()
    if isinstance(error, ModuleNotFoundError) and error.name:
        if module == error.name or module.startswith(error.name + "."):
            return (
                f"There is no module {error.name}: correct the entry point of "
                f"{_owner(entry_point)}, or reinstall it"
            )
        missing = error.name.partition(".")[0]
        return f"Install what provides the module '{missing}', for example: pip install {missing}"
    if isinstance(error, AttributeError) and f"'{module}'" in str(error):
        return f"Correct the entry point of {_owner(entry_point)}: the module lacks that name"
    if isinstance(error, exceptions.InvalidDeclaration):
        return f"Correct the declaration in {module}"
    return f"'python -c \"import {module}\"' shows where; report it to {_owner(entry_point)}"


def _owner(entry_point: EntryPoint) -> str:
    return distribution_of(entry_point) or "its distribution"


def distribution_of(entry_point: EntryPoint) -> str | None:
    """Return ``"name version"`` of the distribution that announces an entry point."""
    from importlib import metadata

    for dist in metadata.distributions():
        for candidate in dist.entry_points:
            if (candidate.group, candidate.name, candidate.value) == (
                entry_point.group,
                entry_point.name,
                entry_point.value,
            ):
                return f"{dist.metadata['Name']} {dist.version}"
    return None
