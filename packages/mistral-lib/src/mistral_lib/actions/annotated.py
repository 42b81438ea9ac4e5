# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What a parameter's annotation means: its type, constraints, secrecy, and what fills it in."""

from __future__ import annotations

import os
import re
import types
import typing
from typing import Annotated, Any, TypeVar, Union

import msgspec
import msgspec.inspect

from mistral_lib.actions import context as contexts
from mistral_lib.actions import paths, secrets
from mistral_lib.actions.markers import CONSTRAINTS, Inject

__all__ = [
    "Meaning",
    "describe",
    "find_unsupported",
    "is_path",
    "is_pydantic",
    "read",
    "takes_null",
    "validated",
]


class Meaning(typing.NamedTuple):
    """What an annotation says."""

    #: The type as the validator takes it.
    type: Any
    secret: bool
    #: Where it holds secrets deeper inside.
    secret_paths: list[paths.Path]
    #: Where it holds classes, and the names of their fields.
    fields: list[tuple[paths.Path, frozenset[str]]]
    description: str | None
    inject: Inject | None
    #: The annotation itself.
    annotation: Any


_INJECTED_TYPES: dict[Any, Inject] = {
    contexts.ActionContext: Inject(lambda context: context),
    contexts.SecurityContext: Inject(lambda context: context.security),
    contexts.ExecutionContext: Inject(lambda context: context.execution),
}


def read(annotation: Any) -> Meaning:
    """Return what ``annotation`` means.

    :raises TypeError: a constraint is malformed.
    """
    metadata = _metadata(annotation)
    description = next((m for m in metadata if isinstance(m, str)), None)
    for item in metadata:
        description = getattr(item, "description", None) or description
    secrets_in = paths.secrets_in(annotation)
    return Meaning(
        type=validated(annotation),
        secret=() in secrets_in,
        secret_paths=[path for path in secrets_in if path],
        fields=paths.fields_in(annotation),
        description=description,
        inject=_injection(annotation, metadata),
        annotation=annotation,
    )


def _metadata(annotation: Any) -> tuple[Any, ...]:
    return getattr(annotation, "__metadata__", ())


def _injection(annotation: Any, metadata: tuple[Any, ...]) -> Inject | None:
    for item in metadata:
        if isinstance(item, Inject):
            return item
    bare = annotation.__origin__ if metadata else annotation
    options = typing.get_args(bare) if _is_union(bare) else (bare,)
    for option in options:
        for cls, inject in _INJECTED_TYPES.items():
            if isinstance(option, type) and issubclass(option, cls):
                return inject
    return None


def _is_union(annotation: Any) -> bool:
    return typing.get_origin(annotation) in (Union, types.UnionType)


def takes_null(annotation: Any) -> bool:
    """Tell whether None is a value of the type already."""
    bare = annotation.__origin__ if _metadata(annotation) else annotation
    return bare is Any or (_is_union(bare) and type(None) in typing.get_args(bare))


def validated(annotation: Any) -> Any:
    """Return the annotation with only what the validator understands, at every depth."""
    if annotation is object:
        return Any
    if isinstance(annotation, TypeVar):
        return validated(_stand_in(annotation))
    if getattr(annotation, "__module__", "") == "datetime" and annotation.__name__ == "datetime":
        # The validator takes times with and without a zone, and leaves this out for that reason.
        return Annotated[annotation, msgspec.Meta(extra_json_schema={"format": "date-time"})]
    metadata = _metadata(annotation)
    if metadata:
        return _constrained(validated(annotation.__origin__), _constraints(metadata))
    arguments = typing.get_args(annotation)
    if not arguments or typing.get_origin(annotation) is typing.Literal:
        return annotation
    changed = tuple(validated(a) if not isinstance(a, list) else a for a in arguments)
    if all(new is old for new, old in zip(changed, arguments, strict=True)):
        return annotation
    if _is_union(annotation):
        return Union[changed]  # noqa: UP007 - made at run time
    return (
        annotation.copy_with(changed)
        if hasattr(annotation, "copy_with")
        else (typing.get_origin(annotation)[changed])
    )


def _constrained(annotation: Any, metas: list[msgspec.Meta]) -> Any:
    """Return the annotation with facts: a limit on ``X | None`` is one on X."""
    arms = typing.get_args(annotation) if _is_union(annotation) else ()
    alone = [arm for arm in arms if arm is not type(None)]
    if len(alone) == 1 < len(arms):
        inner = alone[0]
        for meta in metas:
            if limits := _given(meta, _LIMITS):
                inner = Annotated[inner, msgspec.Meta(**limits)]
        annotation = Union[inner, None]  # noqa: UP007 - made at run time
        metas = [msgspec.Meta(**notes) for meta in metas if (notes := _given(meta, _TEXTS))]
    for meta in metas:
        annotation = Annotated[annotation, meta]
    return annotation


def _given(meta: msgspec.Meta, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name in names if (value := getattr(meta, name)) is not None}


def _stand_in(variable: TypeVar) -> Any:
    """Return the type of which a type variable's values are."""
    if variable.__bound__ is not None:
        return variable.__bound__
    return Union[variable.__constraints__] if variable.__constraints__ else Any  # noqa: UP007


def _constraints(metadata: tuple[Any, ...]) -> list[msgspec.Meta]:
    """Return the facts among ``metadata`` as the validator takes them.

    :raises TypeError: one is a check that the validator can't make.
    """
    metas = []
    for item in metadata:
        if isinstance(item, msgspec.Meta):
            metas.append(item)
        elif not isinstance(item, (str, Inject, secrets.SecretMarker)):
            found = _facts(item)
            if found:
                metas.append(msgspec.Meta(**found))
    return metas


def _facts(item: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    # pydantic's Field keeps its constraints in a list of its own.
    for part in (item, *(getattr(item, "metadata", None) or ())):
        values = {name: getattr(part, name, None) for name in CONSTRAINTS}
        own = {n: v for n, v in values.items() if v is not None and not callable(v)}
        if not own and _is_a_check(part):
            raise TypeError(f"the check {part!r} can't be made here: make it in the function")
        found.update(own)
    # The description is the parameter's, not the type's.
    found.pop("description", None)
    return found


#: Metadata of the packages that make checks which is only a note.
_NOTES = ("DocInfo", "FieldInfo", "Unit")


def _is_a_check(part: Any) -> bool:
    kind = type(part)
    package = kind.__module__.partition(".")[0]
    return package in ("annotated_types", "pydantic") and kind.__name__ not in _NOTES


def find_unsupported(annotation: Any, *, returned: bool = False) -> str | None:
    """Return why values of this type can't be parameters, None if they can.

    :param annotation: as :func:`read` returned it in ``type``.
    """
    if annotation in (Any, str, int, float, bool, list, dict, None):
        return None
    try:
        root = msgspec.inspect.type_info(annotation)
        msgspec.convert(None, annotation)
    except msgspec.ValidationError:
        pass
    except Exception as e:
        return _misplaced(str(e)) or str(e)
    return _find_custom(root, set(), returned)


#: How the validator says that a constraint is on a type it does not belong to.
_MISPLACED = re.compile(r"Can only set `(\w+)` on (an? .+?) type - type `(.+)` is invalid")


def _misplaced(complaint: str) -> str | None:
    match = _MISPLACED.match(complaint)
    return match and (
        f"{match[1]} is a limit on {match[2]} type, not on {match[3]}. In a union, or a field of a "
        f"class, it stands at the type it is for: Annotated[X, Param({match[1]}=...)] | None"
    )


def _find_custom(node: Any, seen: set[int], returned: bool) -> str | None:
    """Return a complaint about the first class in the type that has no JSON form."""
    if id(node) in seen:
        return None
    seen.add(id(node))
    if isinstance(node, msgspec.inspect.CustomType):
        if is_pydantic(node.cls) or is_path(node.cls):
            return None
        return f"values of {node.cls.__module__}.{node.cls.__qualname__} have no JSON form"
    if isinstance(node, msgspec.inspect.DictType) and isinstance(node.key_type, _NO_KEYS):
        return "keys of a JSON object are text: they can't be read as " + (
            type(node.key_type).__name__.removesuffix("Type").lower()
        )
    cls = getattr(node, "cls", None)
    complaint = _find_ignored(cls) or (None if returned else _find_unfillable(cls))
    if complaint:
        return complaint
    if isinstance(node, (tuple, list)):
        children = list(node)
    elif isinstance(node, (msgspec.inspect.Type, msgspec.inspect.Field)):
        children = [getattr(node, f) for f in node.__struct_fields__]
    else:
        return None
    return next(filter(None, (_find_custom(child, seen, returned) for child in children)), None)


_NO_KEYS = (
    msgspec.inspect.BoolType,
    msgspec.inspect.TupleType,
    msgspec.inspect.VarTupleType,
    msgspec.inspect.FrozenSetType,
    msgspec.inspect.NoneType,
)


def _find_ignored(cls: Any) -> str | None:
    """Return a complaint about a field's constraint that the validator would not see."""
    if hasattr(cls, "__pydantic_validator__") and not is_pydantic(cls):
        return (
            f"{cls.__name__} is a dataclass of pydantic's, whose checks are not made: use a model"
        )
    for name, annotation in paths.field_types(cls).items():
        for item in _metadata(annotation):
            if isinstance(item, (msgspec.Meta, secrets.SecretMarker)):
                continue
            if any(getattr(item, constraint, None) is not None for constraint in _LIMITS):
                return (
                    f"field '{name}' of {cls.__name__} has a constraint, {item!r}, that nothing "
                    "would enforce inside a class: say it with actions.Param"
                )
    return None


def _find_unfillable(cls: Any) -> str | None:
    """Return a complaint about a field that the class sets itself, and the validator demands."""
    for name, field in getattr(cls, "__dataclass_fields__", {}).items():
        if not field.init:
            return (
                f"field '{name}' of {cls.__name__} has init=False, so no workflow could give it: "
                "make it a property, or take a class without it"
            )
    return None


#: The facts that are for people, or for the schema alone.
_TEXTS = ("title", "description", "examples", "extra_json_schema", "extra")

#: The constraints among the facts: what would be wrong to overlook.
_LIMITS = tuple(c for c in CONSTRAINTS if c not in _TEXTS)


def is_pydantic(cls: Any) -> bool:
    """Tell whether ``cls`` is a pydantic model, without importing pydantic."""
    return isinstance(cls, type) and hasattr(cls, "model_validate") and hasattr(cls, "model_dump")


def is_path(cls: Any) -> bool:
    """Tell whether ``cls`` is a path of pathlib, which is text in JSON."""
    return isinstance(cls, type) and issubclass(cls, os.PathLike) and hasattr(cls, "as_posix")


def describe(annotation: Any) -> str:
    """Return a type as a reader of a reference page would write it."""
    if annotation is None or annotation is type(None):
        return "null"
    if annotation is Any or isinstance(annotation, TypeVar):
        return "any"
    if _metadata(annotation):
        return describe(annotation.__origin__)
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Literal:
        return " | ".join(repr(a) for a in arguments)
    if _is_union(annotation):
        return " | ".join(describe(a) for a in arguments)
    if origin is not None:
        inner = ", ".join("..." if a is Ellipsis else describe(a) for a in arguments)
        return f"{getattr(origin, '__name__', origin)}[{inner}]"
    members = getattr(annotation, "__members__", None)
    if members:
        return " | ".join(repr(m.value) for m in members.values())
    return getattr(annotation, "__name__", str(annotation))
