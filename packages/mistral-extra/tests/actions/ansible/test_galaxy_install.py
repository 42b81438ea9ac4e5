# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Collections and roles from archives: a real ansible-galaxy, without a network."""

import json
import subprocess
import tarfile

import pytest

from mistral_extra.actions.ansible import environment
from mistral_extra.actions.ansible.galaxy_install import galaxy_install
from mistral_extra.actions.ansible.playbook import playbook
from mistral_lib import actions, testing

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def collection(tmp_path_factory):
    """The archive of a collection ``demo.tools`` 1.2.3 with a role ``greet``."""
    folder = tmp_path_factory.mktemp("collection")
    galaxy = environment.executable("ansible-galaxy")
    for command in (
        ["init", "demo.tools", f"--init-path={folder}"],
        ["build", str(folder / "demo" / "tools"), f"--output-path={folder}"],
    ):
        subprocess.run(
            [galaxy, "collection", *command],
            env=environment.minimal() | {"HOME": str(folder)},
            check=True,
            capture_output=True,
        )
        settings = folder / "demo" / "tools" / "galaxy.yml"
        settings.write_text(settings.read_text().replace("1.0.0", "1.2.3"))
        tasks = folder / "demo" / "tools" / "roles" / "greet" / "tasks"
        tasks.mkdir(parents=True, exist_ok=True)
        (tasks / "main.yml").write_text("- debug: {msg: greetings}\n")
    return folder / "demo-tools-1.2.3.tar.gz"


@pytest.fixture(scope="session")
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
def requirements(collection, role):
    """Both, as a structure."""
    return {
        "collections": [{"name": str(collection), "type": "file"}],
        "roles": [{"name": "hello", "src": f"file://{role}", "version": "2.0"}],
    }


BOTH = [
    {"kind": "collection", "name": "demo.tools", "version": "1.2.3"},
    {"kind": "role", "name": "hello", "version": "2.0"},
]


def test_what_was_installed_is_told_and_a_playbook_finds_it(requirements, local):
    answer = actions.run(galaxy_install, {"requirements": requirements})
    assert (answer["installed"], answer["changed"]) == (BOTH, True)
    plays = [{"hosts": "all", "gather_facts": False, "roles": ["demo.tools.greet", "hello"]}]
    printed = actions.run(playbook, {"playbook": plays, "inventory": local})["stdout"]
    assert ("greetings" in printed, "welcome" in printed) == (True, True)


def test_what_is_there_already_is_not_new(requirements, tmp_path):
    params = {
        "requirements": json.dumps(requirements, indent=1),
        "collections_path": str(tmp_path / "collections"),
        "roles_path": str(tmp_path / "roles"),
    }
    first = actions.run(galaxy_install, params)
    assert [p["version"] for p in first["installed"]] == ["1.2.3", "2.0"]
    again = actions.run(galaxy_install, params)
    assert (again["installed"], again["changed"]) == ([], False)


def test_what_can_not_be_installed_is_an_error_with_the_reason(tmp_path):
    missing = {"collections": [{"name": str(tmp_path / "gone.tar.gz"), "type": "file"}]}
    with pytest.raises(actions.ActionFailed, match=r"ended with code 1, saying: .*gone") as caught:
        actions.run(galaxy_install, {"requirements": missing})
    assert caught.value.details["rc"] == 1


def test_a_token_shows_nowhere(free_port):
    env = testing.ActionEnvironment(wire=False)
    result = env.run_result(
        galaxy_install,
        requirements={"collections": [{"name": "demo.tools"}]},
        server=f"http://127.0.0.1:{free_port}",
        token="canary-token-7Qx9Zt2w",
    )
    assert result.error["code"] == "ANSIBLE_FAILED"
    assert "canary" not in json.dumps(result.error)
    assert env.secrets_seen() == []
