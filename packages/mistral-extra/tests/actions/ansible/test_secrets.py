# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What is secret shows neither on disk, nor in the list of processes, nor in what is returned."""

import base64
import json
import os
import threading
from pathlib import Path

import pytest

from mistral_extra.actions.ansible import cloud
from mistral_extra.actions.ansible.playbook import playbook
from mistral_lib import actions, testing

pytestmark = pytest.mark.slow

# What looks like a template is none: secrets are taken literally.
VARIABLE, VAULT, TOKEN = "canary-variable-7Qx{{9Zt}}", "canary-vault-8Ry0Au", "canary-token-5Tb"
CANARIES = [VARIABLE, VAULT, TOKEN]


def files_in(folder):
    # Unlike Path.rglob, this does not mind what vanishes meanwhile.
    return (Path(inside, name) for inside, _, names in os.walk(folder) for name in names)


class Watch:
    """Looks, while a run lasts, at what other users of the machine may see, and at files."""

    def __init__(self, *folders):
        self._folders = folders
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self.sightings = set()
        self.private = set()
        self.looks = 0

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *args):
        self._over.set()
        self._thread.join()

    def _look(self):
        while not self._over.wait(0.02):
            self.looks += 1
            for process in Path("/proc").glob("[0-9]*"):
                self._judge(process / "cmdline", self.sightings)
                self._judge(process / "environ", self.sightings)
            for path in (p for folder in self._folders for p in files_in(folder)):
                self._judge(path, self._place_of(path))

    def _place_of(self, path):
        """Return where a sighting belongs: a file that only its owner may read is no leak yet."""
        try:
            closed = path.stat().st_mode & 0o077 == 0
        except OSError:
            return set()
        return self.private if closed else self.sightings

    def _judge(self, path, found):
        try:
            content = path.read_bytes()
        except OSError:
            return
        found.update((path.name, c) for c in CANARIES if c.encode() in content)


@pytest.fixture
def revealing(local, on_localhost):
    """The parameters of a playbook that tells its secret in all ways."""
    show = {"name": "Show {{ key }}", "debug": {"var": "key"}}
    pass_on = {"name": "Use", "shell": 'test "$KEY" && sleep 2', "environment": {"KEY": "x"}}
    return {
        "playbook": on_localhost(show, pass_on),
        "inventory": local,
        "secret_vars": {"key": VARIABLE, "list": [VARIABLE]},
        "vault_password": VAULT,
        "openstack": True,
    }


@pytest.fixture
def env():
    """An environment with an identity."""
    return testing.ActionEnvironment(
        wire=False, auth_token=TOKEN, auth_uri="https://identity.example/v3"
    )


def test_secrets_show_nowhere_while_ansible_runs_nor_after(revealing, env, place):
    memory = Path("/dev/shm")
    with Watch(place, memory) as watch:
        answer = env.run(playbook, {**revealing, "verbosity": 4})
    assert watch.looks > 10
    assert watch.sightings == set()
    # The watch does see: this is how Ansible gets them.
    assert {name for name, _ in watch.private} >= {"secret-vars", "vault", "clouds.yaml"}
    left = [*files_in(place), *files_in(memory)]
    assert [path for path in left if path.is_file() and holds_canary(path.read_bytes())] == []
    assert not holds_canary(json.dumps(answer).encode())
    assert "Show ***" in answer["stdout"]
    assert env.secrets_seen() == []


def holds_canary(content):
    return any(canary.encode() in content for canary in CANARIES)


def test_a_secret_comes_back_in_no_spelling(local, on_localhost):
    secret = "CANARY-it's-a-pass"
    filters = ["b64encode", "urlencode", "quote", "tojson"]
    tasks = [{"debug": {"msg": f"got {{{{ pw | {each} }}}}"}} for each in filters]
    curl = {"shell": "echo curl -u ann:{{ pw | quote }}; printf %s {{ pw | quote }} | base64"}
    params = {"playbook": on_localhost(*tasks, curl), "inventory": local, "verbosity": 1}
    outcome = json.dumps(actions.run(playbook, {**params, "secret_vars": {"pw": secret}}))
    for left in ("CANARY", "Q0FOQVJZ", "a-pass", base64.b64encode(secret.encode()).decode()):
        assert left not in outcome
    assert outcome.count("got ") == len(filters)


def test_an_error_does_not_tell_a_secret(revealing, env, on_localhost):
    revealing["playbook"] = on_localhost({"name": "Tell", "fail": {"msg": "no {{ key }}"}})
    result = env.run_result(playbook, revealing)
    assert result.error["message"].endswith("no ***")
    assert not holds_canary(json.dumps(result.error).encode())
    assert env.secrets_seen() == []


def test_secret_variables_are_taken_literally(local, on_localhost, tmp_path):
    odd = {"a": "{{ 1 + 1 }}", "b": "{% raw", "c": "'\"\\é\U0001f600\x7f", "d": {"e": [1, None]}}
    # What comes back is masked, however it is encoded.
    copy = {"content": "{{ given | to_json | b64encode }}", "dest": f"{tmp_path}/copy"}
    plays = on_localhost({"copy": copy})
    actions.run(playbook, {"playbook": plays, "inventory": local, "secret_vars": {"given": odd}})
    assert json.loads(base64.b64decode((tmp_path / "copy").read_text())) == odd


def test_modules_get_the_identity_of_the_workflow_when_asked(local, on_localhost, tmp_path):
    env = testing.ActionEnvironment(
        wire=False,
        auth_token=TOKEN,
        auth_uri="https://identity.example/v3",
        project_id="p1",
        region_name="north",
    )
    copied = tmp_path / "copied"
    script = f'set -e; (cat "$OS_CLIENT_CONFIG_FILE"; echo; echo "$OS_CLOUD") > {copied}'
    params = {"playbook": on_localhost({"shell": script}), "inventory": local}
    env.run(playbook, params, openstack=True)
    file, name = copied.read_text().splitlines()
    assert json.loads(file)["clouds"][name] == {
        "auth_type": "v3token",
        "auth": {"auth_url": "https://identity.example/v3", "token": TOKEN, "project_id": "p1"},
        "region_name": "north",
        "verify": True,
    }
    assert env.run_result(playbook, params).error["code"] == "ANSIBLE_FAILED"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"auth_token": None}, "the action's context has no token"),
        ({"is_trust_scoped": True}, "it comes from a trust"),
    ],
)
def test_an_identity_of_no_use_is_refused(fields, reason, local, on_localhost):
    env = testing.ActionEnvironment(wire=False, auth_uri="https://identity.example/v3", **fields)
    params = {"playbook": on_localhost(), "inventory": local, "openstack": True}
    with pytest.raises(actions.ActionFailed, match=reason) as caught:
        env.run(playbook, params)
    assert caught.value.error_code == "NO_CLOUD_ACCESS"


def test_the_certificates_of_the_cloud_are_a_copy_without_its_key(tmp_path):
    certificate = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"
    key = "-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----"
    bundle = tmp_path / "bundle.pem"
    bundle.write_text(f"{key}\n{certificate}\ncomment\n{certificate}\n")
    folder = tmp_path / "run"
    folder.mkdir()
    security = actions.SecurityContext(
        auth_uri="https://identity.example/v3", auth_token=TOKEN, auth_cacert=str(bundle)
    )
    variables = cloud.environment(security, folder)
    clouds = json.loads(Path(variables["OS_CLIENT_CONFIG_FILE"]).read_text())
    (known,) = clouds["clouds"].values()
    assert Path(known["cacert"]).parent == folder
    assert Path(known["cacert"]).read_text() == f"{certificate}\n{certificate}\n"
