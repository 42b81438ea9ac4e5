# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Run one action as the engine would: the one path of command line, tests and other actions.

Check the parameters, make the action, (in tests) send it over the wire, run it with a deadline,
post-process its answer, and say all of it in a :class:`~mistral_lib.actions.types.Result`.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from mistral_lib import exceptions, serialization
from mistral_lib.actions import base, errors, function, redaction, secrets, types
from mistral_lib.actions import context as contexts
from mistral_lib.actions import control as controls
from mistral_lib.actions.providers import python as python_provider

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import timedelta

__all__ = ["Runner", "run"]


def run(
    action: Any,
    params: Mapping[str, Any] | None = None,
    context: contexts.ActionContext | None = None,
    *,
    timeout: float | timedelta | None = None,
) -> Any:
    """Run an action and return its data.

    :param action: a name, as in ``"nova.servers_list"``; a function declared with ``@action``; an
        action class; a descriptor; or an action, ready-made.
    :param params: its parameters by name.
    :param context: the identity and workflow run it belongs to; empty ones by default.
    :param timeout: seconds, or a timedelta, until the call ends with
        :class:`~mistral_lib.exceptions.ActionTimeout`.
    :raises ActionException: the action failed: ``error_code``, ``retryable``, ``retry_after`` and
        ``details`` say what it said, and ``error`` holds its answer.
    """
    result = Runner().run(action, params, context, timeout=timeout)
    if result.is_success():
        return result.data
    raise errors.exception_of(result, _name_of(action))


class Runner:
    """Runs actions, each with a :class:`~mistral_lib.actions.types.Result`; raises nothing.

    :param provider: where names are looked up; by default all that is installed.
    :param wire: send action, context and result through their serialized form, as a server does.
    :param on_progress: called with each progress text.
    :param clock: the time that deadlines go by.
    """

    def __init__(
        self,
        provider: base.ActionProvider | None = None,
        *,
        wire: bool = False,
        on_progress: Callable[[str], None] | None = None,
        clock: controls.Clock | None = None,
    ) -> None:
        self._provider = provider
        self._wire = wire
        self._on_progress = on_progress
        self._clock = clock

    def run(
        self,
        action: Any,
        params: Mapping[str, Any] | None = None,
        context: contexts.ActionContext | None = None,
        *,
        timeout: float | timedelta | None = None,
        dry_run: bool = False,
        control: controls.Control | None = None,
    ) -> types.Result:
        """Run an action.

        :param action: see :func:`run`.
        :param params: its parameters by name.
        :param context: the identity and workflow run it belongs to; empty ones by default.
        :param timeout: seconds, or a timedelta, until the answer is a ``TIMEOUT`` error.
        :param dry_run: call ``test`` instead of ``run``.
        :param control: through which the caller may cancel; made here when None.
        """
        try:
            if context is None:
                context = contexts.ActionContext()
            _check_arguments(params, context)
            if control is None:
                control = self.control(timeout, context)
        except exceptions.InvalidInput as e:
            return errors.result_of(e)
        params = params or {}
        result = self._run(action, params, context, control, dry_run)
        watcher = None if context._control is None else context._control.on_child
        if watcher is not None:
            watcher(action, params, result)
        return result

    def _run(
        self,
        action: Any,
        params: Mapping[str, Any],
        context: contexts.ActionContext,
        control: controls.Control,
        dry_run: bool,
    ) -> types.Result:
        try:
            descriptor = self._find(action, control)
            made = _make(descriptor, action, params)
            context = context.with_control(control)
            if self._wire:
                made, context = _cross(made), _cross(context).with_control(control)
            name = _name_of(action) if descriptor is None else descriptor.name
            outcome = _call(made, name, context, control, dry_run)
            result = outcome if isinstance(outcome, types.Result) else types.Result(outcome)
            if result.is_success() and not dry_run and not made.is_sync():
                control.completes_later = True
                _log_completes_later(name)
            if self._wire:
                result = _cross(result)
            return result if descriptor is None else _post_processed(descriptor, result)
        except exceptions.MistralException as e:
            errors.log_failure(_name_of(action), e)
            return errors.result_of(e)
        except BaseException as e:
            if errors.ends_main_thread(e, KeyboardInterrupt):
                raise
            _log_crash(_name_of(action), e)
            return errors.result_of(e)

    def control(
        self, timeout: float | timedelta | None, context: contexts.ActionContext | None = None
    ) -> controls.Control:
        """Return a control for one run, by which its caller may cancel it.

        :raises InvalidInput: the timeout is no number of seconds above 0.
        """
        parent = None if context is None else context._control
        if timeout is not None:
            try:
                timeout = controls.seconds(timeout)
            except ValueError as e:
                raise exceptions.InvalidInput(f"The timeout of an action {e}") from None
        return controls.Control(timeout, parent, self._on_progress, self._provider, self._clock)

    def _find(self, action: Any, control: controls.Control) -> base.ActionDescriptor | None:
        if isinstance(action, str):
            return _find_by_name(action, control.provider)
        cls = base.action_class_of(action)
        if cls is not None:
            return _descriptor_of(cls)  # type: ignore[arg-type] # mypy's Hashable
        if isinstance(action, base.Action):
            return None
        if isinstance(action, base.ActionDescriptor):
            return action
        raise exceptions.ActionNotFound(
            f"Not an action: {_shown(action)}. Give a name, a function declared with @action "
            "(above all other decorators), or a class derived from Action"
        )


def _check_arguments(params: Any, context: Any) -> None:
    if params is not None and not hasattr(params, "keys"):
        raise exceptions.InvalidInput(
            "The parameters of an action must be a dict of values by name, "
            f"got {type(params).__name__}"
        )
    if not isinstance(context, contexts.ActionContext):
        raise exceptions.InvalidInput(
            f"The context of an action must be an ActionContext, got {type(context).__name__}"
        )


def _name_of(action: Any) -> str:
    if isinstance(action, base.ActionDescriptor):
        return action.name
    if isinstance(action, base.Action):
        action = type(action)
    cls = base.action_class_of(action)
    if cls is None:
        return action if isinstance(action, str) else _shown(action)
    if issubclass(cls, function.FunctionAction):
        return cls._declaration.name
    return cls.__name__


def _shown(value: Any) -> str:
    from mistral_lib.actions import reprs

    return reprs.of_value(value)


# Describing a class takes longer than most actions run.
@functools.lru_cache(maxsize=1024)
def _descriptor_of(cls: type) -> base.ActionDescriptor:
    return python_provider.PythonActionDescriptor(_name_of(cls), cls, namespace="")


def _find_by_name(name: str, provider: base.ActionProvider | None) -> base.ActionDescriptor:
    if provider is None:
        from mistral_lib.actions.providers import installed

        provider = installed.provider()
    descriptor = provider.find(name)
    if descriptor is None:
        from mistral_lib.actions import nearest
        from mistral_lib.actions.providers import composite

        problem = composite.problem_of(provider, name)
        if problem is not None:
            raise exceptions.ActionNotFound(f"Action '{name}' is announced but broken: {problem}")
        hint = nearest.hint(name, composite.names_of(provider))
        raise exceptions.ActionNotFound(
            f"No action is named '{name}'{hint}"
            if hint
            else f"No action is named '{name}': 'mistral-action list' shows those installed"
        )
    return descriptor


def _make(
    descriptor: base.ActionDescriptor | None, action: Any, params: Mapping[str, Any]
) -> base.Action:
    if descriptor is None:
        if params:
            raise exceptions.InvalidInput(
                f"{_name_of(action)} is an action with its parameters in it: it takes no others, "
                f"got {', '.join(params)}"
            )
        made: base.Action = action
        return made
    descriptor.check_parameters(params)
    return descriptor.instantiate(dict(params), {})


def _cross(entity: Any) -> Any:
    serializer = serialization.get_polymorphic_serializer()
    return serializer.deserialize(serializer.serialize(entity))


def _post_processed(descriptor: base.ActionDescriptor, result: types.Result) -> types.Result:
    processed = descriptor.post_process_result(result)
    return processed if isinstance(processed, types.Result) else types.Result(processed)


def _call(
    action: base.Action,
    name: str,
    context: contexts.ActionContext,
    control: controls.Control,
    dry_run: bool,
) -> Any:
    if dry_run and not hasattr(action, "test"):
        raise exceptions.ActionException(
            f"Action '{name}' offers no dry run: it has no test()",
            error_code="NO_DRY_RUN",
        )
    method = action.test if dry_run else action.run  # type: ignore[attr-defined]
    work = functools.partial(method, context)
    # Function actions keep secrets by themselves, so that it holds on a server too.
    if not isinstance(action, function.FunctionAction):
        work = functools.partial(
            secrets.run_masked, work, redaction.Masker(secrets.context_secrets(context))
        )
    if not control.bounded:
        return work()
    from mistral_lib.actions import deadline

    return deadline.call(work, control, name)


def _log_crash(name: str, error: BaseException) -> None:
    import logging

    logging.getLogger(__name__).error(
        "Action '%s' raised %s", name, type(error).__name__, exc_info=error
    )


def _log_completes_later(name: str) -> None:
    import logging

    logging.getLogger(__name__).info(
        "Action '%s' completes later: its result goes to the callback URL of its context", name
    )
