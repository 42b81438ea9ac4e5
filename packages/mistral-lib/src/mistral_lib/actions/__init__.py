# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The public page of the action API: what an author of actions imports.

>>> from mistral_lib import actions
>>> @actions.action
... def add(a: int, b: int = 1) -> int:
...     '''Add two numbers.'''
...     return a + b
>>> actions.run(add, {"a": 2})
3
"""

from mistral_lib.actions import completion
from mistral_lib.actions.base import Action, ActionDescriptor, ActionProvider
from mistral_lib.actions.context import ActionContext, ExecutionContext, SecurityContext
from mistral_lib.actions.function import ActionFunction, action
from mistral_lib.actions.headers import is_secret_header
from mistral_lib.actions.markers import Inject, Param
from mistral_lib.actions.providers.composite import CompositeActionProvider
from mistral_lib.actions.providers.entry_points import EntryPointActionProvider
from mistral_lib.actions.providers.plugins import Problem
from mistral_lib.actions.providers.python import PythonActionDescriptor
from mistral_lib.actions.redaction import Masker
from mistral_lib.actions.runner import Runner, run
from mistral_lib.actions.secrets import Secret, hidden
from mistral_lib.actions.types import Result
from mistral_lib.actions.wire import admit_modules
from mistral_lib.exceptions import (
    ActionCancelled,
    ActionException,
    ActionFailed,
    ActionNotFound,
    ActionTimeout,
    InvalidInput,
)

__all__ = [
    "Action",
    "ActionCancelled",
    "ActionContext",
    "ActionDescriptor",
    "ActionException",
    "ActionFailed",
    "ActionFunction",
    "ActionNotFound",
    "ActionProvider",
    "ActionTimeout",
    "CompositeActionProvider",
    "EntryPointActionProvider",
    "ExecutionContext",
    "Inject",
    "InvalidInput",
    "Masker",
    "Param",
    "Problem",
    "PythonActionDescriptor",
    "Result",
    "Runner",
    "Secret",
    "SecurityContext",
    "action",
    "admit_modules",
    "completion",
    "hidden",
    "is_secret_header",
    "run",
]
