# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What all tests share: whoever ran the command in this process, the next test did not."""

import pytest

from mistral_extra import interactive


@pytest.fixture(autouse=True)
def nobodys_own_process(monkeypatch):
    """Begin, and go on after the test, as in a process that did not declare itself interactive."""
    monkeypatch.setattr(interactive, "_declared", False)
    monkeypatch.setattr(interactive, "_working_folder", None)
