# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Where an action's code is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from mistral_lib.cli import inventory

if TYPE_CHECKING:
    from mistral_lib.actions.base import ActionDescriptor

__all__ = ["Source", "of"]


class Source(NamedTuple):
    """Each part is empty where it can't be told."""

    #: ``name version``.
    distribution: str
    #: ``module:attribute`` of its entry point, or ``module.Class``.
    target: str
    #: Name of the provider that knows it.
    provider: str
    file: str
    #: In the file; 0 where it can't be told.
    line: int

    @property
    def place(self) -> str:
        """``file:line``, as editors take it."""
        return f"{self.file}:{self.line}" if self.line else self.file


def of(descriptor: ActionDescriptor, known: inventory.Inventory) -> Source:
    """Return where the code of an action is, and what it was installed with."""
    file, line = _place(descriptor)
    target = descriptor.action_class_name or ""
    if inventory.is_reference(descriptor.name):
        return Source("", descriptor.name, "", file, line)
    for entry in known.entries():
        if entry.name == descriptor.name:
            return Source(entry.distribution, entry.target or target, entry.provider, file, line)
    return Source("", target, "", file, line)


def _place(descriptor: ActionDescriptor) -> tuple[str, int]:
    declaration: Any = getattr(descriptor, "declaration", None)
    if declaration is not None:
        code = declaration.function.__code__
        return code.co_filename, code.co_firstlineno
    import inspect

    cls = getattr(descriptor, "action_class", None)
    try:
        file = inspect.getsourcefile(cls) or inspect.getfile(cls)  # type: ignore[arg-type]
    except (TypeError, OSError):
        return "", 0
    try:
        return file, inspect.getsourcelines(cls)[1]  # type: ignore[arg-type]
    except (TypeError, OSError):
        return file, 0
