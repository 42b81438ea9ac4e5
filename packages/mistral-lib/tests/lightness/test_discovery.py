# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Listing imports no plug-in, and finding one action imports the module of that one."""

import pytest

PLUGIN = """
from mistral_lib import actions
@actions.action
def {name}() -> str:
    '''Say which plug-in this is.'''
    return {name!r}
"""

FIRST = "from mistral_lib.actions.providers import installed\nprovider = installed.provider()"


@pytest.fixture
def plugins(tmp_path):
    """A folder with an installed package that announces two actions, a module each."""
    info = tmp_path / "light_demo-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: light-demo\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[mistral.actions]\n"
        "demo.first = light_demo_first:first\n"
        "demo.second = light_demo_second:second\n"
    )
    for name in ("first", "second"):
        (tmp_path / f"light_demo_{name}.py").write_text(PLUGIN.format(name=name))
    return tmp_path


def plugins_among(modules):
    return {name for name in modules if name.startswith("light_demo")}


def test_listing_names_imports_no_plug_in_and_no_validator(plugins, loaded_by):
    code = "assert {'demo.first', 'demo.second'} <= set(provider.names())"
    loaded = loaded_by(code, first=FIRST, path=plugins)
    assert plugins_among(loaded) == set()
    assert loaded & {"msgspec", "oslo_utils", "asyncio", "inspect", "urllib3"} == set()


def test_finding_one_action_imports_that_one_plug_in(plugins, loaded_by):
    code = "assert provider.find('demo.second').name == 'demo.second'"
    assert plugins_among(loaded_by(code, first=FIRST, path=plugins)) == {"light_demo_second"}


def test_the_command_lists_without_importing_a_plug_in(plugins, loaded_by):
    code = """
import contextlib, io
from mistral_lib import cli
with contextlib.redirect_stdout(io.StringIO()) as listed, contextlib.suppress(SystemExit):
    cli.main(["list"])
"""
    loaded = loaded_by(code, path=plugins)
    assert "mistral_lib.cli.listing" in loaded
    assert plugins_among(loaded) == set()
    assert loaded & {"msgspec", "oslo_utils", "asyncio", "urllib3", "pydantic"} == set()
