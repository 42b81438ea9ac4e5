# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Async actions: cancelled once, with time to clean up."""

import asyncio
import subprocess
import sys
import threading
import time

import pytest

from mistral_lib import actions
from mistral_lib.actions import control as controls
from mistral_lib.actions import coroutines
from mistral_lib.exceptions import ActionTimeout


def test_a_cancelled_coroutine_may_clean_up_with_await():
    control = controls.Control()
    said = []

    @actions.action
    async def hang() -> None:
        try:
            control.cancel()
            await asyncio.sleep(30)
        finally:
            # Longer than a poll of any kind: one more cancellation would end it.
            await asyncio.sleep(0.12)
            said.append("clean")

    assert actions.Runner().run(hang, control=control).is_cancel()
    assert said == ["clean"]


def test_it_is_cancelled_when_somebody_asks():
    control = controls.Control()
    waits = []

    @actions.action
    async def hang() -> None:
        loop = asyncio.get_running_loop()
        threading.Timer(0.01, control.cancel).start()
        before = loop.time()
        try:
            await asyncio.sleep(30)
        finally:
            waits.append(loop.time() - before)

    assert actions.Runner().run(hang, control=control).is_cancel()
    assert waits[0] < 1


def test_what_is_cancelled_already_does_not_begin():
    control = controls.Control()
    control.cancel()
    begun = []

    async def work():
        begun.append(True)

    with pytest.raises(actions.ActionCancelled, match="was cancelled"):
        coroutines.run(work(), control)
    assert begun == []


def test_a_clean_up_that_does_not_end_is_cancelled_too(monkeypatch):
    monkeypatch.setattr(coroutines, "GRACE", 0.02)
    control = controls.Control()

    @actions.action
    async def stubborn() -> None:
        try:
            control.cancel()
            await asyncio.sleep(30)
        finally:
            await asyncio.sleep(30)

    began = time.monotonic()
    assert actions.Runner().run(stubborn, control=control).is_cancel()
    assert time.monotonic() - began < 5


def test_a_coroutine_that_is_done_in_time_is_not_cancelled_later():
    control = controls.Control()

    @actions.action
    async def quick() -> str:
        await asyncio.sleep(0)
        return "done"

    assert actions.Runner().run(quick, control=control).data == "done"
    control.cancel()
    assert not control._calls


LEAVING = """
import asyncio, sys
from mistral_lib import actions
from mistral_lib.actions import coroutines  # which on a busy machine takes as long as the deadline

@actions.action(timeout=0.3)
async def hang():
    try:
        await asyncio.sleep(600)
    finally:
        await asyncio.sleep(0.3)
        print("clean", flush=True)

print(actions.Runner().run(hang).error["code"], flush=True)
"""


def test_a_process_that_ends_waits_for_the_clean_up():
    done = subprocess.run(
        [sys.executable, "-c", LEAVING], capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stdout.split() == ["TIMEOUT", "clean"]


def test_a_coroutine_that_stops_at_its_deadline_timed_out():
    control = controls.Control(0.05)
    with pytest.raises(ActionTimeout, match="deadline"):
        coroutines.run(asyncio.sleep(60), control)
