# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A small store of values, one for each thread.

The server's executor keeps the security context of the running action in it, so whoever moves work
into another thread carries the store along with :func:`snapshot` and :func:`restore`.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["get_thread_local", "has_thread_local", "restore", "set_thread_local", "snapshot"]

_store = threading.local()


def has_thread_local(var_name: str) -> bool:
    """Tell whether this thread's store has a value of that name."""
    return var_name in _store.__dict__


def get_thread_local(var_name: str) -> Any:
    """Return the value in this thread's store, or None."""
    return _store.__dict__.get(var_name)


def set_thread_local(var_name: str, val: Any) -> None:
    """Put a value into this thread's store; None takes it out."""
    if val is None:
        _store.__dict__.pop(var_name, None)
    else:
        _store.__dict__[var_name] = val


def snapshot() -> dict[str, Any]:
    """Return a copy of this thread's store."""
    return dict(_store.__dict__)


def restore(values: Mapping[str, Any]) -> None:
    """Replace this thread's store by ``values``, as :func:`snapshot` gave them."""
    own = _store.__dict__
    own.clear()
    own.update(values)
