# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Actions that say where and as whom they ran."""

import os
import time

from mistral_lib import actions

__all__ = ["Sees", "Where", "where"]


def where(item, sleep=0, journal=None):
    """Say which process this is, and write it down where ``journal`` names a folder.

    A file a run, so that runs can be counted from outside, whatever became of their results.
    """
    node = os.environ.get("OS_EXECUTOR__HOST", "")
    if journal:
        with open(os.path.join(journal, f"{item}-{time.monotonic_ns()}-{os.getpid()}"), "x") as f:
            f.write(node)
    time.sleep(sleep)
    return {"item": item, "node": node, "pid": os.getpid()}


class Where(actions.Action):
    """Say which process this is."""

    def __init__(self, item, sleep=0, journal=None):
        super().__init__()
        self.item = item
        self.sleep = sleep
        self.journal = journal

    def run(self, context):
        return actions.Result(data=where(self.item, self.sleep, self.journal))


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
