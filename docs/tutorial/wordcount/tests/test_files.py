# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
from mistral_lib import testing

from wordcount.files import count_file


def test_words_of_a_file_are_counted(action_environment, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("one two two")

    assert action_environment.run(count_file, path=str(path)) == {"words": 3, "unique": 2}
    assert action_environment.progress == [f"11 characters in {path}"]


def test_a_missing_file_is_an_error_with_a_code(action_environment, tmp_path):
    result = action_environment.run_result(count_file, path=str(tmp_path / "none"))

    assert result.error["code"] == "NO_FILE"


def test_it_keeps_what_a_workflow_relies_on(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("one two two")

    testing.check_action(count_file, [{"path": str(path)}])
