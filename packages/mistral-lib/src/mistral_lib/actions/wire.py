# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""How an action's class is named on the wire, and found again.

A message comes from outside: a name in it is looked up, never trusted. Only modules that are
loaded already, or belong to a distribution with a ``mistral.*`` entry point, or were admitted by
:func:`admit_modules` or the environment, may answer; and only with an action.
"""

from __future__ import annotations

import os
import sys
from types import ModuleType
from typing import TYPE_CHECKING

from mistral_lib import exceptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from importlib.metadata import Distribution

__all__ = ["ADMIT_VARIABLE", "admit_modules", "class_path", "load_class"]

#: Environment variable: comma-separated modules or packages a message may name.
ADMIT_VARIABLE = "MISTRAL_LIB_ADMIT_MODULES"

#: Python has no limit; no real path comes near this.
_LONGEST_PATH = 500

#: A class with one of these of its own does something else than the class it derives from.
_BEHAVIOUR = frozenset({"run", "_declaration"})

_admitted: set[str] = set()
_plugin_packages: frozenset[str] | None = None


def admit_modules(*names: str) -> None:
    """Let messages name actions of these modules or packages, loaded or not.

    For actions that no ``mistral.*`` entry point announces.
    """
    _admitted.update(names)


def class_path(cls: type, root: type, class_of: Callable[[object], type | None]) -> str:
    """Return ``module.Class`` of the nearest class in the MRO that a reader can import.

    That is the class itself, unless it was made at run time (from attributes, or for a generated
    action): then the class it was made from. A class that brings a ``run`` of its own is never
    stood in for: the reader would run something else.

    :param root: the class at which the search ends without success.
    :param class_of: returns the action class that an object is or carries.
    :raises SerializationError: there is none, for example a class defined inside a function.
    """
    if cls is not root and _at_top(cls.__module__, cls.__qualname__) is cls:
        return f"{cls.__module__}.{cls.__qualname__}"
    for candidate in cls.__mro__:
        if candidate is root:
            break
        module = sys.modules.get(candidate.__module__)
        if module is not None:
            name = candidate.__qualname__
            found = _walk(module, name.split(".") if "." in name else (name,))
            if found is candidate or (found is not None and class_of(found) is candidate):
                return f"{candidate.__module__}.{candidate.__qualname__}"
        if not _BEHAVIOUR.isdisjoint(vars(candidate)):
            break
    raise exceptions.SerializationError(
        f"Action {cls.__module__}.{cls.__qualname__} can't be named on the wire: a reader imports "
        "it by module and name, so it must be defined (or assigned under its own name) at the top "
        "level of a module"
    )


def _at_top(module_name: str, name: str) -> object:
    """Return what a loaded module has under a name, where nearly all actions are; else None."""
    module = sys.modules.get(module_name)
    # A subclass may be a lazy module.
    return module.__dict__.get(name) if type(module) is ModuleType else None


def _walk(start: object, names: Iterable[str]) -> object:
    """Follow names through modules and classes without running any code of theirs."""
    for name in names:
        # vars() would load a lazy module, and call a metaclass.
        if issubclass(type(start), ModuleType):
            start = object.__getattribute__(start, "__dict__").get(name)
        elif issubclass(type(start), type):
            start = type.__getattribute__(start, "__dict__").get(name)
        else:
            return None
    return start


def load_class(path: object, class_of: Callable[[object], type | None]) -> type:
    """Return the action class named ``module.Class`` or ``module.function``.

    :param class_of: returns the action class that an object is or carries.
    :raises DeserializationError: the name is malformed, may not be imported, or is no action.
    """
    if isinstance(path, str):
        module, _, name = path.rpartition(".")
        usual = class_of(_at_top(module, name))
        if usual is not None:
            return usual
    if not isinstance(path, str) or not _is_dotted_name(path):
        shown = repr(path[:100]) if isinstance(path, str) else type(path).__name__
        raise exceptions.DeserializationError(
            f"An action's class is named as 'module.Class', got {shown}"
        )
    cls = class_of(_find(path))
    if cls is None:
        raise exceptions.DeserializationError(f"{path!r} is no action: nothing was instantiated")
    return cls


def _is_dotted_name(path: str) -> bool:
    parts = path.split(".")
    # A loaded module may have any name (test runners make such up); only importing is stricter.
    return len(path) <= _LONGEST_PATH and len(parts) > 1 and all(parts)


def _find(path: str) -> object:
    parts = path.split(".")
    # A nested class has more than one name behind its module: the longest loaded module wins.
    for cut in range(len(parts) - 1, 0, -1):
        module = sys.modules.get(".".join(parts[:cut]))
        if module is None:
            continue
        found = _walk(module, parts[cut:])
        if found is not None:
            return found
        # A package may well have modules that are not loaded yet.
        if _walk(module, ["__path__"]) is None:
            raise _no_such_name(parts, cut)
        break
    if not _may_import(path):
        raise exceptions.DeserializationError(
            f"Action class {path!r} is not loaded here, and its package has no 'mistral.*' entry "
            "point, so a message may not import it. If it is yours, give it an entry point, "
            f"import it first, or name it in {ADMIT_VARIABLE}"
        )
    return _import(parts)


def _import(parts: list[str]) -> object:
    from importlib import import_module

    module: ModuleType | None = None
    length = 0
    for cut in range(1, len(parts)):
        name = ".".join(parts[:cut])
        if not _may_import(name):
            continue
        try:
            module, length = import_module(name), cut
        except ModuleNotFoundError as e:
            if e.name == name:
                break
            raise _import_failed(parts, e) from e
        # A script ends the process where it is not guarded: not for the sake of a message.
        except (Exception, SystemExit) as e:
            raise _import_failed(parts, e) from e
    if module is None:
        raise exceptions.DeserializationError(
            f"Action class {'.'.join(parts)!r}: its package is not installed here"
        )
    found = _walk(module, parts[length:])
    if found is None:
        raise _no_such_name(parts, length)
    return found


def _no_such_name(parts: list[str], cut: int) -> exceptions.DeserializationError:
    module, name = ".".join(parts[:cut]), ".".join(parts[cut:])
    return exceptions.DeserializationError(
        f"Action class {'.'.join(parts)!r}: the module {module!r} that is installed here has no "
        f"{name!r}; the sender may run another version of it"
    )


def _import_failed(parts: list[str], error: BaseException) -> exceptions.DeserializationError:
    return exceptions.DeserializationError(
        f"Action class {'.'.join(parts)!r}: its module can't be imported here: "
        f"{type(error).__name__}: {error}"
    )


def _may_import(path: str) -> bool:
    # '__main__' and '__init__' would run what only a start, or an import, of the package runs.
    if not all(part.isidentifier() and part[:2] != "__" for part in path.split(".")):
        return False
    asked = os.environ.get(ADMIT_VARIABLE, "")
    admitted = _admitted | {n.strip() for n in asked.split(",") if n.strip()}
    if any(path == name or path.startswith(name + ".") for name in admitted):
        return True
    return path.partition(".")[0] in _packages_with_entry_points()


def _packages_with_entry_points() -> frozenset[str]:
    """Return the top-level packages of all distributions with a ``mistral.*`` entry point.

    Read once: a hostile message must not cause a scan of the disk each time.
    """
    global _plugin_packages
    if _plugin_packages is None:
        from importlib import metadata

        found: set[str] = set()
        for dist in metadata.distributions():
            found |= _announced_by(dist)
        _plugin_packages = frozenset(found)
    return _plugin_packages


def _announced_by(dist: Distribution) -> set[str]:
    """Return the top-level packages of a distribution, none if it has nothing for Mistral."""
    try:
        values = [e.value for e in dist.entry_points if e.group.startswith("mistral.")]
        if not values:
            return set()
        declared = (dist.read_text("top_level.txt") or "").split()
        # Newer installers leave only the list of files: "package/module.py,sha256=...,123".
        files = (dist.read_text("RECORD") or "").splitlines()
    except Exception:  # Broken metadata of somebody's announces nothing.
        return set()
    found = {value.partition(":")[0].partition(".")[0].strip() for value in values}
    found.update(declared)
    found.update(line.partition("/")[0] for line in files if "/" in line)
    found.update(line.partition(".py,")[0] for line in files if "/" not in line)
    return {name for name in found if name.isidentifier()}
