# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Actions that go wrong, each in its way."""

import os
import time

from mistral_lib import actions

__all__ = ["Ends", "Fails", "Hangs", "Leaks", "Undocumented", "Unsayable"]


class Fails(actions.Action):
    """Return an error, or raise one."""

    def __init__(self, error, raises=False):
        super().__init__()
        self.error = error
        self.raises = raises

    def run(self, context):
        if self.raises:
            raise RuntimeError(self.error)
        return actions.Result(error=self.error)


class Ends(actions.Action):
    """Raise what is no Exception: SystemExit or KeyboardInterrupt; or end the process."""

    def __init__(self, how):
        super().__init__()
        self.how = how

    def run(self, context):
        if self.how == "exit":
            raise SystemExit("an action called sys.exit")
        if self.how == "interrupt":
            raise KeyboardInterrupt
        os._exit(9)


class Hangs(actions.Action):
    """Sleep, deaf to everything."""

    def __init__(self, seconds):
        super().__init__()
        self.seconds = seconds

    def run(self, context):
        time.sleep(self.seconds)


class Undocumented(actions.Action):
    def run(self, context):
        return None


class Leaks(actions.Action):
    """Keep memory that nobody asks for again."""

    def __init__(self, megabytes):
        super().__init__()
        self.megabytes = megabytes

    def run(self, context):
        # Not zeros, which take no memory until somebody writes there.
        _KEPT.append(b"\1" * (self.megabytes << 20))
        return {"pieces": len(_KEPT), "pid": os.getpid()}


_KEPT = []


class Unsayable(actions.Action):
    """Return what no JSON can say."""

    def run(self, context):
        return {"deep": [object.__new__(_Odd)]}


class _Odd:
    __slots__ = ()

    def __iter__(self):
        raise RuntimeError("not to be iterated")

    def __str__(self):
        raise RuntimeError("not to be said")

    __repr__ = __str__
