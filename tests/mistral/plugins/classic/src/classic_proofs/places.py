# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Actions that say where and as whom they ran."""

import os
import time

from mistral_lib import actions

__all__ = ["Sees", "Where", "where"]


def where(item, sleep=0, journal=None, gate=None):
    """Say which process this is, and note it where ``journal`` names a folder.

    The note is the name of an empty file, one a run: so runs can be counted from outside, whatever
    became of their results. It ends when the file ``gate`` is there, if it names one.
    """
    node = os.environ.get("OS_EXECUTOR__HOST", "")
    if journal:
        note = f"{item}@{node}@{os.getpid()}-{time.monotonic_ns()}"
        os.close(os.open(os.path.join(journal, note), os.O_CREAT | os.O_EXCL))
    time.sleep(sleep)
    while gate and not os.path.exists(gate):
        time.sleep(0.2)
    return {"item": item, "node": node, "pid": os.getpid()}


class Where(actions.Action):
    """Say which process this is."""

    def __init__(self, item, sleep=0, journal=None, gate=None):
        super().__init__()
        self.item = item
        self.sleep = sleep
        self.journal = journal
        self.gate = gate

    def run(self, context):
        return actions.Result(data=where(self.item, self.sleep, self.journal, self.gate))


class Sees(actions.Action):
    """Return the value it got, and what the context says but for the token."""

    def __init__(self, value=None):
        super().__init__()
        self.value = value

    def run(self, context):
        security = {k: v for k, v in vars(context.security).items() if k != "auth_token"}
        execution = dict(vars(context.execution))
        return {
            "value": self.value,
            "security": {k: v for k, v in security.items() if not k.startswith("_")},
            "execution": {k: v for k, v in execution.items() if not k.startswith("_")},
        }
