# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Where a secret goes on a server whose logs say all they can.

The canary is given to a workflow, which hands it to an action that marks it secret, logs it, and
fails with it. What is found of it afterwards is exactly what the server itself must carry.
"""

import re
import secrets
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PROBE = ("-m", "tools.mistral.probe")

KEEPS = """
version: '2.0'
keeps:
  input: [fail]
  output-on-error:
    error: <% task(keeps).result %>
  output:
    word: <% task(keeps).result %>
  tasks:
    keeps:
      action: typed.keeps
      input:
        password: <% env().password %>
        word: <% env().word %>
        fail: <% $.fail %>
"""


@pytest.fixture(scope="module")
def talkative(serve):
    """A cluster that logs at DEBUG."""
    return serve("secrets", cluster=True, options={"DEFAULT": {"debug": True}})


@pytest.fixture(scope="module")
def ran(talkative, workflows_on, python_of):
    """Canaries, and what a spy on the broker and the database found of them."""
    password, word = (f"canary-{kind}-{secrets.token_hex(12)}" for kind in ("secret", "plain"))
    workflows = workflows_on(talkative)
    deployment = talkative.deployment
    spy = subprocess.Popen(
        [python_of("ours"), *PROBE, "listen", password, word],
        env={"TRANSPORT": deployment.transport, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert spy.stdout.readline() == "listening\n"
    for fail in (False, True):
        environment = {"env": {"password": password, "word": word}}
        run = workflows.run(KEEPS, {"fail": fail}, params=environment)
        assert run.state == ("ERROR" if fail else "SUCCESS"), run.info
    heard, _ = spy.communicate("", timeout=30)
    assert spy.returncode == 0
    dump = subprocess.run(
        [python_of("ours"), *PROBE, "search", password, word],
        env={"DATABASE": deployment.database, "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
        text=True,
    )
    return {
        "password": password,
        "word": word,
        "messages": _found(heard),
        "database": _found(dump.stdout),
    }


def _found(lines):
    """Return place -> the kinds of canary found there."""
    found = {}
    for line in lines.splitlines():
        place, _, kind = line.partition("\t")
        found.setdefault(place, set()).add(kind)
    return found


def lines_with(server, text):
    """Return (part, logger) of each line of a log that has the text."""
    found = set()
    for part in server.parts:
        for line in server.log(part).read_text(errors="replace").splitlines():
            if text in line:
                logger = re.search(r" (?:DEBUG|INFO|WARNING|ERROR) (\S+)", line)
                found.add((part, logger[1] if logger else line[:80]))
    return found


def test_no_log_has_what_the_libraries_and_actions_said_of_it(talkative, ran):
    assert any("typed_proofs" in logger for _, logger in lines_with(talkative, ran["word"]))
    loggers = {logger for _, logger in lines_with(talkative, ran["password"])}
    assert loggers == set()


def test_the_database_has_it_as_input_alone(ran):
    holding = {place for place, kinds in ran["database"].items() if "first" in kinds}
    assert holding == {
        # The workflow execution's environment, and what the server copies of it.
        "workflow_executions_v2.params",
        # The action's input: what is sent to an executor.
        "action_executions_v2.input",
    }


def test_messages_have_it_where_the_action_is_sent(ran):
    holding = {place for place, kinds in ran["messages"].items() if "first" in kinds}
    assert holding == {"start_workflow", "run_action"}
