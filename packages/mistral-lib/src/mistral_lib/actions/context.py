# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What an action is told about who runs it, and for which workflow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mistral_lib import exceptions, serialization

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import timedelta
    from typing import Any

    from mistral_lib.actions.control import Control

__all__ = ["ActionContext", "ActionContextSerializer", "ExecutionContext", "SecurityContext"]


class _Fields:
    """Named values, plus whatever else a newer server or a site's patch adds to them."""

    def __repr__(self) -> str:
        return self._shown(())

    def _shown(self, secrets: Iterable[Any]) -> str:
        """Return the ``repr`` without ``secrets`` and those of its own."""
        from mistral_lib.actions import reprs

        return f"{type(self).__name__}({reprs.fields(self.to_dict(), also=secrets)})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Fields) or type(other) is not type(self):
            return NotImplemented
        return self.to_dict() == other.to_dict()

    __hash__ = None  # type: ignore[assignment]

    def to_dict(self) -> dict[str, Any]:
        """Return all public fields, the unknown ones included."""
        return {name: value for name, value in vars(self).items() if name[0] != "_"}


class SecurityContext(_Fields):
    """The identity an action runs under.

    :param auth_uri: URL of Keystone.
    :param auth_cacert: path of the CA bundle for it.
    :param insecure: don't verify certificates.
    :param service_catalog: the body of the token as the server gives it:
        ``{"catalog": [...], "user": ..., "expires_at": ...}``.
    :param region_name: region to look endpoints up in.
    :param is_trust_scoped: the token came from a trust.
    :param redelivered: the message was delivered before; the action may have run already.
    :param expires_at: ISO 8601 time at which the token ends.
    :param trust_id: the trust that renews the token.
    :param is_target: the identity is that of a target cloud.
    :param project_id: project the action works in.
    :param project_name: its name.
    :param user_name: name of the user.
    :param auth_token: the token. Never shown.
    :param extra: fields of newer servers or site patches, kept as attributes and carried on.
    """

    def __init__(
        self,
        /,
        auth_uri: str | None = None,
        auth_cacert: str | None = None,
        insecure: bool | None = None,
        service_catalog: Any = None,
        region_name: str | None = None,
        is_trust_scoped: bool | None = None,
        redelivered: bool | None = None,
        expires_at: str | None = None,
        trust_id: str | None = None,
        is_target: bool | None = None,
        project_id: str | None = None,
        project_name: str | None = None,
        user_name: str | None = None,
        auth_token: str | None = None,
        **extra: Any,
    ) -> None:
        self.auth_uri = auth_uri
        self.auth_cacert = auth_cacert
        self.insecure = insecure
        self.service_catalog = service_catalog
        self.region_name = region_name
        self.is_trust_scoped = is_trust_scoped
        self.redelivered = redelivered
        self.expires_at = expires_at
        self.trust_id = trust_id
        self.is_target = is_target
        self.project_id = project_id
        self.project_name = project_name
        self.user_name = user_name
        self.auth_token = auth_token
        vars(self).update(extra)


class ExecutionContext(_Fields):
    """The run of a workflow that the action is part of.

    :param workflow_execution_id: id of the workflow's run.
    :param task_execution_id: id of the task's run.
    :param action_execution_id: id of this action's run.
    :param workflow_name: name of the workflow.
    :param callback_url: where to report the result of a long-running action, relative to the
        server's URL: see :mod:`mistral_lib.actions.completion`.
    :param task_id: deprecated alias of ``task_execution_id``; given both, it wins.
    :param with_items_index: position of this action among those of a ``with-items`` task.
    :param task_rerun_no: how often the task was run again.
    :param task_rerun_id: id of the task that is run again.
    :param workflow_propagated_headers: HTTP headers of the request that started the workflow.
    :param extra: fields of newer servers, kept as attributes and carried on.
    """

    def __init__(
        self,
        /,
        workflow_execution_id: str | None = None,
        task_execution_id: str | None = None,
        action_execution_id: str | None = None,
        workflow_name: str | None = None,
        callback_url: str | None = None,
        task_id: str | None = None,
        with_items_index: int = 0,
        task_rerun_no: int = 0,
        task_rerun_id: str | None = None,
        workflow_propagated_headers: Any = None,
        **extra: Any,
    ) -> None:
        self.workflow_execution_id = workflow_execution_id
        self.task_execution_id = task_execution_id if task_id is None else task_id
        self.action_execution_id = action_execution_id
        self.workflow_name = workflow_name
        self.callback_url = callback_url
        self.with_items_index = with_items_index
        self.task_rerun_no = task_rerun_no
        self.task_rerun_id = task_rerun_id
        self.workflow_propagated_headers = workflow_propagated_headers
        vars(self).update(extra)

    @property
    def task_id(self) -> str | None:
        """Deprecated alias of ``task_execution_id``."""
        _warn(_deprecated("context.execution.task_id", "context.execution.task_execution_id"))
        return self.task_execution_id


class ActionContext(serialization.MistralSerializable):
    """Everything an action knows about its surroundings.

    :param security_ctx: the identity; an empty one when None.
    :param execution_ctx: the workflow's run; an empty one when None.
    :param extra: fields of newer servers, kept as attributes and carried on.
    """

    #: Set for the length of a run; no part of the wire form.
    _control: Control | None = None

    def __init__(
        self,
        security_ctx: SecurityContext | None = None,
        execution_ctx: ExecutionContext | None = None,
        **extra: Any,
    ) -> None:
        self.security = SecurityContext() if security_ctx is None else security_ctx
        self.execution = ExecutionContext() if execution_ctx is None else execution_ctx
        if extra:
            flat = sorted(FLAT_FIELDS.intersection(extra))
            if flat:
                raise TypeError(
                    f"ActionContext takes no {', '.join(flat)}: give it to SecurityContext(...)"
                )
            vars(self).update(extra)

    def __repr__(self) -> str:
        from mistral_lib.actions import reprs

        parts = {name: getattr(self, name) for name in _PARTS}
        # The headers of one part may hold the token of the other.
        secrets = [s for p in parts.values() for s in reprs.secrets_in(getattr(p, "__dict__", {}))]
        # A part with a repr of its own answers for it.
        plain = {n for n, p in parts.items() if getattr(type(p), "__repr__", 0) is _Fields.__repr__}
        shown = (f"{n}={p._shown(secrets) if n in plain else repr(p)}" for n, p in parts.items())
        return f"ActionContext({', '.join(shown)})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ActionContext):
            return NotImplemented
        return _carried(self) == _carried(other)

    __hash__ = None  # type: ignore[assignment]

    @property
    def cancelled(self) -> bool:
        """Whether the action is asked to stop: by its caller, or because its deadline passed."""
        return self._control is not None and self._control.cancelled

    def check_cancelled(self) -> None:
        """Raise if the action is asked to stop; call it between the steps of long work.

        :raises ActionTimeout: the deadline passed; let it pass on.
        :raises ActionCancelled: the caller does not want the result any more; likewise.
        """
        if self._control is not None:
            self._control.check()

    @property
    def time_left(self) -> float | None:
        """Seconds until the deadline, at least 0; None when there is none."""
        return None if self._control is None else self._control.time_left

    def sleep(self, seconds: float | timedelta) -> None:
        """Wait, but no longer than until the action is asked to stop.

        :raises ValueError: it is neither a number of seconds nor a timedelta.
        :raises ActionTimeout: likewise, see :meth:`check_cancelled`.
        :raises ActionCancelled: likewise.
        """
        from mistral_lib.actions import control

        (self._control or control.Control()).sleep(seconds)
        self.check_cancelled()

    def on_cancel(self, call: Callable[[], object]) -> Callable[[], None]:
        """Have something called when the action is asked to stop: to end a wait that can't look.

        :param call: takes no argument; called once, as soon as :attr:`cancelled` is true, from
            another thread or, if it is true already, here. It should be quick: close a connection,
            set an event. What it raises goes to the log.
        :returns: a function that takes this back. Call it when the wait is over: when it returns,
            ``call`` is not under way and will not be.
        :raises TypeError: ``call`` can't be called.
        """
        if not callable(call):
            raise TypeError(
                f"on_cancel() takes a function without arguments, got {type(call).__name__}"
            )
        if self._control is None:
            return lambda: None
        return self._control.on_cancel(call)

    def with_timeout(self, seconds: float | timedelta, what: str | None = None) -> ActionContext:
        """Return this context with a deadline of its own, for a part of the action.

        Nobody is answered at that deadline, as at the action's own: :meth:`check_cancelled`,
        :meth:`sleep` and :meth:`on_cancel` of what is returned go by it, and so do actions run
        through it. The action's deadline stays, where it is earlier.

        :param seconds: from now.
        :param what: the part's name: the error says ``"{what} took more than {seconds} seconds"``.
        :raises ValueError: it is no number of seconds above 0.
        """
        from mistral_lib.actions import control

        try:
            seconds = control.seconds(seconds)
        except ValueError as e:
            raise ValueError(f"The timeout of with_timeout() {e}") from None
        late = None if what is None else f"{what} took more than {seconds:g} seconds"
        return self.with_control(control.Control(seconds, self._control, watched=False, late=late))

    def progress(self, text: object) -> None:
        """Tell whoever watches the run how far it is; on a server, the log does.

        :param text: a line for people; of a number or the like, what ``str`` makes of it.
        """
        from mistral_lib.actions import control

        (self._control or control.Control()).progress(text)

    def run(self, action: Any, /, **params: Any) -> Any:
        """Run another action under the same identity, deadline and cancellation.

        :param action: its name, or the action itself; see :func:`mistral_lib.actions.run`.
        :param params: its parameters.
        :returns: the data it returned.
        :raises ActionException: it failed, with what it said in the attributes.
        """
        from mistral_lib.actions import runner

        return runner.run(action, params, self)

    def with_control(self, control: Control) -> ActionContext:
        """Return a copy for one run, which reports to and obeys ``control``."""
        derived = object.__new__(type(self))
        vars(derived).update(vars(self), _control=control)
        return derived

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in FLAT_FIELDS:
            super().__setattr__(name, value)
            return
        # Reading gives the value of ``security`` all the same; kept, it would travel beside that.
        _warn(f"Setting context.{name} has no effect: set context.security.{name}")

    def __getattr__(self, name: str) -> Any:
        # Only called for what is not there: the attributes of the flat context of old.
        if name in FLAT_FIELDS:
            _warn(_deprecated(f"context.{name}", f"context.security.{name}"))
            return getattr(self.security, name)
        raise AttributeError(
            f"{type(self).__name__!r} object has no attribute {name!r}; an action's context has "
            "'security' and 'execution'"
        )


#: The fields of every security context; a flat context had them as its own.
FLAT_FIELDS = frozenset(vars(SecurityContext()))


def _deprecated(old: str, new: str) -> str:
    return f"{old} is deprecated and will be removed in a future release: use {new}"


def _warn(text: str) -> None:
    import warnings

    warnings.warn(text, DeprecationWarning, stacklevel=3)


_PARTS = ("security", "execution")
_NO_EXTRA = FLAT_FIELDS.union(_PARTS)


class ActionContextSerializer(serialization.DictBasedSerializer):
    """Writes ``{"security": {...}, "execution": {...}}``."""

    def serialize_to_dict(self, entity: ActionContext) -> dict[str, Any]:
        """Return both parts' fields, and extra ones beside them."""
        return _carried(entity)

    def deserialize_from_dict(self, entity_dict: dict[str, Any]) -> ActionContext:
        """Return the context; unknown fields stay, missing ones have their default.

        :raises DeserializationError: a part is no JSON object.
        """
        context = ActionContext(
            _read(SecurityContext, entity_dict.get("security"), "security"),
            _read(ExecutionContext, entity_dict.get("execution"), "execution"),
        )
        if len(entity_dict) > len(_PARTS):
            extra = {k: v for k, v in entity_dict.items() if k not in _NO_EXTRA}
            vars(context).update(_addable(ActionContext, extra))
        return context


def _carried(context: ActionContext) -> dict[str, Any]:
    fields = {k: v for k, v in vars(context).items() if k[0] != "_"}
    return {k: v.to_dict() if isinstance(v, _Fields) else v for k, v in fields.items()}


def _read(cls: Any, fields: Any, part: str) -> Any:
    if fields is None:
        return cls()
    if not isinstance(fields, dict):
        raise exceptions.DeserializationError(
            f"'{part}' of an action context must be a JSON object, got {type(fields).__name__}"
        )
    return cls(**_addable(cls, fields))


def _addable(cls: type, fields: dict[str, Any]) -> dict[str, Any]:
    """Leave out names that would reach into the object's own workings, or hide its methods."""
    return {
        k: v
        for k, v in fields.items()
        if k[:1] not in ("_", "") and (k == "task_id" or not hasattr(cls, k))
    }


serialization.register_serializer(ActionContext, ActionContextSerializer())
