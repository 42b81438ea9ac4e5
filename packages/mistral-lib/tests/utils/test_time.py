# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""mistral_lib.utils._time."""

import datetime
import time
from email.utils import formatdate

import pytest
from hypothesis import given, strategies
from oslo_utils import timeutils

from mistral_lib import utils

SOME = datetime.datetime(2020, 1, 2, 3, 4, 5, 678)


def test_now_is_utc_without_zone_and_microseconds():
    before = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None, microsecond=0)
    now = utils.utc_now_sec()
    assert now.microsecond == 0
    assert now.tzinfo is None
    assert datetime.timedelta(0) <= now - before < datetime.timedelta(minutes=1)


def test_now_follows_the_clock_of_oslo_utils(monkeypatch):
    monkeypatch.setattr(timeutils, "utcnow", lambda: SOME)
    assert utils.utc_now_sec() == datetime.datetime(2020, 1, 2, 3, 4, 5)


def test_microseconds_are_dropped_and_the_zone_is_kept():
    aware = SOME.replace(tzinfo=datetime.timezone.utc)
    assert utils.drop_microseconds(aware) == aware - datetime.timedelta(microseconds=678)


def test_a_datetime_becomes_text():
    assert utils.datetime_to_str(SOME) == "2020-01-02 03:04:05.000678"
    assert utils.datetime_to_str(SOME, "T") == "2020-01-02T03:04:05.000678"
    aware = datetime.datetime(2020, 1, 2, tzinfo=datetime.timezone.utc)
    assert utils.datetime_to_str(aware, sep="T") == "2020-01-02T00:00:00+00:00"


@pytest.mark.parametrize("other", [None, "x", 5, datetime.date(2020, 1, 1), datetime.time(1)])
def test_anything_else_stays_what_it_is(other):
    assert utils.datetime_to_str(other) is other


def test_a_datetime_in_a_dictionary_is_replaced_in_place():
    values = {"at": SOME, "other": SOME}
    assert utils.datetime_to_str_in_dict(values, "at", "T") is None
    assert values == {"at": "2020-01-02T03:04:05.000678", "other": SOME}


@pytest.mark.parametrize("values", [{}, {"at": None}, {"at": "text"}])
def test_a_dictionary_without_a_datetime_stays_what_it_is(values):
    expected = dict(values)
    utils.datetime_to_str_in_dict(values, "at")
    assert values == expected


def test_a_random_sleep_stays_within_its_limit(monkeypatch):
    slept = []
    monkeypatch.setattr(time, "sleep", slept.append)
    for _ in range(200):
        utils.random_sleep(5)
    utils.random_sleep()
    utils.random_sleep(0)
    assert all(0 <= s <= 5 for s in slept)
    assert max(slept) > 1
    assert slept[-2] <= 1
    assert slept[-1] == 0


def date_in(seconds):
    return formatdate(time.time() + seconds, usegmt=True)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("5", 5),
        (" 5 ", 5),
        ("2.5", 2.5),
        ("0", 0),
        ("-1", None),
        ("-0", None),
        ("+5", None),
        ("nan", None),
        ("inf", None),
        ("1e9", None),
        ("1_000", None),
        ("\u0665", None),
        ("\u00b2", None),
        ("9" * 400, 21600),
        ("9" * 100_000, 21600),
        ("21601", 21600),
        (7, 7),
        (2.5, 2.5),
        (0, 0),
        (-3, None),
        (10**400, None),
        (float("nan"), None),
        (float("inf"), 21600),
        (True, None),
        ([], None),
        ("Wed, 01 Jan 2020 00:00:00 GMT", 0),
        ("Wednesday, 01-Jan-20 00:00:00 GMT", 0),
        ("Wed Jan  1 00:00:00 2020", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 21600),
        ("Fri, 31 Dec 999999999999 23:59:59 GMT", None),
        ("Fri, 99 Dec 2020 99:99:99 GMT", None),
        ("Wed, 01 Jan 2020 00:00:00 GMT" + " " * 100_000, None),
        ("x" * 1_000_000, None),
    ],
)
def test_time_to_wait_of_a_header(value, seconds):
    assert utils.retry_after(value) == seconds


def test_time_to_wait_until_a_date():
    assert 50 < utils.retry_after(date_in(60)) <= 60


@given(strategies.one_of(strategies.text(), strategies.floats(), strategies.integers()))
def test_time_to_wait_is_a_number_within_the_bound_or_none_whatever_a_server_says(value):
    seconds = utils.retry_after(value)
    assert seconds is None or 0 <= seconds <= 21600
