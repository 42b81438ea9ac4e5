# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Keep secret values out of text, for as long as an action that knows them runs.

:class:`Masker` replaces values in text and data, whatever spelling they come in.
:func:`masking` makes one run's values masked in every log record of the process until the run
ends. A process in which no secret is active has no hook installed.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence, Set
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import TracebackType
    from typing import Any

    from mistral_lib.actions.spellings import UrlQuoted

__all__ = ["MASK", "Masker", "masked", "masking"]

#: What stands where a secret stood; the same as oslo.utils writes.
MASK = "***"

#: Values under these lengths occur by chance: masking them everywhere would garble every text.
_SHORTEST = 4
_SHORTEST_OF_ONE_KIND = 6
_EVERYDAY = frozenset(
    """access admin always changeme cinder default disabled enabled example glance guest localhost
    member mistral neutron nobody password passwd production public private project secret service
    string tenant testing undefined unknown username""".split()  # noqa: SIM905 - readable so
)
_LONGEST_EVERYDAY = max(map(len, _EVERYDAY))


class Masker:
    """Replaces secret values, in all their spellings, by ``***``.

    :param values: the secrets: text, bytes, numbers, or data that holds such.
    :param names: keys whose values are secrets too, even everyday ones.

    A value is also found base64-encoded (alone or inside a longer text, in one line or several),
    URL-quoted, escaped for JSON, or as Python's ``repr`` writes it. One that is very short or an
    everyday word is masked only under its own name.
    """

    __slots__ = ("_leaves", "_names", "_parts", "_spelt", "_texts_known", "_url_spelt")

    def __init__(self, values: Iterable[Any] = (), names: Iterable[str] = ()) -> None:
        # Taken out of their containers now, since the action may change those.
        self._leaves = tuple([leaf for value in values for leaf in _leaves(value)])
        self._names = frozenset(names)
        self._texts_known: frozenset[str] | None = None
        #: Maskers whose secrets are this one's too.
        self._parts: tuple[Masker, ...] = ()
        self._spelt: tuple[str, ...] | None = None
        self._url_spelt: tuple[UrlQuoted, ...] | None = None

    @property
    def _texts(self) -> frozenset[str]:
        """What the values say, made when first needed: most runs neither log nor fail."""
        if self._texts_known is None:
            texts = (text for leaf in self._leaves for text in _texts(leaf))
            self._texts_known = frozenset(text for text in texts if not _is_everyday(text))
        return self._texts_known

    @property
    def _needles(self) -> tuple[str, ...]:
        """All spellings, made likewise."""
        if self._spelt is None:
            from mistral_lib.actions import spellings

            needles = {s for text in self._texts for s in spellings.spellings(text)}
            needles.update(*(part._needles for part in self._parts))
            self._spelt = tuple(needles)
        return self._spelt

    @property
    def _url_needles(self) -> tuple[UrlQuoted, ...]:
        """What finds URL-quoted spellings, which are too many to list; made likewise."""
        if self._url_spelt is None:
            from mistral_lib.actions import spellings

            own = (spellings.UrlQuoted(text) for text in self._texts)
            self._url_spelt = (*own, *(n for part in self._parts for n in part._url_needles))
        return self._url_spelt

    def __repr__(self) -> str:
        return f"Masker({len(self._needles)} spellings)"

    def __bool__(self) -> bool:
        return bool(self._leaves or self._names or any(self._parts))

    def merged(self, others: Iterable[Masker]) -> Masker:
        """Return a masker that knows what this one and ``others`` know."""
        masker = Masker()
        masker._parts = (self, *others)
        masker._names = frozenset().union(*(m._names for m in masker._parts))
        return masker

    def finds(self, text: str) -> bool:
        """Tell whether ``text`` holds a secret."""
        return bool(self._found(text))

    def text(self, text: str) -> str:
        """Return ``text`` with every secret replaced."""
        # Longest first: a spelling may hold another as its part.
        for spelling in sorted(self._found(text), key=len, reverse=True):
            text = text.replace(spelling, MASK)
        return text

    def _found(self, text: str) -> set[str]:
        """Return the pieces of ``text`` that are secrets."""
        found = {needle for needle in self._needles if needle in text}
        if "%" in text or "+" in text:
            found.update(*(needle.found_in(text) for needle in self._url_needles))
        if "\n" in text or "\\n" in text:
            from mistral_lib.actions import spellings

            found.update(spellings.broken(text, self._needles))
        return found

    def data(self, value: Any) -> Any:
        """Return a copy of ``value`` (text, bytes, containers) with every secret replaced.

        An object of another kind stays, unless its text holds a secret; then the masked text does.
        """
        return self._data(value, frozenset())

    def _data(self, value: Any, around: frozenset[int]) -> Any:
        """Mask ``value``, which stands inside the containers ``around``, by their id."""
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, (bytes, bytearray)):
            text = bytes(value).decode("utf-8", "surrogateescape")
            masked = self.text(text)
            return value if masked == text else masked.encode("utf-8", "surrogateescape")
        if isinstance(value, dict) or type(value) in (list, tuple, set, frozenset):
            if id(value) in around:
                # It holds itself: a copy of it would have no end.
                return MASK
            return self._container(value, around | {id(value)})
        shown = str(value)
        return self.text(shown) if self.finds(shown) else value

    def _container(self, value: Any, around: frozenset[int]) -> Any:
        if isinstance(value, dict):
            return {
                self._data(k, around): (
                    MASK if k in self._names and v is not None else self._data(v, around)
                )
                for k, v in value.items()
            }
        return type(value)(self._data(item, around) for item in value)


#: Containers and objects that are looked into: an attribute may lead to half of a process.
_MOST_CONTAINERS = 10_000


def _leaves(value: Any) -> Iterator[Any]:
    """Yield the text, bytes and numbers in ``value`` that are more than an everyday word."""
    if isinstance(value, str):
        # First, and without more ado: tokens are.
        if not _is_everyday(value):
            yield value
        return
    waiting, seen = [value], set[int]()
    while waiting and len(seen) < _MOST_CONTAINERS:
        part = waiting.pop()
        if isinstance(part, str):
            if not _is_everyday(part):
                yield part
        elif isinstance(part, (bytes, bytearray)):
            yield bytes(part)
        elif isinstance(part, (int, float)):
            if not isinstance(part, bool):
                yield part
        elif part is not None and id(part) not in seen:
            seen.add(id(part))
            waiting.extend(_parts(part))


def _parts(value: Any) -> Iterable[Any]:
    """Return what is inside a container or an object; of one that hides it, its text."""
    if isinstance(value, Mapping):
        return list(value.values())
    if isinstance(value, (Sequence, Set)):
        return list(value)
    fields = getattr(value, "__dict__", None)
    if isinstance(fields, dict):
        return list(fields.values())
    try:
        return [str(value)]
    except Exception:
        # Nothing can print it, then.
        return ()


def _texts(leaf: Any) -> Iterator[str]:
    """Yield every text by which a secret may go."""
    if isinstance(leaf, bytes):
        yield from _texts_of_bytes(leaf)
        return
    if not isinstance(leaf, str):
        yield str(leaf)
        return
    yield leaf
    if "\n" in leaf:
        # A key is often logged by lines; its armour ("-----BEGIN ...") is no secret.
        yield from (line for line in leaf.splitlines() if not line.startswith("-----"))
    yield from _texts_of_bytes(_decoded(leaf))
    yield from _uuids(leaf)


def _texts_of_bytes(raw: bytes) -> Iterator[str]:
    yield raw.decode("utf-8", "surrogateescape")
    yield repr(raw)[2:-1]
    yield raw.hex()


def _decoded(text: str) -> bytes:
    """Return the bytes that base64 text stands for, as a parameter of that type comes in JSON."""
    from base64 import b64decode

    if len(text) % 4 or len(text) < _SHORTEST_OF_ONE_KIND:
        return b""
    try:
        return b64decode(text, validate=True)
    except ValueError:
        return b""


def _uuids(text: str) -> Iterator[str]:
    """Yield how else a UUID is written: as a type it forgets how it came."""
    digits = text.replace("-", "").lower() if len(text) in (32, 36) else ""
    if len(digits) == 32 and _HEX.issuperset(digits):
        parts = digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]
        for spelt in (digits, "-".join(parts)):
            yield spelt
            yield spelt.upper()


_HEX = frozenset("0123456789abcdef")


def _is_everyday(text: str) -> bool:
    if len(text) < _SHORTEST:
        return True
    if len(text) < _SHORTEST_OF_ONE_KIND and (text.isalpha() or text.isdigit()):
        return True
    return text.isspace() or (len(text) <= _LONGEST_EVERYDAY and text.lower() in _EVERYDAY)


class masking:  # noqa: N801 - used as a function
    """Mask ``masker``'s secrets in all log records of the process while the block runs.

    Blocks may nest and run in parallel; each ends its own masking only.
    """

    __slots__ = ("_masker",)

    def __init__(self, masker: Masker) -> None:
        self._masker = masker

    def __enter__(self) -> Masker:
        if self._masker:
            _ACTIVE.add(self._masker)
        return self._masker

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        if self._masker:
            _ACTIVE.remove(self._masker)


class _ActiveMaskers:
    """The maskers of all runs in progress; the log hook lives while there are any."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._maskers: list[Masker] = []
        #: Made when there is a text to mask, which most runs never write.
        self._merged: Masker | None = None

    def add(self, masker: Masker) -> None:
        from mistral_lib.actions import log_masking

        with self._lock:
            self._maskers.append(masker)
            self._merged = None
            if len(self._maskers) == 1:
                log_masking.install(self.current)

    def remove(self, masker: Masker) -> None:
        from mistral_lib.actions import log_masking

        with self._lock:
            # By identity: two runs may have equal secrets.
            index = next(i for i, m in enumerate(self._maskers) if m is masker)
            del self._maskers[index]
            self._merged = None
            if not self._maskers:
                log_masking.uninstall()

    def current(self) -> Masker:
        """Return one masker that knows what all of them know."""
        merged = self._merged
        if merged is None:
            with self._lock:
                merged = self._merged = Masker().merged(self._maskers)
        return merged


_ACTIVE = _ActiveMaskers()


def masked(text: str) -> str:
    """Return ``text`` without the secrets of any run in progress."""
    return _ACTIVE.current().text(text)
