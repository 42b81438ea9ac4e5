# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
import pytest
from mistral_lib import actions

from file_actions.sizes import Sizes


def test_files_and_bytes_are_added_up_by_suffix(action_environment, folder):
    (folder / "more.py").write_bytes(b"x")
    assert action_environment.run(Sizes, folder=str(folder))["suffixes"] == {
        ".png": {"files": 1, "bytes": 8},
        ".py": {"files": 2, "bytes": 10},
        ".rst": {"files": 1, "bytes": 19},
    }


def test_a_pattern_chooses_files(action_environment, folder):
    assert list(action_environment.run(Sizes, folder=str(folder), pattern="*.py")["suffixes"]) == [
        ".py"
    ]


def test_the_dry_run_does_not_look_at_the_folder(action_environment):
    assert action_environment.dry_run(Sizes, folder="nowhere").data == {
        "folder": "nowhere",
        "suffixes": {},
    }


def test_a_cancelled_run_ends_before_the_next_file(action_environment, folder):
    action_environment.cancel()
    assert action_environment.run_result(Sizes, folder=str(folder)).is_cancel()


def test_a_misspelt_parameter_is_named_with_the_nearest(action_environment):
    with pytest.raises(actions.InvalidInput, match="No parameter 'foldr': did you mean 'folder'"):
        action_environment.run(Sizes, foldr="nowhere")
