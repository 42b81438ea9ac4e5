# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The parts that need no Ansible."""

import json
import os
import re
import stat
import subprocess
import sys
from functools import partial

import pytest
import yaml

from mistral_extra.actions.ansible import errors, events, inputs, outcome, processes
from mistral_extra.actions.ansible.masking import Mask
from mistral_extra.actions.ansible.transcript import Transcript
from mistral_lib import actions


def test_a_written_file_is_its_owners_alone_and_never_replaces_another(tmp_path):
    path = inputs.write(tmp_path / "key", "über")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes() == "über".encode()
    with pytest.raises(FileExistsError, match="key"):
        inputs.write(path, "other")


def test_a_structure_is_written_as_json_that_is_yaml_too(tmp_path):
    given = [{"hosts": "all", "vars": {"face": "\U0001f600", "line": "a\nb"}}]
    text = inputs.as_file(given, tmp_path / "playbook.yml", "playbook").read_text(encoding="utf-8")
    assert json.loads(text) == yaml.safe_load(text) == given


def test_a_list_of_hosts_is_an_inventory(tmp_path):
    path = inputs.inventory(["a", "b"], tmp_path)
    with open(path, encoding="utf-8") as file:
        assert json.load(file) == {"all": {"hosts": {"a": None, "b": None}}}


def test_a_text_of_one_line_is_a_path(tmp_path):
    with pytest.raises(actions.InvalidInput, match=r"There is no inventory at '.*/web'"):
        inputs.inventory("web", tmp_path)


@pytest.mark.parametrize("length", [10, 64_000, 64_001, 200_000, 1_000_000])
def test_a_transcript_keeps_both_ends(length):
    transcript, text = Transcript(Mask([])), "".join(chr(97 + i % 26) for i in range(length))
    for start in range(0, length, 1_777):
        transcript.write(text[start : start + 1_777])
    kept = str(transcript)
    if length <= 64_000:
        assert kept == text
    else:
        note = f"\n[... {length - 64_000} characters cut here ...]\n"
        assert kept == text[:32_000] + note + text[-32_000:]


def test_a_transcript_is_masked_before_it_is_cut():
    secret = "canary-secret-9"
    transcript = Transcript(Mask([secret]))
    # However long the line before is, no piece of the secret may be left at either end.
    for before in range(31_980, 32_001):
        transcript.write("x" * before + secret + "\n")
    transcript.write(secret + "y" * 31_990 + "\n")
    kept = str(transcript)
    assert "cut here" in kept
    assert not re.search("canary|secret-9|ary-se", kept)


def test_a_mask_covers_each_line_of_a_secret_and_its_json_spelling():
    mask = Mask([{"a": ["first line\nsecond line", 'quo"ted'], "b": "abc"}, None, 123456])
    assert mask.text('x second line y quo\\"ted, abc, 123456') == "x *** y ***, abc, ***"
    assert mask.data({"first line": ['quo"ted', 1, None]}) == {"***": ["***", 1, None]}
    assert mask.data([123456, 1234567, True]) == ["***", 1234567, True]


@pytest.mark.parametrize("spell", [json.dumps, repr, partial(json.dumps, ensure_ascii=False)])
def test_a_mask_knows_how_others_write_a_secret(spell):
    secret = "é'\\\t\"-and-more"
    assert Mask([secret]).text(f"got {spell(secret)[1:-1]}") == "got ***"


def test_a_mask_without_secrets_changes_nothing():
    assert Mask([None, {}, ""]).text("plain") == "plain"


def test_a_censored_result_and_one_without_a_message_have_one():
    record = events.Record(lambda text: None, Mask([]))
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
