# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Actions that go wrong, each in its way."""

import time
from pathlib import Path

from mistral_lib import actions

__all__ = ["Busy", "ends", "fails", "hangs", "unsayable"]


class Busy(actions.ActionException):
    """Somebody else has it."""

    error_code = "BUSY"
    retryable = True


@actions.action(name="typed.fails")
def fails(code: str, counter: str | None = None, until: int = 0) -> int:
    """Fail, with a code, and count how often it was tried.

    :param code: the error's; BUSY until it was tried ``until`` times.
    :param counter: a file that has one byte for each try.
    :param until: after so many tries the code is another, or there is none.
    """
    tries = 1
    if counter:
        with Path(counter).open("ab") as file:
            file.write(b".")
            tries = file.tell()
    if tries < until:
        raise Busy(f"try {tries}", details={"tries": tries})
    if code == "NONE":
        return tries
    raise actions.ActionException(
        f"it ended with {code}", error_code=code, details={"tries": tries}
    ) from RuntimeError("the cause")


@actions.action(name="typed.hangs", timeout=1)
def hangs(seconds: float) -> None:
    """Sleep, deaf to everything, under a deadline of a second."""
    time.sleep(seconds)


@actions.action(name="typed.ends")
def ends(how: str) -> None:
    """Raise what is no Exception."""
    raise {"exit": SystemExit, "interrupt": KeyboardInterrupt}[how]("from an action")


@actions.action(name="typed.unsayable")
def unsayable() -> object:
    """Return what no JSON can say."""
    return {"deep": [Path, {1, 2}, lambda: None, (n for n in [b"\xff"])]}
