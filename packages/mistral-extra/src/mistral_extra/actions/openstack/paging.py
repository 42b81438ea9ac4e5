# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""How much of a listing an action fetches: the same for all services.

``limit`` is the most items that come back, and ``marker`` the id after which they begin; a client
that takes ``limit`` for the size of a page is stopped when it has fetched enough. A negative
``limit`` is none at all, and digits are as good as an integer. A service may
have a bound of its own for a page, so fewer may come although there are more. No listing has more
than ``[openstack_actions] max_results`` items: it fails rather than that it comes back in part.
"""

from __future__ import annotations

import itertools
import types
from typing import TYPE_CHECKING, Any

from mistral_extra.actions.openstack.utils import exceptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["bounded", "call"]

#: The client that pages through everything itself for a limit of -1; others cut a list by it.
_KNOWS_MINUS_ONE = "novaclient"

#: Clients that fetch all pages unless told not to, and hand out pages if so.
_PAGING = ("neutronclient", "tackerclient")
_RETRIEVE_ALL = "retrieve_all"

#: Swift's listings.
_NOT_CALLED_SO = ("get_account", "get_container")

#: End of the name beside a collection in an answer that says where the next page is.
_BESIDE = "links"


def call(method: Callable[..., Any], target: str | None, params: Mapping[str, Any]) -> Any:
    """Call a client's method; of a listing, return no more than is wanted.

    :param target: path of the method.
    :raises ActionException: the listing has more items than an operator lets a result have.
    """
    if target is None or not _is_listing(target):
        return method(**params)
    client = _client(method)
    if client:
        params = _with_plain_limit(params, client)
    limit = _limit(params)
    if client in _PAGING and _hands_out_pages(method):
        return _joined(method, params, limit)
    result = method(**params)
    if isinstance(result, dict):
        return {n: p if n.endswith(_BESIDE) else _first(p, limit) for n, p in result.items()}
    if isinstance(result, tuple):
        # Swift's: headers, and what is listed.
        return tuple(_first(part, limit) for part in result)
    if isinstance(result, list | types.GeneratorType):
        return _first(result, limit)
    return result


def bounded(parts: Iterator[Any], path: str) -> Iterator[Any]:
    """Yield all parts, unless there are more than an operator lets a result have.

    :param path: place of the listing in the result.
    :raises ActionException: there are.
    """
    most = _most()
    for count, part in enumerate(parts, 1):
        if most and count > most:
            raise _too_many(path, most)
        yield part


def _is_listing(target: str) -> bool:
    name = target.rpartition(".")[2]
    return name in _NOT_CALLED_SO or "list" in name.split("_")


def _client(method: Any) -> str:
    """Return the package of the client that a method is of; empty if of none, as of a mock."""
    client = getattr(method, "__self__", None)
    packages = (cls.__module__.partition(".")[0] for cls in type(client).__mro__)
    return next((name for name in packages if name.endswith("client")), "")


def _with_plain_limit(params: Mapping[str, Any], client: str) -> Mapping[str, Any]:
    """Return the parameters with an integer for a limit of digits, and without a negative one."""
    limit = params.get("limit")
    if isinstance(limit, str) and limit.removeprefix("-").isdecimal():
        limit = int(limit)
    if isinstance(limit, int) and limit < 0 and client != _KNOWS_MINUS_ONE:
        return {name: value for name, value in params.items() if name != "limit"}
    return params if limit is params.get("limit") else {**params, "limit": limit}


def _limit(params: Mapping[str, Any]) -> int:
    """Return the most items that are wanted, 0 for all: some clients say -1."""
    limit = params.get("limit")
    return max(0, limit) if isinstance(limit, int) and limit is not True else 0


def _first(result: Any, limit: int) -> Any:
    """Return the first items of a list, or of what makes one; anything else as it is."""
    if isinstance(result, list):
        most = _most()
        count = min(limit, len(result)) if limit else len(result)
        if most and count > most:
            raise _too_many("result", most)
        return result if count == len(result) else result[:count]
    is_lazy = isinstance(result, types.GeneratorType)
    return itertools.islice(result, limit) if limit and is_lazy else result


def _hands_out_pages(method: Any) -> bool:
    from mistral_extra.actions.openstack import signatures

    return any(p.name == _RETRIEVE_ALL for p in signatures.read(method).parameters)


def _joined(method: Callable[..., Any], params: Mapping[str, Any], limit: int) -> dict[str, Any]:
    """Return a listing that is fetched page by page, until there is enough or no more.

    With ``retrieve_all`` false, it is the first page.
    """
    most = _most()
    joined: dict[str, Any] = {}
    for page in method(**{**params, _RETRIEVE_ALL: False}):
        for name, items in page.items():
            if isinstance(items, list) and not name.endswith(_BESIDE):
                joined.setdefault(name, []).extend(items)
        count = max(map(len, joined.values()), default=0)
        if most and count > most and not 0 < limit <= most:
            raise _too_many("result", most)
        if not params.get(_RETRIEVE_ALL, True) or 0 < limit <= count:
            break
    return {name: _first(items, limit) for name, items in joined.items()}


def _most() -> int:
    from mistral_extra import config

    most: int = config.CONF[config.OPENSTACK_ACTIONS_GROUP].max_results
    return most


def _too_many(path: str, most: int) -> exceptions.ActionException:
    return exceptions.ActionException(
        f"{path} has more than {most} items: narrow it by the method's own parameters "
        "(limit, marker, filters), or raise [openstack_actions] max_results",
        error_code="RESULT_TOO_LARGE",
    )
