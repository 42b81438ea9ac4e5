# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""How an author says which parameters are secret.

In a function: ``password: Secret[str]`` or ``@action(secrets=["password"])``. In a class:
``@hidden("password")``. What being secret means is in :mod:`mistral_lib.actions.redaction`.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Annotated, TypeVar, cast

from mistral_lib import exceptions
from mistral_lib.actions import redaction
from mistral_lib.utils import inspect_utils

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

__all__ = [
    "NO_SECRETS",
    "Secret",
    "SecretMarker",
    "context_secrets",
    "cover",
    "covering",
    "hidden",
    "is_one_of",
    "kept_under",
    "mask_error",
    "masker_for",
    "run_masked",
]

T = TypeVar("T")
C = TypeVar("C", bound=type)
F = TypeVar("F", bound="Callable[..., Any]")


class SecretMarker:
    """What ``Secret[...]`` leaves in an annotation."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "SecretMarker()"


#: ``Secret[str]`` is a ``str`` whose value must not show.
Secret = Annotated[T, SecretMarker()]


def hidden(*names: str) -> Callable[[C], C]:
    """Mark parameters of an action class as secret.

    While such an action is made, runs or is tested, their values are masked in the log, and its
    errors leave it clean. The values are found in attributes of the same name, with or without
    underscores before it, and under it as a key inside other attributes. One kept under another
    name is marked by that name too. Subclasses inherit the marks, and methods of their own are
    covered too.

    >>> from mistral_lib import actions
    >>> @actions.hidden("password")
    ... class Login(actions.Action):
    ...     def __init__(self, user, password):
    ...         self.user, self._password = user, password
    ...     def run(self, context):
    ...         return f"{self.user} is in"
    >>> Login("ann", "hunter2")
    Login(user, password='***')

    :param names: of parameters of ``__init__``, or of attributes.
    :raises InvalidDeclaration: the class has no parameter or attribute of that name.
    """

    def decorate(cls: C) -> C:
        inherited: frozenset[str] = getattr(cls, "_hidden_parameters", frozenset())
        cls._hidden_parameters = _known_names(cls, names) | inherited  # type: ignore[attr-defined]
        cover(cls)
        return cls

    return decorate


def _known_names(cls: Any, names: tuple[str, ...]) -> frozenset[str]:
    """Return ``names``, that of a parameter in place of that of the attribute that keeps it."""
    if not names or not all(isinstance(n, str) for n in names):
        raise exceptions.InvalidDeclaration(
            f"@hidden on {cls.__name__} needs the names of parameters, "
            'as in @hidden("password"): got ' + (repr(names[0]) if names else "none")
        )
    spec = inspect_utils.get_args_spec(cls.__init__)
    parameters = {*spec.args, *spec.kwonlyargs} - {"self"}
    attributes = _attributes_of(cls)
    known = set()
    for name in names:
        bare = name.lstrip("_") or name
        if name in parameters or (name in attributes and bare not in parameters):
            known.add(name)
        elif bare in parameters or spec.varkw is not None:
            known.add(bare)
        else:
            raise exceptions.InvalidDeclaration(
                f"@hidden({name!r}) on {cls.__name__}: __init__ has no parameter of that name; "
                f"it takes {', '.join(sorted(parameters)) or 'none'}, and sets no such attribute"
            )
    return frozenset(known)


def _attributes_of(cls: type) -> set[str]:
    """Return the names of a class's attributes, and of those its constructors mention."""
    names: set[str] = set()
    for ancestor in cls.__mro__[:-1]:
        names.update(vars(ancestor), vars(ancestor).get("__annotations__", ()))
        constructor = vars(ancestor).get("__init__")
        constructor = getattr(constructor, "__wrapped__", constructor)
        names.update(getattr(getattr(constructor, "__code__", None), "co_names", ()))
    return names


def cover(cls: Any) -> None:
    """Wrap what a class with hidden parameters does, unless it is wrapped already."""
    for name in ("__init__", "run", "test"):
        own = getattr(cls, name, None)
        if not callable(own) or getattr(own, "_covers_secrets", False):
            continue
        if any(isinstance(vars(c).get(name), (staticmethod, classmethod)) for c in cls.__mro__):
            # Without an instance, there is nothing to keep secret.
            continue
        make = _covered_constructor if name == "__init__" else _covered_method
        setattr(cls, name, covering(make(own)))


def _covered_method(own: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(own)
    def method(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        names = type(self)._hidden_parameters
        # Class fields too: a descriptor may have set them.
        attributes = {**inspect_utils.get_public_fields(type(self)), **vars(self)}
        found = list(kept_under(names, attributes))
        found.extend(context_secrets(args[0] if args else kwargs.get("context")))
        masker = redaction.Masker(found, names) if found else NO_SECRETS
        return run_masked(functools.partial(own, self, *args, **kwargs), masker)

    return method


def _covered_constructor(own: Callable[..., Any]) -> Callable[..., Any]:
    import inspect

    positional = inspect_utils.get_arg_list(own)

    @functools.wraps(own)
    def __init__(self: Any, /, *args: Any, **kwargs: Any) -> None:  # noqa: N807 - it becomes one
        names = type(self)._hidden_parameters
        given = {**dict(zip(positional, args, strict=False)), **kwargs}
        found = list(kept_under(names, given))
        masker = redaction.Masker(found, names) if found else NO_SECRETS
        run_masked(functools.partial(own, self, *args, **kwargs), masker)

    # Not everybody who reads parameters looks behind a wrapper.
    __init__.__signature__ = inspect.signature(own, follow_wrapped=False)  # type: ignore[attr-defined]
    return __init__


#: Containers inside containers in which hidden parameters are looked for.
_DEEPEST = 8


def kept_under(names: frozenset[str], attributes: Mapping[str, Any]) -> Iterator[Any]:
    """Yield what attributes, and dictionaries in them, keep under ``names``, underscores aside."""
    waiting: list[tuple[Any, int]] = [(attributes, 0)]
    while waiting and names:
        holder, depth = waiting.pop()
        named = isinstance(holder, dict)
        for key, value in holder.items() if named else enumerate(holder):
            if named and is_one_of(key, names):
                yield value
            elif isinstance(value, (dict, list, tuple)) and depth < _DEEPEST:
                waiting.append((value, depth + 1))


def is_one_of(key: Any, names: frozenset[str]) -> bool:
    """Tell whether a key or attribute has one of ``names``, underscores aside."""
    if key in names or not isinstance(key, str) or key[:1] != "_":
        return key in names
    # "__password" in a class is "_Class__password" outside.
    return key.lstrip("_") in names or key.rpartition("__")[2] in names


def covering(method: F) -> F:
    """Mark a method that keeps secrets by itself."""
    method._covers_secrets = True  # type: ignore[attr-defined]
    return method


def masker_for(
    values: dict[str, Any],
    names: frozenset[str],
    context: Any,
    inside: tuple[tuple[str, ...], ...] = (),
) -> redaction.Masker:
    """Return a masker of the parameters in ``names`` and of what ``context`` keeps secret.

    :param inside: where parameters hold secrets deeper inside.
    """
    found = [values[n] for n in names if n in values]
    if inside:
        from mistral_lib.actions import paths

        found.extend(v for path in inside for v in paths.values_at(values, path))
        names = names | paths.names_of(inside)
    found.extend(context_secrets(context))
    return redaction.Masker(found, names) if found else NO_SECRETS


NO_SECRETS = redaction.Masker()


def context_secrets(context: Any) -> list[Any]:
    """Return the tokens of a context; tolerates any object, such as a test's mock.

    They are the token, other fields of ``security`` that are secret by name, and those headers of
    the workflow's request that are credentials.
    """
    found: list[Any] = []
    security = getattr(context, "security", None)
    token = getattr(security, "auth_token", None)
    if isinstance(token, str) and token:
        found.append(token)
    fields = getattr(security, "__dict__", {})
    if len(fields) != _FLAT_FIELDS:
        found.extend(_extra_secrets(fields))
    propagated = getattr(getattr(context, "execution", None), "workflow_propagated_headers", None)
    if propagated:
        from mistral_lib.actions import headers

        found.extend(headers.credentials(propagated))
    return found


#: Fields of a security context that nobody added to.
_FLAT_FIELDS = 14


def _extra_secrets(fields: dict[str, Any]) -> Iterator[Any]:
    """Yield the values of fields that a site added and whose names say that they are secret."""
    from mistral_lib.actions.context import FLAT_FIELDS
    from mistral_lib.utils import _masking

    # The class's own fields are known, and oslo.utils, which judges names, is heavy to load.
    extra = fields.keys() - FLAT_FIELDS
    for name in sorted(n for n in extra if n[:1] != "_" and _masking.is_secret_name(n)):
        value = fields[name]
        if value and isinstance(value, (str, bytes, dict, list)):
            yield value


def run_masked(call: Callable[[], T], masker: redaction.Masker) -> T:
    """Call with ``masker`` active; an exception leaves scrubbed, an error result masked."""
    if not masker:
        return call()
    with redaction.masking(masker):
        try:
            return cast("T", mask_error(call(), masker))
        except BaseException as e:
            clean = masker.exception(e)
            if clean is e:
                raise
    # Outside the handler: inside, the original would become the context of its substitute.
    raise clean


def mask_error(result: Any, masker: redaction.Masker) -> Any:
    """Mask the error of a ``Result``; data is never altered."""
    from mistral_lib.actions import types

    if isinstance(result, types.Result) and result.error is not None:
        # Objects too: the wire writes their attributes.
        masked = masker.objects(result.error)
        if masked is not result.error:
            return types.Result(result.data, masked, result.cancel)
    return result
