# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The hook in :mod:`logging` that keeps active secrets out of every record.

It is a log record factory around the one in place, so it sees the records of all loggers before
any handler does. Text, arguments, tracebacks and stacks are masked when the record is made; what
the caller passes as ``extra``, and what filters add, joins the record later and is masked then.
"""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from mistral_lib.actions.redaction import Masker

    Factory = Callable[..., logging.LogRecord]

__all__ = ["install", "uninstall"]

_installed: list[tuple[Factory, Factory]] = []


def install(current: Callable[[], Masker]) -> None:
    """Mask every new record with the masker that ``current`` returns at that time."""
    inner = logging.getLogRecordFactory()

    def make_record(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = inner(*args, **kwargs)
        masker = current()
        if masker:
            _mask(record, masker)
        return record

    _installed.append((make_record, inner))
    logging.setLogRecordFactory(make_record)


def uninstall() -> None:
    """Take the newest hook out again.

    If another factory was put around ours since, ours stays inside it and does nothing.
    """
    ours, inner = _installed.pop()
    if logging.getLogRecordFactory() is ours:
        logging.setLogRecordFactory(inner)


def _mask(record: logging.LogRecord, masker: Masker) -> None:
    try:
        message = record.getMessage()
    except Exception:
        # Arguments that don't fit the format: logging prints both, so both are masked.
        record.msg = masker.text(str(record.msg))
        record.args = _masked_arguments(record.args, masker)
    else:
        masked = masker.text(message)
        if masked is not message:
            record.msg, record.args = masked, None
        elif record.args:
            _mask_unused_arguments(record, masker, message)
    if record.exc_info and not record.exc_text:
        text = logging.Formatter().formatException(record.exc_info)
        masked = masker.text(text)
        if masked is not text:
            # Formatters print exc_text as it stands when there is no exc_info.
            record.exc_text, record.exc_info = masked, None
    if record.stack_info:
        record.stack_info = masker.text(record.stack_info)
    record.__dict__ = _Fields(record.__dict__, masker)
    record.__class__ = _self_masking(type(record))  # type: ignore[arg-type] # mypy's Hashable


def _mask_unused_arguments(record: logging.LogRecord, masker: Masker, message: str) -> None:
    """Handlers may read ``record.args``: keep them only while none shows a secret."""
    if masker.finds(repr(record.args)):
        record.msg, record.args = message, None


def _masked_arguments(args: Any, masker: Masker) -> Any:
    if isinstance(args, tuple):
        return tuple(masker.text(a) if isinstance(a, str) else masker.text(repr(a)) for a in args)
    return masker.data(args)


class _Fields(dict[str, "Any"]):
    """The attributes of a record, its ``__dict__``; those added later are masked.

    ``Logger.makeRecord`` writes the ``extra`` fields right into it.
    """

    __slots__ = ("_masker", "_own")

    def __init__(self, own: dict[str, Any], masker: Masker) -> None:
        super().__init__(own)
        self._masker = masker
        self._own = frozenset(own)

    def masked(self, name: str, value: Any) -> Any:
        """Return what to keep under ``name``."""
        if name in self._own:
            return value
        try:
            # With its name, which may say that it is a secret.
            return self._masker.data({name: value})[name]
        except Exception:
            # Its text can't be made, so nobody can tell what it holds; a log call never fails.
            return f"<{type(value).__name__} without text>"

    def __setitem__(self, name: str, value: Any) -> None:
        super().__setitem__(name, self.masked(name, value))

    def setdefault(self, name: str, default: Any = None, /) -> Any:
        if name not in self:
            self[name] = default
        return self[name]

    def update(self, *args: Any, **kwargs: Any) -> None:
        for name, value in dict(*args, **kwargs).items():
            self[name] = value

    def __ior__(self, other: Any) -> Any:  # type: ignore[misc] # it need not match __or__
        self.update(other)
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (dict(self),)


@lru_cache(maxsize=16)
def _self_masking(cls: Any) -> type[logging.LogRecord]:
    """Return a subclass that masks what is set on a record later, as filters do."""

    def set_attribute(self: Any, name: str, value: Any) -> None:
        fields = self.__dict__
        if isinstance(fields, _Fields):
            value = fields.masked(name, value)
        cls.__setattr__(self, name, value)

    def reduce(self: logging.LogRecord) -> tuple[Any, ...]:
        # This class can't be named: copies, and records sent to other processes, are plain ones.
        return logging.makeLogRecord, (dict(self.__dict__),)

    members = {"__setattr__": set_attribute, "__reduce__": reduce, "__module__": cls.__module__}
    return type(cls.__name__, (cls,), members)
