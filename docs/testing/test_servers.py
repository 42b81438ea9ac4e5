# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
import pytest
from mistral_lib import actions
from mistral_lib.testing import ActionEnvironment, check_action

from servers import rebuild

REQUEST = {"server": "web-1", "password": "correct-horse-battery"}


@pytest.fixture
def env(action_environment):
    statuses = iter(["REBUILD", "REBUILD", "ACTIVE"])
    action_environment.register("nova.servers_rebuild", None)
    action_environment.register("nova.servers_get", lambda server: {"status": next(statuses)})
    return action_environment


def test_waits_until_the_server_is_active(env):
    assert env.run(rebuild, REQUEST) == {"server": "web-1", "seconds": 20}
    assert env.clock.now() == 20
    assert env.progress == [
        "web-1: waiting for 0 seconds",
        "web-1: waiting for 10 seconds",
    ]


def test_asks_nova_to_rebuild(env):
    env.run(rebuild, REQUEST)

    assert env.children[0].name == "nova.servers_rebuild"
    assert env.children[0].params == {"server": "web-1", "password": "***"}


def test_keeps_the_password_to_itself(env):
    env.run(rebuild, REQUEST)

    assert "rebuilding web-1, password ***" in env.log_text
    assert env.secrets_seen() == []


def test_gives_up_at_its_deadline(env):
    env.register("nova.servers_get", {"status": "REBUILD"})

    with pytest.raises(actions.ActionTimeout, match="deadline"):
        env.run(rebuild, REQUEST)
    assert env.clock.now() == 900


def test_stops_when_it_is_cancelled(env):
    env.cancel_after(progress=1)

    assert env.run_result(rebuild, REQUEST).is_cancel()
    assert len(env.progress) == 1


def test_a_server_that_is_gone_is_an_error(env):
    env.register("nova.servers_rebuild", actions.ActionException("Gone", error_code="NO_SERVER"))

    assert env.run_result(rebuild, REQUEST).error["code"] == "NO_SERVER"


def with_nova():
    env = ActionEnvironment()
    env.register("nova.servers_rebuild", None)
    env.register("nova.servers_get", {"status": "ACTIVE"})
    return env


def test_keeps_what_every_action_promises():
    expected = {"server": "web-1", "seconds": 0}

    check_action(rebuild, [(REQUEST, expected)], environment=with_nova)
