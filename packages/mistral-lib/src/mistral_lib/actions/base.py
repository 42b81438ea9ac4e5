# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The three things this library is about: an action, what describes it, and who provides it."""

from __future__ import annotations

import abc
import functools
from types import FunctionType
from typing import TYPE_CHECKING

from mistral_lib import exceptions, serialization
from mistral_lib.actions import errors, secrets, server_errors, wire
from mistral_lib.utils import inspect_utils

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from mistral_lib.actions.context import ActionContext

__all__ = [
    "Action",
    "ActionDescriptor",
    "ActionProvider",
    "ActionSerializer",
    "action_class_of",
    "subclass_with_attributes",
]


class Action(serialization.MistralSerializable):
    """One step of a workflow, made for one run of it.

    A subclass takes the step's parameters in ``__init__``, keeps them in attributes (which travel
    over the wire: JSON-ready values only) and does its work in :meth:`run`. It may also define
    ``test(context)``, a dry run without side effects.

    >>> from mistral_lib import actions
    >>> class Greet(actions.Action):
    ...     '''Say hello.'''
    ...     def __init__(self, name):
    ...         self.name = name
    ...     def run(self, context):
    ...         return f"Hello, {self.name}!"
    >>> actions.run(Greet, {"name": "Ann"})
    'Hello, Ann!'
    """

    #: Names of attributes whose values must not show; set by ``@hidden``.
    _hidden_parameters: frozenset[str] = frozenset()

    #: Where attributes hold secrets deeper inside, as names of fields.
    _secret_paths: tuple[tuple[str, ...], ...] = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name in ("__repr__", "__str__"):
            if name not in vars(cls):
                # Or @dataclass would write one, with every value in it.
                setattr(cls, name, _of_actions(cls, name))
        if inspect_utils.is_coroutine_function(vars(cls).get("run")):
            _make_sync(cls)
        if type(vars(cls).get("run")) is FunctionType:
            cls.run = _ending_as_error(cls.run)  # type: ignore[method-assign]
        if cls._hidden_parameters:
            secrets.cover(cls)

    def __init__(self) -> None:
        super().__init__()

    def run(self, context: ActionContext) -> Any:
        """Do the work.

        :param context: who runs the action, and for which workflow.
        :returns: JSON-ready data, or a :class:`~mistral_lib.actions.Result`.
        :raises ActionException: the work failed.
        """
        raise exceptions.ActionException(f"{type(self).__name__} does not define run(context)")

    def is_sync(self) -> bool:
        """Tell whether the action is done when ``run`` returns.

        An action that answers False is completed later: see :mod:`mistral_lib.actions.completion`.
        """
        return True

    @classmethod
    def get_serialization_key(cls) -> str:
        """Return the key of all actions: their serializer is the same."""
        return "mistral_lib.actions.base.Action"

    def __repr__(self) -> str:
        from mistral_lib.actions import reprs

        return reprs.of_action(self)


def _of_actions(cls: type, name: str) -> Callable[[Any], str]:
    """Return the method that the author of an action among a class's ancestors wrote.

    Not that of another ancestor, a dictionary or a dataclass of parameters, which shows all values.
    """
    base: Callable[[Any], str] = getattr(Action, name)
    for ancestor in cls.__mro__:
        method = vars(ancestor).get(name, base)
        if method is not base and issubclass(ancestor, Action):
            return method  # type: ignore[no-any-return]
    return base


def _make_sync(cls: type[Action]) -> None:
    """Have ``async def run`` be run: who calls an action, a server too, expects its result."""
    coroutine_function: Any = cls.run

    @functools.wraps(coroutine_function)
    def run(self: Action, context: ActionContext) -> Any:
        from mistral_lib.actions import coroutines

        return coroutines.run(coroutine_function(self, context), coroutines.control_of(context))

    # What tells type checkers and test tools that it is no coroutine function any more.
    del run.__wrapped__
    cls.run = run  # type: ignore[method-assign]


def _ending_as_error(own: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``run`` with what would end a thread raised as an error."""

    @functools.wraps(own)
    def run(self: Action, /, *args: Any, **kwargs: Any) -> Any:
        try:
            return own(self, *args, **kwargs)
        except BaseException as e:
            failure = errors.instead_of_ending(e)
            if failure is None:
                raise
            raise failure from e

    return run


def action_class_of(obj: object) -> type[Action] | None:
    """Return the action class that ``obj`` is, or that a decorated function carries."""
    if type(obj) is FunctionType:
        cls = vars(obj).get("action_class")
        declared = getattr(cls, "_declaration", None)
        # A decorator above @action copies the attribute, but its work would not be done.
        return None if declared is None or declared.function is not obj else cls
    # type() and not isinstance(): a lazy proxy would load what it stands for.
    if issubclass(type(obj), type) and issubclass(obj, Action):  # type: ignore[arg-type]
        return obj  # type: ignore[return-value]
    return None


class ActionSerializer(serialization.DictBasedSerializer):
    """Writes ``{"cls":, "cls_attrs":, "data":}``: the class, its public fields, the instance's."""

    def serialize_to_dict(self, entity: Action) -> dict[str, Any]:
        """Return the action's class by name, and its attributes.

        :raises SerializationError: the class can't be imported by a reader.
        """
        cls = type(entity)
        return {
            "cls": wire.class_path(cls, Action, action_class_of),
            "cls_attrs": _class_fields(cls),
            "data": vars(entity),
        }

    def deserialize_from_dict(self, entity_dict: dict[str, Any]) -> Action:
        """Return the action, made without calling its ``__init__``.

        :raises DeserializationError: the dictionary is malformed or names no action.
        """
        cls = wire.load_class(entity_dict.get("cls"), action_class_of)
        attributes = _expect_dict(entity_dict, "cls_attrs", cls)
        data = _expect_dict(entity_dict, "data", cls)
        if attributes:
            _check_attributes(cls, attributes)
        if "run" in data and type(_member(cls, "run")) is FunctionType:
            raise exceptions.DeserializationError(
                f"'data' of action {cls.__name__} must not replace its method 'run'"
            )
        try:
            if attributes:
                cls = subclass_with_attributes(cls, attributes)
            action: Action = cls.__new__(cls)  # type: ignore[call-overload]
        except TypeError as e:
            raise exceptions.DeserializationError(
                f"Action {cls.__name__} can't be made from a message: {e}. Its __new__ must do "
                "without parameters, and no method may be left abstract"
            ) from e
        vars(action).update(data)
        return action


def _class_fields(cls: type) -> dict[str, Any]:
    """Return the public data of a class, of which most have none: looked at first, as quicker."""
    for ancestor in cls.__mro__:
        if ancestor not in _WITHOUT_FIELDS:
            members = vars(ancestor)
            for name in members:
                if name[0] != "_" and not hasattr(type(members[name]), "__get__"):
                    return inspect_utils.get_public_fields(cls)
    return {}


_WITHOUT_FIELDS = (Action, serialization.MistralSerializable, object)


def subclass_with_attributes(cls: type, attributes: Mapping[str, Any]) -> type:
    """Return a subclass of ``cls`` with ``attributes`` as its class fields."""
    members = {**attributes, "__module__": cls.__module__, "__doc__": cls.__doc__}
    return type(cls.__name__, (cls,), members)


def _check_attributes(cls: type, attributes: dict[str, Any]) -> None:
    """Refuse class fields that no sender would have: they could only do harm."""
    for name in attributes:
        if not name.isidentifier() or name.startswith("_"):
            raise exceptions.DeserializationError(
                f"Class attributes of action {cls.__name__} must have public names, "
                f"got {name[:100]!r}"
            )
        if hasattr(type(_member(cls, name)), "__get__"):
            raise exceptions.DeserializationError(
                f"'{name}' of action {cls.__name__} is a method or property: a message may not "
                "replace it by a class attribute"
            )


def _member(cls: type, name: str) -> Any:
    """Return what a class has under a name, as it is kept there."""
    return next((vars(c)[name] for c in cls.__mro__ if name in vars(c)), None)


def _expect_dict(entity_dict: dict[str, Any], key: str, cls: type) -> dict[str, Any]:
    value = entity_dict.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise exceptions.DeserializationError(
            f"'{key}' of action {cls.__name__} must be a JSON object, got {type(value).__name__}"
        )
    return value


def _face_the_server(cls: type, *names: str) -> None:
    """Have errors of ours leave these methods of a class as what a server answers with 4xx."""
    for name in names:
        method = vars(cls).get(name)
        if type(method) is FunctionType:
            setattr(cls, name, server_errors.facing_the_server(method))


class ActionDescriptor(abc.ABC):
    """What is known about an action without running it, and how to make one."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        _face_the_server(cls, "check_parameters", "instantiate", "post_process_result")

    @property
    @abc.abstractmethod
    def name(self) -> str:
        """The name workflows call it by."""

    @property
    @abc.abstractmethod
    def description(self) -> str | None:
        """Text for people."""

    @property
    @abc.abstractmethod
    def params_spec(self) -> str | None:
        """The parameters as shown to users: ``"a, b, c=1, **kw"``, defaults as JSON."""

    @property
    @abc.abstractmethod
    def namespace(self) -> str | None:
        """The namespace, ``''`` where there are none."""

    @property
    @abc.abstractmethod
    def project_id(self) -> str | None:
        """The project that owns the action, None for all."""

    @property
    @abc.abstractmethod
    def scope(self) -> str | None:
        """``public`` or ``private``."""

    @property
    @abc.abstractmethod
    def action_class_name(self) -> str | None:
        """``module.Class``."""

    @property
    @abc.abstractmethod
    def action_class_attributes(self) -> Mapping[str, Any] | None:
        """Class fields that an instance's class gets on top of its own."""

    @abc.abstractmethod
    def instantiate(self, input_dict: dict[str, Any], wf_ctx: Any) -> Action:
        """Return an action with these parameters.

        :param input_dict: parameters by name.
        :param wf_ctx: the workflow context, for descriptors that evaluate expressions.
        """

    @abc.abstractmethod
    def check_parameters(self, params: Mapping[str, Any]) -> None:
        """Check parameters before an action is made of them.

        :raises ActionException: they don't fit.
        """

    @abc.abstractmethod
    def post_process_result(self, result: Any) -> Any:
        """Return what becomes of the action's result."""


class ActionProvider(abc.ABC):
    """A source of action descriptors.

    A server instantiates every provider at start, with the name of its entry point: a constructor
    does no I/O and raises nothing.

    >>> from mistral_lib import actions
    >>> class Greet(actions.Action):
    ...     def run(self, context):
    ...         return "Hello!"
    >>> class OneActionProvider(actions.ActionProvider):
    ...     def find(self, action_name, namespace=None):
    ...         return next((d for d in self.find_all() if d.name == action_name), None)
    ...     def find_all(self, namespace=None, limit=None, sort_fields=None, sort_dirs=None,
    ...                  filters=None):
    ...         return [actions.PythonActionDescriptor("demo.greet", Greet, namespace="")]
    >>> actions.run(OneActionProvider("demo").find("demo.greet"))
    'Hello!'
    """

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        _face_the_server(cls, "find")

    def __init__(self, name: str) -> None:
        self._name = name

    @property
    def name(self) -> str:
        """The provider's own name."""
        return self._name

    @abc.abstractmethod
    def find(self, action_name: str, namespace: str | None = None) -> ActionDescriptor | None:
        """Return the descriptor of one action, None when it is not here."""

    @abc.abstractmethod
    def find_all(
        self,
        namespace: str | None = None,
        limit: int | None = None,
        sort_fields: list[str] | None = None,
        sort_dirs: list[str] | None = None,
        filters: dict[str, Any] | None = None,
    ) -> Iterable[ActionDescriptor]:
        """Return the descriptors of all actions that pass.

        :param filters: ``{field: {operator: value}}``, see
            :mod:`mistral_lib.actions.providers.filtering`.
        """


serialization.register_serializer(Action, ActionSerializer())
