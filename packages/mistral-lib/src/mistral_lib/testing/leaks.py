# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Look for secret values in whatever was shown."""

from __future__ import annotations

import typing
from typing import TYPE_CHECKING, Any

from mistral_lib.actions import paths, redaction
from mistral_lib.utils import _masking

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["Secrets", "Shown", "Sighting", "masked_at", "secret_parameters"]

#: Characters of text around a sighting.
_EXCERPT = 60


class Shown(typing.NamedTuple):
    """Text that reached a sink."""

    sink: str
    where: str
    text: str


class Sighting(typing.NamedTuple):
    """One secret, seen where it should not be."""

    #: "log", "exception", "progress", "result error", "repr", "child parameters", "child error",
    #: "warning", "stdout" or "stderr".
    sink: str
    #: What exactly: the logger and level, the action...
    where: str
    #: Which secret, by name.
    secret: str
    #: The text around it, with every secret replaced by ``***``.
    text: str


class Secrets:
    """The secret values of a test, each under a name that may be told."""

    def __init__(self) -> None:
        self._maskers: dict[tuple[str, str], redaction.Masker] = {}
        self._all = redaction.Masker()

    def add(self, name: str, value: Any) -> None:
        """Look for ``value`` from now on; nothing is looked for in None, "" or a bool."""
        if value is None or isinstance(value, bool) or value in ("", b""):
            return
        key = (name, repr(value))
        if key not in self._maskers:
            self._maskers[key] = masker = redaction.Masker([value])
            self._all = self._all.merged([masker])

    def masked(self, value: Any) -> Any:
        """Return a copy of ``value`` without any of the secrets."""
        return self._all.data(value)

    def sightings(self, shown: Iterable[Shown]) -> list[Sighting]:
        """Return each secret in ``shown``, once a sink and place.

        :raises ValueError: a secret is so short or common that its absence would prove nothing.
        """
        self._check_traceable()
        found: dict[tuple[str, str, str], Sighting] = {}
        for sink, where, text in shown:
            for (name, _), masker in self._maskers.items():
                if masker.finds(text):
                    sighting = Sighting(sink, where, name, self._excerpt(text))
                    found.setdefault((sink, where, name), sighting)
        return list(found.values())

    def _check_traceable(self) -> None:
        lost = sorted({name for (name, _), masker in self._maskers.items() if not masker})
        if lost:
            raise ValueError(
                f"Too short or too common to be found in text: the value of {', '.join(lost)}. "
                "Test with a longer, unusual value, such as 'correct-horse-battery'; where the "
                "name only sounds secret, say ActionEnvironment(public=[name])"
            )

    def _excerpt(self, text: str) -> str:
        masked = self._all.text(text)
        at = masked.find(redaction.MASK)
        return masked[max(0, at - _EXCERPT) : at + _EXCERPT].strip()


def masked_at(value: Any, path: paths.Path) -> Any:
    """Return a copy of JSON-ready data with ``***`` at ``path``, where it leads anywhere."""
    if not path:
        return value if value is None else redaction.MASK
    step, rest = path[0], path[1:]
    if step is paths.DEEP:
        inside = masked_at(value, rest)
        return masked_at(inside, (paths.ANY, *path)) if _has_items(inside) else inside
    if isinstance(value, dict):
        if step is paths.KEYS:
            return {masked_at(k, rest): v for k, v in value.items()}
        return {k: masked_at(v, rest) if step in (k, paths.ANY) else v for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [
            masked_at(v, rest) if step in (paths.ANY, paths.index(i)) else v
            for i, v in enumerate(value)
        ]
    return value


def _has_items(value: Any) -> bool:
    return isinstance(value, (dict, list, tuple)) and bool(value)


def secret_parameters(
    params: Mapping[str, Any], declared: frozenset[str], public: frozenset[str]
) -> Iterator[str]:
    """Yield the names of secret parameters: those declared, and text that OpenStack masks by name.

    :param public: names that only sound secret.
    """
    for name, value in params.items():
        by_name = isinstance(value, (str, bytes)) and _masking.is_secret_name(name)
        if name in declared or (by_name and name not in public):
            yield name
