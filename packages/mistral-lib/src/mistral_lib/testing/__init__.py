# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The public page of the test harness: what an author tests actions with.

>>> from mistral_lib import actions, testing
>>> @actions.action
... def greet(name: str) -> str:
...     '''Greet somebody.
...
...     :param name: who is greeted.
...     '''
...     return f"Hello {name}!"
>>> testing.ActionEnvironment(wire=False).run(greet, name="Ann")
'Hello Ann!'
"""

from mistral_lib.testing.conformance import (
    ConformanceError,
    ConformanceReport,
    Finding,
    check_action,
)
from mistral_lib.testing.environment import ActionEnvironment

__all__ = [
    "ActionEnvironment",
    "ConformanceError",
    "ConformanceReport",
    "Finding",
    "check_action",
]
