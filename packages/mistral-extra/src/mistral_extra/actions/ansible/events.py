# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Follow what Ansible reports while it works."""

from __future__ import annotations

import json
import math
import re
from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mistral_extra.actions.ansible import reading
from mistral_extra.actions.ansible.outcome import Failure, HostStats
from mistral_extra.actions.ansible.transcript import shortened

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mistral_lib.actions import Masker

__all__ = ["Record", "Reports"]

#: What Ansible calls the counts of its last report.
_COUNTS = {
    "ok": "ok",
    "changed": "changed",
    "dark": "unreachable",
    "failures": "failed",
    "skipped": "skipped",
    "rescued": "rescued",
    "ignored": "ignored",
}
_FAILED = ("runner_on_failed", "runner_on_async_failed", "runner_on_unreachable")

#: Other keys than those that begin so are the module's.
_INTERNAL = ("_ansible_", "invocation")
#: What stands for a result of more than 700,000 characters, which the plug-in leaves out.
_TOO_LONG = {"msg": "the result is too long to be told"}

#: Characters of JSON that all hosts' results may have: a server takes results of about a million.
_ROOM = 700_000

#: Characters of a failure's message that are kept of each end.
_KEPT = 1_000

#: Characters that the messages of all failures may have; the oldest go first.
_ROOM_OF_FAILURES = 200_000

#: Characters of a progress text that are kept of each end.
_KEPT_OF_PROGRESS = 500

#: What a masker puts in the place of a secret.
_MASK = "***"


class Reports:
    """Fetches the data of each event, which the plug-in leaves in a file of its own.

    :param folder: where it does.
    :param handle: called with the name of each event and its data.
    """

    def __init__(self, folder: Path, handle: Callable[[str, Mapping[str, Any]], None]) -> None:
        self._folder = folder / "job_events"
        self._handle = handle

    def __call__(self, mark: Any) -> None:
        """Take what was read out of the command's output."""
        name = str(mark.get("uuid")) if isinstance(mark, Mapping) else ""
        # What a host prints may look like a mark; it must not lead elsewhere.
        if not _NAME.fullmatch(name):
            return
        file = f"{name}-partial.json"
        try:
            content = reading.regular_file(self._folder, file)
            (self._folder / file).unlink()
        except OSError:
            return  # a line that belongs to no event
        try:
            event = json.loads(content or b"null", parse_constant=str, parse_float=_number)
            kind, data = event["event"], event["event_data"]
        except (ValueError, LookupError, TypeError, RecursionError):
            return
        if isinstance(kind, str) and isinstance(data, dict):
            self._handle(kind, data)


_NAME = re.compile(r"[\w-]+")


def _number(text: str) -> float | str:
    """Return a number, or its text where JSON cannot represent it: it must not cost the result."""
    number = float(text)
    return number if math.isfinite(number) else text


class Record:
    """What happened so far.

    What a program of the workflow forged may be anything: it is passed over.

    :param progress: called with a text for each play, task and failure.
    :param masker: for what Ansible reports of tasks.
    """

    def __init__(self, progress: Callable[[str], None], masker: Masker) -> None:
        self._progress = progress
        self._masker = masker
        self._failures: deque[Failure] = deque()
        self._size_of_failures = 0
        #: By host, of the loop that it is in: the first item's failure, and how many others failed.
        self._items: dict[str, tuple[str, int]] = {}
        self.stats: dict[str, HostStats] = {}
        #: What the last task returned, by host.
        self.results: dict[str, dict[str, Any]] = {}
        self._sizes: dict[str, int] = {}
        self._size_of_results = 0

    def take(self, event: str, data: Mapping[str, Any]) -> None:
        """Record one event."""
        host, result = data.get("host"), data.get("res")
        if event == "playbook_on_play_start":
            self._tell(f"Play: {data.get('name') or data.get('pattern')}")
        elif event in ("playbook_on_task_start", "playbook_on_handler_task_start"):
            self._tell(f"Task: {data.get('name') or data.get('task')}")
        elif event == "playbook_on_stats":
            self._take_stats(data)
        elif isinstance(host, str) and isinstance(result, dict):
            if event == "runner_item_on_failed":
                first, others = self._items.get(host, (None, -1))
                self._items[host] = (first or _message(self._masked(result)), others + 1)
            elif event.startswith("runner_on_"):
                self._take_result(event, host, self._masked(result or _TOO_LONG), data)

    def _tell(self, text: str) -> None:
        self._progress(shortened(self._masker.text(text), _KEPT_OF_PROGRESS))

    def _masked(self, value: Any) -> Any:
        """Return JSON-ready data without secrets."""
        if isinstance(value, dict):
            return {self._masker.text(key): self._masked(inner) for key, inner in value.items()}
        if isinstance(value, (int, float)):
            # A number that has the digits of a secret among its own is another number.
            return value if self._masker.text(str(value)) != _MASK else _MASK
        if not isinstance(value, list):
            return self._masker.data(value)
        if not all(isinstance(item, str) for item in value):
            return [self._masked(item) for item in value]
        # Lines of an output, as in stdout_lines: base64 goes on from one to the next.
        return self._masker.text("\n".join(value)).split("\n") if value else value

    def _take_stats(self, data: Mapping[str, Any]) -> None:
        for theirs, ours in _COUNTS.items():
            counts = data.get(theirs)
            for host, count in counts.items() if isinstance(counts, dict) else ():
                if isinstance(count, int):
                    setattr(self.stats.setdefault(host, HostStats()), ours, count)

    def _take_result(
        self, event: str, host: str, result: dict[str, Any], data: Mapping[str, Any]
    ) -> None:
        self._keep(host, {k: v for k, v in result.items() if not k.startswith(_INTERNAL)})
        # A loop's own message is no more than that some item failed.
        message, others = self._items.pop(host, (None, 0))
        if event in _FAILED and not data.get("ignore_errors"):
            message = message or _message(result)
            if others:
                message = f"{message} (and {others} more)"
            task = shortened(self._masker.text(str(data.get("task") or "")), _KEPT)
            self._add_failure(Failure(host, task, message))

    def _add_failure(self, failure: Failure) -> None:
        self._failures.append(failure)
        self._size_of_failures += _size_of(failure)
        while self._size_of_failures > _ROOM_OF_FAILURES:
            self._size_of_failures -= _size_of(self._failures.popleft())
        self._tell(f"Failed on {failure.host}: {failure.task}: {failure.msg}")

    def _keep(self, host: str, result: dict[str, Any]) -> None:
        self._size_of_results -= self._sizes.pop(host, 0)
        size = len(json.dumps(result))
        if size + self._size_of_results > _ROOM:
            result, size = _TOO_LONG, 0
        self.results[host], self._sizes[host] = result, size
        self._size_of_results += size

    @property
    def failures(self) -> list[Failure]:
        """The failures that were neither rescued nor ignored.

        Which were rescued, Ansible does not say; but a host's others come after them, and are
        counted.
        """
        if not self.stats:
            # It did not come to the report.
            return list(self._failures)
        left = {host: stats.failed + stats.unreachable for host, stats in self.stats.items()}
        kept = []
        for failure in reversed(self._failures):
            if left.get(failure.host):
                left[failure.host] -= 1
                kept.append(failure)
        return kept[::-1]


def _size_of(failure: Failure) -> int:
    return len(failure.host) + len(failure.task) + len(failure.msg)


def _message(result: Mapping[str, Any]) -> str:
    """Return what a task's result says of its failure."""
    message = str(result.get("msg") or result.get("censored") or "failed without a message")
    stderr = str(result.get("stderr") or "").strip()
    told = f"{message}: {stderr}" if stderr and stderr not in message else message
    return shortened(told, _KEPT)
