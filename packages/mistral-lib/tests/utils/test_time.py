# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""mistral_lib.utils._time."""

import datetime
import time

import pytest
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
