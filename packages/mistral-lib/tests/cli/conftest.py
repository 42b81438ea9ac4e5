# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A directory with really installed plug-ins: modules, and the metadata that announces them."""

import importlib
import importlib.metadata
import inspect
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from click.testing import CliRunner
from stevedore.extension import ExtensionManager

from mistral_lib.actions.providers import installed
from mistral_lib.cli.command import group

PROBE = '''
import asyncio, dataclasses, datetime, enum, logging, subprocess, time
from typing import Literal
from mistral_lib import actions


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


@dataclasses.dataclass
class Size:
    path: str
    size: int


@actions.action(tags=["files", "quick"], timeout=30, idempotent=True)
def measure(path: str, *, unit: int = 1, context: actions.ActionContext) -> Size:
    """Measure a path.

    Only its length.

    :param path: what is measured.
    :returns: the path and its length.
    """
    return Size(path, len(path) // unit)


@actions.action(tags=["files"])
def measure_all(paths: list[str], limit: int | None = None) -> list[Size]:
    """Measure many paths."""
    return [Size(path, len(path)) for path in paths[:limit]]


@actions.action
def echo(
    text: str = "", count: int = 0, ratio: float = 0.0, flag: bool = False,
    color: Color = Color.RED, mode: Literal["a", "b"] = "a", note: str | None = None,
    when: datetime.datetime | None = None, raw: bytes | None = None, size: Size | None = None,
    either: int | list[int] = 0,
) -> dict:
    """Answer with what came."""
    return {k: v for k, v in locals().items() if v not in ("", 0, 0.0, False, None)}


@actions.action
def untyped(a, b="x", **more):
    return {"a": a, "b": b, **dict(sorted(more.items()))}


@actions.action(
    secrets=["password"], deprecated="use probe.measure", test=lambda user, password: "would log in"
)
def login(user: str, password: str) -> str:
    """Log in.

    :param password: of the user.
    """
    logging.getLogger("probe").warning("the password is %s", password)
    raise actions.ActionException(
        f"no such password: {password}", error_code="AUTH", retryable=True, retry_after=5,
        details={"user": user},
    )


@actions.action
def crash():
    """Fail by mistake."""
    return {}["nothing"]


@actions.action
def wait(seconds: float, *, context: actions.ActionContext) -> str:
    """Wait, but stop when asked to."""
    context.progress("waiting")
    context.sleep(seconds)
    return "waited"


@actions.action
def ignore(seconds: float, *, context: actions.ActionContext) -> str:
    """Wait, whatever happens."""
    context.progress("waiting")
    time.sleep(seconds)
    return "waited"


@actions.action
def whoami(*, context: actions.ActionContext) -> str | None:
    """Tell the project."""
    context.progress(f"the token is {context.security.auth_token}")
    logging.getLogger("probe").warning("the token is %s", context.security.auth_token)
    return context.security.project_id


@actions.action
def noisy() -> str:
    """Print."""
    print("printed")
    subprocess.run(["echo", "printed by a child"], check=True)
    return "quiet"


@actions.action
async def greet(name: str) -> str:
    """Greet."""
    await asyncio.sleep(0)
    return f"Grüß Gott {name}"


@actions.action(sync=False)
def order(item: str) -> None:
    """Order something, to be delivered later."""


@actions.hidden("password")
class Legacy(actions.Action):
    """A class of old.

    :param count: how many.
    """

    def __init__(self, name: str, password=None, count: int = 3, options=[1, 2]):
        self.name, self.password, self.count = name, password, count

    def run(self, context):
        if self.count == 0:
            return actions.Result(error="zero is too few")
        if self.count == 1:
            return actions.Result(cancel=True)
        if self.count == 2:
            return {3, 3}
        return {"name": self.name, "count": self.count}

    def test(self, context):
        return "tested"
'''

PROBE_ACTIONS = {
    f"probe.{name.lower()}": f"probe_plugin:{name}"
    for name in (
        "measure",
        "measure_all",
        "echo",
        "untyped",
        "login",
        "crash",
        "wait",
        "ignore",
        "whoami",
        "noisy",
        "greet",
        "order",
        "Legacy",
    )
}


class Site:
    """A directory on the path of modules, as an installer leaves it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def module(self, name: str, source: str) -> Path:
        """Put a module there."""
        path = self.path / f"{name}.py"
        path.write_text(textwrap.dedent(source), encoding="utf-8")
        return path

    def distribution(self, name: str, groups: dict[str, dict[str, str]]) -> None:
        """Put a distribution's metadata there: its entry points by group and name."""
        info = self.path / f"{name.replace('-', '_')}-1.0.dist-info"
        info.mkdir()
        text = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
        (info / "METADATA").write_text(text, encoding="utf-8")
        lines = [
            line
            for group_, points in groups.items()
            for line in (f"[{group_}]", *(f"{k} = {v}" for k, v in points.items()))
        ]
        (info / "entry_points.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def probe(self) -> None:
        """Install the plug-in above."""
        self.module("probe_plugin", PROBE)
        self.distribution("probe-plugin", {"mistral.actions": PROBE_ACTIONS})

    def entry_points(self, **params: str) -> importlib.metadata.EntryPoints:
        """Return what is announced here, as ``importlib.metadata.entry_points`` does.

        Half a hundred clients beside us take half a second to look through, for every new path.
        """
        found = importlib.metadata.distributions(path=[str(self.path)])
        points = importlib.metadata.EntryPoints(p for dist in found for p in dist.entry_points)
        return points.select(**params)

    def environment(self, **variables: str) -> dict[str, str]:
        """Return the environment of a process that finds what is installed there."""
        source = Path(inspect.getfile(group.callback)).parents[2]
        return {
            **os.environ,
            "PYTHONPATH": os.pathsep.join((str(self.path), str(source))),
            "XDG_CACHE_HOME": str(self.path / "cache"),
            "PYTHONWARNINGS": "",
            **variables,
        }

    def start(self, *args: str, variables: dict[str, str] | None = None, **options):
        """Start the command in a process of its own."""
        settings = {
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "encoding": "utf-8",
            # A process that nohup started ignores it, and so would this one.
            "preexec_fn": lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),
        }
        return subprocess.Popen(
            [sys.executable, "-m", "mistral_lib.cli", *args],
            cwd=self.path,
            env=self.environment(**(variables or {})),
            **{**settings, **options},
        )

    def process(self, *args: str, **options) -> subprocess.CompletedProcess:
        """Run the command in a process of its own."""
        started = self.start(*args, **options)
        out, err = started.communicate(timeout=60)
        return subprocess.CompletedProcess(args, started.returncode, out, err)


@pytest.fixture
def site(tmp_path):
    """An empty site."""
    return Site(tmp_path)


@pytest.fixture
def probe(site):
    """A site with the plug-in above."""
    site.probe()
    return site


@pytest.fixture
def invoke(site, monkeypatch):
    """Run the command in this process, with what is installed in the site."""
    monkeypatch.syspath_prepend(str(site.path))
    monkeypatch.chdir(site.path)
    monkeypatch.setattr(importlib.metadata, "entry_points", site.entry_points)
    before = set(sys.modules)
    separate = "mix_stderr" in inspect.signature(CliRunner).parameters
    runner = CliRunner(**({"mix_stderr": False} if separate else {}))

    def run(*args: str, stdin: str | None = None):
        # As each process does, read the metadata anew.
        importlib.invalidate_caches()
        ExtensionManager.ENTRY_POINT_CACHE.clear()
        installed.provider.cache_clear()
        return runner.invoke(group, args, input=stdin, prog_name="mistral-action")

    yield run
    for name in set(sys.modules) - before:
        file = getattr(sys.modules[name], "__file__", None) or ""
        if file.startswith(str(site.path)):
            del sys.modules[name]
    ExtensionManager.ENTRY_POINT_CACHE.clear()
    installed.provider.cache_clear()
