# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Collections and roles from archives and from git: a real ansible-galaxy, without a network."""

import contextlib
import http.server
import json
import shutil
import subprocess
import tarfile
import threading
from pathlib import Path

import pytest
import yaml

from mistral_extra.actions.ansible.galaxy_install import galaxy_install
from mistral_extra.actions.ansible.playbook import playbook
from mistral_lib import actions, testing

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """The folder of a collection ``demo.tools`` 1.2.3 with a role ``greet``, as its author has it.

    It is a repository too, where there is git.
    """
    folder = tmp_path_factory.mktemp("source")
    settings = {"namespace": "demo", "name": "tools", "version": "1.2.3", "readme": "README.md"}
    settings["authors"] = ["Ada"]
    (folder / "galaxy.yml").write_text(yaml.safe_dump(settings))
    (folder / "README.md").write_text("Tools\n")
    (folder / "meta").mkdir()
    (folder / "meta" / "runtime.yml").write_text("requires_ansible: '>=2.15'\n")
    (folder / "roles" / "greet" / "tasks").mkdir(parents=True)
    (folder / "roles" / "greet" / "tasks" / "main.yml").write_text("- debug: {msg: greetings}\n")
    return folder


@pytest.fixture(scope="module")
def role(tmp_path_factory):
    """The archive of a role."""
    folder = tmp_path_factory.mktemp("role")
    for name, content in (("meta", "galaxy_info: {}"), ("tasks", "- debug: {msg: welcome}")):
        (folder / "hello" / name).mkdir(parents=True)
        (folder / "hello" / name / "main.yml").write_text(content + "\n")
    with tarfile.open(folder / "hello.tar.gz", "w:gz") as archive:
        archive.add(folder / "hello", "hello")
    return folder / "hello.tar.gz"


@pytest.fixture
def requirements(source, role):
    """Both, as a structure."""
    return {
        "collections": [{"name": str(source), "type": "dir"}],
        "roles": [{"name": "hello", "src": f"file://{role}", "version": "2.0"}],
    }


COLLECTION = {"kind": "collection", "name": "demo.tools", "version": "1.2.3"}
ROLE = {"kind": "role", "name": "hello", "version": "2.0"}


def test_what_was_installed_is_told_and_a_playbook_finds_it(requirements, local):
    env = testing.ActionEnvironment(wire=False)
    answer = env.run(galaxy_install, {"requirements": requirements})
    assert (answer["installed"], answer["changed"]) == ([COLLECTION, ROLE], True)
    assert "demo.tools:1.2.3 was installed successfully" in env.progress
    assert "- hello (2.0) was installed successfully" in answer["stdout"].splitlines()
    plays = [{"hosts": "all", "gather_facts": False, "roles": ["demo.tools.greet", "hello"]}]
    printed = actions.run(playbook, {"playbook": plays, "inventory": local})["stdout"]
    assert ("greetings" in printed, "welcome" in printed) == (True, True)


def test_what_is_there_already_is_new_only_by_force(requirements, tmp_path):
    params = {
        "requirements": json.dumps(requirements, indent=1),
        "collections_path": str(tmp_path / "collections"),
        "roles_path": str(tmp_path / "roles"),
    }
    first = actions.run(galaxy_install, params)
    assert first["installed"] == [COLLECTION, ROLE]
    again = actions.run(galaxy_install, params)
    assert (again["installed"], again["changed"]) == ([], False)
    forced = actions.run(galaxy_install, {**params, "force": True})
    assert (forced["installed"], forced["changed"]) == ([COLLECTION, ROLE], True)


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_a_collection_comes_from_a_git_repository(source, tmp_path):
    repository = tmp_path / "tools"
    shutil.copytree(source, repository)
    author = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    for words in (["init", "-q", "-b", "main"], ["add", "."], [*author, "commit", "-qm", "One"]):
        subprocess.run(["git", *words], cwd=repository, check=True)
    (tmp_path / "requirements.yml").write_text(
        f"collections:\n- name: git+file://{repository}\n  type: git\n  version: main\n"
    )
    answer = actions.run(galaxy_install, {"requirements": str(tmp_path / "requirements.yml")})
    assert answer["installed"] == [COLLECTION]


def test_what_can_not_be_installed_is_an_error_with_the_reason(role, tmp_path):
    # Without a version, which is none of the error.
    present = {"name": "hello", "src": f"file://{role}"}
    missing = {"name": str(tmp_path / "gone.tar.gz"), "type": "file"}
    params = {"roles_path": str(tmp_path), "requirements": [present]}
    assert actions.run(galaxy_install, params)["installed"] == [{**ROLE, "version": ""}]
    params["requirements"] = {"collections": [missing]}
    with pytest.raises(actions.ActionFailed, match=r"ended with code 1, saying: .*gone") as caught:
        actions.run(galaxy_install, params)
    assert caught.value.details["rc"] == 1


@pytest.fixture
def galaxy():
    """A server that knows nothing; and whoever asks, with what the machine tells meanwhile."""
    asked, seen = [], []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.headers["Authorization"])
            for path in Path("/proc").glob("[0-9]*/*"):
                if path.name in ("cmdline", "environ"):
                    with contextlib.suppress(OSError):
                        seen.append(path.read_bytes())
            self.send_error(404)

        def log_message(self, *args):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}", asked, seen
        server.shutdown()


def test_a_token_comes_to_the_server_and_shows_nowhere(galaxy, place):
    url, asked, seen = galaxy
    env = testing.ActionEnvironment(wire=False)
    result = env.run_result(
        galaxy_install,
        requirements={"collections": [{"name": "demo.tools"}]},
        server=url,
        token="canary-token-7Qx9Zt2w",
    )
    assert result.error["code"] == "ANSIBLE_FAILED"
    assert "Token canary-token-7Qx9Zt2w" in asked
    # What was seen is what there was to see.
    assert any(b"ansible-galaxy" in told and url.encode() in told for told in seen)
    assert not any(b"canary" in told for told in seen)
    assert [p for p in place.rglob("*") if p.is_file() and b"canary" in p.read_bytes()] == []
    assert "canary" not in json.dumps(result.error)
    assert env.secrets_seen() == []
