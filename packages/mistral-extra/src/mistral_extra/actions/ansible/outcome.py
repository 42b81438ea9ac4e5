# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What Ansible did."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from typing import Literal

from mistral_extra.actions.ansible import errors

__all__ = ["Failure", "HostStats", "Outcome", "check_success"]


@dataclass
class HostStats:
    """How many of a host's tasks ended how."""

    ok: int = 0
    changed: int = 0
    unreachable: int = 0
    failed: int = 0
    skipped: int = 0
    rescued: int = 0
    ignored: int = 0


@dataclass
class Failure:
    """A task that failed on a host, and was neither rescued nor ignored."""

    host: str
    task: str
    #: Where it was long, a note stands in the place of its middle.
    msg: str


@dataclass
class Outcome:
    """The end of a run."""

    #: Exit code of the command.
    rc: int
    status: Literal["successful", "failed", "unreachable"]
    #: By host.
    stats: dict[str, HostStats]
    failures: list[Failure]
    #: What Ansible printed; where it was long, a note stands in the place of its middle.
    stdout: str
    #: Whether anything was changed on any host or, in check mode, would be.
    changed: bool


def check_success(outcome: Outcome, what: str) -> None:
    """Raise unless everything went well.

    :param what: names the run in the message.
    :raises HostUnreachable: there was no connection to a host.
    :raises AnsibleFailed: anything else.
    """
    if outcome.status == "successful":
        return
    message, details = f"{what} failed: {_reason(outcome)}", dataclasses.asdict(outcome)
    if outcome.status == "failed":
        raise errors.AnsibleFailed(message, details=details)
    raise errors.HostUnreachable(message, retryable=_may_come_back(outcome), details=details)


def _may_come_back(outcome: Outcome) -> bool:
    """Return whether the same run may succeed later.

    Not where a task failed, and not where a host was there and refused the login: repeating that
    locks accounts out.
    """
    unreachable = {host for host, stats in outcome.stats.items() if stats.unreachable}
    return not any(stats.failed for stats in outcome.stats.values()) and not any(
        failure.host in unreachable and _REFUSED.search(failure.msg) for failure in outcome.failures
    )


#: What ssh and Ansible report of a host that is there, or of a key that no host will take.
_REFUSED = re.compile(
    r"permission denied|host key verification failed|remote host identification has changed"
    r"|too many authentication failures|authentication (failed|failure)|error in libcrypto"
    r"|invalid format|incorrect passphrase|bad permissions|no matching .* found"
    r"|no supported authentication methods|invalid/incorrect|unauthorized"
    r"|account (has expired|is locked)|password has expired|bad configuration option"
    r"|sshpass",
    re.IGNORECASE,
)


def _reason(outcome: Outcome) -> str:
    if not outcome.failures:
        # It ended before the first task: what is wrong, it printed last.
        said = outcome.stdout.strip()[-_LAST_WORDS:]
        return f"Ansible ended with code {outcome.rc}, saying: {said}"
    first, *others = outcome.failures
    more = f" (and {len(others)} more)" if others else ""
    return f"host '{first.host}', task '{first.task}': {first.msg}{more}"


#: Characters.
_LAST_WORDS = 1000
