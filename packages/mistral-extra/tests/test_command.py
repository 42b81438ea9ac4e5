# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The options of a site, given to the command; in processes of their own, which options are of."""

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

# Port 9 answers nobody: an address that may be connected to refuses, one that may not is blocked.
REQUEST = ["run", "http.request", "url=http://127.0.0.1:9/"]


def run(*words, file=None, **variables):
    before = [] if file is None else ["--config-file", file]
    return subprocess.run(
        [sys.executable, "-m", "mistral_lib.cli", *before, *words, "-f", "json"],
        capture_output=True,
        text=True,
        env=os.environ | variables,
        check=False,
    )


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "mistral.conf"
        path.write_text(text)
        return str(path)

    return write


def test_without_options_the_defaults_hold():
    done = run(*REQUEST)
    assert done.returncode == 1
    assert '"ADDRESS_BLOCKED"' in done.stderr


def test_a_file_of_options_is_gone_by_and_what_is_foreign_in_it_left_alone(file):
    path = file(
        "[DEFAULT]\ntransport_url = rabbit://x\n[http_action]\nallowed_networks = 127.0.0.1/32\n"
    )
    done = run(*REQUEST, file=path)
    assert done.returncode == 1
    assert '"ADDRESS_BLOCKED"' not in done.stderr
    assert "refused" in done.stderr


def test_variables_win_over_a_file(file):
    path = file("[http_action]\nallowed_networks = 10.0.0.0/8\n")
    done = run(*REQUEST, file=path, OS_HTTP_ACTION__ALLOWED_NETWORKS="127.0.0.1/32")
    assert '"ADDRESS_BLOCKED"' not in done.stderr
    assert "refused" in done.stderr


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[http_action\n", "Failed to parse"),
        ("[http_action]\nmax_response_size = lots\n", "[http_action] max_response_size in "),
    ],
)
def test_a_file_that_is_wrong_is_refused_before_anything_runs(file, text, told):
    done = run(*REQUEST, file=file(text))
    assert done.returncode == 2
    assert "mistral.conf" in done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_a_variable_that_is_wrong_is_named():
    done = run(*REQUEST, OS_HTTP_ACTION__MAX_RESPONSE_SIZE="lots")
    assert done.returncode == 2
    assert (
        "[http_action] max_response_size in OS_HTTP_ACTION__MAX_RESPONSE_SIZE is not valid"
        in done.stderr
    )


def test_a_file_that_is_not_there_is_refused():
    done = run(*REQUEST, file="no-such.conf")
    assert done.returncode == 2
    assert "no-such.conf" in done.stderr


def test_every_command_goes_by_them(file, tmp_path):
    mapping = tmp_path / "mapping.json"
    mapping.write_text('{"nova": {"my_list": "servers.list"}}')
    path = file(f"[DEFAULT]\nopenstack_actions_mapping_path = {mapping}\n")
    assert json.loads(run("show", "nova.my_list", file=path).stdout)["name"] == "nova.my_list"
    listed = [action["name"] for action in json.loads(run("list", "nova.*", file=path).stdout)]
    assert listed == ["nova.my_list"]


@pytest.mark.parametrize(
    ("action", "words", "text"),
    [
        ("keystone.users_create", ["email=x"], "missing=['name']"),
        ("glance.images_list", ["name=x"], "unexpected=['name']"),
        ("keystone.trusts_create", ["trustee_user=a", "trustor_user=b", "expires_at=soon"], "ISO"),
    ],
)
def test_parameters_that_do_not_fit_are_found_before_anybody_logs_in(action, words, text):
    done = run("run", action, *words)
    assert done.returncode == 2
    assert text in done.stderr


@pytest.mark.parametrize(
    ("allow_list", "left_out"),
    [
        ("legacy,adhoc,dynamic", ["openstack"]),
        ("legacy,openstack", []),
        ("legacy,open*", []),
        ("", []),
    ],
)
def test_doctor_names_what_an_allow_list_of_providers_leaves_out(file, allow_list, left_out):
    done = run("doctor", file=file(f"[action_providers]\nallowlist = {allow_list}\n"))
    assert done.returncode == 0, done.stdout + done.stderr
    told = [p for p in json.loads(done.stdout)["problems"] if p["name"].startswith("provider")]
    assert [p["name"].split()[1] for p in told] == left_out
    for problem in told:
        assert problem["kind"] == "unavailable"
        assert int(problem["name"].partition("(")[2].split()[0]) > 2000
        assert problem["remedy"].startswith("Add openstack to [action_providers] allowlist")
