# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What the architecture tests look at: the files of this repository as git would commit them."""

import importlib
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
# The tools are run from the top of the repository, and are no distribution.
sys.path.append(str(ROOT))


@pytest.fixture(scope="session")
def root() -> Path:
    """The top of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def files() -> list[Path]:
    """Every file that is tracked, or would be by `git add`, relative to the top."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    names = sorted({name for name in listing.split("\0") if name})
    # A file removed but not yet committed as such is still listed.
    return [Path(name) for name in names if (ROOT / name).is_file()]


@pytest.fixture(scope="session")
def modules(files) -> list[Path]:
    """The Python files among them."""
    return [path for path in files if path.suffix == ".py"]


@pytest.fixture(scope="session")
def sources(modules) -> list[Path]:
    """The modules of the two packages."""
    return [path for path in modules if path.parts[0] == "packages" and path.parts[2] == "src"]


@pytest.fixture(scope="session")
def imported(sources) -> dict[Path, ModuleType]:
    """Those modules themselves; `__main__`, which would run the command, is left alone."""
    names = {
        path: ".".join(path.with_suffix("").parts[3:]).removesuffix(".__init__")
        for path in sources
        if path.name != "__main__.py"
    }
    return {path: importlib.import_module(name) for path, name in names.items()}
