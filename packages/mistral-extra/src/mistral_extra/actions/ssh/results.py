# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What came of each host, and of all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from mistral_extra.actions.ssh import errors
from mistral_lib import actions

__all__ = ["HostResult", "checked", "failed"]


@dataclass
class HostResult:
    """What came of one host."""

    #: As the workflow wrote it.
    host: str
    ok: bool = True
    #: Code and text of what went wrong.
    error: str | None = None
    message: str | None = None
    #: Whether trying again later may help.
    retryable: bool = False
    seconds: float = 0.0


R = TypeVar("R", bound=HostResult)


def failed(result: HostResult, error: actions.ActionException) -> None:
    """Note in a result what went wrong."""
    result.ok = False
    result.error = str(error.error_code)
    result.message = str(error)
    result.retryable = error.retryable


def checked(results: Sequence[R], check: bool) -> list[R]:
    """Return the results, if all went well or nobody minds.

    :raises HostsFailed: it did not, and ``check`` is set.
    """
    failures = [result for result in results if not result.ok]
    if not failures or not check:
        return list(results)
    first = "; ".join(f"{result.host}: {result.message}" for result in failures[:3])
    more = f"; and {len(failures) - 3} more" if len(failures) > 3 else ""
    raise errors.HostsFailed(
        f"{len(failures)} of {len(results)} hosts failed. {first}{more}",
        retryable=all(result.retryable for result in failures),
        details={"hosts": [vars(result) for result in results]},
    )
