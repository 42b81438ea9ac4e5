# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Whether this process runs the actions of the person who started it, or those of others.

``mistral-action`` does the former: what it runs may do what that person may do anyway. A Mistral
server runs what the authors of workflows say. Unlike :mod:`mistral_extra.config`, this module costs
nothing to import.
"""

from __future__ import annotations

import os
import sys
from importlib import util

__all__ = ["declare", "is_declared", "server_installed", "working_folder"]

_declared = False
_working_folder: str | None = None


def declare() -> None:
    """Note that this process runs the actions of the person who started it."""
    global _declared, _working_folder
    _declared = True
    try:
        _working_folder = os.getcwd()
    except FileNotFoundError:
        # It was removed since.
        _working_folder = None


def is_declared() -> bool:
    """Return whether :func:`declare` was called."""
    return _declared


def working_folder() -> str | None:
    """Return the folder that the person was in at :func:`declare`, None where there is none."""
    return _working_folder


def server_installed() -> bool:
    """Return whether a Mistral server could run in this environment: its package is there."""
    if "mistral" in sys.modules:
        return True
    spec = util.find_spec("mistral")
    # A folder of that name in the search path, as in a checkout, is not the package.
    return spec is not None and spec.origin is not None
