# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest


@pytest.fixture
def folder(tmp_path) -> Path:
    """A folder of two texts and an image, beside things that no action looks at."""
    top = tmp_path / "folder"
    (top / "docs").mkdir(parents=True)
    (top / "docs" / "index.rst").write_bytes(b"Title\n=====\n\nno end")
    (top / "main.py").write_bytes(b"print(1)\n")
    (top / "logo.png").write_bytes(b"\x89PNG\0\n\n\n")
    (top / ".git").mkdir()
    (top / ".git" / "config").write_bytes(b"[core]\n")
    (top / "build").mkdir()
    (top / "build" / "main.o").write_bytes(b"\x7fELF\0")
    (top / ".hidden.py").write_bytes(b"\n")
    return top
