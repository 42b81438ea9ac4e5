# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Files on real SSH servers."""

import base64
import stat

import pytest

from mistral_extra.actions.ssh.copy import copy
from mistral_lib import actions


def results(place, **params):
    return actions.run(copy, place.params(**params))


def error(place, **params):
    return actions.Runner().run(copy, place.params(**params)).error


def test_text_becomes_a_file(place, tmp_path):
    target = tmp_path / "motd"
    target.write_text("before")
    (result,) = results(place, target=str(target), text="grün\n", mode="0640")
    assert result.pop("seconds") > 0
    assert result == {
        "host": place.host,
        "ok": True,
        "error": None,
        "message": None,
        "retryable": False,
        "target": str(target),
        "size": 6,
    }
    assert target.read_text(encoding="utf-8") == "grün\n"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert list(tmp_path.iterdir()) == [target]


def test_bytes_become_a_file(place, tmp_path):
    content = bytes(range(256)) * 4000
    data = base64.b64encode(content).decode()
    assert results(place, target=str(tmp_path / "b"), data=data)[0]["size"] == len(content)
    assert (tmp_path / "b").read_bytes() == content


def test_file_of_the_executor_is_copied_from_opened_folders_alone(place, tmp_path, configure):
    folder, outside = tmp_path / "open", tmp_path / "secret.conf"
    folder.mkdir()
    (folder / "image").write_bytes(b"x" * 600_000)
    outside.write_text("password")
    (folder / "link").symlink_to(outside)
    target = str(tmp_path / "target")
    told = error(place, target=target, source=str(folder / "image"))
    assert "the operator may add one to [ssh_action] source_folders" in told["message"]
    configure("ssh_action", "source_folders", [str(folder)])
    assert results(place, target=target, source=str(folder / "image"))[0]["size"] == 600_000
    for elsewhere in (outside, folder / "link", folder / ".." / "secret.conf"):
        told = error(place, target=target, source=str(elsewhere))
        assert told["code"] == "INVALID_INPUT"
    told = error(place, target=target, source=str(folder / "none"))
    assert "can't be opened: No such file or directory" in told["message"]


@pytest.mark.parametrize("given", [{}, {"text": "a text", "data": "YWJj"}])
def test_one_content_is_needed(one_place, given):
    told = error(one_place, target="/x", **given)
    assert told["message"] == "One of the parameters 'text', 'data' and 'source' is needed"


@pytest.mark.parametrize("name", ["target", "text"])
def test_half_of_a_surrogate_pair_is_refused(one_place, name):
    told = error(one_place, **{"target": "/x", "text": "some text", name: "\ud800"})
    assert told["code"] == "INVALID_INPUT"
    assert f"'{name}' has half of a surrogate pair" in told["message"]


def test_host_that_does_not_take_the_file_fails_alone(place, tmp_path):
    told = error(place, target=str(tmp_path / "none" / "f"), text="some text")
    (result,) = told["details"]["hosts"]
    assert result["error"] == "COPY_FAILED"
    assert "no such file" in result["message"].lower()


def test_place_that_is_a_folder_is_left_as_it_was(place, tmp_path):
    (tmp_path / "folder").mkdir()
    told = error(place, target=str(tmp_path / "folder"), text="some text")
    assert told["details"]["hosts"][0]["error"] == "COPY_FAILED"
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
