# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
import pytest
from mistral_lib import actions

from file_actions import contents, errors


def names(paths, folder):
    return [path.relative_to(folder).as_posix() for path in paths]


def test_files_are_found_in_order_without_hidden_and_generated_ones(folder):
    assert names(contents.find(str(folder)), folder) == ["docs/index.rst", "logo.png", "main.py"]


def test_a_pattern_chooses_by_name_at_every_depth(folder):
    assert names(contents.find(str(folder), "*.[pr]*"), folder) == [
        "docs/index.rst",
        "logo.png",
        "main.py",
    ]
    assert names(contents.find(str(folder), "*.rst"), folder) == ["docs/index.rst"]


def test_symbolic_links_are_left_out(folder):
    (folder / "link.py").symlink_to(folder / "main.py")
    assert names(contents.find(str(folder), "*.py"), folder) == ["main.py"]


def test_a_folder_that_is_not_there_is_an_error_with_its_path(tmp_path):
    with pytest.raises(errors.FileMissing, match="nowhere does not exist") as caught:
        contents.find(str(tmp_path / "nowhere"))
    assert caught.value.details == {"path": str(tmp_path / "nowhere")}


def test_a_folder_read_as_a_file_is_unreadable(folder):
    with pytest.raises(errors.FileUnreadable, match="Is a directory"):
        list(contents.chunks(folder, actions.ActionContext()))


def test_a_file_written_to_while_it_is_read_is_busy(folder):
    path = folder / "main.py"
    pieces = contents.chunks(path, actions.ActionContext())
    assert next(pieces) == b"print(1)\n"
    path.write_bytes(b"print(2); print(3)\n")
    with pytest.raises(errors.FileBusy, match="changed while it was read") as caught:
        list(pieces)
    assert caught.value.retryable
