# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Run actions in a test as a server runs them, and see what they did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import logging
    from collections.abc import Iterable, Mapping
    from types import TracebackType

    from mistral_lib.actions.base import Action, ActionProvider
    from mistral_lib.actions.context import ActionContext, ExecutionContext, SecurityContext
    from mistral_lib.actions.types import Result
    from mistral_lib.testing.clock import ManualClock
    from mistral_lib.testing.leaks import Sighting
    from mistral_lib.testing.recording import Child
    from mistral_lib.testing.stand_ins import StandIns
    from mistral_lib.testing.subjects import Subject

# This module is loaded in every test run of everybody who has mistral-lib installed (the pytest
# plug-in's package is its own): so all of the library is imported where it is used.

__all__ = ["ActionEnvironment"]

#: Real seconds to wait for an action that was asked to stop, once its caller has the answer.
_GRACE = 0.5


class ActionEnvironment:
    """A place to run actions in: an identity, a clock, stand-ins for other actions, and a record.

    An action runs by the library's one path, and it, its context and its result cross the real
    serializer. Secrets are masked as on a server; the record holds what came out of that.

    :param security: the identity; an invented one by default, with a token of its own.
    :param execution: the workflow's run; an invented one by default.
    :param wire: cross the serializer. Without, actions defined inside a test function run too.
    :param timeout: seconds on :attr:`clock` that each run has.
    :param provider: real actions for names without a stand-in; none by default.
    :param secrets: further values that must not show.
    :param public: names of parameters that only sound secret, such as ``token_type``.
    :param clock: the time of deadlines and of ``context.sleep``; stands still by default.
    :param fields: fields of ``SecurityContext`` or ``ExecutionContext``, by name, on top.

    >>> from mistral_lib import actions, testing
    >>> @actions.action
    ... def where(*, context: actions.ActionContext) -> str:
    ...     '''Tell the project.'''
    ...     context.progress("looking")
    ...     return context.security.project_name
    >>> with testing.ActionEnvironment(wire=False, project_name="lab") as env:
    ...     env.run(where), env.progress, env.secrets_seen()
    ('lab', ['looking'], [])
    """

    #: Cross the serializer; may be changed between runs, like the two below.
    wire: bool
    #: Seconds that each run has, None for no deadline.
    timeout: float | None
    #: Names of parameters that only sound secret.
    public: frozenset[str]
    #: Move it with ``advance(seconds)``; an action's ``context.sleep`` does.
    clock: ManualClock
    #: What runs get; bound to this environment, so a function may be called with it directly.
    context: ActionContext

    def __init__(
        self,
        security: SecurityContext | None = None,
        execution: ExecutionContext | None = None,
        *,
        wire: bool = True,
        timeout: float | None = None,
        provider: ActionProvider | None = None,
        secrets: Iterable[str] = (),
        public: Iterable[str] = (),
        clock: ManualClock | None = None,
        **fields: Any,
    ) -> None:
        from mistral_lib.actions import control
        from mistral_lib.testing import clock as clocks
        from mistral_lib.testing import contexts, recording, stand_ins

        self.wire = wire
        self.timeout = timeout
        self.clock = clocks.ManualClock() if clock is None else clock
        self._actions = stand_ins.StandIns(provider)
        self.public = frozenset(public)
        self._cancel_at: int | None = None
        self._threads: set[Any] = set()
        self._recording = recording.Recording(self._on_progress)
        for number, secret in enumerate(secrets):
            self._recording.secrets.add(f"secrets[{number}]", secret)
        self._control = control.Control(
            None,
            on_progress=self._recording.hear_progress,
            provider=self._actions,
            clock=self.clock,
            on_child=self._on_child,
        )
        context = contexts.make_context(security, execution, fields)
        self.context = context.with_control(self._control)

    def __repr__(self) -> str:
        return (
            f"<ActionEnvironment: {len(self.logs)} log records, {len(self.progress)} progress "
            f"texts, {len(self.children)} children>"
        )

    def __enter__(self) -> ActionEnvironment:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ask whatever still runs to stop, and record nothing more."""
        self.cancel()
        self._recording.close()

    # -- running

    def run(self, action: Any, params: Mapping[str, Any] | None = None, /, **kwargs: Any) -> Any:
        """Run an action and return its data, as :func:`mistral_lib.actions.run` does.

        :param action: a function declared with ``@action``, an action class, an action with its
            parameters in it, a descriptor, or the name of a stand-in or installed action.
        :param params: its parameters; ``kwargs`` are added to them.
        :raises ActionException: it failed.
        :raises SerializationError: its class can't be named on the wire.
        """
        from mistral_lib.actions import errors

        subject = self._subject(action)
        result = self._run(subject, params, kwargs, dry_run=False)
        if result.is_success():
            return result.data
        raise errors.exception_of(result, subject.name)

    def run_result(
        self, action: Any, params: Mapping[str, Any] | None = None, /, **kwargs: Any
    ) -> Result:
        """Run an action and return its result, whatever it says; see :meth:`run`.

        :raises SerializationError: its class can't be named on the wire.
        """
        return self._run(self._subject(action), params, kwargs, dry_run=False)

    def dry_run(
        self, action: Any, params: Mapping[str, Any] | None = None, /, **kwargs: Any
    ) -> Result:
        """Call an action's ``test()`` and return its result; see :meth:`run`.

        :raises SerializationError: its class can't be named on the wire.
        """
        return self._run(self._subject(action), params, kwargs, dry_run=True)

    def _subject(self, action: Any) -> Subject:
        from mistral_lib.testing import subjects

        return subjects.find(action, self._actions)

    def _run(
        self,
        subject: Subject,
        params: Mapping[str, Any] | None,
        kwargs: Mapping[str, Any],
        dry_run: bool,
    ) -> Result:
        from mistral_lib.actions import control, runner

        given = _merged(params, kwargs)
        wire = self.wire and not subject.is_stand_in
        if wire:
            subject.check_nameable()
        self._watch_secrets(subject, given)
        context = self._unbound_context()
        made: list[Action] = []
        with self._recording:
            before = _workers()
            result = runner.Runner(wire=wire).run(
                subject.watched(lambda action: self._on_made(subject, action, made)),
                given,
                context,
                timeout=self.timeout,
                dry_run=dry_run,
                control=control.Control(self.timeout, self._control, provider=subject.provider),
            )
            self._settle(_workers() - before)
        self._record_outcome(subject, made, context, result)
        return result

    def _unbound_context(self) -> ActionContext:
        """Return a context that doesn't take the run for a child's."""
        import copy

        context = copy.copy(self.context)
        context._control = None
        return context

    # -- steering

    def cancel(self) -> None:
        """Ask the running action to stop, or each one that is run later on."""
        self._control.cancel()

    def cancel_after(self, *, progress: int | None = None, seconds: float | None = None) -> None:
        """Cancel once that many progress texts came, or so many seconds passed on :attr:`clock`."""
        if progress is not None:
            self._cancel_at = len(self.progress) + progress
        if seconds is not None:
            self.clock.call_after(seconds, self.cancel)

    def register(self, name: str, answer: Any, *, secrets: Iterable[str] = ()) -> None:
        """Have ``context.run(name, ...)`` in the action under test answered by a stand-in.

        :param answer: data, of which each call gets a copy; a function that gets the parameters by
            name; an action; a :class:`~mistral_lib.actions.Result`; or an exception to raise.
        :param secrets: names of parameters that are secret, where ``answer`` is no action.
        """
        self._actions.register(name, answer, secrets)

    # -- the record

    @property
    def actions(self) -> StandIns:
        """The provider of the stand-ins."""
        return self._actions

    @property
    def logs(self) -> list[logging.LogRecord]:
        """All log records of the process, DEBUG included, made while an action ran."""
        return self._recording.logs

    @property
    def log_text(self) -> str:
        """The messages of :attr:`logs`, one a line."""
        return "\n".join(record.getMessage() for record in self.logs)

    @property
    def progress(self) -> list[str]:
        """The texts given to ``context.progress``."""
        return self._recording.progress

    @property
    def children(self) -> list[Child]:
        """The actions run by ``context.run``: name, params (secrets masked), result.

        In the order in which they ended, so a child's own children come before it.
        """
        return self._recording.children

    @property
    def unfinished(self) -> list[str]:
        """Names of the threads in which actions still run though their caller has an answer."""
        return sorted(thread.name for thread in self._threads if thread.is_alive())

    def secrets_seen(self) -> list[Sighting]:
        """Return each place where a secret showed, in any spelling; empty when all is clean.

        Secrets are the context's token, parameters declared secret (by the action or one it ran),
        text whose parameter's name OpenStack masks (``password``...), and what the environment was
        given as ``secrets``. Looked at are log records, as written during the run and as formatted
        now, with tracebacks and whole exception chains; progress texts; the error result; the repr
        of action and context; what was passed to children; warnings, standard output and error.
        Returned data is the action's own business.

        :raises ValueError: a secret is so short or common that it can't be told from other text.
        """
        return self._recording.sightings()

    def _on_progress(self, count: int) -> None:
        if self._cancel_at is not None and count >= self._cancel_at:
            self.cancel()

    def _on_child(self, action: Any, params: Mapping[str, Any], result: Result) -> None:
        from mistral_lib.testing import subjects

        child = subjects.find(action, self._actions, installed=False)
        given = params or child.params
        self._add_secrets(child.secrets_of(given, self.public))
        self._recording.hear_child(child.name, child.shown(given, self.public), result)

    def _watch_secrets(self, subject: Subject, params: Mapping[str, Any]) -> None:
        from mistral_lib.actions import secrets

        tokens = secrets.context_secrets(self.context)
        self._add_secrets(("the context's token", token) for token in tokens)
        self._add_secrets(subject.secrets_of(params or subject.params, self.public))

    def _add_secrets(self, named: Iterable[tuple[str, Any]]) -> None:
        for name, value in named:
            self._recording.secrets.add(name, value)

    def _on_made(self, subject: Subject, action: Action, made: list[Action]) -> None:
        made.append(action)
        # A class may keep a secret under another name than it takes it by.
        hidden = subject.declared_secrets & vars(action).keys()
        self._add_secrets(
            (f"parameter '{name}' of {subject.name}", vars(action)[name]) for name in hidden
        )

    def _record_outcome(
        self, subject: Subject, made: list[Action], context: ActionContext, result: Result
    ) -> None:
        for action in made:
            for text in {repr(action), str(action)}:
                self._recording.show("repr", subject.name, text)
        self._recording.show("repr", "context", repr(context))
        if result.error is not None:
            self._recording.show("result error", subject.name, repr(result.error))

    def _settle(self, workers: set[Any]) -> None:
        """Give actions that were left behind a moment to end, so that the record is whole."""
        import time

        until = time.monotonic() + _GRACE
        for thread in workers:
            thread.join(max(0.0, until - time.monotonic()))
        self._threads.update(workers)


def _merged(params: Mapping[str, Any] | None, kwargs: Mapping[str, Any]) -> dict[str, Any]:
    twice = sorted((params or {}).keys() & kwargs.keys())
    if twice:
        raise TypeError(f"Given twice, in params and by keyword: {', '.join(twice)}")
    return {**(params or {}), **kwargs}


def _workers() -> set[Any]:
    """Return the threads in which actions with a deadline run."""
    import threading

    return {t for t in threading.enumerate() if t.name.startswith("action-")}
