# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Deliver the result of a long-running action later, from any process.

An action whose ``is_sync()`` is False starts the work and returns; the workflow waits until
somebody delivers a final state::

    class Build(actions.Action):
        def is_sync(self):
            return False

        def run(self, context):
            jobs.submit(completion.handle(context).to_json())

    # elsewhere: another thread, process or host
    handle = completion.CompletionHandle.from_json(text)
    try:
        image = build()
    except BuildError as exc:
        completion.fail(handle, exc)
    else:
        completion.succeed(handle, image)

What the server takes (measured on mistral 23.0.0), and what follows from it:

- ``PUT /v2/action_executions/ID`` with ``{"state": STATE, "output": OUTPUT}``; the answer is 200
  with the action execution. Any other key is 400. States: SUCCESS, ERROR, CANCELLED. (PAUSED and
  RUNNING are accepted too, but their output is dropped: so :func:`progress` stays here.)
- OUTPUT is a JSON object, or a text that holds one; ``task().result`` is that object. Null
  succeeds with None. Anything else is 400 (``JsonType field value must be a dictionary``), or,
  where it is empty, zero or false, silently becomes ``{}``: so a value that is no object is sent
  as ``{"result": value}``, whatever it is.
- An ERROR whose output is missing, null or empty reads ``Unknown error`` in the workflow: so an
  error always goes as a dict, with the keys that every error of an action has.
- CANCELLED cancels the action, its task and its workflow; output with it is dropped.
- A second final state is 500, ``Action ID is already completed``, even when equal to the first.
  Then the recorded one is fetched and compared: an equal one counts as delivered, so that
  repeating is safe.
- An unknown id is 500, ``ActionExecution not found``. Neither of these two is tried again.
- A result above the server's limit (1,024 KB unless configured) is answered by 200 with the
  *state ERROR*, and is lost: it is reported as ``NOT_RECORDED``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mistral_lib import exceptions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from mistral_lib.actions.callback import CompletionError, CompletionHandle
    from mistral_lib.actions.context import ActionContext
    from mistral_lib.actions.delivery import DeliveryPolicy

__all__ = [
    "CompletionError",
    "CompletionHandle",
    "DeliveryPolicy",
    "cancel",
    "fail",
    "handle",
    "progress",
    "succeed",
]


def __getattr__(name: str) -> Any:
    # The face mistral_lib.actions imports this module, and few of its users deliver late: what
    # lies behind (dataclasses, logging) loads with the first use.
    if name in ("CompletionError", "CompletionHandle"):
        from mistral_lib.actions import callback

        return getattr(callback, name)
    if name == "DeliveryPolicy":
        from mistral_lib.actions import delivery

        return delivery.DeliveryPolicy
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def handle(
    context: ActionContext, base_url: str | None = None, interface: str = "public"
) -> CompletionHandle:
    """Return the handle that delivers the result of the action running under ``context``.

    The URL is settled here, while the action runs, so that a missing one shows at once and not
    after hours of work: ``base_url``, else the environment's ``OS_MISTRAL_URL``, else the
    catalogue's endpoint of type ``workflowv2`` or ``workflow`` in the context's region.

    :param base_url: as the delivering process will see the API; with or without ``/v2``.
    :param interface: which endpoint of the catalogue: public, internal or admin.
    :raises CompletionError: ``NO_CALLBACK_URL``, ``NO_BASE_URL`` or ``BAD_URL``.

    Under the identity of a target cloud the handle has no token: give it one of the server's own
    cloud by :meth:`~CompletionHandle.with_token`.
    """
    from mistral_lib.actions import callback

    url = callback.callback_address(context, base_url, interface)
    security = getattr(context, "security", None)
    if getattr(security, "is_target", None):
        # Token, CA and all belong to another cloud than the server's.
        return callback.CompletionHandle(url)
    return callback.CompletionHandle(
        url=url,
        token=getattr(security, "auth_token", None) or None,
        cacert=getattr(security, "auth_cacert", None) or None,
        insecure=bool(getattr(security, "insecure", None)),
    )


def succeed(
    handle: CompletionHandle, data: Any = None, *, policy: DeliveryPolicy | None = None
) -> None:
    """Complete the action with ``data``, and return when the server has recorded it.

    :param data: anything JSON-ready, as an action may return. An object (or None) arrives as it is;
        any other value arrives as ``{"result": value}``, since the server takes objects only.
    :param policy: how hard to try; None for ``DeliveryPolicy()``.
    :raises CompletionError: it was refused, or not deliverable in time (then ``retryable``).
    :raises InvalidOutput: JSON cannot represent a part of it, such as NaN; nothing was sent.
    """
    from mistral_lib.actions import delivery, problems
    from mistral_lib.utils import _json

    encoded = _json.encode(data)
    for path, what in problems.not_json(_json.decode(encoded), "$"):
        raise exceptions.InvalidOutput(
            f"The data of a completed action can't be sent: {path} is {what}"
        )
    delivery.deliver(handle, "SUCCESS", _as_output(encoded), policy)


def fail(
    handle: CompletionHandle,
    error: str | Mapping[str, Any] | BaseException,
    *,
    policy: DeliveryPolicy | None = None,
) -> None:
    """Complete the action with an error.

    :param error: an exception or a text arrives as the dict ``{type, message, code, retryable,
        retry_after, details}``; a dict of your own arrives as it is. The token is masked in all.
    :raises CompletionError: as :func:`succeed`.
    :raises TypeError: ``error`` is none of these.
    """
    from mistral_lib.actions import delivery, redaction
    from mistral_lib.utils import _json

    facts = redaction.Masker([handle.token] if handle.token else []).data(_error_facts(error))
    delivery.deliver(handle, "ERROR", _as_output(_json.encode(facts)), policy)


def cancel(handle: CompletionHandle, *, policy: DeliveryPolicy | None = None) -> None:
    """Complete the action as cancelled; its task and workflow become CANCELLED too.

    :raises CompletionError: as :func:`succeed`.
    """
    from mistral_lib.actions import delivery

    delivery.deliver(handle, "CANCELLED", None, policy)


def progress(
    handle: CompletionHandle, text: object, sink: Callable[[str], object] | None = None
) -> None:
    """Tell how far the work is: to this process's log at INFO, and to ``sink`` if there is one.

    Nothing is sent: the server has no place for it. The token is masked in the text. Of a number
    or the like, the text is what ``str`` makes of it.
    """
    import logging

    from mistral_lib.actions import redaction
    from mistral_lib.utils import _text

    line = redaction.Masker([handle.token] if handle.token else []).text(_text.string(text))
    logging.getLogger(__name__).info("Progress of %s: %s", handle.url, line)
    if sink is not None:
        sink(line)


def _as_output(encoded: str) -> str:
    """Wrap JSON text that is neither an object nor null, by what it is and never by its value."""
    return encoded if encoded == "null" or encoded.startswith("{") else f'{{"result": {encoded}}}'


def _error_facts(error: object) -> dict[str, Any]:
    from collections.abc import Mapping

    from mistral_lib.actions import errors
    from mistral_lib.exceptions import ActionException

    if isinstance(error, Mapping) and error:
        return dict(error)
    if isinstance(error, BaseException):
        return errors.error_dict(error)
    if isinstance(error, (str, Mapping)):
        # An empty one would read "Unknown error" in the workflow.
        return errors.error_dict(ActionException(str(error) if error else None))
    raise TypeError(
        f"completion.fail takes a text, a dict or an exception as the error, not "
        f"{type(error).__name__}"
    )
