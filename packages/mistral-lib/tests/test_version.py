# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
import subprocess
import sys
from importlib import metadata

import pytest

import mistral_lib


def test_version_is_that_of_the_installed_distribution():
    assert mistral_lib.__version__ == metadata.version("mistral-lib")


def test_unknown_attribute_is_named_with_its_module():
    with pytest.raises(AttributeError, match="'mistral_lib' has no attribute 'versoin'"):
        _ = mistral_lib.versoin


def test_importing_the_package_reads_no_metadata_and_loads_nothing_else():
    script = (
        "import sys; before = set(sys.modules); import mistral_lib; "
        "print(*sorted(set(sys.modules) - before - {'typing'}))"
    )
    command = [sys.executable, "-c", script]
    loaded = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    assert [name for name in loaded if name.partition(".")[0] == "mistral_lib"] == ["mistral_lib"]
    assert "importlib.metadata" not in loaded
