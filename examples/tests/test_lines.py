# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
import pytest
from mistral_lib import actions

from file_actions.lines import count_lines


def test_lines_of_texts_are_counted_by_suffix_and_in_all(action_environment, folder):
    assert action_environment.run(count_lines, folder=str(folder)) == {
        "folder": str(folder),
        "lines": 5,
        "suffixes": {".py": 1, ".rst": 4},
    }


def test_more_files_than_are_read_at_once_are_all_counted(action_environment, folder):
    for number in range(20):
        (folder / f"{number}.txt").write_text("one\ntwo\n")
    data = action_environment.run(count_lines, folder=str(folder), pattern="*.txt", at_once=3)
    assert data["lines"] == 40


def test_reading_no_file_at_once_is_refused(action_environment, folder):
    with pytest.raises(actions.InvalidInput, match=r"'at_once' .*>= 1"):
        action_environment.run(count_lines, folder=str(folder), at_once=0)
