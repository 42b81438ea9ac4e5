# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The context of the request that the current thread works for.

A Mistral server sets it in the thread-local named below; the name is shared with the server and
with plug-ins, so it never changes. Each thread has its own: mistral-lib's runner hands it on to
the worker thread of an action with a deadline.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mistral_extra.actions.openstack.utils import exceptions
from mistral_lib import utils

if TYPE_CHECKING:
    from typing import Any

__all__ = ["ctx", "has_ctx", "set_ctx"]

_CTX_THREAD_LOCAL_NAME = "MISTRAL_APP_CTX_THREAD_LOCAL"


def has_ctx() -> bool:
    """Return whether this thread has a context."""
    return utils.has_thread_local(_CTX_THREAD_LOCAL_NAME)


def ctx() -> Any:
    """Return this thread's context: the server's own object, or whatever :func:`set_ctx` was given.

    :raises ApplicationContextNotFoundException: none has been set in this thread.
    """
    if not has_ctx():
        raise exceptions.ApplicationContextNotFoundException(
            "This thread has no application context: a Mistral server sets one before it runs an "
            "action; elsewhere call mistral_extra.actions.openstack.utils.context.set_ctx(context)"
            " in the same thread first"
        )
    return utils.get_thread_local(_CTX_THREAD_LOCAL_NAME)


def set_ctx(new_ctx: Any) -> None:
    """Give this thread a context; None takes it away."""
    utils.set_thread_local(_CTX_THREAD_LOCAL_NAME, new_ctx)
