# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Run a command so that it sees little of this machine, by the program ``bwrap`` of bubblewrap.

Its root folder is empty but for what is named here, all of it read-only: the system's programs,
this Python, the few files of ``/etc`` that name resolution, TLS and ``ssh`` need, and the folders
that the operator opened. Writable are ``/tmp``, the home folder (both empty, in memory) and the
private folder of the run. It has a process namespace, IPC objects and a terminal session of its
own, and no capabilities. The network is shared, since Ansible is there to reach other hosts.
"""

from __future__ import annotations

import contextlib
import functools
import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mistral_extra.actions import availability
from mistral_extra.actions.ansible import errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

__all__ = ["arguments", "program"]

_NAMESPACES = (
    "--unshare-user",
    "--unshare-pid",
    "--unshare-ipc",
    "--unshare-uts",
    "--unshare-cgroup-try",
    "--cap-drop",
    "ALL",
    "--die-with-parent",
    # Without a terminal of the caller's, nothing can type into it (TIOCSTI).
    "--new-session",
)

#: Programs and libraries. Most systems have links into /usr for the others.
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")

#: Below /usr, but configuration: Python's own installation puts /usr/local/etc/mistral there.
_CONFIGURATION = ("/usr/etc", "/usr/local/etc")

#: Of /etc, by name: whatever else is there may belong to a service.
_ETC = (
    "alternatives",
    "ca-certificates",
    "ca-certificates.conf",
    "crypto-policies",
    "debian_version",
    "gai.conf",
    "group",
    "host.conf",
    "hosts",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "localtime",
    "login.defs",
    "mime.types",
    "nsswitch.conf",
    "os-release",
    "passwd",
    "pki/ca-trust",
    "pki/tls/cert.pem",
    "pki/tls/certs",
    "pki/tls/openssl.cnf",
    "protocols",
    "redhat-release",
    "resolv.conf",
    "services",
    "ssh/ssh_config",
    "ssh/ssh_known_hosts",
    "ssl/cert.pem",
    "ssl/certs",
    "ssl/openssl.cnf",
    "terminfo",
    "timezone",
)

#: What of a Python installation holds code; others, such as its etc, hold configuration.
_CODE = ("bin", "include", "lib", "lib32", "lib64", "pyvenv.cfg", "share")


def program() -> str:
    """Return the path of ``bwrap``.

    :raises IsolationUnavailable: it is not installed, or can't work on this machine.
    """
    path = shutil.which("bwrap", path=availability.search_path())
    if path is None:
        raise errors.IsolationUnavailable(
            "[ansible_action] isolation is bubblewrap, and there is no program 'bwrap' on this "
            "machine: the operator may install the package bubblewrap"
        )
    _try(path)
    return path


#: Seconds that the attempt may take.
_PATIENCE = 30.0


@functools.lru_cache
def _try(path: str) -> None:
    """Find out whether namespaces can be made here; what works once, is not tried again."""
    words = [path, *_NAMESPACES, "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev"]
    try:
        done = subprocess.run(
            [*words, "--", "/bin/true"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            env={"LC_ALL": "C.UTF-8"},
            timeout=_PATIENCE,
            check=False,
        )
        problem = done.stderr.strip()[-300:] if done.returncode else None
    except (OSError, subprocess.TimeoutExpired) as e:
        problem = str(e)
    if problem is not None:
        raise errors.IsolationUnavailable(
            f"[ansible_action] isolation is bubblewrap, which does not work on this machine: "
            f"{problem}. The user of the executor must be able to make user namespaces, which a "
            "container or the system's settings may forbid"
        )


def arguments(
    private_folder: Path,
    working_folder: Path,
    environment: Mapping[str, str],
    content_folders: Sequence[str],
    writable: Iterable[Path] = (),
) -> list[str]:
    """Return the arguments of ``bwrap``, in front of the command's own words.

    :param private_folder: of the run; can be written.
    :param working_folder: where the command starts.
    :param environment: of the command; the one of ``bwrap`` itself must not be a workflow's.
    :param content_folders: can be read.
    :param writable: further folders that can be written.
    :raises IsolationUnavailable: a content folder would show the whole machine.
    """
    if "/" in map(os.path.realpath, content_folders):
        raise errors.IsolationUnavailable(
            "[ansible_action] isolation is bubblewrap, which takes content_folders without '/', "
            "that would show the whole machine: the operator may set them to the folders in which "
            "playbooks are"
        )
    words = [
        *_NAMESPACES,
        *_system(),
        *("--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--tmpfs", "/var/tmp"),
        *_home(),
        *_python(),
        *_ssh(private_folder),
    ]
    for opened in content_folders:
        words += _shown(Path(opened).absolute())
    for folder in (private_folder, *writable):
        words += ["--bind", str(folder), str(folder)]
    words += ["--remount-ro", "/", "--chdir", str(working_folder)]
    for name, value in environment.items():
        words += ["--setenv", name, value]
    return words


def _shown(path: Path) -> list[str]:
    """Return the arguments that show a file or folder under its name and where links lead."""
    words: list[str] = []
    for name in dict.fromkeys((os.path.realpath(path), str(path))):
        words += ["--ro-bind-try", name, name]
    return words


def _system() -> Iterator[str]:
    for name in _SYSTEM:
        path = Path(name)
        if path.is_symlink():
            yield from ("--symlink", os.readlink(path), name)
        else:
            yield from ("--ro-bind-try", name, name)
    for name in _CONFIGURATION:
        if Path(name).is_dir():
            yield from ("--tmpfs", name)
    for name in _ETC:
        yield from ("--ro-bind-try", f"/etc/{name}", f"/etc/{name}")


def _homes() -> set[str]:
    """Return the home folder by the variable and by the list of users, which ssh goes by."""
    homes = {os.path.expanduser("~")}
    with contextlib.suppress(KeyError):
        homes.add(pwd.getpwuid(os.geteuid()).pw_dir)
    return {home for home in homes if os.path.isabs(home) and os.path.realpath(home) != "/"}


def _home() -> Iterator[str]:
    for home in sorted(_homes()):
        yield from ("--tmpfs", home)
        for name in (".ssh/known_hosts", ".ansible/collections", ".ansible/roles"):
            path = f"{home}/{name}"
            yield from ("--ro-bind-try", path, path)


def _python() -> Iterator[str]:
    """Yield what shows this Python, its packages, and Ansible, wherever they are installed."""
    prefixes = {sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix}
    ansible = shutil.which("ansible-playbook", path=availability.search_path())
    for each in filter(None, (sys.executable, ansible)):
        for path in (each, os.path.realpath(each)):
            prefixes.add(os.path.dirname(os.path.dirname(path)))
    for prefix in sorted(prefixes | set(map(os.path.realpath, prefixes))):
        if not prefix.startswith("/usr/") and prefix not in ("/", "/usr"):
            for name in _CODE:
                path = f"{prefix}/{name}"
                yield from ("--ro-bind-try", path, path)


def _ssh(private_folder: Path) -> Iterator[str]:
    """Yield what shows the system's settings of ssh.

    A copy: in the user namespace root's files are nobody's, and ssh refuses to include those.
    """
    source = Path("/etc/ssh/ssh_config.d")
    files = sorted(source.glob("*.conf"))
    if files:
        copy = private_folder / "ssh_config.d"
        copy.mkdir(mode=0o700)
        for file in files:
            try:
                shutil.copyfile(file, copy / file.name)
            except OSError:
                # Not this user's to read, so ssh would not read it either.
                continue
        yield from ("--ro-bind", str(copy), str(source))
