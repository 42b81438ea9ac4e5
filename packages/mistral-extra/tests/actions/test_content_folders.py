# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Files of the executor: what lies in the opened folders, and nothing else."""

import os
import socket
import stat

import pytest

from mistral_extra import interactive
from mistral_extra.actions.content_folders import ContentFolders, content_folders
from mistral_lib import actions

WHAT = "Parameter 'source'"


@pytest.fixture
def folders(tmp_path):
    (tmp_path / "open" / "inner").mkdir(parents=True)
    (tmp_path / "open" / "inner" / "file").write_bytes(b"content")
    (tmp_path / "open-too").mkdir()
    (tmp_path / "open-too" / "file").write_bytes(b"PASSWORD")
    (tmp_path / "secret").write_bytes(b"PASSWORD")
    (tmp_path / "open" / "link").symlink_to(tmp_path / "secret")
    (tmp_path / "open" / "up").symlink_to("..")
    (tmp_path / "open" / "here").symlink_to("inner/file")
    (tmp_path / "open" / "loop").symlink_to("loop")
    (tmp_path / "way").symlink_to("open")
    return ContentFolders((str(tmp_path / "open"),), "[group] option")


@pytest.mark.parametrize("path", ["inner/file", "inner/../inner/./file", "here", "inner//file"])
def test_file_in_a_folder_is_opened(folders, tmp_path, path):
    with folders.open(f"{tmp_path}/open/{path}", WHAT) as file:
        assert file.read() == b"content"
    assert folders.resolve(f"{tmp_path}/open/{path}", WHAT) == tmp_path / "open/inner/file"


def test_relative_path_starts_at_the_working_folder(folders, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path / "open")
    with folders.open("inner/file", WHAT) as file:
        assert file.read() == b"content"
    with pytest.raises(actions.InvalidInput, match="not in a folder"):
        folders.open("../secret", WHAT)


def test_folder_may_be_a_link_itself(tmp_path, folders):
    linked = ContentFolders((str(tmp_path / "way"),), "[group] option")
    for folder in ("way", "open"):
        with linked.open(f"{tmp_path}/{folder}/inner/file", WHAT) as file:
            assert file.read() == b"content"


OUTSIDE = [
    "secret",
    "none",
    "open/../secret",
    "open/../none",
    "open/link",
    "open/up/secret",
    "open/up/none",
    "open/inner/../../secret",
    "open-too/file",
    "way/inner/file",
    "none/../open/up/secret",
]


@pytest.mark.parametrize("path", OUTSIDE)
def test_nothing_outside_is_reached_and_whether_it_is_there_not_told(folders, tmp_path, path):
    path = f"{tmp_path}/{path}"
    expected = (
        f"{WHAT}: {path} is not in a folder that this site has opened: the operator may add one "
        "to [group] option"
    )
    for use in (folders.open, folders.resolve, lambda path, what: write(folders, path)):
        with pytest.raises(actions.InvalidInput, match="not in a folder") as caught:
            use(path, WHAT)
        assert str(caught.value) == expected


@pytest.mark.parametrize("path", ["", "\0", "/etc\0/passwd", "\ud800", "~/x", "file:///etc/passwd"])
def test_path_that_is_none_is_refused(folders, path):
    with pytest.raises(actions.InvalidInput, match="not in a folder"):
        folders.open(path, WHAT)


@pytest.mark.parametrize("path", [None, 5, ["/srv/x"], {"path": "/srv/x"}])
def test_path_that_is_not_a_text_is_refused(folders, path):
    for use in (folders.open, folders.resolve):
        with pytest.raises(actions.InvalidInput, match=rf"^{WHAT}: a path is a text, got "):
            use(path, WHAT)


def test_only_regular_files_are_opened_and_none_is_waited_for(folders, tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "open" / "fifo")
    monkeypatch.chdir(tmp_path / "open")  # A socket's path may have about 100 characters.
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        for name in ("fifo", "socket", "inner", "", "loop", "none", "inner/file/x"):
            with pytest.raises(actions.InvalidInput, match=r"regular file|can't be opened"):
                folders.open(f"{tmp_path}/open/{name}", WHAT)


def test_link_that_is_put_in_place_meanwhile_is_not_followed(folders, tmp_path, monkeypatch):
    real = os.path.realpath

    def exchange(path):
        found = real(path)
        if found == str(tmp_path / "open" / "inner" / "file"):
            (tmp_path / "open" / "inner").rename(tmp_path / "moved")
            (tmp_path / "open" / "inner").symlink_to(tmp_path / "open-too")
        return found

    monkeypatch.setattr(os.path, "realpath", exchange)
    with pytest.raises(actions.InvalidInput, match="can't be opened"):
        folders.open(f"{tmp_path}/open/inner/file", WHAT)


def test_new_file_is_its_owners_alone(folders, tmp_path):
    target = tmp_path / "open" / "inner" / "new"
    with folders.create(str(target), WHAT) as file:
        file.write(b"con")
        assert not target.exists()
        file.write(b"tent")
    assert target.read_bytes() == b"content"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert sorted(os.listdir(target.parent)) == ["file", "new"]


def write(folders, path, work=lambda file: file.write(b"mine")):
    with folders.create(str(path), WHAT) as file:
        work(file)


@pytest.mark.parametrize("name", ["file", "link", "folder"])
def test_nothing_is_replaced(tmp_path, folders, name):
    inner = tmp_path / "open" / "inner"
    (inner / "link").symlink_to("file")
    (inner / "folder").mkdir()
    with pytest.raises(FileExistsError, match="File exists"):
        write(folders, inner / name)
    assert sorted(os.listdir(inner)) == ["file", "folder", "link"]
    assert (inner / "file").read_bytes() == b"content"


def test_file_that_appears_meanwhile_stays(tmp_path, folders):
    target = tmp_path / "open" / "new"
    with pytest.raises(FileExistsError, match="File exists"):
        write(folders, target, lambda file: target.write_bytes(b"theirs"))
    assert target.read_bytes() == b"theirs"
    assert not list(target.parent.glob(".*.part"))


def test_nothing_half_written_remains(tmp_path, folders):
    before = sorted(os.listdir(tmp_path / "open"))

    def fail(file):
        file.write(b"half")
        raise ConnectionError("gone")

    with pytest.raises(ConnectionError, match="gone"):
        write(folders, tmp_path / "open" / "new", fail)
    assert sorted(os.listdir(tmp_path / "open")) == before


def test_new_file_needs_its_directory(tmp_path, folders):
    with pytest.raises(actions.InvalidInput, match="can't be opened: No such file"):
        write(folders, tmp_path / "open" / "none" / "new")


def test_nothing_is_open_by_default(tmp_path):
    with pytest.raises(actions.InvalidInput, match=r"may add one to \[openstack_actions\] content"):
        content_folders("openstack_actions").open(str(tmp_path / "x"), WHAT)


def test_option_names_absolute_folders(tmp_path, configure):
    configure("openstack_actions", "content_folders", [str(tmp_path)])
    assert content_folders("openstack_actions").folders == (str(tmp_path),)
    configure("openstack_actions", "content_folders", ["", "images"])
    with pytest.raises(actions.ActionException, match="'' is not an absolute path") as caught:
        content_folders("openstack_actions")
    assert caught.value.error_code == "BAD_CONFIGURATION"


def test_command_opens_its_working_folder_where_the_site_opens_none(
    tmp_path, monkeypatch, configure
):
    monkeypatch.chdir(tmp_path)
    interactive.declare()
    assert content_folders("openstack_actions").folders == (str(tmp_path),)
    configure("openstack_actions", "content_folders", ["/srv"])
    assert content_folders("openstack_actions").folders == ("/srv",)
