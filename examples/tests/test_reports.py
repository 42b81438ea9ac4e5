# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
import pytest
from mistral_lib import actions

from file_actions.lines import count_lines
from file_actions.reports import report
from file_actions.sizes import Sizes


def test_sizes_and_lines_become_one_row_a_suffix_with_the_most_bytes_first(
    action_environment, folder
):
    action_environment.register("files.sizes", Sizes)
    action_environment.register("files.count_lines", count_lines)
    data = action_environment.run(report, folder=str(folder))
    assert data["kinds"] == [
        {"suffix": ".rst", "files": 1, "bytes": 19, "lines": 4},
        {"suffix": ".py", "files": 1, "bytes": 9, "lines": 1},
        {"suffix": ".png", "files": 1, "bytes": 8, "lines": 0},
    ]
    assert data["total"] == {"suffix": "*", "files": 3, "bytes": 36, "lines": 5}


def test_the_other_actions_get_folder_and_pattern_and_progress_is_told(action_environment):
    action_environment.register("files.sizes", {"suffixes": {".py": {"files": 1, "bytes": 2}}})
    action_environment.register("files.count_lines", {"suffixes": {}})
    action_environment.run(report, folder="here", pattern="*.py")
    assert [(child.name, child.params) for child in action_environment.children] == [
        ("files.sizes", {"folder": "here", "pattern": "*.py"}),
        ("files.count_lines", {"folder": "here", "pattern": "*.py"}),
    ]
    assert action_environment.progress == ["Adding up sizes in here", "Counting lines in here"]


def test_a_failure_of_the_first_action_is_the_reports_and_the_second_is_not_run(action_environment):
    gone = actions.ActionException("gone", error_code="FILE_NOT_FOUND")
    action_environment.register("files.sizes", gone)
    with pytest.raises(actions.ActionFailed, match="gone") as caught:
        action_environment.run(report, folder="here")
    assert caught.value.error_code == "FILE_NOT_FOUND"
    assert [child.name for child in action_environment.children] == ["files.sizes"]


def test_a_cancelled_report_does_not_begin_the_second_action(action_environment):
    action_environment.register("files.sizes", {"suffixes": {}})
    action_environment.cancel_after(progress=1)
    assert action_environment.run_result(report, folder="here").is_cancel()
    assert "files.count_lines" not in [child.name for child in action_environment.children]
