# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What an author says of a function when declaring it an action, checked at once."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from types import FunctionType
from typing import TYPE_CHECKING, Any, NamedTuple

from mistral_lib import exceptions
from mistral_lib.actions import control as controls
from mistral_lib.actions import schema, signature

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Declaration", "declare"]

# Flags of a code object, as in the inspect module.
_GENERATOR = 0x20 | 0x200


class Declaration(NamedTuple):
    """A function and everything that was said of it."""

    function: Callable[..., Any]
    name: str
    contract: schema.Contract
    #: Names of secret parameters.
    secrets: frozenset[str]
    #: Seconds.
    timeout: float | None
    idempotent: bool
    tags: frozenset[str]
    deprecated: str | None
    dry_run: Callable[..., Any] | None
    sync: bool

    def warn_deprecated(self) -> None:
        """Log, once a process, that the action ran although it is deprecated, if it is."""
        if self.deprecated:
            _warn_deprecated(self.name, self.deprecated)


def declare(function: Any, options: Mapping[str, Any]) -> Declaration:
    """Return the declaration of ``function``.

    :param options: those of :func:`mistral_lib.actions.function.action`.
    :raises InvalidDeclaration: the function or an option can't work.
    """
    if not isinstance(function, FunctionType):
        raise exceptions.InvalidDeclaration(
            f"@action goes on a function, got {type(function).__name__} {function!r}. A class "
            "with run(context) is an action already: derive it from Action"
        )
    given = _Options(function.__qualname__, options)
    name = given.text("name") or function.__name__
    _check_function(function, name)
    contract = schema.Contract(signature.read(function, name, given.words("secrets")), function)
    dry_run = options.get("test")
    if dry_run is not None:
        _check_dry_run(dry_run, contract, name)
    return Declaration(
        function=function,
        name=name,
        contract=contract,
        secrets=contract.signature.secrets | given.words("secrets"),
        timeout=given.seconds("timeout"),
        idempotent=given.flag("idempotent", False),
        tags=given.words("tags"),
        deprecated="deprecated" if options.get("deprecated") is True else given.text("deprecated"),
        dry_run=dry_run,
        sync=given.flag("sync", True),
    )


class _Options:
    """Options of ``@action`` as they were given, read with their types checked."""

    _KNOWN = frozenset(
        ("name", "secrets", "timeout", "idempotent", "tags", "deprecated", "test", "sync")
    )

    def __init__(self, function: str, options: Mapping[str, Any]) -> None:
        self._function = function
        self._options = options
        for name in options.keys() - self._KNOWN:
            raise self._error(name, f"is unknown; there are {', '.join(sorted(self._KNOWN))}")

    def _error(self, option: str, problem: str) -> exceptions.InvalidDeclaration:
        return exceptions.InvalidDeclaration(
            f"@action on function '{self._function}': option '{option}' {problem}"
        )

    def text(self, option: str) -> str | None:
        value = self._options.get(option)
        if value is None or value is False:
            return None
        if not isinstance(value, str) or not value.strip():
            raise self._error(option, f"must be text, got {value!r}")
        return value

    def flag(self, option: str, default: bool) -> bool:
        value = self._options.get(option, default)
        if not isinstance(value, bool):
            raise self._error(option, f"must be True or False, got {value!r}")
        return value

    def words(self, option: str) -> frozenset[str]:
        value = self._options.get(option)
        if value is None:
            return frozenset()
        # A lone string is iterable too, and never meant letter by letter.
        listed = isinstance(value, Iterable) and not isinstance(value, str)
        if not listed or not all(isinstance(v, str) for v in value):
            raise self._error(option, f"must be a list of names, got {value!r}")
        return frozenset(value)

    def seconds(self, option: str) -> float | None:
        value = self._options.get(option)
        if value is None:
            return None
        try:
            return controls.seconds(value)
        except ValueError as e:
            raise self._error(option, str(e)) from None


def _check_function(function: FunctionType, name: str) -> None:
    if function.__code__.co_flags & _GENERATOR:
        raise exceptions.InvalidDeclaration(
            f"Action '{name}' is a generator function: return a list instead of yielding"
        )
    outer = function.__qualname__.rpartition(".")[0]
    if outer and not outer.endswith("<locals>"):
        raise exceptions.InvalidDeclaration(
            f"Action '{name}' is declared inside class {outer}: @action takes functions; derive "
            "the class from Action, or move the function out"
        )
    if function.__name__ == "<lambda>":
        raise exceptions.InvalidDeclaration(
            "@action can't take a lambda: nothing could import it by name; use def"
        )


def _check_dry_run(dry_run: Any, contract: schema.Contract, name: str) -> None:
    import inspect

    takes = (*contract.signature.parameters, *contract.signature.injected)
    try:
        inspect.signature(dry_run).bind(**dict.fromkeys(takes))
    except TypeError as e:
        raise exceptions.InvalidDeclaration(
            f"Action '{name}': the function given as 'test' must take the same parameters "
            f"({', '.join(takes) or 'none'}): {e}"
        ) from e


@functools.cache
def _warn_deprecated(name: str, remedy: str) -> None:
    """Log, once a process, that a deprecated action ran."""
    import logging

    advice = "" if remedy == "deprecated" else f": {remedy}"
    logging.getLogger(__name__).warning("Action '%s' is deprecated%s", name, advice)
