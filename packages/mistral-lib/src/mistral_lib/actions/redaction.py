# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Keep secret values out of text, for as long as an action that knows them runs.

:class:`Masker` replaces values in text and data, whatever spelling they come in.
:func:`masking` makes one run's values masked in every log record of the process until the run
ends. A process in which no secret is active has no hook installed.
"""

from __future__ import annotations

import os
import threading
from contextvars import ContextVar
from typing import TYPE_CHECKING

from mistral_lib.actions import copies, sources
from mistral_lib.actions.copies import MASK
from mistral_lib.utils import _forks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from contextvars import Token
    from types import TracebackType
    from typing import Any

    from mistral_lib.actions.search import Search

__all__ = ["MASK", "Masker", "masked", "masking"]

#: Maskers that search on their own when they are merged, at most.
_MOST_PARTS = 8

#: Texts that are searched for in base64 and hexadecimal, at most: these are most of the work.
_MOST_ENCODED = 2000


class Masker:
    """Replaces secret values, in all their spellings, by ``***``.

    :param values: the secrets: text, bytes, numbers, or data that holds such.
    :param names: keys whose values are secrets too, even everyday ones.

    A value is found as it is, inside any longer text, and also quoted, escaped or encoded: see
    ``mistral_lib.actions.spellings``. One that is very short or an everyday word is masked only
    under its own name. Of a text of several lines its lines and random words are secrets too.
    """

    __slots__ = ("_leaves", "_names", "_parts", "_search")

    def __init__(self, values: Iterable[Any] = (), names: Iterable[str] = ()) -> None:
        # Taken out of their containers now, since the action may change those.
        self._leaves = tuple([leaf for value in values for leaf in sources.leaves(value)])
        self._names = frozenset(names)
        #: Maskers whose secrets are this one's too.
        self._parts: tuple[Masker, ...] = ()
        self._search: Search | None = None

    @property
    def _searches(self) -> Iterator[Search]:
        """What finds the values, made when first needed: most runs neither log nor fail."""
        if self._search is None and self._leaves:
            from mistral_lib.actions import search

            made = search.Search()
            texts = dict.fromkeys(t for leaf in self._leaves for t in sources.texts(leaf))
            # The last first: what the context keeps secret follows the parameters.
            for number, text in enumerate(reversed(texts)):
                if not sources.is_everyday(text):
                    made.add(text, encoded=number < _MOST_ENCODED)
            self._search = made
        if self._search is not None:
            yield self._search
        for part in self._parts:
            yield from part._searches

    def __repr__(self) -> str:
        return f"Masker({sum(len(s) for s in self._searches)} spellings)"

    def __bool__(self) -> bool:
        return bool(self._leaves or self._names or self._search or any(self._parts))

    def merged(self, others: Iterable[Masker]) -> Masker:
        """Return a masker that knows what this one and ``others`` know."""
        parts = [part for masker in (self, *others) for part in masker._parts or (masker,)]
        merged = Masker(names=frozenset().union(*(part._names for part in parts)))
        if len(parts) > _MOST_PARTS:
            # One search for many values is faster than many searches for one each.
            merged._leaves = tuple([leaf for part in parts for leaf in part._leaves])
            parts = [part for part in parts if not part._leaves]
        merged._parts = tuple(parts)
        return merged

    def finds(self, text: str) -> bool:
        """Tell whether ``text`` holds a secret."""
        return bool(self._spans(text))

    def text(self, text: str) -> str:
        """Return ``text`` with every secret replaced."""
        spans = self._spans(text)
        if not spans:
            return text
        pieces: list[str] = []
        at = 0
        for start, end in spans:
            pieces += text[at:start], MASK
            at = end
        return "".join((*pieces, text[at:]))

    def _spans(self, text: str) -> list[tuple[int, int]]:
        searches = list(self._searches)
        if not searches:
            return []
        from mistral_lib.actions import search

        return search.found(text, searches)

    def data(self, value: Any) -> Any:
        """Return a copy of ``value`` (text, bytes, containers) with every secret replaced.

        An object of another kind stays, unless its text holds a secret; then the masked text does.
        """
        return copies.masked(value, self.text, self._names)

    def exception(self, error: BaseException) -> BaseException:
        """Return ``error``, changed in place, or what to raise instead, without secrets.

        Its attributes, notes, causes, contexts and group members are masked too.
        """
        from mistral_lib.actions import scrubbing

        return scrubbing.scrub(error, self)

    def objects(self, value: Any) -> Any:
        """Return what :meth:`data` does, with copies of objects whose attributes hold a secret."""
        return copies.masked(value, self.text, self._names, objects=True)


class _Scope:
    """The maskers of the runs that a context is inside of."""

    __slots__ = ("_merged", "maskers")

    def __init__(self, maskers: tuple[Masker, ...] = ()) -> None:
        self.maskers = maskers
        self._merged: Masker | None = None

    @property
    def merged(self) -> Masker:
        """What masks the secrets of all of them; made when there is a text to mask."""
        if self._merged is None:
            self._merged = Masker().merged(self.maskers)
        return self._merged


_NO_RUN = _Scope()
_scope: ContextVar[_Scope] = ContextVar("mistral_lib_masking", default=_NO_RUN)


class masking:  # noqa: N801 - used as a function
    """Mask ``masker``'s secrets in log records while the block runs.

    In records of the block itself, and of threads that it hands its context variables to, all of
    them are masked; in others those that look like a secret to anybody. What a run holds for
    secret must not blank common words in everybody's log. Blocks may nest and run in parallel;
    each ends its own masking only.
    """

    __slots__ = ("_masker", "_token")

    def __init__(self, masker: Masker) -> None:
        self._masker = masker

    def __enter__(self) -> Masker:
        if self._masker:
            scope = _Scope((*_scope.get().maskers, self._masker))
            self._token: Token[_Scope] = _scope.set(scope)
            _ACTIVE.add(self)
        return self._masker

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        if self._masker:
            _ACTIVE.remove(self)
            _scope.reset(self._token)


class _ActiveMaskers:
    """The maskers of all runs in progress; the log hook lives while there are any."""

    def __init__(self) -> None:
        # A signal's handler, or a finalizer, may log while its thread holds it.
        self._lock = threading.RLock()
        self._blocks: dict[masking, Masker] = {}
        #: What all of them have in common: the values that are masked in everybody's records.
        self._shared = Masker()
        #: What was added to it for each block, once there was a record of another run.
        self._added: dict[masking, list[Any]] = {}

    def add(self, block: masking) -> None:
        from mistral_lib.actions import log_masking

        with self._lock:
            self._blocks[block] = block._masker
            if len(self._blocks) == 1:
                log_masking.install(self.current)

    def remove(self, block: masking) -> None:
        from mistral_lib.actions import log_masking

        with self._lock:
            # A fork may have removed it.
            if self._blocks.pop(block, None) is None:
                return
            for finder, spelling in self._added.pop(block, ()):
                finder.remove(spelling)
            if not self._blocks:
                log_masking.uninstall()

    def current(self) -> Masker:
        """Return what masks the text of the current context."""
        scope = _scope.get()
        if scope.maskers and set(scope.maskers).issuperset(tuple(self._blocks.values())):
            return scope.merged
        self._share()
        return self._shared.merged([scope.merged])

    def _share(self) -> None:
        """Add what looks like a secret of the runs that began since the last record."""
        if len(self._added) == len(self._blocks):
            return
        from mistral_lib.actions import search

        with self._lock:
            if self._shared._search is None:
                self._shared._search = search.Search()
            for block, masker in self._blocks.items():
                if block not in self._added:
                    self._added[block] = [
                        added
                        for leaf in masker._leaves[:_MOST_SHARED]
                        for text in sources.distinctive_texts(leaf)
                        for added in self._shared._search.add(text)
                    ]


#: Values of one run, at most, that are masked in records of others: a list may have a million.
_MOST_SHARED = 1000

_ACTIVE = _ActiveMaskers()


def masked(text: str) -> str:
    """Return ``text`` without the secrets of the run in progress, nor those of others."""
    return _ACTIVE.current().text(text)


def _keep_mine() -> None:
    """Forget the runs of other threads: they go on in the process this one was forked from."""
    for block, masker in tuple(_ACTIVE._blocks.items()):
        if masker not in _scope.get().maskers:
            _ACTIVE.remove(block)
    _ACTIVE._lock.release()


def _before_fork() -> None:
    # Nobody is in the middle of a change when the process is copied.
    _ACTIVE._lock.acquire()
    if _ACTIVE._blocks:
        # Other threads may be about to import what a log record needs; now it is there.
        from mistral_lib.actions import log_masking, search  # noqa: F401
    # Last, since waiting for a lock lets other threads begin one.
    _forks.wait_for_imports()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork, after_in_parent=_ACTIVE._lock.release, after_in_child=_keep_mine
    )
