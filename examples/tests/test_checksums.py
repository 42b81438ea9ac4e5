# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
import hashlib

import pytest
from mistral_lib import actions

from file_actions.checksums import Algorithm, Checksum, checksum


def test_calling_the_function_returns_the_dataclass(folder):
    path = str(folder / "main.py")
    assert checksum(path, context=actions.ActionContext()) == Checksum(
        path, Algorithm.SHA256, hashlib.sha256(b"print(1)\n").hexdigest(), 9
    )


def test_running_the_action_returns_data_and_takes_the_algorithm_by_its_value(
    action_environment, folder
):
    data = action_environment.run(checksum, path=str(folder / "main.py"), algorithm="sha512")
    assert data["algorithm"] == "sha512"
    assert data["digest"] == hashlib.sha512(b"print(1)\n").hexdigest()


def test_an_unknown_algorithm_is_refused_with_those_there_are(action_environment):
    with pytest.raises(actions.InvalidInput, match=r"'sha384' \| 'sha512'"):
        action_environment.run(checksum, path="any", algorithm="md5")


def test_a_missing_file_is_an_error_that_a_workflow_branches_on(action_environment, tmp_path):
    path = str(tmp_path / "gone")
    assert action_environment.run_result(checksum, path=path).error == {
        "type": "FileMissing",
        "message": f"{path} does not exist",
        "code": "FILE_NOT_FOUND",
        "retryable": False,
        "retry_after": None,
        "details": {"path": path},
    }


def test_a_cancelled_run_ends_before_the_next_piece(action_environment, folder):
    action_environment.cancel()
    assert action_environment.run_result(checksum, path=str(folder / "main.py")).is_cancel()
