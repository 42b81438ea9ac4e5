# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Follow what Ansible reports while it works."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mistral_extra.actions.ansible.outcome import Failure, HostStats
from mistral_extra.actions.ansible.transcript import shortened

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mistral_extra.actions.ansible.masking import Mask

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
        path = self._folder / f"{name}-partial.json"
        try:
            event = json.loads(path.read_bytes())
        except FileNotFoundError:
            return  # a line that belongs to no event
        path.unlink()
        self._handle(event["event"], event["event_data"])


_NAME = re.compile(r"[\w-]+")


class Record:
    """What happened so far.

    :param progress: called with a text for each play, task and failure.
    :param mask: for what Ansible says of tasks.
    """

    def __init__(self, progress: Callable[[str], None], mask: Mask) -> None:
        self._progress = progress
        self._mask = mask
        self._failures: list[Failure] = []
        #: What items of the loop that a host is in said when they failed.
        self._items: dict[str, list[str]] = {}
        self.stats: dict[str, HostStats] = {}
        #: What the last task returned, by host.
        self.results: dict[str, dict[str, Any]] = {}
        self._sizes: dict[str, int] = {}

    def take(self, event: str, data: Mapping[str, Any]) -> None:
        """Record one event."""
        if event == "playbook_on_play_start":
            self._tell(f"Play: {data.get('name') or data.get('pattern')}")
        elif event in ("playbook_on_task_start", "playbook_on_handler_task_start"):
            self._tell(f"Task: {data.get('name') or data.get('task')}")
        elif event == "playbook_on_stats":
            self._take_stats(data)
        elif event == "runner_item_on_failed":
            self._items.setdefault(data["host"], []).append(_message(self._mask.data(data["res"])))
        elif event.startswith("runner_on_") and isinstance(data.get("res"), dict):
            self._take_result(event, data)

    def _tell(self, text: str) -> None:
        self._progress(self._mask.text(text))

    def _take_stats(self, data: Mapping[str, Any]) -> None:
        for theirs, ours in _COUNTS.items():
            for host, count in (data.get(theirs) or {}).items():
                setattr(self.stats.setdefault(host, HostStats()), ours, count)

    def _take_result(self, event: str, data: Mapping[str, Any]) -> None:
        host, result = data["host"], self._mask.data(data["res"] or _TOO_LONG)
        self._keep(host, {k: v for k, v in result.items() if not k.startswith(_INTERNAL)})
        items = self._items.pop(host, [])
        if event in _FAILED and not data.get("ignore_errors"):
            # A loop's own message is no more than that some item failed.
            first, *others = items or [_message(result)]
            message = f"{first} (and {len(others)} more)" if others else first
            failure = Failure(host, self._mask.text(data.get("task") or ""), message)
            self._failures.append(failure)
            self._tell(f"Failed on {host}: {failure.task}: {message}")

    def _keep(self, host: str, result: dict[str, Any]) -> None:
        self._sizes.pop(host, None)
        size = len(json.dumps(result))
        if size + sum(self._sizes.values()) > _ROOM:
            result, size = _TOO_LONG, 0
        self.results[host], self._sizes[host] = result, size

    @property
    def failures(self) -> list[Failure]:
        """The failures that were neither rescued nor ignored.

        Which were rescued, Ansible does not say; but a host's others come after them, and are
        counted.
        """
        if not self.stats:
            # It did not come to the report.
            return self._failures
        left = {host: stats.failed + stats.unreachable for host, stats in self.stats.items()}
        kept = []
        for failure in reversed(self._failures):
            if left.get(failure.host):
                left[failure.host] -= 1
                kept.append(failure)
        return kept[::-1]


def _message(result: Mapping[str, Any]) -> str:
    """Return what a task's result says of its failure."""
    message = str(result.get("msg") or result.get("censored") or "failed without a message")
    stderr = str(result.get("stderr") or "").strip()
    told = f"{message}: {stderr}" if stderr and stderr not in message else message
    return shortened(told, _KEPT)
