# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Real distributions, made for one test."""

import importlib
import importlib.metadata
import sys

import pytest


class Installer:
    """Puts distributions with entry points where Python finds them."""

    def __init__(self, folder):
        self.folder = folder

    def install(self, name, entry_points, modules):
        """Install ``modules`` (name -> source) announced by ``entry_points`` (group -> lines)."""
        for module, source in modules.items():
            (self.folder / f"{module}.py").write_text(source)
        info = self.folder / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        lines = []
        for group, entries in entry_points.items():
            lines += [f"[{group}]", *entries]
        (info / "entry_points.txt").write_text("\n".join(lines) + "\n")
        importlib.invalidate_caches()
        _forget_entry_points()


def _entry_points_in(folder):
    """Return ``importlib.metadata.entry_points`` of a folder alone: all others take long."""

    def entry_points(**params):
        found = importlib.metadata.distributions(path=[str(folder)])
        points = importlib.metadata.EntryPoints(p for dist in found for p in dist.entry_points)
        return points.select(**params)

    return entry_points


def _forget_entry_points():
    from stevedore import extension

    extension.ExtensionManager.ENTRY_POINT_CACHE.clear()


@pytest.fixture
def installer(tmp_path, monkeypatch):
    loaded = set(sys.modules)
    monkeypatch.syspath_prepend(str(tmp_path))
    # stevedore writes what it finds to the user's cache folder; a test's is its own.
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(importlib.metadata, "entry_points", _entry_points_in(tmp_path))
    yield Installer(tmp_path)
    for name in set(sys.modules) - loaded:
        if str(tmp_path) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]
    _forget_entry_points()
