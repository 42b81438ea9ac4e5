# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Actions that wait until a resource is in a state.

They are ordinary function actions on the cached clients, and models for a plug-in's own. Each asks
the service every ``interval`` seconds; one of its moods (overloaded, restarting) is waited out, a
cancellation or the task's timeout is obeyed between two questions. Waiting for ``DELETED`` ends
when the resource is gone.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from mistral_extra.actions.openstack import failures, refusals, results
from mistral_extra.actions.openstack.actions import (
    CinderAction,
    GlanceAction,
    HeatAction,
    NovaAction,
)
from mistral_extra.actions.openstack.utils import exceptions
from mistral_lib import actions
from mistral_lib import exceptions as lib_exceptions

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["images_wait", "servers_wait", "stacks_wait", "volumes_wait"]

#: What a resource that is gone is called, and what Heat calls it.
_GONE = "DELETED"
_GONE_TOO = "DELETE_COMPLETE"

State = Annotated[
    str | list[str], actions.Param("The state, or states, to wait for; upper or lower case.")
]
Seconds = Annotated[float, actions.Param("After how many seconds to give up.", gt=0)]
Interval = Annotated[float, actions.Param("Seconds between two questions.", gt=0)]
Region = Annotated[str, actions.Param("The region, where it is not the context's.")]


class _Resource(NamedTuple):
    """A resource to wait for, and how it is asked after."""

    #: For people: "server 1234".
    name: str
    call: failures.Call
    get: Callable[[], Any]
    #: Which of the resource's fields is the state.
    key: str
    #: Returns why it will not come into another state any more; None as long as it may.
    fault: Callable[[dict[str, Any]], str | None]


@actions.action(name="nova.servers_wait", idempotent=True)
def servers_wait(
    server: str,
    state: State = "ACTIVE",
    timeout: Seconds = 600,
    interval: Interval = 5,
    action_region: Region = "",
    *,
    context: actions.ActionContext,
) -> dict[str, Any]:
    """Wait until a server is in a state, such as ``ACTIVE``, ``SHUTOFF`` or ``DELETED``.

    Fails with Nova's fault when the server goes into ``ERROR``.

    :param server: Id of the server.
    :returns: The server; its state alone when it is gone.
    """
    client = NovaAction.get_client(context, region=action_region or None)
    resource = _Resource(
        f"server {server}",
        failures.Call("servers_wait", "servers.get"),
        lambda: client.servers.get(server),
        "status",
        lambda fields: (
            (fields.get("fault") or {}).get("message", "Nova tells no fault")
            if fields["status"] == "ERROR"
            else None
        ),
    )
    return _wait(resource, state, timeout, interval, context)


@actions.action(name="heat.stacks_wait", idempotent=True)
def stacks_wait(
    stack_id: str,
    state: State = "CREATE_COMPLETE",
    timeout: Seconds = 3600,
    interval: Interval = 5,
    action_region: Region = "",
    *,
    context: actions.ActionContext,
) -> dict[str, Any]:
    """Wait until a stack is in a state, such as ``CREATE_COMPLETE`` or ``DELETED``.

    Fails with Heat's reason when what Heat does with the stack fails.

    :param stack_id: Id or name of the stack; a name finds no stack that is gone.
    :returns: The stack; its state alone when it is gone.
    """
    client = HeatAction.get_client(context, region=action_region or None)
    resource = _Resource(
        f"stack {stack_id}",
        failures.Call("stacks_wait", "stacks.get"),
        lambda: client.stacks.get(stack_id),
        "stack_status",
        lambda fields: (
            fields.get("stack_status_reason") or "Heat tells no reason"
            if fields["stack_status"].endswith("_FAILED")
            else None
        ),
    )
    return _wait(resource, state, timeout, interval, context)


@actions.action(name="cinder.volumes_wait", idempotent=True)
def volumes_wait(
    volume: str,
    state: State = "available",
    timeout: Seconds = 600,
    interval: Interval = 5,
    action_region: Region = "",
    *,
    context: actions.ActionContext,
) -> dict[str, Any]:
    """Wait until a volume is in a state, such as ``available``, ``in-use`` or ``DELETED``.

    Fails when the volume goes into one of its error states.

    :param volume: Id of the volume.
    :returns: The volume; its state alone when it is gone.
    """
    client = CinderAction.get_client(context, region=action_region or None)
    resource = _Resource(
        f"volume {volume}",
        failures.Call("volumes_wait", "volumes.get"),
        lambda: client.volumes.get(volume),
        "status",
        lambda fields: (
            "Cinder tells why in 'openstack volume message list'"
            if fields["status"].startswith("error")
            else None
        ),
    )
    return _wait(resource, state, timeout, interval, context)


@actions.action(name="glance.images_wait", idempotent=True)
def images_wait(
    image_id: str,
    state: State = "active",
    timeout: Seconds = 1800,
    interval: Interval = 5,
    action_region: Region = "",
    *,
    context: actions.ActionContext,
) -> dict[str, Any]:
    """Wait until an image is in a state, such as ``active`` or ``DELETED``.

    Fails when Glance gave up on the image, or on an import into all of its stores.

    :param image_id: Id of the image.
    :returns: The image; its state alone when it is gone.
    """
    client = GlanceAction.get_client(context, region=action_region or None)
    resource = _Resource(
        f"image {image_id}",
        failures.Call("images_wait", "images.get"),
        lambda: client.images.get(image_id),
        "status",
        _image_fault,
    )
    return _wait(resource, state, timeout, interval, context)


def _image_fault(fields: dict[str, Any]) -> str | None:
    if fields["status"] == "killed":
        return "its data could not be taken in"
    stores = fields.get("os_glance_failed_import")
    return f"its import failed into {stores}" if stores else None


def _wait(
    resource: _Resource,
    state: str | list[str],
    timeout: float,
    interval: float,
    context: actions.ActionContext,
) -> dict[str, Any]:
    """Return the resource's fields when it is in one of the states."""
    wanted = {_called(s) for s in ([state] if isinstance(state, str) else state)}
    left, seen = timeout, None
    while True:
        context.check_cancelled()
        started = time.monotonic()
        fields = _ask(resource, context)
        if fields is not None:
            now = _called(fields[resource.key])
            if now != seen:
                context.progress(f"{resource.name} is {now}")
                seen = now
            if now in wanted:
                return fields
            _check(resource, fields, now, wanted)
        left -= time.monotonic() - started
        if left <= 0:
            raise lib_exceptions.ActionTimeout(
                f"{resource.name} is {seen or 'of unknown state'} after {timeout:g} s of waiting "
                f"for {_any_of(wanted)}"
            )
        pause = min(interval, left)
        context.sleep(pause)
        left -= pause


def _ask(resource: _Resource, context: actions.ActionContext) -> dict[str, Any] | None:
    """Return the resource's fields, the state ``DELETED`` if it is gone, None if nobody knows."""
    with refusals.Noted() as noted:
        try:
            fields: dict[str, Any] = results.plain(resource.get())
        except Exception as e:
            failure = failures.of(e, resource.call, noted)
            if getattr(failure, "status", None) == 404:
                return {resource.key: _GONE}
            if failure is e:
                raise
            if not failure.retryable:
                raise failure from e
            context.progress(f"asked after {resource.name}: {failure}")
            return None
    return fields


def _check(resource: _Resource, fields: dict[str, Any], now: str, wanted: set[str]) -> None:
    """Raise if the resource will not come into a wanted state."""
    fault = "it is gone" if now == _GONE else resource.fault(fields)
    if fault is not None:
        raise exceptions.ActionException(
            f"{resource.name} is {now} instead of {_any_of(wanted)}: {' '.join(fault.split())}",
            error_code="RESOURCE_GONE" if now == _GONE else "RESOURCE_FAILED",
            details={"state": now},
        )


def _called(state: str) -> str:
    state = state.upper()
    return _GONE if state == _GONE_TOO else state


def _any_of(states: set[str]) -> str:
    return " or ".join(sorted(states))
