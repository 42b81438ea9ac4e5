# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Where text leaves a process: log handlers, warnings, standard output and standard error.

They are the process's own, so they are tapped once, however many recordings listen, and given
back when the last one ends. Everything heard is passed on: a test sees what it saw before.
"""

from __future__ import annotations

import logging
import sys
import threading
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, Protocol

    class Listener(Protocol):
        """Hears what reaches the sinks."""

        def hear_log(self, record: logging.LogRecord) -> None:
            """Take a record as a handler gets it."""

        def hear_text(self, sink: str, text: str) -> None:
            """Take text that was written to "stdout" or "stderr", or shown as a "warning"."""


__all__ = ["listen", "stop_listening"]


class _Handler(logging.Handler):
    """Hands every record on to the listeners."""

    def emit(self, record: logging.LogRecord) -> None:
        for listener in tuple(_taps.listeners):
            listener.hear_log(record)


class _Stream:
    """A text stream whose writes are heard."""

    def __init__(self, inner: Any, sink: str) -> None:
        self._inner = inner
        self._sink = sink

    def write(self, text: str) -> Any:
        written = self._inner.write(text)
        # Only what the stream took: libraries try with bytes whether it is a binary one.
        for listener in tuple(_taps.listeners):
            listener.hear_text(self._sink, str(text))
        return written

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class _Taps:
    """The taps in place, while anybody listens."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.listeners: list[Listener] = []
        self._handler = _Handler()
        self._tapped: list[logging.Logger] = []
        self._streams: dict[str, _Stream] = {}
        self._levels = (logging.WARNING, logging.NOTSET)
        self._inner_showwarning: Any = None

    def install(self) -> None:
        root = logging.getLogger()
        self._tapped = [root, *_loggers_apart()]
        for logger in self._tapped:
            logger.addHandler(self._handler)
        # An operator may turn everything on: what only then shows must be clean too.
        self._levels = (root.level, logging.root.manager.disable)
        root.setLevel(min(root.level, logging.DEBUG))
        logging.disable(logging.NOTSET)
        for name in ("stdout", "stderr"):
            inner = getattr(sys, name)
            if inner is not None:
                self._streams[name] = _Stream(inner, name)
                setattr(sys, name, self._streams[name])
        self._inner_showwarning = warnings.showwarning
        warnings.showwarning = self._showwarning

    def uninstall(self) -> None:
        for logger in self._tapped:
            logger.removeHandler(self._handler)
        level, disabled = self._levels
        logging.getLogger().setLevel(level)
        logging.disable(disabled)
        for name, stream in self._streams.items():
            # Whoever put a stream of theirs over ours keeps it: ours hears nothing any more.
            if getattr(sys, name) is stream:
                setattr(sys, name, stream._inner)
        self._streams.clear()
        if warnings.showwarning == self._showwarning:
            warnings.showwarning = self._inner_showwarning

    def _showwarning(
        self, message: Any, category: type[Warning], *args: Any, **kwargs: Any
    ) -> None:
        for listener in tuple(self.listeners):
            listener.hear_text("warning", f"{category.__name__}: {message}")
        self._inner_showwarning(message, category, *args, **kwargs)


def _loggers_apart() -> list[logging.Logger]:
    """Return the loggers whose records the root logger never sees."""
    known = list(logging.root.manager.loggerDict.values())
    return [it for it in known if isinstance(it, logging.Logger) and not it.propagate]


_taps = _Taps()


def listen(listener: Listener) -> None:
    """Have ``listener`` hear everything from now on; logging is at DEBUG meanwhile."""
    with _taps.lock:
        _taps.listeners.append(listener)
        if len(_taps.listeners) == 1:
            _taps.install()


def stop_listening(listener: Listener) -> None:
    """End :func:`listen`; without effect when it has ended already."""
    with _taps.lock:
        if listener in _taps.listeners:
            _taps.listeners.remove(listener)
            if not _taps.listeners:
                _taps.uninstall()
