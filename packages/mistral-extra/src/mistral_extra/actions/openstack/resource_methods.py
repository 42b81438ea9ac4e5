# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Methods that a client puts on its resources, as methods of the resources' managers.

Some things can only be done to a resource object: ``nova.flavors.get(id).set_keys({...})``. A
workflow has the id, so to it they are one call, ``flavors.set_keys`` with ``flavor`` first.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from mistral_extra.actions.openstack import signatures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["ResourceMethod", "find", "names"]

#: Gets one key at a time: cinder's leaves all but the first where they are.
_UNSET_KEYS = "unset_keys"


class ResourceMethod:
    """A callable that gets a resource by its id, and calls one of the resource's methods.

    Its parameters are the first of the manager's ``get``, then those of the method.

    :param manager: what gets the resource.
    :param name: of the method.
    :param function: the method, as the resource's class has it.
    :param id_name: what the manager's ``get`` calls the id.
    """

    def __init__(self, manager: Any, name: str, function: Callable[..., Any], id_name: str) -> None:
        self._manager = manager
        self._id_name = id_name
        self.__name__ = name
        # What a reader of signatures and docstrings follows.
        self.__wrapped__ = function
        _, *own = inspect.signature(function).parameters.values()
        first = inspect.Parameter(id_name, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        self.__signature__ = inspect.Signature([first, *own])

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the method.

        :raises TypeError: the parameters don't fit.
        """
        arguments = self.__signature__.bind(*args, **kwargs).arguments
        # The one **name of a signature is an item of its own there.
        for parameter in self.__signature__.parameters.values():
            if parameter.kind is parameter.VAR_KEYWORD:
                arguments |= arguments.pop(parameter.name, {})
        resource = self._manager.get(arguments.pop(self._id_name))
        method = getattr(resource, self.__name__)
        if self.__name__ != _UNSET_KEYS:
            return method(**arguments)
        keys = arguments["keys"]
        for key in [keys] if isinstance(keys, str) else keys:
            method(keys=[key])
        return None


def find(manager: Any, name: str) -> ResourceMethod | None:
    """Return the method ``name`` of a manager's resources, None where they have none.

    Only of resources that one id is enough to get.
    """
    function = getattr(getattr(manager, "resource_class", None), name, None)
    if name.startswith("_") or not inspect.isfunction(function):
        return None
    id_name = _id_name(manager)
    return None if id_name is None else ResourceMethod(manager, name, function, id_name)


def names(manager: Any) -> Iterator[str]:
    """Yield the names of the methods of a manager's resources that the manager itself lacks.

    What every resource of the client has, as ``to_dict``, is none.
    """
    cls = getattr(manager, "resource_class", None)
    if cls is None or _id_name(manager) is None:
        return
    general = next((base for base in cls.__mro__ if base.__name__ == "Resource"), object)
    for name, _ in inspect.getmembers(cls, inspect.isfunction):
        if not (name.startswith("_") or hasattr(general, name) or hasattr(manager, name)):
            yield name


def _id_name(manager: Any) -> str | None:
    get = getattr(manager, "get", None)
    if get is None:
        return None
    first, *rest = signatures.read(get).parameters or (None,)
    if first is None or any(p.default is signatures.REQUIRED for p in rest):
        return None
    return first.name
