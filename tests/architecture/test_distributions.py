# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What is in the wheels and source releases of both packages."""

import subprocess
import sys
import tarfile
import zipfile
from email import message_from_bytes

import pytest

VERSIONS = {"mistral-lib": "4.0.0", "mistral-extra": "18.0.0"}


@pytest.fixture(scope="module", params=VERSIONS)
def built(request, root, tmp_path_factory):
    """Import name and version of a package, the names in its wheel and sdist, and its metadata."""
    target = tmp_path_factory.mktemp(request.param)
    command = [sys.executable, "-m", "hatchling", "build", "--directory", str(target)]
    subprocess.run(
        command, cwd=root / "packages" / request.param, check=True, capture_output=True, text=True
    )
    name, version = request.param.replace("-", "_"), VERSIONS[request.param]
    with zipfile.ZipFile(target / f"{name}-{version}-py3-none-any.whl") as wheel:
        wheel_names = wheel.namelist()
        metadata = message_from_bytes(wheel.read(f"{name}-{version}.dist-info/METADATA"))
    with tarfile.open(target / f"{name}-{version}.tar.gz") as sdist:
        sdist_names = [member.partition("/")[2] for member in sdist.getnames()]
    return name, version, wheel_names, sdist_names, metadata


def test_wheel_holds_the_package_and_its_metadata_alone(built):
    name, version, wheel, _, _ = built
    tops = {member.partition("/")[0] for member in wheel}
    assert tops == {name, f"{name}-{version}.dist-info"}
    assert not [member for member in wheel if "/tests/" in member]


def test_wheel_says_that_it_is_typed_and_carries_the_licence(built):
    name, version, wheel, _, _ = built
    assert f"{name}/py.typed" in wheel
    assert f"{name}-{version}.dist-info/licenses/LICENSE" in wheel


def test_wheel_holds_every_file_of_the_source_tree(built, files):
    name, _, wheel, _, _ = built
    source = {
        "/".join(path.parts[3:])
        for path in files
        if path.parts[:3] == ("packages", name.replace("_", "-"), "src")
    }
    assert source - set(wheel) == set()


def test_sdist_can_be_built_and_tested_from(built):
    name, _, _, sdist, _ = built
    needed = {"pyproject.toml", "README.rst", "LICENSE", "PKG-INFO", f"src/{name}/py.typed"}
    assert needed <= set(sdist)
    assert [member for member in sdist if member.startswith("tests/")]


def test_metadata_names_licence_readme_and_python(built):
    *_, metadata = built
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["Description-Content-Type"] == "text/x-rst"
    assert metadata["Requires-Python"].startswith(">=3.1")
    assert metadata.get_payload().strip()
