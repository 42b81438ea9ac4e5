# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Every way in which Ansible's actions fail: its code, and whether another try may help."""

import errno
import json
import subprocess
import sys

import pytest

from mistral_extra.actions import availability
from mistral_extra.actions.ansible import errors, options, outcome, private_folder
from mistral_lib import actions


def failing(status, failures=(), **counts):
    """Return the outcome of a run on the host ``h``."""
    stats = {"h": outcome.HostStats(**counts), "other": outcome.HostStats(ok=1)}
    told = [outcome.Failure("h", "t", text) for text in failures]
    return outcome.Outcome(4, status, stats, told, "ERROR! it printed", False)


def start(number):
    return errors.start_failed(OSError(number, "text", "/path/of/the/executor"))


def raised(told):
    with pytest.raises(actions.ActionException, match="it failed: ") as caught:
        outcome.check_success(told, "it")
    return caught.value


SSH = "Failed to connect to the host via ssh: "
TABLE = [
    (lambda: raised(failing("failed", ["no"], failed=1)), "ANSIBLE_FAILED", False),
    (lambda: raised(failing("failed")), "ANSIBLE_FAILED", False),
    *(
        (
            lambda text=text: raised(failing("unreachable", [SSH + text], unreachable=1)),
            "HOST_UNREACHABLE",
            retryable,
        )
        for text, retryable in {
            "ssh: connect to host h port 22: Connection refused": True,
            "ssh: connect to host h port 22: Connection timed out": True,
            "ssh: connect to host h port 22: No route to host": True,
            "kex_exchange_identification: Connection closed by remote host": True,
            "ssh: Could not resolve hostname h: Temporary failure in name resolution": True,
            "u@h: Permission denied (publickey,password).": False,
            "Host key verification failed.": False,
            "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @": False,
            'Load key "k": error in libcrypto': False,
            'Load key "k": invalid format': False,
            "Received disconnect from h: Too many authentication failures": False,
            "Unable to negotiate: no matching host key type found. Their offer: ssh-rsa": False,
            "Invalid/incorrect password: Permission denied, please try again.": False,
        }.items()
    ),
    # A retry would repeat what failed for good.
    (
        lambda: raised(failing("unreachable", [SSH + "refused"], unreachable=1, failed=1)),
        "HOST_UNREACHABLE",
        False,
    ),
    (lambda: raised(failing("unreachable", unreachable=1)), "HOST_UNREACHABLE", True),
    *(
        (lambda number=number: start(number), "START_FAILED", retryable)
        for number, retryable in {
            errno.EAGAIN: True,
            errno.ENOMEM: True,
            errno.EMFILE: True,
            errno.ENOSPC: True,
            errno.ENOENT: False,
            errno.EACCES: False,
            errno.E2BIG: False,
        }.items()
    ),
    (lambda: errors.NoCloudAccess("x"), "NO_CLOUD_ACCESS", False),
    (lambda: errors.AnsibleNotAllowed("x"), "ANSIBLE_NOT_ALLOWED", False),
    (lambda: errors.IsolationUnavailable("x"), "ISOLATION_UNAVAILABLE", False),
    (lambda: availability.NotInstalled("x"), "NOT_INSTALLED", False),
    (lambda: actions.InvalidInput("x"), "INVALID_INPUT", False),
    (lambda: actions.ActionTimeout("x"), "TIMEOUT", True),
    (lambda: actions.ActionCancelled("x"), "CANCELLED", False),
]


@pytest.mark.parametrize(("make", "code", "retryable"), TABLE)
def test_each_failure_has_its_code_and_says_whether_to_try_again(make, code, retryable):
    error = make()
    assert (error.error_code, bool(error.retryable)) == (code, retryable)
    assert "/path/of" not in str(error)


def test_the_table_has_every_class_of_the_family():
    codes = {code for _, code, _ in TABLE}
    declared = [getattr(errors, name) for name in errors.__all__]
    assert codes >= {each.error_code for each in declared if isinstance(each, type)}


@pytest.fixture
def openssh_key(tmp_path):
    """The text of a private key."""
    path = tmp_path / "key"
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path]
    try:
        subprocess.run(command, check=True)
    except FileNotFoundError:
        pytest.skip("OpenSSH's ssh-keygen is not installed")
    return path.read_text()


@pytest.mark.parametrize(
    "spell",
    [
        str,
        str.strip,
        lambda key: key.replace("\n", "\r\n"),
        lambda key: key.replace("\n", "\r"),
        lambda key: "\n \r\n" + key + "\n\n",
        lambda key: "\ufeff" + key,
        lambda key: "".join(f"    {line}  \n" for line in key.splitlines()),
    ],
    ids=["as it is", "stripped", "CRLF", "CR", "blank lines", "byte order mark", "indented"],
)
def test_a_private_key_is_one_however_its_lines_came(spell, openssh_key, tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    (word,) = options.Credentials(spell(openssh_key), None).words(folder)
    command = ["ssh-keygen", "-y", "-P", "", "-f", word.partition("=")[2]]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.stdout.startswith("ssh-ed25519 "), done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("free", [0, 1, 2])
def test_a_machine_without_descriptors_is_worth_another_try(free, tmp_path):
    code = (
        "import json, resource, sys, tempfile\n"
        "from mistral_extra.actions.ansible import command, policy\n"
        "from mistral_lib import actions\n"
        "from mistral_extra.actions.ansible.private_folder import private_folder\n"
        "tempfile.gettempdir()\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (3 + int(sys.argv[2]),) * 2)\n"
        "try:\n"
        "    with private_folder() as folder:\n"
        "        allowed = policy.Policy(None, 'none')\n"
        "        ready = command.Command(['true'], folder, {}, folder, allowed)\n"
        "        command.run(ready, actions.ActionContext(), print)\n"
        "except actions.ActionException as e:\n"
        "    print(json.dumps([e.error_code, e.retryable]))\n"
    )
    command = [sys.executable, "-c", code, tmp_path, str(free)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert json.loads(done.stdout or "null") == ["START_FAILED", True], done.stderr
    # What could not be removed then, the next run removes.
    private_folder.sweep()
