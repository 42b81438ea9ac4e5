# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The parameters of an action as its client's method needs them.

A workflow's parameters are JSON. What a method takes that JSON lacks is made of them here, by the
catalogue's type of the parameter: a ``datetime`` of a text. And what a method, or the API behind
it, would drop without a word is refused: a misspelt filter would list everything.
"""

from __future__ import annotations

import contextlib
import datetime
import functools
from typing import TYPE_CHECKING, Any, NamedTuple

from mistral_extra.actions.openstack import catalogue
from mistral_lib import exceptions
from mistral_lib.actions import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["check", "prepared"]


class _Rules(NamedTuple):
    """What the catalogue says of a method's parameters, as a call needs it."""

    required: frozenset[str] = frozenset()
    #: All that are taken by name; None for a method that takes any.
    known: frozenset[str] | None = None
    #: Those that must be a ``datetime`` for the client.
    dates: tuple[str, ...] = ()
    #: Dictionaries of filters, of which the service ignores those it does not know.
    inside: Mapping[str, frozenset[str]] = {}


def check(name: str, service: str, target: str, params: Mapping[str, Any]) -> None:
    """Check what can be checked of parameters without asking the service.

    :param name: of the action, for the message.
    :param target: path of the method.
    :raises InvalidInput: one is missing or not taken, holds NaN or an infinity, or can't be
        converted to what is needed.
    """
    rules = _rules(service, target)
    _refuse(name, missing=rules.required - params.keys())
    _converted(name, rules, params)


def prepared(name: str, service: str, target: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what to call the method with; ``params`` itself stays as it is, at any depth.

    Some clients change the dictionaries and lists that they get: encode what is in them, take items
    out, put others in. An action that is tried again must find them as they were.

    A filter that the service will ignore is logged as a warning.

    :raises InvalidInput: one is not taken, holds NaN or an infinity, or can't be converted to what
        is needed.
    """
    rules = _rules(service, target)
    for parameter, known in rules.inside.items():
        filters = params.get(parameter)
        names = map(str, filters) if isinstance(filters, dict) else ()
        # "name~" asks Cinder and Manila for more than equality.
        for wrong in sorted(name for name in names if name.removesuffix("~") not in known):
            import logging

            logging.getLogger(__name__).warning(
                "%s: the API documents no filter '%s'%s in %s; the service may ignore it and list "
                "everything",
                name,
                wrong[:80],
                nearest.hint(wrong, known).rstrip("?"),
                parameter,
            )
    converted = _converted(name, rules, params)
    if not any(isinstance(value, dict | list) for value in converted.values()):
        return converted
    return {parameter: _copied(value) for parameter, value in converted.items()}


def _copied(value: Any) -> Any:
    """Return a copy of the containers in ``value``; what they hold at last is the same."""
    if isinstance(value, dict):
        return {key: _copied(part) for key, part in value.items()}
    return [_copied(part) for part in value] if isinstance(value, list) else value


def _converted(name: str, rules: _Rules, params: Mapping[str, Any]) -> Mapping[str, Any]:
    if rules.known is not None and not params.keys() <= rules.known:
        _refuse(
            name,
            unexpected=[n for n in params if not _is_known(n, rules.known)],
            known=rules.known,
        )
    # Not above: who lists actions loads none of its modules.
    from mistral_lib.actions import problems

    for path, problem in problems.not_json(params, ""):
        raise exceptions.InvalidInput(
            f"Invalid input [name={name}]: parameter '{path.lstrip('.')}' is {problem}"
        )
    dates = [date for date in rules.dates if params.get(date) is not None]
    return {**params, **{n: _date(name, n, params[n]) for n in dates}} if dates else params


@functools.cache
def _rules(service: str, target: str) -> _Rules:
    entry = catalogue.entry(service, target)
    if entry is None:
        return _Rules()
    params = entry.params
    known = None
    if entry.extra and entry.accepted is not None:
        known = frozenset({p.name for p in (*params, *entry.keywords)} | {*entry.accepted})
    return _Rules(
        required=frozenset(p.name for p in params if p.default is catalogue.REQUIRED),
        known=known,
        dates=tuple(p.name for p in params if p.type == "datetime"),
        inside={name: frozenset(names) for name, names in entry.ignoring.items()},
    )


def _is_known(name: str, known: frozenset[str]) -> bool:
    # "name__contains" asks Keystone for more than equality; "vendor:name" is an extension's.
    return name.partition("__")[0] in known or ":" in name


def _refuse(
    name: str,
    *,
    missing: Iterable[str] = (),
    unexpected: Iterable[str] = (),
    known: frozenset[str] = frozenset(),
) -> None:
    """Raise if any name is missing or unexpected."""
    wrong_names = {"missing": sorted(missing), "unexpected": sorted(unexpected)}
    facts = [f"{problem}={names}" for problem, names in wrong_names.items() if names]
    if not facts:
        return
    advice = ""
    for wrong in wrong_names["unexpected"][:1]:
        hint = nearest.hint(wrong, known) or "."
        known_ = f"known are {', '.join(sorted(known))}" if known else "it takes none"
        advice = f". No parameter '{wrong}'{hint} It would be ignored; {known_}"
        if "filters" in known:
            advice += f". A property to look for goes into filters: {{'{wrong}': ...}}"
    raise exceptions.InvalidInput(f"Invalid input [name={name}, {', '.join(facts)}]{advice}")


def _date(action: str, name: str, value: Any) -> datetime.datetime:
    """Return a time in UTC, without a time zone: some clients would put that into a URL as is."""
    moment = value
    # Too large: UTC has no such year, as for 9999-12-31T23:59:59-01:00.
    with contextlib.suppress(ValueError, OverflowError):
        if isinstance(value, str):
            # RFC 3339 permits "t" and "z"; Python reads capitals.
            moment = datetime.datetime.fromisoformat(value.strip().upper())
        if isinstance(moment, datetime.datetime):
            if moment.tzinfo is None:
                return moment
            return moment.astimezone(datetime.UTC).replace(tzinfo=None)
    raise exceptions.InvalidInput(
        f"Invalid input [name={action}]: parameter '{name}' is not a date and time, got "
        f"{value!r:.80}: expected ISO 8601 as '2030-01-31T12:00:00Z', from the year 1 to 9999 in "
        "UTC; without a time zone it is UTC"
    )
