# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Nothing that an action returns, raises, logs or reports drives the terminal of who ran it."""

import json
import os

import pytest
import yaml

from mistral_lib.cli import terminal

# A title, a colour by the one-character introducer, a bell, steps back over what is written, a
# line that hides another, a turned direction; and what must stay.
HOSTILE = "\x1b]0;owned\x07 \x9b31m red \x1b[8m\x08\x08 \r over \x7f \u202egnp.exe end\tof é 日本\n"
RAW = ["\x1b]0", "\x1b[8m", "\x9b", "\x07", "\x08", "\x7f", "\u202e", "\r over"]

PLUGIN = f"""
import logging, sys, time
from mistral_lib import actions

HOSTILE = {HOSTILE!r}

@actions.action
def say(kind: str, context: actions.ActionContext) -> object:
    logging.getLogger("hostile").warning("logged %s", HOSTILE)
    context.progress(f"progress {{HOSTILE}}")
    if kind == "wait":
        time.sleep(1.5)
    if kind == "fail":
        raise actions.ActionException(HOSTILE, details={{HOSTILE: HOSTILE}})
    if kind == "crash":
        raise ValueError(HOSTILE)
    return {{
        "text": HOSTILE,
        "list": [HOSTILE, 1],
        "dict": {{HOSTILE: HOSTILE, "nested": {{HOSTILE: [HOSTILE]}}}},
        "rows": [{{HOSTILE: HOSTILE, "b": [1, HOSTILE]}}],
    }}.get(kind)
"""


def test_control_characters_are_escaped_and_all_else_stays():
    shown = terminal.printable(HOSTILE)
    assert shown == (
        "\\u001b]0;owned\\u0007 \\u009b31m red \\u001b[8m\\u0008\\u0008 \\u000d over \\u007f "
        "\\u202egnp.exe end\tof é 日本\n"
    )
    assert terminal.printable("a\r\nb") == "a\nb"


@pytest.mark.parametrize("read", [json.loads, yaml.safe_load])
def test_what_was_escaped_in_json_reads_as_it_was(read):
    text = terminal.printable(json.dumps({"a": HOSTILE}, ensure_ascii=False))
    assert read(text) == {"a": HOSTILE}


def all_of(end):
    """Return what is written to a pseudo-terminal until its other end is closed."""
    found = b""
    while True:
        try:
            part = os.read(end, 65_536)
        except OSError:
            part = b""
        if not part:
            os.close(end)
            return found.decode()
        found += part


SAY = ("run", "hostile:say")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rich", "words"),
    [
        *(
            (False, (*SAY, f"kind={kind}", "-f", format_))
            for kind, format_ in (
                ("dict", "json"),
                ("dict", "yaml"),
                ("dict", "value"),
                ("text", "value"),
                ("rows", "table"),
                ("fail", "json"),
            )
        ),
        (True, (*SAY, "kind=rows", "-f", "table")),
        (True, (*SAY, "kind=wait")),
        (False, (*SAY, "kind=fail")),
        (False, (*SAY, "kind=crash", "-v")),
        (False, (*SAY, f"{HOSTILE}=1")),
        (False, ("list", f"{HOSTILE}*")),
        (False, (HOSTILE,)),
    ],
    ids=lambda words: (
        " ".join(words[-3:])[:40].encode("unicode_escape").decode()
        if isinstance(words, tuple)
        else "rich"
        if words
        else "plain"
    ),
)
def test_the_terminal_gets_no_sequence_of_others(rich, words, probe):
    if not rich:
        probe.module("rich", "raise ImportError('not installed')")
    probe.module("hostile", PLUGIN)
    # One for both: as at a desk.
    reading, writing = os.openpty()
    process = probe.start(*words, stdout=writing, stderr=writing)
    os.close(writing)
    shown = all_of(reading).replace("\r\n", "\n")
    process.wait(60)
    assert [raw for raw in RAW if raw in shown] == []
    assert "end" in shown


@pytest.mark.slow
def test_a_program_that_reads_gets_the_text_as_it_is(probe):
    probe.module("hostile", PLUGIN)
    done = probe.process("run", "hostile:say", "kind=text", "-f", "value")
    assert "\x1b]0;owned\x07" in done.stdout
