# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Commands on real SSH servers."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from mistral_extra.actions.ssh.run import run
from mistral_lib import actions
from mistral_lib.testing import ActionEnvironment


def results(place, command, **params):
    return actions.run(run, place.params(command, **params))


def error(place, command="true", **params):
    return actions.Runner().run(run, place.params(command, **params)).error


def test_result_of_a_command_is_data(place):
    (result,) = results(place, "echo grün; echo oops >&2")
    assert result.pop("seconds") > 0
    assert result == {
        "host": place.host,
        "ok": True,
        "error": None,
        "message": None,
        "retryable": False,
        "exit_code": 0,
        "signal": None,
        "stdout": "grün\n",
        "stderr": "oops\n",
        "dropped": 0,
    }


def test_code_other_than_zero_is_an_error_that_names_host_and_reason(place):
    told = error(place, "echo first >&2; echo no room >&2; exit 3")
    assert told["code"] == "HOSTS_FAILED"
    assert told["message"] == f"1 of 1 hosts failed. {place.host}: exit code 3: no room"
    assert told["retryable"] is False
    (result,) = told["details"]["hosts"]
    assert (result["error"], result["exit_code"]) == ("COMMAND_FAILED", 3)
    assert result["stderr"] == "first\nno room\n"


def test_failure_is_a_result_where_nobody_minds(place):
    (result,) = results(place, "exit 7", check=False)
    assert (result["ok"], result["exit_code"]) == (False, 7)


def test_signal_that_ended_a_command_is_named(place):
    (result,) = results(place, "kill -KILL $$", check=False)
    assert (result["exit_code"], result["signal"]) == (None, "KILL")
    assert result["message"] == "killed by signal KILL"


def test_command_reads_what_it_is_given(place):
    text = "line\n" * 100_000
    (result,) = results(place, "wc -c", stdin=text)
    assert result["stdout"].strip() == str(len(text))
    assert results(place, "cat")[0]["stdout"] == ""


def test_environment_is_set_whatever_is_in_it(place):
    value = """ it's "$HOME" `id`; $1 \\ \n\n\\\n $(id) grün end\n"""
    (result,) = results(
        place, 'printf %s "$A"; echo "$B" | cat', environment={"A": value, "B": "2"}
    )
    assert result["stdout"] == value + "2\n"


@pytest.mark.parametrize(
    ("params", "complaint"),
    [
        ({"environment": {"A=1; rm": "x"}}, "environment"),
        ({"environment": {"A\n": "x"}}, "'environment': 'A\\n' is no name of a variable"),
        ({"environment": {"A": "a\0b"}}, "'environment.A' holds a NUL"),
        ({"command": "echo a\0b"}, "'command' holds a NUL"),
        ({"command": "echo \ud800"}, "'command' has half of a surrogate pair"),
        ({"environment": {"A": "\ud800"}}, "'environment.A' has half"),
        ({"stdin": "\ud800"}, "'stdin' has half"),
    ],
)
def test_what_no_shell_could_be_told_is_refused(one_place, params, complaint):
    told = error(one_place, **params)
    assert told["code"] == "INVALID_INPUT"
    assert complaint in told["message"]


def test_output_is_kept_up_to_the_limit_from_its_end(place):
    (result,) = results(place, "yes 1234567 | head -n 1000; echo end", max_output=100)
    assert result["stdout"].endswith("1234567\nend\n")
    assert len(result["stdout"]) == 100
    assert result["dropped"] == 8000 + 4 - 100


def test_output_is_told_while_the_command_runs(place):
    with ActionEnvironment() as environment:
        environment.run(run, place.params("echo one; printf 'two\\nthree'"))
    assert environment.progress == [f"{place.host}: one", f"{place.host}: two"]


def test_output_is_told_before_the_command_ends(place, tmp_path):
    # It goes on only once its first line was heard here.
    runner = actions.Runner(on_progress=lambda text: (tmp_path / "heard").write_text(text))
    command = f"echo one; until [ -e {tmp_path}/heard ]; do sleep 0.01; done; echo two"
    result = runner.run(run, place.params(command, timeout=10))
    assert result.data[0]["stdout"] == "one\ntwo\n"


def test_line_without_end_is_told_by_its_end_and_none_of_it_kept(one_place):
    with ActionEnvironment() as environment:
        command = "head -c 200000 /dev/zero | tr '\\0' x; echo end"
        (result,) = environment.run(run, one_place.params(command, max_output=0))
    assert (result["stdout"], result["dropped"]) == ("", 200_004)
    (line,) = environment.progress
    assert line.endswith("xxend")
    assert len(line) < 5000


def test_flood_of_output_is_no_flood_of_progress(one_place):
    with ActionEnvironment() as environment:
        environment.run(run, one_place.params("seq 100000"))
    assert len(environment.progress) == 200


# -- many hosts


def test_results_come_in_the_order_of_the_hosts(place):
    hosts = [f"127.0.0.{number}:{place.port}" for number in (1, 1, 1)]
    told = results(place, "echo $SSH_CONNECTION", hosts=hosts, verify_host_key=False)
    assert [result["host"] for result in told] == hosts


def test_no_more_hosts_than_the_limit_are_at_it_at_a_time(one_place, tmp_path):
    command = f"echo + >> {tmp_path}/log; sleep 0.05; echo - >> {tmp_path}/log"
    results(one_place, command, hosts=[one_place.host] * 7, at_once=3)
    now = most = 0
    for sign in (tmp_path / "log").read_text().split():
        now += 1 if sign == "+" else -1
        most = max(most, now)
    assert most == 3


def test_host_that_fails_fails_alone(one_place, free_port):
    hosts = [f"127.0.0.1:{free_port}", one_place.host]
    told = error(one_place, "echo ok", hosts=hosts)
    assert told["message"] == (
        f"1 of 2 hosts failed. {hosts[0]}: {hosts[0]} can't be reached: Connection refused"
    )
    assert told["retryable"] is True
    first, second = told["details"]["hosts"]
    assert (first["error"], first["exit_code"]) == ("UNREACHABLE", None)
    assert (second["ok"], second["stdout"]) == (True, "ok\n")


# -- the end


def pid_of(path):
    for _ in range(300):
        if path.exists() and path.read_text().strip():
            return int(path.read_text())
        threading.Event().wait(0.01)
    raise AssertionError("the command never began")


@pytest.mark.slow
def test_deadline_stops_the_command_and_keeps_what_it_said(place, tmp_path, gone, elapsed):
    # What the command itself started is stopped as well.
    command = f"echo begun; sleep 60 & echo $! > {tmp_path}/pid; wait"
    told = error(place, command, timeout=1.5)
    (result,) = told["details"]["hosts"]
    assert (result["error"], result["stdout"]) == ("TIMEOUT", "begun\n")
    assert told["retryable"] is True
    assert elapsed() < 5
    assert gone(pid_of(tmp_path / "pid"))


@pytest.mark.slow
def test_command_that_does_not_listen_is_killed(place, tmp_path, gone, elapsed):
    command = f"trap '' TERM; echo $$ > {tmp_path}/pid; while :; do sleep 0.1; done"
    assert error(place, command, timeout=1.5)["details"]["hosts"][0]["error"] == "TIMEOUT"
    assert elapsed() < 8
    assert gone(pid_of(tmp_path / "pid"))


@pytest.mark.slow
def test_what_could_not_be_stopped_is_told(place, tmp_path, gone):
    # It left the group of processes that is killed.
    command = f"setsid sh -c 'echo $$ > {tmp_path}/pid; exec sleep 20' & wait"
    told = error(place, command, timeout=1.0)
    (result,) = told["details"]["hosts"]
    os.kill(pid_of(tmp_path / "pid"), signal.SIGKILL)
    assert result["error"] == "TIMEOUT"
    assert result["message"].endswith("it may still run there")
    assert gone(pid_of(tmp_path / "pid"))


@pytest.mark.slow
@pytest.mark.parametrize("ignoring", ["", "trap '' TERM; "])
def test_deadline_stops_the_command_where_there_is_no_other_session(
    one_session_place, tmp_path, gone, ignoring
):
    command = f"{ignoring}echo $$ > {tmp_path}/pid; while :; do sleep 0.1; done"
    told = error(one_session_place, command, timeout=1.5)
    assert told["details"]["hosts"][0]["error"] == "TIMEOUT"
    assert gone(pid_of(tmp_path / "pid"))


@pytest.mark.slow
def test_deadline_of_the_caller_stops_the_command_too(place, tmp_path, gone):
    command = f"trap '' TERM; echo $$ > {tmp_path}/pid; while :; do sleep 0.1; done"
    outcome = actions.Runner().run(run, place.params(command), timeout=2.5)
    assert outcome.error["code"] == "TIMEOUT"
    # The caller has its answer; behind its back the command is asked, and then killed.
    assert gone(pid_of(tmp_path / "pid"))


LEAVING = """
import json, sys
import asyncssh
from mistral_extra import config
from mistral_extra.actions.ssh.run import run
from mistral_lib import actions

config.CONF.set_override("allowed_networks", ["127.0.0.0/8"], group="ssh_action")
print(actions.Runner().run(run, json.load(sys.stdin), timeout=4).error["code"])
"""


@pytest.mark.slow
def test_process_that_ends_at_the_deadline_leaves_no_command_behind(place, tmp_path, gone):
    params = place.params(f"echo $$ > {tmp_path}/pid; exec sleep 60")
    done = subprocess.run(
        [sys.executable, "-c", LEAVING],
        input=json.dumps(params),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert done.stdout == "TIMEOUT\n"
    assert gone(pid_of(tmp_path / "pid"))


@pytest.mark.slow
def test_cancelled_action_stops_the_command(place, tmp_path, gone, elapsed):
    runner = actions.Runner()
    control = runner.control(timeout=None)
    outcome = []
    command = f"trap '' TERM; echo $$ > {tmp_path}/pid; while :; do sleep 0.1; done"
    params = place.params(command)
    thread = threading.Thread(
        target=lambda: outcome.append(runner.run(run, params, control=control))
    )
    thread.start()
    pid = pid_of(tmp_path / "pid")
    control.cancel()
    thread.join(5)
    assert outcome[0].is_cancel()
    assert gone(pid)
    assert elapsed() < 5


# -- who is who


def test_host_whose_key_is_not_known_is_not_talked_to(place, tmp_path):
    other = place.known_hosts.replace(str(place.port), "1")
    told = error(place, f"touch {tmp_path}/ran", known_hosts=other)
    assert told["details"]["hosts"][0]["error"] == "UNTRUSTED_SERVER"
    assert "add it to 'known_hosts'" in told["message"]
    assert not (tmp_path / "ran").exists()


def test_key_of_the_address_is_not_that_of_the_name(one_place, resolver):
    # Who can answer for a name would else lead to any host that is known.
    resolver.answer("node.example", ["127.0.0.1"])
    told = error(one_place, hosts=[f"node.example:{one_place.port}"])
    assert told["details"]["hosts"][0]["error"] == "UNTRUSTED_SERVER"


def test_host_with_another_key_than_the_known_one_is_not_talked_to(place, keys):
    line = f"[127.0.0.1]:{place.port} {keys[1].export_public_key().decode()}"
    told = error(place, known_hosts=line)
    assert told["details"]["hosts"][0]["error"] == "UNTRUSTED_SERVER"


def test_checking_can_be_switched_off(place):
    assert results(place, "true", known_hosts="", verify_host_key=False)[0]["ok"]


def test_known_hosts_of_the_site_are_used_by_default(one_place, configure, tmp_path):
    (tmp_path / "known").write_text(one_place.known_hosts)
    configure("ssh_action", "known_hosts", str(tmp_path / "known"))
    assert results(one_place, "true", known_hosts=None)[0]["ok"]
    configure("ssh_action", "known_hosts", str(tmp_path / "missing"))
    told = error(one_place, known_hosts=None)
    assert told["code"] == "INVALID_INPUT"
    assert "[ssh_action] known_hosts, can't be read: No such file" in told["message"]


def test_password_opens_too_and_a_wrong_one_does_not_show(one_place):
    login = {"username": one_place.login["username"], "password": "correct-horse-battery"}
    assert results(one_place, "true", login=login)[0]["ok"]
    told = error(one_place, login={**login, "password": "wrong-horse-battery"})
    assert told["details"]["hosts"][0]["error"] == "AUTHENTICATION_FAILED"
    assert "wrong-horse-battery" not in str(told)


def test_encrypted_key_needs_its_passphrase(place, keys):
    key = keys[1].export_private_key("pkcs8-pem", passphrase="open-sesame-77").decode()
    login = {**place.login, "private_key": key}
    assert results(place, "true", login={**login, "passphrase": "open-sesame-77"})[0]["ok"]
    told = error(place, login={**login, "passphrase": "open-sesame-78"})
    assert "with the 'login.passphrase' that opens it" in told["message"]
    assert "passphrase" in error(place, login=login)["message"]


def test_user_may_stand_before_the_host(place):
    login = {**place.login, "username": "nobody-of-that-name"}
    host = f"{place.login['username']}@{place.host}"
    assert results(place, "true", login=login, hosts=[host])[0]["ok"]
    assert error(place, login=login)["details"]["hosts"][0]["error"] == "AUTHENTICATION_FAILED"


@pytest.mark.parametrize(
    ("params", "complaint"),
    [
        ({"login": {"username": "ann"}}, "needs 'private_key' or 'password'"),
        ({"login": {"username": "ann", "private_key": "nonsense"}}, "must be a private key in PEM"),
        ({"login": {"password": "pass-1234"}}, "needs a user: 'login.username', or USER@"),
        ({"hosts": ["a b"]}, "'a b' is no host: expected [USER@]HOST[:PORT]"),
        ({"hosts": ["node1:99999"]}, "'node1:99999' is no host"),
        ({"hosts": ["a\0b"]}, "'a\\x00b' is no host"),
        ({"hosts": ["\ud800"]}, "'\\ud800' is no host"),
        ({"hosts": ["a\ud800@node1"]}, "is no host"),
        ({"login": {"username": "\ud800", "password": "p"}}, "'login.username' has half"),
        ({"login": {"username": "ann", "password": "\ud800"}}, "'login.password' has half"),
        ({"known_hosts": "\ud800 x"}, "'known_hosts' has half"),
        ({"known_hosts": "nonsense"}, "'known_hosts' is not in OpenSSH's form"),
        ({"hosts": []}, "hosts"),
    ],
)
def test_parameter_that_makes_no_sense_is_refused(one_place, params, complaint):
    told = error(one_place, **params)
    assert complaint in told["message"]


def test_nothing_of_the_executors_own_account_is_used(one_place, keys, monkeypatch, tmp_path):
    (tmp_path / ".ssh").mkdir()
    keys[1].write_private_key(tmp_path / ".ssh" / "id_ed25519")
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".ssh" / "config").write_text("Host *\n  Port none-at-all\n")
    login = {"username": one_place.login["username"], "password": "not-the-password"}
    told = error(one_place, login=login)
    assert told["details"]["hosts"][0]["error"] == "AUTHENTICATION_FAILED"


# -- ways there


def test_jump_host_leads_to_the_others(place):
    hosts = [place.host] * 2
    told = results(place, "echo $SSH_CONNECTION", hosts=hosts, jump={"host": place.host})
    assert [result["ok"] for result in told] == [True, True]


def test_host_behind_a_jump_host_is_looked_up_and_connected_to_by_that(
    openssh_place, resolver, configure
):
    configure("ssh_action", "allowed_networks", ["127.0.0.1/32"])
    # Here the name leads elsewhere; the server is another process.
    resolver.answer("localhost", ["169.254.169.254"])
    known = openssh_place.known_hosts + openssh_place.known_hosts.replace("127.0.0.1", "localhost")
    params = {"hosts": [f"localhost:{openssh_place.port}"], "known_hosts": known}
    told = results(openssh_place, "true", jump={"host": openssh_place.host}, **params)
    assert told[0]["ok"]
    assert error(openssh_place, **params)["details"]["hosts"][0]["error"] == "ADDRESS_BLOCKED"


def test_host_behind_a_jump_host_is_asked_for_its_key_as_well(place, tmp_path):
    # The jump host is known, and what is behind it is not: the same server by another name.
    host = f"localhost:{place.port}"
    told = error(place, f"touch {tmp_path}/ran", hosts=[host], jump={"host": place.host})
    assert told["details"]["hosts"][0]["error"] == "UNTRUSTED_SERVER"
    assert not (tmp_path / "ran").exists()


def test_jump_host_whose_key_is_not_known_is_not_talked_to(place):
    other = place.known_hosts.replace(str(place.port), "1")
    told = error(place, jump={"host": place.host}, known_hosts=other)
    assert told["code"] == "UNTRUSTED_SERVER"


def test_deadline_holds_for_a_silent_jump_host(one_place, elapsed):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        jump = {"host": f"127.0.0.1:{silent.getsockname()[1]}"}
        told = error(one_place, jump=jump, timeout=0.2)
    assert (told["code"], told["retryable"]) == ("TIMEOUT", True)
    assert told["message"] == "The jump host: not done within 0.2 seconds"
    assert elapsed() < 3


def test_jump_host_with_a_login_of_its_own(one_place):
    password = {"username": one_place.login["username"], "password": "correct-horse-battery"}
    jump = {"host": one_place.host, "login": password}
    assert results(one_place, "true", jump=jump)[0]["ok"]
    wrong = {**jump, "login": {**password, "password": "wrong-horse-battery"}}
    assert error(one_place, jump=wrong)["code"] == "AUTHENTICATION_FAILED"


def test_egress_policy_holds(python_place, resolver):
    resolver.answer("node.example", ["127.0.0.1"])
    host = f"node.example:{python_place.port}"
    told = error(python_place, hosts=[host])
    assert told["details"]["hosts"][0]["error"] == "ADDRESS_BLOCKED"
    assert "[ssh_action] allowed_networks" in told["message"]


def test_host_key_is_that_of_the_name_and_the_name_is_looked_up_once(one_place, resolver):
    resolver.answer("node.example", ["127.0.0.1"], ["169.254.169.254"])
    known = one_place.known_hosts.replace("127.0.0.1", "node.example")
    host = f"node.example:{one_place.port}"
    assert results(one_place, "true", hosts=[host], known_hosts=known)[0]["ok"]
    assert resolver.asked == ["node.example"]


@pytest.mark.slow
def test_address_that_does_not_answer_leaves_time_for_the_next(one_place, resolver):
    # One more than it has room for, and nobody takes them.
    full = socket.create_server(("127.0.0.9", one_place.port), backlog=0)
    waiting = [socket.socket() for _ in range(3)]
    for each in waiting:
        each.setblocking(False)
        each.connect_ex(full.getsockname())
    resolver.answer("node.example", ["127.0.0.9", "127.0.0.1"])
    known = one_place.known_hosts.replace("127.0.0.1", "node.example")
    host = f"node.example:{one_place.port}"
    (result,) = results(one_place, "true", hosts=[host], known_hosts=known)
    for each in (full, *waiting):
        each.close()
    assert result["ok"]


def test_server_that_speaks_no_ssh_is_unreachable(one_place, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer():
            connection, _ = listening.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        host = f"127.0.0.1:{listening.getsockname()[1]}"
        told = error(one_place, hosts=[host])
        thread.join()
    assert told["details"]["hosts"][0]["error"] == "UNREACHABLE"


def test_secrets_are_masked_wherever_they_come_back(one_place, keys):
    login = {**one_place.login, "password": "correct-horse-battery"}
    locked = keys[1].export_private_key("pkcs8-pem", passphrase="open-sesame-77").decode()
    for secret, used in {
        login["password"]: login,
        login["private_key"]: login,
        "open-sesame-77": {**login, "private_key": locked, "passphrase": "open-sesame-77"},
    }.items():
        params = one_place.params('echo "$A"', environment={"A": secret}, login=used)
        with ActionEnvironment() as environment:
            (result,) = environment.run(run, params)
        said = result["stdout"] + "".join(environment.progress)
        assert "***" in "".join(environment.progress)
        assert "***" in result["stdout"]
        lines = [line for line in secret.splitlines() if not line.startswith("-----")]
        assert [line for line in lines if line in said] == []


def test_input_is_masked_in_the_output(place):
    (result,) = results(place, "cat", stdin="open-sesame-77\n")
    assert result["stdout"].strip() == "***"
    told = error(place, "cat; exit 3", stdin="open-sesame-77")
    assert told["message"].endswith("exit code 3: ***")
    assert "open-sesame-77" not in str(told)


def test_no_piece_of_a_secret_is_left_where_output_is_cut(one_place):
    secret = "open-sesame-77"
    with ActionEnvironment() as environment:
        # Both the output and the line that is told begin in the midst of it.
        command = "cat; head -c 4090 /dev/zero | tr '\\0' x; echo"
        params = one_place.params(command, stdin=secret, max_output=4096)
        (result,) = environment.run(run, params)
    assert result["stdout"] == "***" + "x" * 4090 + "\n"
    for said in (result["stdout"], *environment.progress):
        assert "sesame" not in said
        assert "e-77" not in said


def test_secrets_are_in_no_list_of_processes_and_no_text(place):
    secret = "canary-7Qx9Zt2w"
    login = {**place.login, "password": secret}
    with ActionEnvironment(secrets=[secret]) as environment:
        params = {"stdin": secret, "login": login, "environment": {"TOKEN": "canary-of-a-variable"}}
        command = 'ps -ww -eo args; cat >/dev/null; test -n "$TOKEN"'
        (result,) = environment.run(run, place.params(command, **params))
    assert secret not in result["stdout"]
    assert "canary-of-a-variable" not in result["stdout"]
    assert place.login["private_key"].splitlines()[1] not in result["stdout"]
    assert environment.secrets_seen() == []
    assert Path("/proc").exists() or result["stdout"]
