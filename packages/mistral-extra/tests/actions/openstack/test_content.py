# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
import base64
import hashlib

import pytest

from mistral_extra.actions.openstack import content, results
from mistral_lib import exceptions

BINARY = bytes(range(256))


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


def test_file_takes_the_place_of_what_was_there(tmp_path):
    path = tmp_path / "content"
    path.write_text("old")
    told = content.taker(f"file:{path}")([b"ne", b"w"], "result")
    assert told == {
        "path": str(path),
        "size": 3,
        "sha256": hashlib.sha256(b"new").hexdigest(),
    }
    assert path.read_bytes() == b"new"


def test_file_is_left_as_it_was_when_the_content_breaks_off(tmp_path):
    path = tmp_path / "content"
    path.write_text("old")

    def pieces():
        yield b"half"
        raise ConnectionError("gone")

    with pytest.raises(ConnectionError, match="gone"):
        content.taker(f"file:{path}")(pieces(), "result")
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("content", "old")]


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
