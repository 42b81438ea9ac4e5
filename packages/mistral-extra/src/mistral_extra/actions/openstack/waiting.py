# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Actions that wait until a resource is in a state.

They are ordinary function actions on the cached clients, and models for a plug-in's own. Each asks
the service again and again, soon at first and then every five seconds, or every ``interval``
seconds; one of its moods (overloaded, restarting) is waited out, a cancellation or the task's
timeout is obeyed between two questions.

A wait ends with the state that was asked for, with an error state, or when the resource is gone. Of
stacks and clusters, whose state says what is being done to them, it ends when that is over: without
a ``state``, well if it is any ``_COMPLETE``; when they were being deleted at the first question,
that is ``DELETED``. Waiting for ``DELETED`` ends well when the resource is
gone, also when it was gone before the first question, since most services forget what they deleted;
Heat remembers, so there it is an error. Waiting for anything else, a resource that was never seen
is ``NOT_FOUND``, and one that vanishes ``RESOURCE_GONE``.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from mistral_extra.actions.openstack import answers, failures, refusals, results
from mistral_extra.actions.openstack.actions import (
    CinderAction,
    GlanceAction,
    HeatAction,
    MagnumAction,
    ManilaAction,
    NeutronAction,
    NovaAction,
    OctaviaAction,
    TroveAction,
)
from mistral_extra.actions.openstack.utils import exceptions
from mistral_lib import actions
from mistral_lib import exceptions as lib_exceptions

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "backups_wait",
    "clusters_wait",
    "images_import_wait",
    "images_wait",
    "instances_wait",
    "load_balancer_wait",
    "servers_wait",
    "shares_wait",
    "stacks_wait",
    "volume_snapshots_wait",
    "volumes_wait",
    "wait_port",
]

#: What a resource that is gone is called, and what Heat and Magnum call it.
_GONE = "DELETED"
_GONE_TOO = "DELETE_COMPLETE"

#: Seconds between two questions at first and at last, and by how much they grow.
_SHORTEST, _LONGEST, _GROWTH = 0.3, 5.0, 1.5

#: What a service answers that has no such API: it is too old.
_NOT_THERE = (404, 501)

#: How a state ends that says what is being done: "UPDATE_IN_PROGRESS".
_RUNNING, _DONE, _FAILED = "_IN_PROGRESS", "_COMPLETE", "_FAILED"

State = Annotated[
    str | list[str], actions.Param("The state, or states, to wait for; upper or lower case.")
]
StateOrEnd = Annotated[
    str | list[str],
    actions.Param(
        "The state, or states, to wait for; empty for the good end of whatever is being done."
    ),
]
Seconds = Annotated[float, actions.Param("After how many seconds to give up.", gt=0)]
Interval = Annotated[
    float,
    actions.Param("Seconds between two questions; 0 begins with 0.3 and ends at 5 seconds.", ge=0),
]
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
    #: The service still knows what it deleted, if asked by id.
    is_remembered: bool = False
    #: Its state says what is being done to it, and how far that is.
    has_phases: bool = False


@actions.action(name="nova.servers_wait", idempotent=True)
def servers_wait(
    server: str,
    state: State = "ACTIVE",
    timeout: Seconds = 600,
    interval: Interval = 0,
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
        _fault_in("ERROR", service="Nova"),
    )
    return _wait(resource, state, timeout, interval, context)


def _fault_in(*states: str, service: str) -> Callable[[dict[str, Any]], str | None]:
    """Return what finds these states, and reads the resource's ``fault``."""

    def fault(fields: dict[str, Any]) -> str | None:
        if fields["status"] not in states:
            return None
        return (fields.get("fault") or {}).get("message") or f"{service} gives no fault"

    return fault


@actions.action(name="heat.stacks_wait", idempotent=True)
def stacks_wait(
    stack_id: str,
    state: StateOrEnd = "",
    timeout: Seconds = 3600,
    interval: Interval = 0,
    action_region: Region = "",
    *,
    context: actions.ActionContext,
) -> dict[str, Any]:
    """Wait until Heat is done with a stack, or until it is in a state, such as ``DELETED``.

    Fails with Heat's reason when what Heat does with the stack fails, or is rolled back; and when
    it ends in another state than the one that is waited for.

    :param stack_id: Id or name of the stack; a name finds no stack that is gone.
    :returns: The stack; its state alone when it is gone.
    """
    client = HeatAction.get_client(context, region=action_region or None)
    resource = _Resource(
        f"stack {stack_id}",
        failures.Call("stacks_wait", "stacks.get"),
        lambda: client.stacks.get(stack_id),
        "stack_status",
        _phase_fault("stack_status", "stack_status_reason"),
        is_remembered=True,
        has_phases=True,
    )
    return _wait(resource, state, timeout, interval, context)


def _phase_fault(key: str, reason: str) -> Callable[[dict[str, Any]], str | None]:
    def fault(fields: dict[str, Any]) -> str | None:
        state = fields[key]
        # What is rolled back did not succeed, however well that went.
        if state.endswith(_FAILED) or state == f"ROLLBACK{_DONE}":
            return fields.get(reason) or "the service gives no reason"
        return None

    return fault


@actions.action(name="cinder.volumes_wait", idempotent=True)
def volumes_wait(
    volume: str,
    state: State = "available",
    timeout: Seconds = 600,
    interval: Interval = 0,
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
        _error_state("status", "Cinder tells why in 'openstack volume message list'"),
    )
    return _wait(resource, state, timeout, interval, context)


@actions.action(name="cinder.volume_snapshots_wait", idempotent=True)
def volume_snapshots_wait(
    snapshot: str,
    state: State = "available",
    timeout: Seconds = 600,
    interval: Interval = 0,
    action_region: Region = "",
    *,
    context: actions.ActionContext,
) -> dict[str, Any]:
    """Wait until a snapshot of a volume is in a state, such as ``available`` or ``DELETED``.

    Fails when the snapshot goes into one of its error states.

    :param snapshot: Id of the snapshot.
    :returns: The snapshot; its state alone when it is gone.
    """
    client = CinderAction.get_client(context, region=action_region or None)
    resource = _Resource(
        f"snapshot {snapshot}",
        failures.Call("volume_snapshots_wait", "volume_snapshots.get"),
        lambda: client.volume_snapshots.get(snapshot),
        "status",
        _error_state("status", "Cinder tells why in 'openstack volume message list'"),
    )
    return _wait(resource, state, timeout, interval, context)


@actions.action(name="cinder.backups_wait", idempotent=True)
def backups_wait(
    backup_id: str,
    state: State = "available",
    timeout: Seconds = 3600,
    interval: Interval = 0,
    action_region: Region = "",
    *,
    context: actions.ActionContext,
) -> dict[str, Any]:
    """Wait until a backup of a volume is in a state, such as ``available`` or ``DELETED``.

    A backup that is being restored is ``restoring``, and ``available`` when that is done. Fails
    with Cinder's reason when the backup goes into one of its error states.

    :param backup_id: Id of the backup.
    :returns: The backup; its state alone when it is gone.
    """
    client = CinderAction.get_client(context, region=action_region or None)
    resource = _Resource(
        f"backup {backup_id}",
        failures.Call("backups_wait", "backups.get"),
        lambda: client.backups.get(backup_id),
        "status",
        _error_state("status", "Cinder gives no reason", reason="fail_reason"),
    )
    return _wait(resource, state, timeout, interval, context)


@actions.action(name="manila.shares_wait", idempotent=True)
def shares_wait(
    share: str,
    state: State = "available",
    timeout: Seconds = 1800,
    interval: Interval = 0,
    *,
    context: actions.ActionContext,
) -> dict[str, Any]:
    """Wait until a share is in a state, such as ``available`` or ``DELETED``.

    Fails when the share goes into one of its error states.

    :param share: Id of the share.
    :returns: The share; its state alone when it is gone.
    """
    client = ManilaAction.get_client(context)
    resource = _Resource(
        f"share {share}",
        failures.Call("shares_wait", "shares.get"),
        lambda: client.shares.get(share),
        "status",
        _error_state("status", "Manila tells why in 'openstack share message list'"),
    )
    return _wait(resource, state, timeout, interval, context)


def _error_state(key: str, advice: str, reason: str = "") -> Callable[[dict[str, Any]], str | None]:
    """Return what finds states such as ``error``, ``error_deleting`` and ``manage_error``."""

    def fault(fields: dict[str, Any]) -> str | None:
        state = fields[key].lower()
        if state.startswith("error") or state.endswith("_error"):
            return fields.get(reason) or advice
        return None

    return fault


@actions.action(name="neutron.wait_port", idempotent=True)
def wait_port(
    port: str,
    state: State = "ACTIVE",
    timeout: Seconds = 600,
    interval: Interval = 0,
    action_region: Region = "",
    *,
    context: actions.ActionContext,
) -> dict[str, Any]:
    """Wait until a port is in a state, such as ``ACTIVE``, ``DOWN`` or ``DELETED``.

    Fails when the port goes into ``ERROR``, or can't be bound to its host.

    :param port: Id of the port.
    :returns: The port; its state alone when it is gone.
    """
    client = NeutronAction.get_client(context, region=action_region or None)
    resource = _Resource(
        f"port {port}",
        failures.Call("wait_port", "show_port"),
        lambda: client.show_port(port)["port"],
        "status",
        _port_fault,
    )
    return _wait(resource, state, timeout, interval, context)


def _port_fault(fields: dict[str, Any]) -> str | None:
    # Only administrators see how a port is bound.
    if fields.get("binding:vif_type") == "binding_failed":
        return f"it can't be bound on host {fields.get('binding:host_id') or '(unknown)'}"
    return "Neutron gives no reason" if fields["status"] == "ERROR" else None


@actions.action(name="octavia.load_balancer_wait", idempotent=True)
def load_balancer_wait(
    lb_id: str,
    state: State = "ACTIVE",
    timeout: Seconds = 1800,
    interval: Interval = 0,
    *,
    context: actions.ActionContext,
) -> dict[str, Any]:
    """Wait until a load balancer's provisioning status is ``ACTIVE``, or ``DELETED``.

    Until then Octavia refuses every change to it, and to its listeners, pools and members. Fails
    when the status becomes ``ERROR``.

    :param lb_id: Id of the load balancer.
    :returns: The load balancer; its state alone when it is gone.
    """
    client = OctaviaAction.get_client(context)
    resource = _Resource(
        f"load balancer {lb_id}",
        failures.Call("load_balancer_wait", "load_balancer_show"),
        lambda: client.load_balancer_show(lb_id),
        "provisioning_status",
        _error_state("provisioning_status", "Octavia gives no reason; a failover may mend it"),
    )
    return _wait(resource, state, timeout, interval, context)


@actions.action(name="magnum.clusters_wait", idempotent=True)
def clusters_wait(
    cluster: str,
    state: StateOrEnd = "",
    timeout: Seconds = 3600,
    interval: Interval = 0,
    *,
    context: actions.ActionContext,
) -> dict[str, Any]:
    """Wait until Magnum is done with a cluster, or until it is in a state, such as ``DELETED``.

    Fails with Magnum's reason when what Magnum does with the cluster fails, and when it ends in
    another state than the one that is waited for.

    :param cluster: Id or name of the cluster.
    :returns: The cluster; its state alone when it is gone.
    """
    client = MagnumAction.get_client(context)
    resource = _Resource(
        f"cluster {cluster}",
        failures.Call("clusters_wait", "clusters.get"),
        lambda: client.clusters.get(cluster),
        "status",
        _phase_fault("status", "status_reason"),
        has_phases=True,
    )
    return _wait(resource, state, timeout, interval, context)


@actions.action(name="trove.instances_wait", idempotent=True)
def instances_wait(
    instance: str,
    state: State = "ACTIVE",
    timeout: Seconds = 3600,
    interval: Interval = 0,
    action_region: Region = "",
    *,
    context: actions.ActionContext,
) -> dict[str, Any]:
    """Wait until a database instance is in a state, such as ``ACTIVE`` or ``DELETED``.

    Fails with Trove's fault when the instance goes into ``ERROR`` or ``FAILED``.

    :param instance: Id of the instance.
    :returns: The instance; its state alone when it is gone.
    """
    client = TroveAction.get_client(context, region=action_region or None)
    resource = _Resource(
        f"instance {instance}",
        failures.Call("instances_wait", "instances.get"),
        lambda: client.instances.get(instance),
        "status",
        _fault_in("ERROR", "FAILED", service="Trove"),
    )
    return _wait(resource, state, timeout, interval, context)


@actions.action(name="glance.images_wait", idempotent=True)
def images_wait(
    image_id: str,
    state: State = "active",
    timeout: Seconds = 1800,
    interval: Interval = 0,
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
    if stores:
        return f"its import failed into {stores}"
    tasks: list[dict[str, Any]] = fields.get("tasks") or [{}]
    if tasks[-1].get("status") != "failure":
        return None
    return tasks[-1].get("message") or "its import failed"


@actions.action(name="glance.images_import_wait", idempotent=True)
def images_import_wait(
    image_id: str,
    timeout: Seconds = 3600,
    interval: Interval = 0,
    action_region: Region = "",
    *,
    context: actions.ActionContext,
) -> dict[str, Any]:
    """Wait until an import into an image, and into all the stores it names, is over.

    Fails with the import task's message when the import fails: the image is ``queued`` again then.

    :param image_id: Id of the image.
    :returns: The image.
    """
    client = GlanceAction.get_client(context, region=action_region or None)

    def get() -> dict[str, Any]:
        fields: dict[str, Any] = results.plain(client.images.get(image_id))
        # Stores may be filled one by one while the image is active already.
        if fields["status"] == "active" and fields.get("os_glance_importing_to_stores"):
            fields["status"] = "importing"
        if fields["status"] == "queued":
            fields["tasks"] = _import_tasks(client, image_id)
        return fields

    resource = _Resource(
        f"image {image_id}",
        failures.Call("images_import_wait", "images.get"),
        get,
        "status",
        _image_fault,
    )
    return _wait(resource, "active", timeout, interval, context)


def _import_tasks(client: Any, image_id: str) -> list[dict[str, Any]]:
    """Return an image's import tasks, the latest last; none where Glance is too old to tell."""
    try:
        answer = results.plain(client.images.get_associated_image_tasks(image_id))
    except Exception as e:
        if answers.status(e) in _NOT_THERE:
            return []
        raise
    tasks = [t for t in answer.get("tasks", ()) if "import" in t.get("type", "")]
    return sorted(tasks, key=lambda task: str(task.get("created_at")))


def _wait(
    resource: _Resource,
    state: str | list[str],
    timeout: float,
    interval: float,
    context: actions.ActionContext,
) -> dict[str, Any]:
    """Return the resource's fields when it is in one of the states."""
    states = [state] if isinstance(state, str) else state
    wanted = {_called(s) for s in states if s}
    if not wanted and not resource.has_phases:
        raise lib_exceptions.InvalidInput(
            "Parameter 'state' is empty: expected the state, or states, to wait for"
        )
    watched = _Watched(resource, wanted)
    left, pause = timeout, interval or _SHORTEST
    while True:
        context.check_cancelled()
        started = time.monotonic()
        fields = _ask(resource, context)
        if fields is not None and watched.has_ended(fields, context):
            return fields
        left -= time.monotonic() - started
        if left <= 0:
            raise lib_exceptions.ActionTimeout(
                f"{resource.name} is {watched.seen or 'of unknown state'} after {timeout:g} s of "
                f"waiting for {watched.expected}"
            )
        pause = min(pause, left)
        context.sleep(pause)
        left -= pause
        pause = interval or min(pause * _GROWTH, _LONGEST)


def _ask(resource: _Resource, context: actions.ActionContext) -> dict[str, Any] | None:
    """Return the resource's fields, the state alone if it is not there, None if nobody knows."""
    with refusals.Noted() as noted:
        try:
            fields: dict[str, Any] = results.plain(resource.get())
            # Null is what a service says of a resource that it has just begun to make.
            is_known = fields[resource.key] is not None
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
    return fields if is_known else None


class _Watched:
    """A resource and the last state that was seen.

    :param wanted: the states to come into; none for the good end of what is being done.
    """

    def __init__(self, resource: _Resource, wanted: set[str]) -> None:
        self._resource = resource
        self._wanted = wanted
        #: The last state, None before the first answer.
        self.seen: str | None = None

    @property
    def expected(self) -> str:
        """The states to come into, for people."""
        if self._wanted:
            return " or ".join(sorted(self._wanted))
        action = (self.seen or "").partition("_")[0]
        if action in ("", "ROLLBACK"):
            return "the good end of what is being done"
        return action + _DONE

    def has_ended(self, fields: dict[str, Any], context: actions.ActionContext) -> bool:
        """Tell whether the resource is where it is to be; report what changed.

        :raises ActionException: it will not come there.
        """
        resource = self._resource
        now, before = _called(fields[resource.key]), self.seen
        if now != before:
            context.progress(f"{resource.name} is {now}")
            self.seen = now
        is_absent = fields == {resource.key: _GONE}
        if is_absent and before is None and (resource.is_remembered or _GONE not in self._wanted):
            raise exceptions.ActionException(
                f"There is no {resource.name}, to wait for {self.expected}", error_code="NOT_FOUND"
            )
        if not self._wanted and before is None and now in (_GONE, f"DELETE{_RUNNING}"):
            self._wanted = {_GONE}
        is_end = resource.has_phases and now.endswith(_DONE) and not now.startswith("ROLLBACK")
        if now in self._wanted or (is_end and not self._wanted):
            return True
        fault = "it is gone" if now == _GONE else resource.fault(fields)
        if fault is None and is_end and self._is_settled(now, before):
            fault = "nothing is being done to it any more"
        if fault is None:
            return False
        raise exceptions.ActionException(
            f"{resource.name} is {now} instead of {self.expected}: {' '.join(fault.split())}",
            error_code="RESOURCE_GONE" if now == _GONE else "RESOURCE_FAILED",
            details={"state": now},
        )

    def _is_settled(self, now: str, before: str | None) -> bool:
        """Tell whether a good end that was not asked for is all there will be.

        It is if it was seen coming, or if only the creation was waited for: there is but one.
        Before the first look, somebody may have asked for more that has not begun.
        """
        was_running = before is not None and before.endswith(_RUNNING)
        return was_running or self._wanted == {f"CREATE{_DONE}"}


def _called(state: str) -> str:
    state = state.upper()
    return _GONE if state == _GONE_TOO else state
