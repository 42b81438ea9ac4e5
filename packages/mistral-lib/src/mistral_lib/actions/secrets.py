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
    from collections.abc import Callable, Iterator
    from typing import Any

__all__ = [
    "NO_SECRETS",
    "Secret",
    "SecretMarker",
    "context_secrets",
    "cover_run",
    "covering",
    "hidden",
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
    """Mark parameters of an action class as secret, by the names its instances keep them under.

    While such an action runs, their values are masked in the log; its errors leave ``run`` clean.
    Subclasses inherit the marks, and a ``run`` of their own is covered too.

    >>> from mistral_lib import actions
    >>> @actions.hidden("password")
    ... class Login(actions.Action):
    ...     def __init__(self, user, password):
    ...         self.user, self.password = user, password
    ...     def run(self, context):
    ...         return f"{self.user} is in"
    >>> Login("ann", "hunter2")
    Login(user='ann', password='***')

    :raises InvalidDeclaration: ``__init__`` takes no parameter of that name.
    """

    def decorate(cls: C) -> C:
        _check_names(cls, names)
        cls._hidden_parameters = frozenset(names) | getattr(cls, "_hidden_parameters", frozenset())  # type: ignore[attr-defined]
        cover_run(cls)
        return cls

    return decorate


def _check_names(cls: Any, names: tuple[str, ...]) -> None:
    if not names or not all(isinstance(n, str) for n in names):
        raise exceptions.InvalidDeclaration(
            f"@hidden on {cls.__name__} needs the names of parameters, "
            'as in @hidden("password"): got ' + (repr(names[0]) if names else "none")
        )
    spec = inspect_utils.get_args_spec(cls.__init__)
    known = {*spec.args, *spec.kwonlyargs}
    for name in names:
        if name not in known and spec.varkw is None:
            raise exceptions.InvalidDeclaration(
                f"@hidden({name!r}) on {cls.__name__}: __init__ has no parameter of that name; "
                f"it takes {', '.join(sorted(known - {'self'})) or 'none'}"
            )


def cover_run(cls: Any) -> None:
    """Wrap the ``run`` of a class with hidden parameters, unless it is wrapped already."""
    own = cls.run
    if getattr(own, "_covers_secrets", False):
        return

    @functools.wraps(own)
    def run(self: Any, context: Any, *args: Any, **kwargs: Any) -> Any:
        return run_masked(
            functools.partial(own, self, context, *args, **kwargs),
            masker_for(vars(self), type(self)._hidden_parameters, context),
        )

    cls.run = covering(run)


def covering(run: F) -> F:
    """Mark a ``run`` that keeps secrets by itself."""
    run._covers_secrets = True  # type: ignore[attr-defined]
    return run


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
        names = names | {path[-1] for path in inside}
    found.extend(context_secrets(context))
    return redaction.Masker(found, names) if found else NO_SECRETS


NO_SECRETS = redaction.Masker()


def context_secrets(context: Any) -> Iterator[str]:
    """Yield the tokens of a context; tolerates any object, such as a test's mock."""
    security = getattr(context, "security", None)
    if security is None:
        return
    token = getattr(security, "auth_token", None)
    if isinstance(token, str) and token:
        yield token


def run_masked(call: Callable[[], T], masker: redaction.Masker) -> T:
    """Call with ``masker`` active; an exception leaves scrubbed, an error result masked."""
    if not masker:
        return call()
    with redaction.masking(masker):
        try:
            return cast("T", mask_error(call(), masker))
        except BaseException as e:
            from mistral_lib.actions import scrubbing

            clean = scrubbing.scrub(e, masker)
            if clean is e:
                raise
    # Outside the handler: inside, the original would become the context of its substitute.
    raise clean


def mask_error(result: Any, masker: redaction.Masker) -> Any:
    """Mask the error of a ``Result``; data is never altered."""
    from mistral_lib.actions import types

    if isinstance(result, types.Result) and result.error is not None:
        masked = masker.data(result.error)
        if masked != result.error:
            return types.Result(result.data, masked, result.cancel)
    return result
