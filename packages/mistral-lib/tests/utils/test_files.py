# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""mistral_lib.utils._files."""

import sys

import pytest

from mistral_lib import utils


@pytest.fixture
def package(tmp_path, monkeypatch):
    name = "package_with_resources"
    folder = tmp_path / name / "resources"
    (folder / "below").mkdir(parents=True)
    (tmp_path / name / "__init__.py").touch()
    for file in ("b.yaml", "a.txt", ".hidden", "below/c.txt"):
        (folder / file).touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    yield name
    sys.modules.pop(name)


def test_files_are_listed_sorted_and_folders_are_not(package, tmp_path):
    folder = tmp_path / package / "resources"
    assert utils.get_file_list("resources", package) == [
        folder / ".hidden",
        folder / "a.txt",
        folder / "b.yaml",
    ]


def test_the_folder_may_be_nested(package):
    assert [f.name for f in utils.get_file_list("resources/below", package)] == ["c.txt"]


def test_a_folder_that_is_not_there_is_named(package):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        utils.get_file_list("nowhere", package)


def test_a_package_that_is_not_there_is_named():
    with pytest.raises(ModuleNotFoundError, match="no_such_package_here"):
        utils.get_file_list("resources", "no_such_package_here")
