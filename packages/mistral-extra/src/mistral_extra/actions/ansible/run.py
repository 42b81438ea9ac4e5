# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""One run of ``ansible-playbook``, from parameters to outcome.

Of ansible-runner, this uses the plug-in that reports events and what reads them; not its ``run``,
which writes variables and environment to disk, and leaves processes that change their group.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from mistral_extra.actions.ansible import cloud, command, environment, events, inputs, policy
from mistral_extra.actions.ansible.outcome import Outcome
from mistral_extra.actions.ansible.private_folder import private_folder
from mistral_extra.actions.ansible.transcript import Transcript
from mistral_lib.actions import Masker

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from mistral_extra.actions.ansible.options import Options
    from mistral_lib import actions

__all__ = ["Run", "Surroundings", "run"]


class Surroundings(NamedTuple):
    """What a run has around it."""

    environment: Mapping[str, str] | None
    openstack: bool
    #: Seconds.
    timeout: float


class Run(NamedTuple):
    """A run that came to its end, good or bad."""

    outcome: Outcome
    #: What the last task returned, by host.
    results: dict[str, dict[str, Any]]


def run(
    playbook: str | list[dict[str, Any]],
    options: Options,
    surroundings: Surroundings,
    context: actions.ActionContext,
) -> Run:
    """Run a playbook in a folder that nobody else can read, and that is gone in the end.

    :param playbook: path, text or structure.
    :raises ActionTimeout: the time was over before.
    :raises ActionCancelled: the action was asked to stop before.
    :raises InvalidInput: there is no file at a path given.
    """
    allowed = policy.for_context(context)
    context = context.with_timeout(surroundings.timeout, "Ansible")
    with private_folder() as folder:
        opened = allowed.content_folders
        path = inputs.as_file(playbook, folder / "playbook.yml", "playbook", opened)
        words = ["ansible-playbook", *options.words(folder, opened), str(path)]
        environment.check_paths(surroundings.environment or {}, path.parent, opened)
        variables = _environment(surroundings, folder, context)
        masker = Masker([*options.secrets, context.security.auth_token])
        record, printed = events.Record(context.progress, masker), Transcript(masker)
        reader = _Reader(events.Reports(folder, record.take), printed)
        ready = command.Command(words, path.parent, variables, folder, allowed)
        rc = command.run(ready, context, reader.write)
        reader.close()
    return Run(_outcome(rc, record, str(printed)), record.results)


def _environment(
    surroundings: Surroundings, folder: Path, context: actions.ActionContext
) -> dict[str, str]:
    variables = environment.minimal() | environment.settings(folder)
    if surroundings.openstack:
        variables |= cloud.environment(context.security, folder)
    variables |= environment.checked(surroundings.environment or {})
    return variables | environment.reporting(folder, variables)


def _outcome(rc: int, record: events.Record, printed: str) -> Outcome:
    return Outcome(
        rc=rc,
        status=_status(rc, record),
        stats=record.stats,
        failures=record.failures,
        stdout=printed,
        changed=any(host.changed for host in record.stats.values()),
    )


def _status(rc: int, record: events.Record) -> Literal["successful", "failed", "unreachable"]:
    if any(host.unreachable for host in record.stats.values()):
        return "unreachable"
    return "failed" if rc else "successful"


#: Characters of output that may come without the end of an event or of a line.
_MOST_UNFINISHED = 4 * 1024 * 1024


class _Reader:
    """Reads events out of Ansible's output.

    :param handle: gets the mark of each event.
    :param printed: gets the rest, for people.
    """

    def __init__(self, handle: Callable[[Mapping[str, Any]], None], printed: Transcript) -> None:
        self._handle = handle
        self._printed = printed
        self._filter: Any = None
        #: Characters that the filter may hold.
        self._unfinished = 0

    def write(self, text: str) -> None:
        """Take more of the output."""
        if self._filter is None:
            self._filter = self._new_filter()
        self._unfinished += len(text)
        self._filter.write(text)
        if self._unfinished > _MOST_UNFINISHED:
            # It would keep all of it until an end comes, and search it again and again.
            self._filter, self._unfinished = self._new_filter(), 0
            self._printed.write("\n[... output without an end dropped here ...]\n")

    def _new_filter(self) -> Any:
        # By now Ansible is starting, which takes longer than this import.
        from ansible_runner.utils import OutputEventFilter

        return OutputEventFilter(self._printed, self._take, True)

    def _take(self, mark: Mapping[str, Any]) -> None:
        self._unfinished = 0
        self._handle(mark)

    def close(self) -> None:
        """Take what is left of an unfinished line."""
        self.write("")
        self._filter.close()
