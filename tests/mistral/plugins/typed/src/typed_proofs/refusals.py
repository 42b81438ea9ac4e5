# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A provider whose action raises any error, wherever a server calls provider or descriptor."""

import importlib

from mistral_lib import actions
from mistral_lib.actions.providers.base import ActionDescriptorBase

__all__ = ["MESSAGE", "RefusingProvider"]

MESSAGE = "this is refused on purpose"

_NAME = "typed.refuses"


def _raise(error):
    """Raise an error by the path of its class, ``module:name``."""
    module, _, name = error.partition(":")
    raise getattr(importlib.import_module(module), name)(MESSAGE)


class Refuses(actions.Action):
    """Raise an error, when it is made or when it runs."""

    def __init__(self, error, where):
        super().__init__()
        if where == "constructor":
            _raise(error)
        self.error = error
        self.where = where

    def is_sync(self):
        return self.where != "post_process_result"

    def run(self, context):
        if self.where == "run":
            _raise(self.error)


class _Descriptor(ActionDescriptorBase):
    def check_parameters(self, params):
        super().check_parameters(params)
        if params["where"] == "check_parameters":
            _raise(params["error"])

    def instantiate(self, input_dict, wf_ctx):
        if input_dict["where"] == "instantiate":
            _raise(input_dict["error"])
        made = actions.PythonActionDescriptor(self.name, Refuses)
        return made.instantiate(input_dict, wf_ctx)

    def post_process_result(self, result):
        if result.is_success():
            _raise(result.data["result"])
        return result


class RefusingProvider(actions.ActionProvider):
    """Provides one action, and raises an error for a name with the error's behind a blank."""

    def find(self, action_name, namespace=None):
        name, _, error = action_name.partition(" ")
        if name == _NAME and error:
            _raise(error)
        return next((d for d in self.find_all() if d.name == action_name), None)

    def find_all(self, namespace=None, limit=None, sort_fields=None, sort_dirs=None, filters=None):
        return [_Descriptor(_NAME, "Raise an error.", "error, where", namespace="")]
