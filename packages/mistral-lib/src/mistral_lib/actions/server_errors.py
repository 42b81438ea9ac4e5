# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Errors under names that a server's API knows.

The engine sends an exception to the API as name and text. The API looks for a class of that name
among those of ``mistral.exceptions``, and answers with its status; where there is none, with 500
and the engine's traceback. In one process, where the exception itself arrives, it reads the name
from ``exc_type`` and the text from ``value``. Read in Mistral 23 and oslo.messaging:
``mistral.rpc.base.wrap_messaging_exception``, ``serialize_remote_exception``.
"""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING, Any, TypeVar, cast

from mistral_lib import exceptions
from mistral_lib.utils import _exceptions

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["as_refusal", "facing_the_server"]

F = TypeVar("F", bound="Callable[..., Any]")

#: The server's name for what is wrong with an action or its input; its status is 400.
_SERVERS_NAME = "ActionException"


def facing_the_server(method: F) -> F:
    """Wrap a method that a server's engine calls: errors of ours leave it under a name it knows.

    Such an error becomes an instance of a subclass of its class, which differs in its name alone.
    """

    @functools.wraps(method)
    def facing(*args: Any, **kwargs: Any) -> Any:
        try:
            return method(*args, **kwargs)
        except exceptions.MistralExceptionBase as e:
            if not hasattr(e, "exc_type"):
                _rename(e)
            raise

    return cast("F", facing)


def as_refusal(error: Exception) -> Exception:
    """Return what to raise for an error of an action's constructor.

    One of ours passes as it is, and one with an ``http_code`` whose name the server knows. Any
    other becomes an ``ActionException`` of the same text, which the error dictionary calls by the
    error's type.
    """
    name = type(error).__name__
    server = sys.modules.get("mistral.exceptions")
    known = hasattr(error, "http_code") and (server is None or hasattr(server, name))
    if known or isinstance(error, exceptions.MistralExceptionBase):
        return error
    refusal = exceptions.ActionException(_exceptions.text_of(error))
    refusal._reported_type = name  # type: ignore[attr-defined]
    return refusal


def _rename(error: exceptions.MistralExceptionBase) -> None:
    cls: Any = type(error)
    # Loaded only where a server runs.
    known = getattr(sys.modules.get("mistral.exceptions"), cls.__name__, None)
    refused = 400 <= getattr(known, "http_code", 0) < 500
    try:
        error.__class__ = _renamed(cls, cls.__name__ if refused else _SERVERS_NAME)
    except TypeError:
        # An author's class that nothing can be derived from in passing: it arrives as it does.
        return


@functools.lru_cache(maxsize=256)
def _renamed(cls: Any, name: str) -> Any:
    """Return a subclass of an error's class that has the name."""

    def reduce(self: Any) -> tuple[Any, ...]:
        # Copied and pickled as what it is, since nobody could import the subclass.
        return (cls, *cls.__reduce__(self)[1:])

    members = {
        "__slots__": (),
        "__module__": cls.__module__,
        # Tracebacks show this one.
        "__qualname__": cls.__qualname__,
        "__doc__": cls.__doc__,
        "__reduce__": reduce,
        "_reported_type": cls.__name__,
        "exc_type": name,
        "value": property(str),
    }
    return type(name, (cls,), members)
