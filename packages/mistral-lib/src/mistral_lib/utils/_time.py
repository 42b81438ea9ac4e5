# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Times as texts, and pauses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import datetime

__all__ = [
    "datetime_to_str",
    "datetime_to_str_in_dict",
    "drop_microseconds",
    "random_sleep",
    "utc_now_sec",
]


def utc_now_sec() -> datetime.datetime:
    """Return the time now in UTC, without a time zone and without microseconds."""
    # Through oslo.utils, where tests of the server stop the clock.
    from oslo_utils import timeutils

    return drop_microseconds(timeutils.utcnow())


def drop_microseconds(date: datetime.datetime) -> datetime.datetime:
    """Return ``date`` without its microseconds."""
    return date.replace(microsecond=0)


def datetime_to_str(val: Any, sep: str = " ") -> Any:
    """Return a ``datetime`` in ISO 8601 form, with ``sep`` before the time; others as they are."""
    import datetime

    return val.isoformat(sep) if isinstance(val, datetime.datetime) else val


def datetime_to_str_in_dict(d: dict[str, Any], key: str, sep: str = " ") -> None:
    """Do :func:`datetime_to_str` in place for one key, if the dictionary has it."""
    value = d.get(key)
    if value is not None:
        d[key] = datetime_to_str(value, sep)


def random_sleep(limit: float = 1) -> None:
    """Sleep for a random time of at most ``limit`` seconds, to shake races out in tests."""
    import random
    import time

    time.sleep(random.uniform(0, limit))
