# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A typed function as an action: the ``@action`` decorator and the class it generates."""

from __future__ import annotations

import functools
from types import CoroutineType, MethodType
from typing import TYPE_CHECKING, Any, ParamSpec, Protocol, TypeVar, cast, overload

from mistral_lib import exceptions
from mistral_lib.actions import base, errors, secrets, types
from mistral_lib.actions import context as contexts
from mistral_lib.actions import control as controls
from mistral_lib.utils import _exceptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import timedelta

    from mistral_lib.actions.declaration import Declaration

__all__ = ["ActionFunction", "FunctionAction", "action"]

P = ParamSpec("P")
R_co = TypeVar("R_co", covariant=True)


class ActionFunction(Protocol[P, R_co]):
    """A function declared an action: still callable as before, with the class beside it."""

    action_class: type[FunctionAction]
    __name__: str

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R_co:
        """Just call the function."""
        ...


class _Method:
    """A method that an instance attribute of the same name does not hide.

    Parameters are kept as attributes, and one may well be called ``run`` or ``test``.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        functools.update_wrapper(cast("Any", self), function)

    def __get__(self, instance: Any, owner: type) -> Any:
        return self._function if instance is None else MethodType(self._function, instance)

    def __set__(self, instance: Any, value: Any) -> None:
        vars(instance)[self._function.__name__] = value


class FunctionAction(base.Action):
    """Base of the classes that :func:`action` generates.

    An instance keeps the parameters as they came, JSON-ready: that is what is stored and sent.
    They become typed values in ``run``. Bad input is reported from there too, since a server
    drops the text of an error raised while it makes an action.
    """

    _declaration: Declaration

    @secrets.covering
    def __init__(self, /, *args: Any, **kwargs: Any) -> None:
        contract = type(self)._declaration.contract
        params = _by_name(self, args, kwargs) if args else kwargs
        vars(self).update(contract.normalize(params))

    @_Method
    @secrets.covering
    def run(self, context: contexts.ActionContext) -> Any:
        """Call the function with typed values.

        :returns: what it returned as JSON-ready data, or a Result with the error dictionary.
        """
        return _invoke(self, context, type(self)._declaration.function)

    @_Method
    def is_sync(self) -> bool:
        """Tell whether the action is done when ``run`` returns."""
        return type(self)._declaration.sync


def _by_name(self: FunctionAction, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    name = type(self).__name__
    names = type(self)._declaration.contract.signature.parameters
    if len(args) > len(names):
        raise TypeError(f"{name}() takes {len(names)} positional parameters, got {len(args)}")
    params = dict(zip(names, args, strict=False))
    for twice in params.keys() & kwargs.keys():
        raise TypeError(f"{name}() got parameter '{twice}' twice")
    return {**params, **kwargs}


@_Method
@secrets.covering
def _test(self: FunctionAction, context: contexts.ActionContext) -> Any:
    """Call the function's dry run with the same values."""
    declared = type(self)._declaration
    assert declared.dry_run is not None
    return _invoke(self, context, declared.dry_run)


def _invoke(self: FunctionAction, context: Any, function: Callable[..., Any]) -> Any:
    """Call ``function``: deadline outside, then masking, then the call itself."""
    declared = type(self)._declaration
    if context is None:
        context = contexts.ActionContext()
    masker = secrets.masker_for(
        vars(self), declared.secrets, context, declared.contract.signature.secret_paths
    )
    # Anything but our own context (a test's mock, say) is handed on as it is.
    known = isinstance(context, contexts.ActionContext)
    parent = context._control if known else None
    if declared.timeout is None:
        return _masked_call(self, context, function, masker)
    control = controls.Control(declared.timeout, parent)
    if not control.bounded:
        # Somebody already waits no longer than that.
        return _masked_call(self, context, function, masker)
    from mistral_lib.actions import deadline

    own = context.with_control(control) if known else context
    try:
        return deadline.call(
            functools.partial(_masked_call, self, own, function, masker), control, declared.name
        )
    except (exceptions.ActionTimeout, exceptions.ActionCancelled) as e:
        return errors.result_of(e)


def _masked_call(
    self: FunctionAction, context: Any, function: Callable[..., Any], masker: Any
) -> Any:
    if not masker:
        return _call(self, context, function)
    return secrets.run_masked(functools.partial(_call, self, context, function), masker)


def _call(self: FunctionAction, context: Any, function: Callable[..., Any]) -> Any:
    declared = type(self)._declaration
    if declared.deprecated:
        declared.warn_deprecated()
    try:
        args, kwargs = declared.contract.arguments(vars(self), context)
        result = function(*args, **kwargs)
        if isinstance(result, CoroutineType):
            from mistral_lib.actions import coroutines

            result = coroutines.run(result, coroutines.control_of(context))
        if isinstance(result, types.Result):
            return types.Result(declared.contract.output(result.data), result.error, result.cancel)
        return declared.contract.output(result)
    except exceptions.ActionException as e:
        errors.log_failure(declared.name, e)
        return errors.result_of(e)
    except BaseException as e:
        if isinstance(e, Exception) and _exceptions.members(e):
            # Of a group that is raised, a server would show nothing but its title.
            errors.log_failure(declared.name, e)
            return errors.result_of(e)
        failure = errors.instead_of_ending(e)
        if failure is None:
            raise
        failure.__cause__ = e
        errors.log_failure(declared.name, failure)
        return errors.result_of(failure)


@overload
def action(function: Callable[P, R_co], /) -> ActionFunction[P, R_co]: ...


@overload
def action(
    *,
    name: str | None = None,
    secrets: Iterable[str] = (),
    timeout: float | timedelta | None = None,
    idempotent: bool = False,
    tags: Iterable[str] = (),
    deprecated: str | bool | None = None,
    test: Callable[..., Any] | None = None,
    sync: bool = True,
) -> Callable[[Callable[P, R_co]], ActionFunction[P, R_co]]: ...


def action(
    function: Callable[P, R_co] | None = None, /, **options: Any
) -> ActionFunction[P, R_co] | Callable[[Callable[P, R_co]], ActionFunction[P, R_co]]:
    """Declare a function an action.

    The function stays what it is: calling it just calls it. Its generated
    :class:`~mistral_lib.actions.Action` is ``function.action_class``; an entry point of the group
    ``mistral.actions`` may name either.

    >>> from mistral_lib import actions
    >>> @actions.action(tags=["text"])
    ... def repeat(text: str, times: int = 2) -> str:
    ...     '''Say something more than once.'''
    ...     return " ".join([text] * times)
    >>> repeat("hi")
    'hi hi'
    >>> actions.run(repeat, {"text": "ho", "times": 3})
    'ho ho ho'

    :param name: what messages and listings call it where no entry point gives a name; the
        function's own name by default.
    :param secrets: names of parameters whose values must not show; ``Secret[...]`` in the
        annotation says the same.
    :param timeout: seconds (or a timedelta) until the caller gets a ``TIMEOUT`` error and the
        action is asked to stop. Holds on a server too.
    :param idempotent: running it twice does no harm, so a task may say ``safe-rerun: true``.
    :param tags: words to find it by.
    :param deprecated: what to use instead, or True.
    :param test: the dry run: called in the function's stead by ``test()``, with the same values.
    :param sync: False when the result is delivered later, see
        :mod:`mistral_lib.actions.completion`.
    :raises InvalidDeclaration: something about the function or the options can't work.
    """
    if function is not None:
        return cast("ActionFunction[P, R_co]", _declare(function, options))
    return functools.partial(_declare, options=options)


def _declare(function: Any, options: Mapping[str, Any]) -> Any:
    # Late: what reads signatures and makes schemas is heavy, and not everybody declares any.
    from mistral_lib.actions import declaration

    declared = declaration.declare(function, options)
    members: dict[str, Any] = {
        "__module__": function.__module__,
        "__qualname__": function.__qualname__,
        "__doc__": function.__doc__,
        "_declaration": declared,
        "_hidden_parameters": declared.secrets,
        "_secret_paths": declared.contract.signature.secret_paths,
    }
    if declared.dry_run is not None:
        members["test"] = _test
    function.action_class = type(function.__name__, (FunctionAction,), members)
    return function
