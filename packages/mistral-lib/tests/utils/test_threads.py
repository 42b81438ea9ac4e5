# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""mistral_lib.utils._threads."""

import threading

import pytest

from mistral_lib import utils
from mistral_lib.utils import _threads


@pytest.fixture(autouse=True)
def _clean_store():
    before = _threads.snapshot()
    _threads.restore({})
    yield
    _threads.restore(before)


def in_another_thread(function):
    results = []
    thread = threading.Thread(target=lambda: results.append(function()))
    thread.start()
    thread.join()
    return results[0]


def test_a_value_is_kept():
    utils.set_thread_local("name", 0)
    assert utils.has_thread_local("name") is True
    assert utils.get_thread_local("name") == 0


def test_a_missing_value_reads_as_none():
    assert utils.has_thread_local("name") is False
    assert utils.get_thread_local("name") is None


def test_setting_none_takes_the_value_out():
    utils.set_thread_local("name", 1)
    utils.set_thread_local("name", None)
    utils.set_thread_local("name", None)
    assert utils.has_thread_local("name") is False


def test_another_thread_does_not_see_it():
    utils.set_thread_local("name", 1)
    assert in_another_thread(lambda: utils.has_thread_local("name")) is False


def test_a_snapshot_carries_the_store_into_another_thread():
    utils.set_thread_local("name", 1)
    taken = _threads.snapshot()

    def work():
        utils.set_thread_local("other", 2)
        _threads.restore(taken)
        return utils.get_thread_local("name"), utils.has_thread_local("other")

    assert in_another_thread(work) == (1, False)


def test_a_snapshot_does_not_change_with_the_store():
    utils.set_thread_local("name", 1)
    taken = _threads.snapshot()
    utils.set_thread_local("name", 2)
    assert taken == {"name": 1}


def test_what_is_restored_is_copied():
    values = {"name": 1}
    _threads.restore(values)
    utils.set_thread_local("name", 2)
    assert values == {"name": 1}
