# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Binary content, and swiftclient's two faces."""

import base64
import hashlib
import stat

import pytest

from mistral_lib.actions import Runner

CONTENT = bytes(range(256)) * 40
OBJECT = "/v1/AUTH_p1/c/o"
IMAGE = "/v2/images/1/file"


@pytest.fixture
def run(action_of):
    def run_(context, service, method, **params):
        return Runner(wire=True).run(action_of(service, method, **params), context=context)

    return run_


@pytest.fixture(params=["swift", "glance"])
def download(request, cloud, run):
    """Download something; return what stands in the content's place, or the error."""
    cloud.answer("GET", OBJECT, CONTENT)
    cloud.answer("GET", IMAGE, CONTENT)
    cloud.answer("GET", "/v2/images/1", {"id": "1"})
    cloud.answer("GET", "/v2/schemas/image", {"name": "image", "properties": {}})

    def run_(**wish):
        if request.param == "swift":
            result = run(cloud.context(), "swift", "get_object", container="c", obj="o", **wish)
            return result.data[1] if result.is_success() else result.error
        result = run(cloud.context(), "glance", "images.data", image_id="1", **wish)
        return result.data if result.is_success() else result.error

    return run_


def test_content_as_base64(download):
    assert base64.b64decode(download(action_content="base64")) == CONTENT


def test_content_into_a_file(download, opened):
    path = opened / "content"
    assert download(action_content=f"file:{path}") == {
        "path": str(path),
        "size": len(CONTENT),
        "sha256": hashlib.sha256(CONTENT).hexdigest(),
    }
    assert path.read_bytes() == CONTENT
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in opened.iterdir()] == ["content"]


def test_file_that_may_not_be_written_is_refused_before_anything_is_asked(
    cloud, download, opened, tmp_path
):
    (opened / "link").symlink_to(tmp_path)
    for wish in (f"file:{tmp_path / 'x'}", f"file:{opened / 'link' / 'x'}", "file:/etc/x", "yes"):
        assert download(action_content=wish)["code"] == "INVALID_INPUT"
    assert cloud.requests == []


def test_binary_content_without_a_wish_says_what_to_wish(download):
    error = download()
    assert error["code"] == "BINARY_RESULT"
    assert "is binary" in error["message"]
    assert "action_content='base64'" in error["message"]


def test_text_needs_no_wish(cloud, run):
    cloud.answer("GET", OBJECT, "grüße\n".encode())
    result = run(cloud.context(), "swift", "get_object", container="c", obj="o")
    assert result.data[1] == "grüße\n"


def test_object_that_comes_in_pieces_is_put_together(cloud, run, opened):
    cloud.answer("GET", OBJECT, CONTENT)
    path = opened / "content"
    result = run(
        cloud.context(),
        "swift",
        "get_object",
        container="c",
        obj="o",
        resp_chunk_size=1000,
        action_content=f"file:{path}",
    )
    assert result.data[1]["size"] == len(CONTENT)
    assert path.read_bytes() == CONTENT


def test_file_that_can_not_be_written_leaves_nothing(cloud, run, opened):
    cloud.answer("GET", OBJECT, CONTENT)
    wish = f"file:{opened / 'no-such-folder' / 'content'}"
    result = run(
        cloud.context(), "swift", "get_object", container="c", obj="o", action_content=wish
    )
    assert result.error["code"] == "INVALID_INPUT"
    assert "No such file or directory" in result.error["message"]
    assert list(opened.iterdir()) == []


def test_connection_of_swift_is_one_threads(cloud):
    from concurrent.futures import ThreadPoolExecutor

    from mistral_extra.actions.openstack.actions import SwiftAction

    context = cloud.context()
    with ThreadPoolExecutor(1) as other:
        theirs = other.submit(SwiftAction.get_client, context).result()
    assert SwiftAction.get_client(context) is SwiftAction.get_client(context)
    assert theirs is not SwiftAction.get_client(context)


def test_service_answers_for_each_object_and_ends_its_threads(cloud, run):
    import threading

    cloud.answer("DELETE", OBJECT, status=204)
    cloud.answer("DELETE", "/v1/AUTH_p1/c/gone", status=404)
    result = run(cloud.context(), "swiftservice", "delete", container="c", objects=["o", "gone"])
    outcomes = {r["object"]: r for r in result.data if r["action"] == "delete_object"}
    assert outcomes["o"]["success"]
    assert not outcomes["gone"]["success"]
    assert outcomes["gone"]["error"].startswith("ClientException: Object DELETE failed")
    assert not [t.name for t in threading.enumerate() if t.name.startswith("ThreadPoolExecutor")]


def test_service_that_can_not_be_reached_says_so_in_its_answer(cloud, run, monkeypatch):
    monkeypatch.setattr("swiftclient.client.sleep", lambda seconds: None)
    cloud.answer_all(status=503)
    (result,) = run(cloud.context(), "swiftservice", "list").data
    assert not result["success"]
    assert "503" in result["error"]


def test_service_uploads_a_file(cloud, run, opened, monkeypatch):
    monkeypatch.chdir(opened)
    (opened / "o").write_bytes(CONTENT)
    cloud.answer("PUT", "/v1/AUTH_p1/c", status=201)
    cloud.answer("HEAD", OBJECT, status=404)
    etag = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()
    cloud.answer("PUT", OBJECT, status=201, headers={"Etag": etag})
    result = run(cloud.context(), "swiftservice", "upload", container="c", objects=["o"])
    assert all(outcome["success"] for outcome in result.data), result.data
    assert [r.body for r in cloud.requests if (r.method, r.path) == ("PUT", OBJECT)] == [CONTENT]
