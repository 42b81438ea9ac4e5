# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
import hashlib

import pytest
from mistral_lib import actions

from file_actions.manifests import manifest
from file_actions.verification import verify


@pytest.fixture
def written(action_environment, folder, tmp_path):
    """The path of a manifest of the folder."""
    target = tmp_path / "MANIFEST"
    action_environment.run(manifest, folder=str(folder), target=str(target))
    return target


def failure(action_environment, folder, written):
    return action_environment.run_result(verify, manifest=str(written), folder=str(folder)).error


def test_a_manifest_has_a_line_a_file_in_the_form_of_sha256sum(written):
    first, *others = written.read_text().splitlines()
    digest = hashlib.sha256(b"Title\n=====\n\nno end").hexdigest()
    assert first == f"SHA256 (docs/index.rst) = {digest}"
    assert [line.split()[1] for line in others] == ["(logo.png)", "(main.py)"]


def test_the_dry_run_tells_what_would_be_written_and_writes_nothing(
    action_environment, folder, tmp_path
):
    params = {"folder": str(folder), "target": str(tmp_path / "M"), "algorithm": "sha512"}
    planned = action_environment.dry_run(manifest, params).data
    assert not (tmp_path / "M").exists()
    assert planned == action_environment.run(manifest, params)
    assert planned["files"] == 3
    assert planned["bytes"] == 36


def test_a_name_with_a_line_break_is_refused(action_environment, folder, tmp_path):
    (folder / "a\nb").touch()
    with pytest.raises(actions.ActionFailed, match=r"'a\\nb' has a line break.*rename") as caught:
        action_environment.run(manifest, folder=str(folder), target=str(tmp_path / "M"))
    assert caught.value.error_code == "FILE_UNREADABLE"


def test_an_untouched_folder_is_verified_in_any_algorithm(action_environment, folder, tmp_path):
    params = {"folder": str(folder), "target": str(tmp_path / "M"), "algorithm": "sha384"}
    action_environment.run(manifest, params)
    data = action_environment.run(verify, manifest=str(tmp_path / "M"), folder=str(folder))
    assert data == {"manifest": str(tmp_path / "M"), "files": 3}


def test_changed_and_missing_files_are_listed_in_the_error(action_environment, folder, written):
    (folder / "main.py").write_bytes(b"print(2)\n")
    (folder / "logo.png").unlink()
    error = failure(action_environment, folder, written)
    assert error["code"] == "FILES_DIFFER"
    assert error["details"] == {"changed": ["main.py"], "missing": ["logo.png"]}
    assert error["message"] == f"1 of 3 files changed and 1 are missing in {folder}"


def test_a_missing_file_alone_is_a_difference(action_environment, folder, written):
    (folder / "main.py").unlink()
    error = failure(action_environment, folder, written)
    assert error["details"] == {"changed": [], "missing": ["main.py"]}


def test_a_new_file_is_no_difference(action_environment, folder, written):
    (folder / "new.py").touch()
    assert action_environment.run(verify, manifest=str(written), folder=str(folder))["files"] == 3


@pytest.mark.parametrize("line", ["no manifest", "MD5 (main.py) = 00"])
def test_a_file_of_another_form_is_told_with_the_line(action_environment, folder, written, line):
    with written.open("a") as file:
        file.write(f"{line}\n")
    error = failure(action_environment, folder, written)
    assert error["code"] == "FILE_UNREADABLE"
    assert error["message"].startswith(f"{written} is no manifest, see line 4")


def test_without_a_manifest_the_code_says_so(action_environment, folder, tmp_path):
    assert failure(action_environment, folder, tmp_path / "gone")["code"] == "FILE_NOT_FOUND"
