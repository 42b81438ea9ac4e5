# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
import base64
import hashlib

import pytest

from mistral_extra.actions.openstack import content, results
from mistral_lib import exceptions

BINARY = bytes(range(256))


@pytest.fixture(autouse=True)
def folder(tmp_path, configure):
    """Have the folder of the test opened, as an operator would."""
    configure("openstack_actions", "content_folders", [str(tmp_path)])


def test_text_cut_in_the_middle_of_a_letter_is_put_together():
    pieces = [bytes([byte]) for byte in "grüße".encode()]
    assert content.taker(None)(pieces, "result") == "grüße"


def test_binary_is_noticed_with_its_first_piece():
    def pieces():
        yield BINARY
        raise AssertionError("nobody should want more")

    with pytest.raises(exceptions.ActionException, match="result is binary") as caught:
        content.taker(None)(pieces(), "result")
    assert caught.value.error_code == "BINARY_RESULT"


def test_text_that_ends_in_the_middle_of_a_letter_is_binary():
    with pytest.raises(exceptions.ActionException, match="is binary"):
        content.taker("")(["ü".encode()[:1]], "result")


def test_base64_is_of_all_pieces():
    assert base64.b64decode(content.taker("base64")([BINARY, BINARY], "result")) == BINARY * 2


def test_content_becomes_a_new_file(tmp_path):
    path = tmp_path / "content"
    told = content.taker(f"file:{path}")([b"ne", b"w"], "result")
    assert told == {
        "path": str(path),
        "size": 3,
        "sha256": hashlib.sha256(b"new").hexdigest(),
    }
    assert path.read_bytes() == b"new"


def test_file_that_is_there_is_left_as_it_was(tmp_path):
    path = tmp_path / "content"
    path.write_text("old")
    with pytest.raises(exceptions.ActionException, match="File exists") as caught:
        content.taker(f"file:{path}")([b"new"], "result")
    assert caught.value.error_code == "CONTENT_NOT_WRITTEN"
    assert path.read_text() == "old"


def test_file_outside_of_what_an_operator_opened_is_not_written(tmp_path, configure):
    configure("openstack_actions", "content_folders", [])
    with pytest.raises(exceptions.ActionException, match=r"add one to \[openstack_actions\] cont"):
        content.taker(f"file:{tmp_path / 'content'}")([b"new"], "result")
    assert list(tmp_path.iterdir()) == []


def test_nothing_remains_when_the_content_breaks_off(tmp_path):
    def pieces():
        yield b"half"
        raise ConnectionError("gone")

    with pytest.raises(ConnectionError, match="gone"):
        content.taker(f"file:{tmp_path / 'content'}")(pieces(), "result")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("wish", ["base64", None])
def test_content_in_memory_is_bounded_and_no_more_is_read(wish, configure):
    configure("openstack_actions", "max_content_size", 10)
    read = []

    def pieces():
        for piece in (b"12345", b"67890", b"1", b"2"):
            read.append(piece)
            yield piece

    with pytest.raises(exceptions.ActionException, match="max_content_size") as caught:
        content.taker(wish)(pieces(), "result")
    assert caught.value.error_code == "CONTENT_TOO_LARGE"
    assert read == [b"12345", b"67890", b"1"]
    assert content.taker(wish)([b"12345", b"67890"], "result")


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, 300])
def test_base64_of_pieces_is_that_of_the_whole(size):
    pieces = [BINARY[i : i + size] for i in range(0, len(BINARY), size)]
    assert content.taker("base64")(pieces, "result") == base64.b64encode(BINARY).decode()


def test_file_holds_one_content(tmp_path):
    wish = f"file:{tmp_path / 'content'}"
    with pytest.raises(exceptions.ActionException, match=r"result\[1\] is binary too"):
        results.plain([BINARY, BINARY], wish)


def test_everything_around_the_content_stays(tmp_path):
    path = tmp_path / "content"
    headers, told = results.plain(({"etag": "1"}, BINARY), f"file:{path}")
    assert headers == {"etag": "1"}
    assert told["size"] == 256


@pytest.mark.parametrize("wish", ["base32", "file:", "/tmp", 5])
def test_unknown_wish_is_refused(wish):
    with pytest.raises(exceptions.ActionException, match="must be 'base64' or 'file:/path'") as e:
        content.taker(wish)
    assert e.value.error_code == "INVALID_INPUT"
