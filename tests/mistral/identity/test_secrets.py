# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Where a secret goes on a server whose logs say all they can.

The canary is given to a workflow, which hands it to an action that marks it secret, logs it, and
fails with it. What is found of it afterwards is exactly what the server itself must carry.
"""

import re
import secrets
import subprocess
from dataclasses import dataclass
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


LISTS = """
version: '2.0'
lists:
  tasks:
    lists:
      action: nova.servers_list
"""


@pytest.fixture(scope="module")
def ran(guarded, workflows_of, login, python_of):
    """Canaries, and where a spy on the broker and a look into the database found them."""
    demo = login("demo")
    canaries = {kind: f"canary-{kind}-{secrets.token_hex(12)}" for kind in ("password", "word")}
    canaries["token"] = demo.get_token()
    workflows, deployment = workflows_of(demo), guarded.deployment
    texts = list(canaries.values())
    spy = subprocess.Popen(
        [python_of("ours"), *PROBE, "listen", *texts],
        env={"TRANSPORT": deployment.transport, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert spy.stdout.readline() == "listening\n"
    environment = {"env": {name: canaries[name] for name in ("password", "word")}}
    for fail in (False, True):
        run = workflows.run(KEEPS, {"fail": fail}, params=environment)
        assert run.state == ("ERROR" if fail else "SUCCESS"), run.info
    run = workflows.run(LISTS)
    assert run.state == "SUCCESS", run.info
    heard, _ = spy.communicate("", timeout=60)
    assert spy.returncode == 0
    dump = subprocess.run(
        [python_of("ours"), *PROBE, "search", *texts],
        env={"DATABASE": deployment.database, "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
        text=True,
    )
    return Found(canaries, _places(heard, canaries), _places(dump.stdout, canaries))


@dataclass
class Found:
    """Canaries, and by name of each, the places where it was found."""

    canaries: dict
    messages: dict
    database: dict


def _places(lines, canaries):
    found = {name: set() for name in canaries}
    for line in lines.splitlines():
        place, _, number = line.partition("\t")
        found[list(canaries)[int(number)]].add(place)
    return found


def lines_with(server, text):
    """Return (part, logger) of each line of a log that has the text."""
    found = set()
    for part in server.names:
        for line in server.log(part).read_text(errors="replace").splitlines():
            if text in line:
                logger = re.search(r" (?:DEBUG|INFO|WARNING|ERROR) (\S+)", line)
                found.add((part, logger[1] if logger else line[:80]))
    return found


def test_no_log_has_what_the_libraries_and_actions_said_of_it(guarded, ran):
    # The logs do have what is no secret.
    assert any("typed_proofs" in logger for _, logger in lines_with(guarded, ran.canaries["word"]))
    assert lines_with(guarded, ran.canaries["password"]) == set()


def test_no_log_has_a_token_or_a_password_of_the_servers(guarded, sandbox, ran):
    texts = {
        "the user's token": ran.canaries["token"],
        "Keystone": sandbox.passwords["mistral"],
        **guarded.deployment.passwords,
    }
    found = {name: lines_with(guarded, text) for name, text in texts.items()}
    assert found == {name: set() for name in texts}


def test_the_database_has_it_as_input_alone(ran):
    assert ran.database["password"] == {
        # The workflow execution's environment, and what the server copies of it.
        "workflow_executions_v2.params",
        # The action's input: what is sent to an executor.
        "action_executions_v2.input",
    }
    # While a call is put off, its request's context is kept with it.
    assert ran.database["token"] <= {"delayed_calls_v2.auth_context"}


def test_messages_have_it_where_the_action_is_sent_and_the_token_all_of_them(ran):
    assert ran.messages["password"] == {"start_workflow", "run_action"}
    # The server sends a request's whole context with each message that comes of it.
    assert ran.messages["token"] >= {"start_workflow", "run_action", "on_action_complete"}
