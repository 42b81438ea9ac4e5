# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Times as texts, and pauses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import datetime

__all__ = [
    "datetime_to_str",
    "datetime_to_str_in_dict",
    "drop_microseconds",
    "random_sleep",
    "retry_after",
    "utc_now_sec",
]

#: Seconds, whatever a server asks for: a date may be years ahead.
_LONGEST_WAIT = 6 * 3600.0

#: Characters of the longest form of a date, with room for spaces.
_LONGEST_DATE = 64

_SECONDS = re.compile(r"\s*[0-9]+(?:\.[0-9]*)?\s*", re.ASCII)


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


def retry_after(value: str | float | None) -> float | None:
    """Return the seconds that a ``Retry-After`` header asks to wait (RFC 9110, 10.2.3).

    :param value: a number of seconds or an HTTP date, as the header's text; or a number.
    :return: 0 (the date is past) to 21,600, six hours; None where there is no header, or it is
        neither: text, a negative number, NaN.
    """
    import datetime
    from email.utils import parsedate_to_datetime

    if isinstance(value, str) and not _SECONDS.fullmatch(value):
        if len(value) > _LONGEST_DATE:
            return None
        try:
            then = parsedate_to_datetime(value)
            # Without a zone it is in UTC, as any HTTP date is.
            then = then if then.tzinfo else then.replace(tzinfo=datetime.timezone.utc)
            seconds = (then - datetime.datetime.now(datetime.timezone.utc)).total_seconds()
        except (ValueError, TypeError, OverflowError, IndexError):
            return None
        return min(max(seconds, 0.0), _LONGEST_WAIT)
    if value is None or isinstance(value, bool):
        return None
    try:
        seconds = float(value)
    except (ValueError, TypeError, OverflowError):
        return None
    return min(seconds, _LONGEST_WAIT) if seconds >= 0 else None
