# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The SSH actions keep what every action promises."""

import pytest

from mistral_extra.actions.ssh import copy, errors, run
from mistral_lib import testing


@pytest.mark.slow
def test_run_conforms(one_place):
    examples = [
        one_place.params("true", stdin="some input"),
        (one_place.params("exit 1"), errors.HostsFailed),
    ]
    assert "cancel" in testing.check_action(run.run, examples).checks


@pytest.mark.slow
def test_copy_conforms(one_place, tmp_path):
    example = one_place.params(target=str(tmp_path / "f"), text="some text")
    assert "secrets" in testing.check_action(copy.copy, [example]).checks
