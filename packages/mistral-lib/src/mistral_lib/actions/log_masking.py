# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The hook in :mod:`logging` that keeps active secrets out of every record.

It is a log record factory around the one in place, so it sees the records of all loggers before
any handler does. Text, arguments, tracebacks and stacks are masked when the record is made; what
the caller passes as ``extra`` joins the record later and is masked when it is first formatted.
"""

from __future__ import annotations

import logging
import weakref
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from mistral_lib.actions.redaction import Masker

    Factory = Callable[..., logging.LogRecord]

__all__ = ["install", "uninstall"]

_installed: list[tuple[Factory, Factory]] = []

#: Masker and own fields of each record that was not formatted yet.
_unformatted: weakref.WeakKeyDictionary[logging.LogRecord, tuple[Masker, frozenset[str]]] = (
    weakref.WeakKeyDictionary()
)


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
        if masker.finds(message):
            record.msg, record.args = masker.text(message), None
        elif record.args:
            _mask_unused_arguments(record, masker, message)
    if record.exc_info and not record.exc_text:
        text = logging.Formatter().formatException(record.exc_info)
        if masker.finds(text):
            # Formatters print exc_text as it stands when there is no exc_info.
            record.exc_text, record.exc_info = masker.text(text), None
    if record.stack_info:
        record.stack_info = masker.text(record.stack_info)
    record.__class__ = _self_masking(type(record))  # type: ignore[arg-type] # mypy's Hashable
    _unformatted[record] = (masker, frozenset(record.__dict__))


def _mask_unused_arguments(record: logging.LogRecord, masker: Masker, message: str) -> None:
    """Handlers may read ``record.args``: keep them only while none shows a secret."""
    if masker.finds(repr(record.args)):
        record.msg, record.args = message, None


def _masked_arguments(args: Any, masker: Masker) -> Any:
    if isinstance(args, tuple):
        return tuple(masker.text(a) if isinstance(a, str) else masker.text(repr(a)) for a in args)
    return masker.data(args)


@lru_cache(maxsize=16)
def _self_masking(cls: Any) -> type[logging.LogRecord]:
    """Return a subclass that masks ``extra`` fields when a formatter first asks for the message."""

    def get_message(self: Any) -> str:
        masker, own = _unformatted.pop(self, (None, frozenset()))
        if masker is not None:
            for name in self.__dict__.keys() - own:
                self.__dict__[name] = masker.data(self.__dict__[name])
        text: str = cls.getMessage(self)
        return text

    def reduce(self: logging.LogRecord) -> tuple[Any, ...]:
        # This class can't be named: copies, and records sent to other processes, are plain ones.
        return logging.makeLogRecord, (self.__dict__,)

    members = {"getMessage": get_message, "__reduce__": reduce, "__module__": cls.__module__}
    return type(cls.__name__, (cls,), members)
