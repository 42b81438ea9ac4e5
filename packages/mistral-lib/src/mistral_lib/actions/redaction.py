# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Keep secret values out of text, for as long as an action that knows them runs.

:class:`Masker` replaces values in text and data, whatever spelling they come in.
:func:`masking` makes one run's values masked in every log record of the process until the run
ends. A process in which no secret is active has no hook installed.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import TracebackType
    from typing import Any

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


class Masker:
    """Replaces secret values, in all their spellings, by ``***``.

    :param values: the secrets: text, bytes, numbers, or data that holds such.
    :param names: keys whose values are secrets too, even everyday ones.

    A value is also found base64-encoded (alone or inside a longer text), URL-quoted, escaped for
    JSON, or as Python's ``repr`` writes it. One that is very short or an everyday word is masked
    only under its own name.
    """

    __slots__ = ("_names", "_parts", "_spelt", "_texts")

    def __init__(self, values: Iterable[Any] = (), names: Iterable[str] = ()) -> None:
        texts = (text for value in values for text in _texts(value))
        self._texts = frozenset(text for text in texts if not _is_everyday(text))
        self._names = frozenset(names)
        #: Maskers whose secrets are this one's too.
        self._parts: tuple[Masker, ...] = ()
        self._spelt: tuple[str, ...] | None = None

    @property
    def _needles(self) -> tuple[str, ...]:
        """All spellings, made when first needed: most runs neither log nor fail."""
        if self._spelt is None:
            needles = {spelling for text in self._texts for spelling in _spellings(text)}
            needles.update(*(part._needles for part in self._parts))
            # Longest first: a spelling may hold another as its part.
            self._spelt = tuple(sorted(needles, key=len, reverse=True))
        return self._spelt

    def __repr__(self) -> str:
        return f"Masker({len(self._needles)} spellings)"

    def __bool__(self) -> bool:
        return bool(self._texts or self._names or any(self._parts))

    def merged(self, others: Iterable[Masker]) -> Masker:
        """Return a masker that knows what this one and ``others`` know."""
        masker = Masker()
        masker._parts = (self, *others)
        masker._names = frozenset().union(*(m._names for m in masker._parts))
        return masker

    def finds(self, text: str) -> bool:
        """Tell whether ``text`` holds a secret."""
        return any(needle in text for needle in self._needles)

    def text(self, text: str) -> str:
        """Return ``text`` with every secret replaced."""
        for needle in self._needles:
            if needle in text:
                text = text.replace(needle, MASK)
        return text

    def data(self, value: Any) -> Any:
        """Return a copy of ``value`` (text, bytes, containers) with every secret replaced.

        An object of another kind stays, unless its text holds a secret; then the masked text does.
        """
        if value is None or isinstance(value, (bool, float)):
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, (bytes, bytearray)):
            text = bytes(value).decode("utf-8", "surrogateescape")
            masked = self.text(text)
            return value if masked == text else masked.encode("utf-8", "surrogateescape")
        if isinstance(value, dict):
            return {
                self.data(k): MASK if k in self._names and v is not None else self.data(v)
                for k, v in value.items()
            }
        if type(value) in (list, tuple, set, frozenset):
            return type(value)(map(self.data, value))
        shown = str(value)
        return self.text(shown) if self.finds(shown) else value


def _texts(value: Any, depth: int = 0) -> Iterator[str]:
    """Yield every text that a secret consists of."""
    if isinstance(value, str):
        yield value
        if "\n" in value:
            # A key is often logged by lines; its armour ("-----BEGIN ...") is no secret.
            yield from (line for line in value.splitlines() if not line.startswith("-----"))
        yield from _texts_of_bytes(_decoded(value))
    elif isinstance(value, (bytes, bytearray)):
        yield from _texts_of_bytes(bytes(value))
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield str(value)
    elif depth < 8 and isinstance(value, dict):
        for item in value.values():
            yield from _texts(item, depth + 1)
    elif depth < 8 and isinstance(value, (list, tuple, set, frozenset)):
        for item in value:
            yield from _texts(item, depth + 1)


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


def _is_everyday(text: str) -> bool:
    if len(text) < _SHORTEST:
        return True
    if len(text) < _SHORTEST_OF_ONE_KIND and (text.isalpha() or text.isdigit()):
        return True
    return text.isspace() or text.lower() in _EVERYDAY


def _spellings(text: str) -> Iterator[str]:
    from json.encoder import encode_basestring, encode_basestring_ascii
    from urllib.parse import quote, quote_plus

    yield text
    yield repr(text)[1:-1]
    yield ascii(text)[1:-1]
    for escape in (encode_basestring, encode_basestring_ascii):
        once = escape(text)[1:-1]
        yield once
        # JSON inside JSON, as the wire has it.
        yield escape(once)[1:-1]
    raw = text.encode("utf-8", "surrogatepass")
    for quoted in (quote(raw, safe="/"), quote(raw, safe=""), quote_plus(raw)):
        yield quoted
        yield _lower_escapes(quoted)
    yield from _base64_spellings(raw)


def _lower_escapes(quoted: str) -> str:
    import re

    return re.sub("%[0-9A-F]{2}", lambda m: m[0].lower(), quoted)


def _base64_spellings(raw: bytes) -> Iterator[str]:
    """Yield what base64 makes of ``raw`` alone, and at each of the three places of a longer text.

    The characters that share bits with a neighbour differ from text to text and are left off.
    """
    from binascii import b2a_base64

    whole = b2a_base64(raw, newline=False).decode()
    cores = [whole]
    for shift in range(3):
        encoded = b2a_base64(bytes(shift) + raw, newline=False).decode().rstrip("=")
        tail = 0 if (shift + len(raw)) % 3 == 0 else 1
        cores.append(encoded[(0, 2, 3)[shift] : len(encoded) - tail])
    for core in cores:
        if len(core) >= _SHORTEST_OF_ONE_KIND:
            yield core
            yield core.replace("+", "-").replace("/", "_")


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
    """The maskers of all runs in progress, merged; the log hook lives while there are any."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._maskers: list[Masker] = []
        self.merged = Masker()

    def add(self, masker: Masker) -> None:
        from mistral_lib.actions import log_masking

        with self._lock:
            self._maskers.append(masker)
            self.merged = masker.merged(self._maskers)
            if len(self._maskers) == 1:
                log_masking.install(self.current)

    def remove(self, masker: Masker) -> None:
        from mistral_lib.actions import log_masking

        with self._lock:
            # By identity: two runs may have equal secrets.
            index = next(i for i, m in enumerate(self._maskers) if m is masker)
            del self._maskers[index]
            self.merged = Masker().merged(self._maskers)
            if not self._maskers:
                log_masking.uninstall()

    def current(self) -> Masker:
        return self.merged


_ACTIVE = _ActiveMaskers()


def masked(text: str) -> str:
    """Return ``text`` without the secrets of any run in progress."""
    return _ACTIVE.merged.text(text)
