# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""With isolation Ansible finds nothing of the executor, and works as usual on other hosts."""

import json
import os
import platform
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from mistral_extra.actions.ansible.galaxy_install import galaxy_install
from mistral_extra.actions.ansible.module import module
from mistral_extra.actions.ansible.playbook import playbook
from mistral_lib import actions

pytestmark = pytest.mark.slow

#: Looks for canaries where an attacker would, by means that every system has.
SEARCH = r"""
cat {home}/.my.cnf {elsewhere}/etc/mistral/mistral.conf {temporary}/note
cat /proc/*/environ | tr '\0' '\n' | grep -a 'canary[-]'
ls -a {elsewhere}/etc /etc /run /var /home /root {home}
"""


@pytest.fixture
def canaries(tmp_path, place):
    """Files and a process with secrets, outside of what is opened, and what finds them."""
    elsewhere = tmp_path / "system"
    temporary = Path(tempfile.mkdtemp(dir="/tmp"))
    files = {
        place / "home" / ".my.cnf": "canary-home",
        elsewhere / "etc" / "mistral" / "mistral.conf": "canary-configuration",
        temporary / "note": "canary-temporary",
    }
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    with subprocess.Popen(["sleep", "600"], env={"TOKEN": "canary-environment"}) as process:
        yield SEARCH.format(home=place / "home", elsewhere=elsewhere, temporary=temporary)
        process.kill()
    for path in temporary.iterdir():
        path.unlink()
    temporary.rmdir()


def search(local, canaries, tmp_path):
    """Return all that a playbook finds out."""
    conf = tmp_path / "system" / "etc" / "mistral" / "mistral.conf"
    tasks = [
        {"name": "Search", "shell": canaries, "ignore_errors": True},
        {"name": "Look up", "debug": {"msg": f"{{{{ lookup('file', '{conf}') }}}}"}},
        {"name": "Slurp", "slurp": {"src": str(conf)}},
        {"name": "Copy", "copy": {"src": str(conf), "dest": "copied"}},
        {"name": "Read", "shell": "cat copied"},
    ]
    # Each for itself, and whatever becomes of it.
    plays = [
        {"hosts": "all", "gather_facts": False, "tasks": [{**task, "ignore_errors": True}]}
        for task in tasks
    ]
    params = {"playbook": plays, "inventory": local, "verbosity": 1}
    return json.dumps(actions.run(playbook, params))


def test_without_isolation_the_canaries_are_found(options, canaries, local, tmp_path):
    options(enabled=True)
    found = search(local, canaries, tmp_path)
    for canary in ("home", "configuration", "temporary", "environment"):
        assert f"canary-{canary}" in found


def test_with_isolation_no_canary_is_found(isolated, canaries, local, tmp_path):
    assert "canary-" not in search(local, canaries, tmp_path)


def shell(local, script, **params):
    answer = actions.run(module, {"module": "shell", "args": script, "inventory": local, **params})
    return answer["results"]["localhost"]["stdout"]


def test_of_the_system_only_what_is_needed_is_there(isolated, local):
    present = shell(local, "ls -A /; ls -A /etc /run /var /sys 2>&1; true").split()
    for name in ("shadow", "mistral", "docker.sock", "private", "lib/docker", "log", "srv", "boot"):
        assert name not in present
    assert {"usr", "etc", "passwd", "resolv.conf"} <= set(present)
    private = (
        "ls /etc/ssl/private /etc/pki/tls/private /etc/ssh/*_key /sys /run/* 2>/dev/null; true"
    )
    assert shell(local, private) == ""


def test_a_run_sees_its_own_processes_alone(isolated, local):
    names = shell(local, "cat /proc/[0-9]*/comm").split()
    assert {"bwrap", "sh"} <= set(names)
    assert len(names) < 15
    assert shell(local, "kill -0 $PPID; tr -d '\\0' < /proc/1/comm") == "bwrap"


def test_the_system_is_read_only_and_temporary_folders_are_writable(isolated, local, content):
    script = "for each in / /usr /etc %s; do touch $each/x 2>/dev/null && echo $each; done; true"
    assert shell(local, script % content) == ""
    assert shell(local, "touch /tmp/x /var/tmp/x ~/x $TMPDIR/x && echo all") == "all"
    assert not Path("/var/tmp/x").exists()


def test_nothing_can_be_gained(isolated, local):
    status = shell(local, "grep -E '^(CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/self/status")
    values = dict(line.split(":\t") for line in status.splitlines())
    assert int(values["CapEff"], 16) == int(values["CapBnd"], 16) == 0
    assert values["NoNewPrivs"] == "1"
    # A session of its own, without a terminal.
    assert shell(local, "cat < /dev/tty || echo none") == "none"


def _kernel():
    return tuple(int(part) for part in platform.release().split("-")[0].split(".")[:2])


@pytest.mark.skipif(_kernel() < (6, 12), reason="abstract sockets are scoped since Linux 6.12")
def test_an_abstract_socket_of_another_process_is_out_of_reach(isolated, local):
    lsm = Path("/sys/kernel/security/lsm")
    if lsm.exists() and "landlock" not in lsm.read_text():
        pytest.skip("this kernel has Landlock off, which keeps abstract sockets apart")
    name = f"mistral-test-{os.getpid()}"
    connect = (
        "import socket\n"
        "with socket.socket(socket.AF_UNIX) as s:\n"
        f"    print(s.connect_ex('\\0{name}'))"
    )
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"\0{name}")
        listening.listen()
        outside = subprocess.run([sys.executable, "-c", connect], capture_output=True, text=True)
        assert outside.stdout == "0\n"
        inside = shell(local, f"{sys.executable} - <<'END'\n{connect}\nEND")
    assert inside == "1"  # EPERM


def test_variables_of_the_workflow_do_not_reach_what_isolates(isolated, local, tmp_path):
    # Loaded into bwrap or the supervisor, it would run outside.
    proof = tmp_path / "proof"
    (tmp_path / "sitecustomize.py").write_text(f"open({str(proof)!r}, 'w').close()")
    variables = {"PYTHONPATH": str(tmp_path), "LD_PRELOAD": str(tmp_path / "x.so"), "A": "canary-v"}
    assert shell(local, "echo $A", environment=variables) == "canary-v"
    assert not proof.exists()


def test_variables_are_on_no_command_line(isolated, local):
    script = "tr '\\0' '\\n' < /proc/1/cmdline"
    assert "canary" not in shell(local, script, environment={"A": "canary-v"})


def test_a_usual_playbook_works_over_ssh(isolated, options, nodes, content):
    role = content / "roles" / "notes"
    for name in ("tasks", "templates"):
        (role / name).mkdir(parents=True)
    target = content.parent / "on-the-host"
    target.mkdir()
    (role / "templates" / "note.j2").write_text("{{ greeting }} {{ sealed }} {{ hidden }}\n")
    note = {"template": {"src": "note.j2", "dest": f"{target}/{{{{ inventory_hostname }}}}"}}
    (role / "tasks" / "main.yml").write_text(json.dumps([note]))
    plays = [{"hosts": "all", "roles": ["notes"], "vars_files": ["sealed.yml"]}]
    (content / "site.yml").write_text(json.dumps(plays))
    vault = Path(sys.executable).with_name("ansible-vault")
    password = content.parent / "vault-password"
    password.write_text("canary-vault")
    (content / "sealed.yml").write_text("sealed: by-vault\n")
    command = [vault, "encrypt", "--vault-password-file", password, content / "sealed.yml"]
    subprocess.run(command, check=True, capture_output=True)
    inventory = known_hosts_in(content, nodes.inventory)
    outcome = actions.run(
        playbook,
        {
            "playbook": str(content / "site.yml"),
            "inventory": inventory,
            "private_key": nodes.private_key,
            "vault_password": "canary-vault",
            "extra_vars": {"greeting": "hello"},
            "secret_vars": {"hidden": "canary-variable"},
        },
    )
    assert {host: stats["failed"] for host, stats in outcome["stats"].items()} == {
        "node1": 0,
        "node2": 0,
    }
    for host in ("node1", "node2"):
        assert (target / host).read_text() == "hello by-vault canary-variable\n"


def known_hosts_in(folder, inventory):
    """Return the inventory with the hosts' keys in a folder that is opened."""
    option = inventory["all"]["vars"]["ansible_ssh_common_args"]
    known = folder / "known_hosts"
    known.write_text(Path(option.partition("=")[2]).read_text())
    shared = {**inventory["all"]["vars"]}
    shared["ansible_ssh_common_args"] = f"-o UserKnownHostsFile={known}"
    return {"all": {**inventory["all"], "vars": shared}}


def test_collections_can_be_installed_and_used(isolated, place, tmp_path):
    outcome = actions.run(galaxy_install, {"requirements": {"roles": [], "collections": []}})
    assert outcome["changed"] is False
    assert (place / "home" / ".ansible" / "collections").is_dir()


def test_nothing_is_installed_below_an_opened_folder(isolated, content):
    params = {"requirements": {"roles": []}, "roles_path": f"{content}/inner"}
    error = actions.Runner().run(galaxy_install, params).error
    assert error["code"] == "INVALID_INPUT"
    assert "content_folders itself" in error["message"]
    actions.run(galaxy_install, {**params, "roles_path": str(content)})


def test_a_run_that_is_to_stop_leaves_nothing(isolated, local, place):
    script = "setsid sleep 600 & trap '' TERM; sleep 600"
    with pytest.raises(actions.ActionTimeout, match="Ansible took more than 3 seconds"):
        actions.run(module, {"module": "shell", "args": script, "inventory": local, "timeout": 3})


# ------------------------------------------------------------------------------------------------
# Where it can't be had, nothing runs
# ------------------------------------------------------------------------------------------------


def unavailable(local):
    error = actions.Runner().run("ansible.module", {"module": "ping", "inventory": local}).error
    assert error["code"] == "ISOLATION_UNAVAILABLE", error
    assert error["retryable"] is False
    return error["message"]


def test_without_the_program_nothing_runs(options, local, monkeypatch, tmp_path):
    options(enabled=True, isolation="bubblewrap")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "install the package bubblewrap" in unavailable(local)


def test_where_no_namespace_can_be_made_nothing_runs(options, local, monkeypatch, tmp_path):
    options(enabled=True, isolation="bubblewrap")
    program = tmp_path / "bwrap"
    program.write_text(
        "#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert "No permissions to create new namespace" in unavailable(local)


def test_a_folder_that_is_the_whole_machine_is_refused(isolated, options, local):
    options(content_folders=["/"])
    assert "content_folders without '/'" in unavailable(local)
