# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What an environment keeps of its runs: log records, progress, children, and all text shown."""

from __future__ import annotations

import logging
import threading
import typing
from typing import TYPE_CHECKING, Any

from mistral_lib.testing import leaks, sinks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import TracebackType

    from mistral_lib.actions.types import Result

__all__ = ["Child", "Recording"]

#: What every record has; anything else came in by ``extra``.
_RECORD_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"asctime", "message", "taskName"}


class Child(typing.NamedTuple):
    """An action that the one under test ran."""

    name: str
    #: By name; secret values are ``***``.
    params: Mapping[str, Any]
    result: Result


class Recording:
    """Hears all sinks while it is open; may be opened again, and from several threads.

    :param on_progress: called with the number of progress texts so far.
    """

    def __init__(self, on_progress: Callable[[int], None]) -> None:
        self.logs: list[logging.LogRecord] = []
        self.progress: list[str] = []
        self.children: list[Child] = []
        self.secrets = leaks.Secrets()
        self._on_progress = on_progress
        self._shown: list[leaks.Shown] = []
        self._streams: dict[str, list[str]] = {"stdout": [], "stderr": []}
        self._lock = threading.Lock()
        self._depth = 0

    def __enter__(self) -> Recording:
        with self._lock:
            self._depth += 1
            if self._depth == 1:
                sinks.listen(self)
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        with self._lock:
            self._depth -= 1
            if self._depth == 0:
                sinks.stop_listening(self)

    def close(self) -> None:
        """Hear nothing more, even if some run never ends."""
        sinks.stop_listening(self)

    # -- what the sinks say

    def hear_log(self, record: logging.LogRecord) -> None:
        """Keep a record, and its text as a handler writes it now."""
        self.logs.append(record)
        self._shown.extend(_texts_of(record))

    def hear_text(self, sink: str, text: str) -> None:
        """Keep text written to a stream, or a warning."""
        if sink in self._streams:
            # A secret may be written in pieces.
            self._streams[sink].append(text)
        else:
            self.show(sink, "shown", text)

    # -- what the environment says

    def show(self, sink: str, where: str, text: str) -> None:
        """Keep text that reached a sink of another kind."""
        self._shown.append(leaks.Shown(sink, where, text))

    def hear_progress(self, text: str) -> None:
        """Keep a progress text."""
        self.progress.append(text)
        self.show("progress", f"text {len(self.progress)}", str(text))
        self._on_progress(len(self.progress))

    def hear_child(self, name: str, params: Mapping[str, Any], result: Result) -> None:
        """Keep an action that another one ran.

        :param params: its parameters, without those that it knows to be secret.
        """
        self.show("child parameters", name, repr(params))
        if result.error is not None:
            self.show("child error", name, repr(result.error))
        self.children.append(Child(name, self.secrets.masked(params), result))

    # -- what is asked of it

    def sightings(self) -> list[leaks.Sighting]:
        """Return where secrets were seen, records formatted anew included.

        :raises ValueError: a secret could not be found if it were there.
        """
        return self.secrets.sightings(self._everything())

    def _everything(self) -> Iterator[leaks.Shown]:
        yield from self._shown
        for sink, pieces in self._streams.items():
            yield leaks.Shown(sink, "written", "".join(pieces))
        for record in self.logs:
            # A handler may keep records and format them when the run, and its masking, is over.
            yield from _texts_of(record)


def _texts_of(record: logging.LogRecord) -> Iterator[leaks.Shown]:
    """Yield what handlers write of a record, or may read from it."""
    where = f"{record.name}, {record.levelname}"
    try:
        message = record.getMessage()
    except Exception:
        # logging itself prints both when they don't fit.
        message = f"{record.msg} {record.args!r}"
    # Handlers may print these too.
    other = [record.args, *(v for n, v in vars(record).items() if n not in _RECORD_FIELDS)]
    parts = [message, *(text for v in other if v for text in (str(v), repr(v)))]
    yield leaks.Shown("log", where, " ".join(parts))
    formatter = logging.Formatter()
    for part in (
        record.exc_text,
        formatter.formatException(record.exc_info) if record.exc_info else None,
        record.stack_info,
    ):
        if part:
            yield leaks.Shown("exception", where, part)
