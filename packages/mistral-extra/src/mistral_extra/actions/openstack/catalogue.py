# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Which actions there are, and what is known of the methods behind them: read here, nowhere else.

``mapping.json`` (or the file that an operator names instead) says which action calls which method
of a service's client. ``catalogue/<service>.json`` says what that method takes and returns: it is
made from the clients by ``python -m tools.catalogue``, so that no client is imported here.
"""

from __future__ import annotations

import functools
import json
import os
from typing import TYPE_CHECKING, Any, NamedTuple

from mistral_extra.actions.openstack import settings
from mistral_extra.actions.openstack.utils import exceptions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["REQUIRED", "Entry", "MappingError", "Parameter", "entry", "has", "mapping"]

#: The default of a parameter that has none.
REQUIRED: Any = object()

_FOLDER = os.path.join(os.path.dirname(__file__), "catalogue")
_COMMENT = "_comment"

Actions = dict[str, dict[str, str]]


class MappingError(exceptions.ActionException):
    """The file that says which actions there are can't be used."""

    error_code = "MAPPING_INVALID"


class Parameter(NamedTuple):
    """A parameter of a method."""

    name: str
    #: JSON-ready, or :data:`REQUIRED`.
    default: Any = REQUIRED
    #: In Python's words, ``list[str]``; empty where the client does not say.
    type: str = ""
    doc: str = ""
    #: Its value must not show.
    secret: bool = False


class Entry:
    """What is known of a method.

    :param raw: as the file has it; what says nothing is left out there.
    """

    __slots__ = ("_raw",)

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self._raw = raw

    @property
    def params(self) -> tuple[Parameter, ...]:
        """The parameters, in the method's order."""
        return tuple(Parameter(**p) for p in self._raw.get("params", ()))

    @property
    def extra(self) -> str:
        """Name of what takes all other names, as ``kwargs``; empty where none are taken."""
        return self._raw.get("extra", "")  # type: ignore[no-any-return]

    @property
    def keywords(self) -> tuple[Parameter, ...]:
        """What is known to be taken by ``extra``."""
        return tuple(Parameter(**p) for p in self._raw.get("keywords", ()))

    @property
    def accepted(self) -> tuple[str, ...] | None:
        """The names that ``extra`` takes beside ``keywords``; None where it takes any.

        It is known of what narrows a listing: a name that is not taken there lists everything.
        """
        names = self._raw.get("accepted")
        return None if names is None else tuple(names)

    @property
    def ignoring(self) -> Mapping[str, list[str]]:
        """The filters that the API documents, by the dictionary parameter that takes them.

        The service ignores others there by design.
        """
        return self._raw.get("ignoring", {})  # type: ignore[no-any-return]

    @property
    def secrets(self) -> frozenset[str]:
        """Names of the parameters whose values must not show."""
        known = (*self._raw.get("params", ()), *self._raw.get("keywords", ()))
        return frozenset(p["name"] for p in known if p.get("secret"))

    @property
    def doc(self) -> str:
        """The method's documentation, without what it says of parameters and result."""
        return self._raw.get("doc", "")  # type: ignore[no-any-return]

    @property
    def returns(self) -> str:
        """``binary``, ``data``, ``generator``, ``list``, ``none`` or ``resource``, in Python."""
        return self._raw.get("returns", "data")  # type: ignore[no-any-return]

    @property
    def returns_doc(self) -> str:
        """What is said of the result."""
        return self._raw.get("returns_doc", "")  # type: ignore[no-any-return]

    @property
    def deprecated(self) -> str:
        """What to use instead, or just ``deprecated``; empty for a method that may be used."""
        return self._raw.get("deprecated", "")  # type: ignore[no-any-return]

    def params_spec(self, added: Iterable[str] = ()) -> str:
        """Return the parameters as users see them, ``"a, b=1, **kw"``.

        :param added: more of them; they go before what takes all others.
        """
        # From the raw form: this is what a listing of all actions asks for.
        said = [
            f"{p['name']}={_json(p['default'])}" if "default" in p else p["name"]
            for p in self._raw.get("params", ())
        ]
        said += added
        if "extra" in self._raw:
            said.append(f"**{self._raw['extra']}")
        return ", ".join(said)


def _json(value: Any) -> str:
    # Most defaults are null.
    return "null" if value is None else json.dumps(value)


def mapping() -> Mapping[str, Mapping[str, str]]:
    """Return the target of each action by service and by name without the service's.

    A target is the path of a client's method, or ``package.module:function``. The object is the
    same until the configured file changes.

    :raises MappingError: the file can't be read; the message names it and says what to do.
    """
    path = settings.mapping_path()
    try:
        found = os.stat(path)
    except OSError as e:
        raise _error(path, f"can't be read: {e.strerror}") from e
    return _read_mapping(path, found.st_mtime_ns, found.st_size)


@functools.lru_cache(maxsize=4)
def _read_mapping(path: str, mtime_ns: int, size: int) -> Actions:
    """Return what the file says; the last two parameters are what a changed file differs in."""
    try:
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
    except OSError as e:
        raise _error(path, f"can't be read: {e.strerror}") from e
    except ValueError as e:
        raise _error(path, f"is no JSON: {e}") from e
    if not isinstance(content, dict):
        raise _error(path, "must hold a JSON object: a service's name -> its actions")
    return {
        service: _actions(path, service, actions)
        for service, actions in content.items()
        if service != _COMMENT
    }


def _actions(path: str, service: str, actions: Any) -> dict[str, str]:
    if not isinstance(actions, dict):
        raise _error(path, f"'{service}' must be a JSON object: an action's name -> its method")
    actions.pop(_COMMENT, None)
    for name, target in actions.items():
        if not isinstance(target, str) or not target:
            raise _error(
                path,
                f"'{service}.{name}' must be the path of a client's method, as 'servers.list', or "
                f"a function's, as 'package.module:function'; got {target!r:.60}",
            )
    return actions


def _error(path: str, problem: str) -> MappingError:
    return MappingError(
        f"The mapping of OpenStack actions, {path}, {problem}. Correct the file, or the option "
        "[DEFAULT] openstack_actions_mapping_path: it names the file, either absolute or relative "
        "to the installed package mistral_extra"
    )


def has(service: str, target: str) -> bool:
    """Tell whether the catalogue knows an action's target."""
    return target in _methods(service)


def entry(service: str, target: str) -> Entry | None:
    """Return what the catalogue knows of an action's target, None where it knows nothing."""
    raw = _methods(service).get(target)
    return None if raw is None else Entry(raw)


@functools.cache
def _methods(service: str) -> Mapping[str, Any]:
    """Return the raw entries of a service."""
    try:
        with open(os.path.join(_FOLDER, f"{service}.json"), encoding="utf-8") as file:
            methods: dict[str, Any] = json.load(file)["methods"]
            return methods
    except FileNotFoundError:
        return {}
