# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The parts that need no Ansible."""

import base64
import json
import os
import re
import stat
import subprocess
import sys

import pytest
import yaml

from mistral_extra.actions.ansible import (
    command,
    environment,
    errors,
    events,
    galaxy,
    inputs,
    installed,
    outcome,
    playbook,
    policy,
    processes,
    run,
)
from mistral_extra.actions.ansible.transcript import Transcript
from mistral_lib import actions
from mistral_lib.actions import Masker

POLICY = policy.Policy(None, "none")


def test_a_written_file_is_its_owners_alone_and_never_replaces_another(tmp_path):
    path = inputs.write(tmp_path / "key", "über")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes() == "über".encode()
    with pytest.raises(FileExistsError, match="key"):
        inputs.write(path, "other")


def test_a_structure_is_written_as_json_that_is_yaml_too(tmp_path):
    given = [{"hosts": "all", "vars": {"face": "\U0001f600", "line": "a\nb"}}]
    text = inputs.as_file(given, tmp_path / "playbook.yml", "playbook", None).read_text(
        encoding="utf-8"
    )
    assert json.loads(text) == yaml.safe_load(text) == given


def test_a_list_of_hosts_is_an_inventory(tmp_path):
    path = inputs.inventory(["a", "b"], tmp_path, None)
    with open(path, encoding="utf-8") as file:
        assert json.load(file) == {"all": {"hosts": {"a": None, "b": None}}}


@pytest.mark.parametrize("given", ["", "  ", [], {}])
def test_an_empty_inventory_is_no_folder_of_the_executors(given, tmp_path):
    with pytest.raises(actions.InvalidInput, match="The inventory is empty"):
        inputs.inventory(given, tmp_path, None)


def test_json_is_a_text_even_in_one_line(tmp_path):
    text = '{"all": {"hosts": {"web1": {"ansible_password": "pw"}, "web2": {}}}}'
    path = inputs.inventory(text, tmp_path, None)
    assert path == str(tmp_path / "inventory")
    assert (tmp_path / "inventory").read_text() == text


@pytest.mark.parametrize("given", ["x" * 5000, "nul\0"])
def test_what_can_be_no_path_is_told(given, tmp_path):
    with pytest.raises(actions.InvalidInput, match=r"There is no playbook at") as told:
        inputs.as_file(given, tmp_path / "playbook.yml", "playbook", None)
    assert len(str(told.value)) < 500


def test_half_a_character_is_told_and_not_shown(tmp_path):
    with pytest.raises(actions.InvalidInput, match="given as secret-vars has half a char") as told:
        inputs.write(tmp_path / "secret-vars", "hunter2\ud800")
    assert "hunter2" not in str(told.value)
    assert not (tmp_path / "secret-vars").exists()


@pytest.mark.parametrize("given", [{"A=B": "x"}, {"": "x"}, {"A": "a\0b"}])
def test_a_variable_that_no_environment_takes_is_told(given):
    with pytest.raises(actions.InvalidInput, match="'environment': the variable"):
        environment.checked(given)


@pytest.mark.parametrize("word", ["--limit=a\0", "--limit=a\ud800"])
def test_a_word_that_no_command_takes_is_told(word, tmp_path):
    ready = command.Command(["ansible-playbook", word], tmp_path, {}, tmp_path, POLICY)
    with pytest.raises(actions.InvalidInput, match=r"character .*in '--limit=a"):
        command.run(ready, actions.ActionContext(), print)


@pytest.mark.parametrize("forge", ["pipe", "link", "folder", "huge", "not JSON", "not an event"])
def test_what_a_program_put_in_the_place_of_an_event_is_passed_over(forge, tmp_path):
    # A pipe would hang the executor, a link would have it read a file of its own.
    place = tmp_path / "job_events" / "x-partial.json"
    place.parent.mkdir()
    secret = tmp_path / "secret.json"
    secret.write_text('{"event": "runner_on_ok", "event_data": {"canary": 1}}')
    match forge:
        case "pipe":
            os.mkfifo(place)
        case "link":
            place.symlink_to(secret)
        case "folder":
            secret.rename(tmp_path / "x-partial.json")
            place.parent.rmdir()
            place.parent.symlink_to(tmp_path)
        case "huge":
            with place.open("wb") as file:
                file.truncate(10**12)
        case "not JSON":
            place.write_text("[" * 100_000)
        case "not an event":
            place.write_text('{"event": 5, "event_data": []}')
    seen = []
    events.Reports(tmp_path, lambda *event: seen.append(event))({"uuid": "x"})
    assert seen == []


def test_a_number_that_json_lacks_is_text_and_costs_no_result(tmp_path):
    place = tmp_path / "job_events" / "x-partial.json"
    place.parent.mkdir()
    place.write_text(
        '{"event": "runner_on_ok", "event_data": {"load": [NaN, -Infinity, 1e400, 1.5]}}'
    )
    seen = []
    events.Reports(tmp_path, lambda *event: seen.append(event))({"uuid": "x"})
    assert seen == [("runner_on_ok", {"load": ["NaN", "-Infinity", "1e400", 1.5]})]


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"host": ["a"], "res": {}},
        {"host": "a", "res": [1]},
        {"ok": [1], "dark": {"a": "b"}},
        {"host": "a", "res": {"msg": {"a": 1}, "stderr": 5}, "task": {"a": 1}},
    ],
)
@pytest.mark.parametrize(
    "event", ["playbook_on_stats", "runner_on_failed", "runner_item_on_failed"]
)
def test_what_a_program_forged_as_an_event_does_no_harm(event, data):
    record = events.Record(lambda text: None, Masker([]))
    record.take(event, data)
    assert len(record.failures) <= 1


def test_failures_take_a_bounded_room_and_the_latest_stay():
    record = events.Record(lambda text: None, Masker([]))
    for number in range(1_000):
        res = {"msg": f"{number} " + "x" * 5_000}
        record.take("runner_on_failed", {"host": "h", "task": "t", "res": res})
    kept = record.failures
    assert 50 < len(kept) < 1_000
    assert kept[-1].msg.startswith("999 ")


def test_failed_items_of_a_loop_are_counted_and_not_kept():
    record = events.Record(lambda text: None, Masker([]))
    for number in range(10_000):
        data = {"host": "h", "task": "t", "res": {"msg": f"item {number} " + "x" * 1_000}}
        record.take("runner_item_on_failed", data)
    record.take("runner_on_failed", {"host": "h", "task": "t", "res": {"msg": "one or more"}})
    (failure,) = record.failures
    assert failure.msg.startswith("item 0 ")
    assert failure.msg.endswith("(and 9999 more)")


def test_output_without_an_end_is_not_kept_for_ever():
    printed = Transcript(Masker([]))
    marks = []
    reader = run._Reader(marks.append, printed)
    for _ in range(100):
        reader.write("x" * 200_000)
    reader.write("\nthe end\n")
    reader.close()
    assert "dropped here" in str(printed)
    assert str(printed).rstrip().endswith("the end")
    assert reader._filter._buffer.tell() < 100


def test_what_a_left_process_prints_does_not_hold_the_run_up(tmp_path):
    # `yes` keeps the pipe full; the command itself has ended.
    ready = command.Command(
        ["sh", "-c", "yes & exit 3"], tmp_path, dict(os.environ), tmp_path, POLICY
    )
    context = actions.ActionContext().with_timeout(60, "It")
    assert command.run(ready, context, len) == 3
    processes.stop(tmp_path)


@pytest.mark.parametrize("mark", [["x"], "x", 5, None, {"uuid": ["a"]}])
def test_a_mark_that_a_host_forged_is_passed_over(mark, tmp_path):
    seen = []
    events.Reports(tmp_path, lambda *event: seen.append(event))(mark)
    assert seen == []


def test_results_of_many_hosts_stay_within_what_a_server_takes():
    record = events.Record(lambda text: None, Masker([]))
    for number in range(12):
        res = {"stdout": "x" * 300_000}
        record.take("runner_on_ok", {"host": f"h{number}", "res": res, "task": "t"})
    assert len(json.dumps(record.results)) < 750_000
    assert record.results["h0"] == {"stdout": "x" * 300_000}
    assert record.results["h11"] == {"msg": "the result is too long to be told"}
    record.take("runner_on_ok", {"host": "h0", "res": {"rc": 0}, "task": "u"})
    record.take("runner_on_ok", {"host": "h11", "res": {"stdout": "y" * 300_000}, "task": "u"})
    assert record.results["h11"] == {"stdout": "y" * 300_000}


def test_damaged_notes_of_installed_packages_are_passed_over(tmp_path):
    manifest = tmp_path / "ansible_collections" / "a" / "b" / "MANIFEST.json"
    note = tmp_path / "r" / "meta" / ".galaxy_install_info"
    for path in (manifest, note):
        path.parent.mkdir(parents=True)
        path.write_text("")
    assert [*installed.collections(tmp_path), *installed.roles(tmp_path)] == []


def test_a_servers_url_with_a_password_is_refused(tmp_path):
    source = galaxy.Source([{"name": "r"}], "http://u:pw@127.0.0.1/", None, False)
    with pytest.raises(actions.InvalidInput, match="'server' must have no user name") as told:
        list(source.words(tmp_path, None))
    assert "pw" not in str(told.value).replace("password", "")


@pytest.mark.parametrize("limit", ["", "@/etc/hosts", "web,@/etc/hosts", "web\n:@/etc/hosts"])
def test_a_limit_that_is_nothing_or_a_file_is_refused(limit):
    with pytest.raises(actions.InvalidInput, match="'limit'"):
        actions.run(playbook.playbook, {"playbook": [], "limit": limit})


def test_a_text_of_one_line_is_a_path(tmp_path):
    with pytest.raises(actions.InvalidInput, match=r"There is no inventory at '.*/web'"):
        inputs.inventory("web", tmp_path, None)


@pytest.mark.parametrize("length", [10, 64_000, 64_001, 200_000, 1_000_000])
def test_a_transcript_keeps_both_ends(length):
    transcript, text = Transcript(Masker([])), "".join(chr(97 + i % 26) for i in range(length))
    for start in range(0, length, 1_777):
        transcript.write(text[start : start + 1_777])
    kept = str(transcript)
    if length <= 64_000:
        assert kept == text
    else:
        note = f"\n[... {length - 64_000} characters cut here ...]\n"
        assert kept == text[:32_000] + note + text[-32_000:]


def test_a_secret_in_several_lines_is_masked_wherever_a_transcript_is_cut():
    secret = "canary-" + "0123456789abcdef" * 20
    lines = base64.encodebytes(secret.encode()).decode()
    for before in range(65_000, 65_600, 37):
        transcript = Transcript(Masker([secret]))
        for line in ("x" * before + "\n" + lines + "y" * 70_000).splitlines(keepends=True):
            transcript.write(line)
        assert not re.search("[A-Za-z0-9+/]{20}", str(transcript).replace("x", "").replace("y", ""))


def test_a_transcript_is_masked_before_it_is_cut():
    secret = "canary-secret-9"
    transcript = Transcript(Masker([secret]))
    # However long the line before is, no piece of the secret may be left at either end.
    for before in range(31_980, 32_001):
        transcript.write("x" * before + secret + "\n")
    transcript.write(secret + "y" * 31_990 + "\n")
    kept = str(transcript)
    assert "cut here" in kept
    assert not re.search("canary|secret-9|ary-se", kept)


@pytest.fixture
def masked():
    """A function that returns a task's result as it comes back from a run with some secrets."""

    def masked(secrets, result):
        record = events.Record(lambda text: None, Masker(secrets))
        record.take("runner_on_ok", {"host": "h", "task": "t", "res": result})
        return record.results["h"]

    return masked


def test_of_a_secret_in_lines_all_of_it_and_its_random_lines_are_masked(masked):
    line = "QyNTUxOQAAACDcanary7Qx9"
    secrets = [{"a": [f"first line\n{line}\nlast line", 'quo"ted'], "b": "abc"}, None, 123456]
    text = f"first line\n{line}\nlast line"
    result = {"all": f"x {text} y", "stdout_lines": ["x", *text.splitlines(), "y"], line: [1]}
    found = masked(secrets, {**result, "other": 'quo\\"ted, abc, 123456'})
    assert found == {
        "all": "x *** y",
        "stdout_lines": ["x", "***", "y"],
        "***": [1],
        "other": "***, abc, ***",
    }


def test_a_number_is_masked_as_a_whole(masked):
    found = masked([123456], {"numbers": [123456, 1234567, 0.5, True, None]})
    assert found == {"numbers": ["***", 1234567, 0.5, True, None]}


def test_a_secret_is_found_across_the_lines_of_an_output(masked):
    secret = "canary-" + "0123456789abcdef" * 20
    text = base64.encodebytes(secret.encode()).decode()
    found = masked(
        [secret], {"stdout": text, "stdout_lines": text.splitlines(), "other": ["a", "b"]}
    )
    assert not re.search("[A-Za-z0-9+/]{20}", json.dumps(found))
    assert found["other"] == ["a", "b"]


def test_a_censored_result_and_one_without_a_message_have_one():
    record = events.Record(lambda text: None, Masker([]))
    for host, result in (("a", {"censored": "hidden"}), ("b", {"rc": 1})):
        record.take("runner_on_failed", {"host": host, "task": "T", "res": result})
    assert [failure.msg for failure in record.failures] == ["hidden", "failed without a message"]


def test_what_looks_like_a_mark_of_an_event_leads_nowhere(tmp_path):
    (tmp_path / "job_events").mkdir()
    (tmp_path / "x-partial.json").write_text('{"event": "verbose", "event_data": {}}')
    taken = []
    reports = events.Reports(tmp_path, lambda *event: taken.append(event))
    for uuid in ("../x", f"{tmp_path}/x", "gone", None, 7):
        reports({"uuid": uuid})
    assert taken == []
    (tmp_path / "x-partial.json").rename(tmp_path / "job_events" / "x-partial.json")
    reports({"uuid": "x"})
    assert taken == [("verbose", {})]


def test_an_outcome_without_failures_tells_the_last_words():
    told = outcome.Outcome(4, "failed", {}, [], "much\nERROR! no hosts\n", False)
    with pytest.raises(errors.AnsibleFailed, match="code 4, saying: much\nERROR! no") as caught:
        outcome.check_success(told, "It")
    assert caught.value.details["rc"] == 4


def test_processes_are_found_by_what_names_the_folder_and_stopped(tmp_path):
    # One by its environment, with a child that has none; one by its command line.
    script = "env -i sleep 60 & exec sleep 60"
    named = {"env": {"PATH": os.environ["PATH"], "PLACE": str(tmp_path)}}
    with (
        subprocess.Popen(["sh", "-c", script], **named) as by_environment,
        subprocess.Popen(["sh", "-c", "exec sleep 60", str(tmp_path)]) as unrelated,
        subprocess.Popen([sys.executable, "-c", "input()", str(tmp_path)], stdin=-1) as by_words,
    ):
        assert {by_words.pid, by_environment.pid} <= {p.pid for p in processes.naming(tmp_path)}
        only = processes.naming(tmp_path, command_lines_only=True)
        assert by_environment.pid not in {process.pid for process in only}
        processes.stop(tmp_path)
        assert processes.naming(tmp_path) == set()
        assert by_environment.wait(5) == by_words.wait(5) == -15
        unrelated.kill()
