# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Files that a service's content becomes: in opened folders, never over another, streamed."""

import base64
import gc
import os
import tracemalloc
import warnings

import pytest

from mistral_extra import config
from mistral_lib.actions import Runner

CONTENT = bytes(range(256)) * 1000
CONTAINER = "/v1/AUTH_p1/c"


@pytest.fixture
def run(action_of, cloud):
    def run_(service, method, **params):
        return Runner(wire=True).run(action_of(service, method, **params), context=cloud.context())

    return run_


@pytest.fixture
def download(run):
    def download_(objects=None, **options):
        return run("swiftservice", "download", container="c", objects=objects, options=options)

    return download_


def files(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_objects_become_files(cloud, download, opened):
    cloud.answer("GET", f"{CONTAINER}/a", CONTENT)
    cloud.answer("GET", f"{CONTAINER}/deep/er/b", b"b")
    result = download(["a", "deep/er/b", "none"], out_directory=str(opened))
    a, b, none = result.data
    assert (a["success"], a["path"], a["read_length"]) == (True, f"{opened}/a", len(CONTENT))
    assert (b["success"], b["path"]) == (True, f"{opened}/deep/er/b")
    assert (none["success"], none["object"]) == (False, "none")
    assert "404" in none["error"]
    assert files(opened) == {"a": CONTENT, "deep/er/b": b"b"}


def test_all_objects_of_a_container_are_downloaded(cloud, download, opened):
    listing = [{"name": "p/a", "bytes": 1}, {"name": "p/", "bytes": 0}]
    cloud.answer_in_turn("GET", CONTAINER, {"body": listing}, {"body": []})
    cloud.answer("GET", f"{CONTAINER}/p/a", b"a")
    cloud.answer("GET", f"{CONTAINER}/p/", b"")
    result = download(out_directory=str(opened), prefix="p/", remove_prefix=True)
    assert [part["success"] for part in result.data] == [True, True]
    assert files(opened) == {"a": b"a"}


NAMES = ["../../x", "/../x", "a/../../../x", "link/x", "..", "../opened-too/x"]


@pytest.mark.parametrize("name", NAMES)
def test_no_name_of_an_object_leads_out(cloud, download, opened, tmp_path, name):
    (opened / "link").symlink_to(tmp_path)
    (tmp_path / "opened-too").mkdir()
    before = files(tmp_path)
    cloud.answer_all(b"evil")
    listing = [{"name": name, "bytes": 1, "content_type": "application/directory"}]
    cloud.answer_in_turn("GET", CONTAINER, {"body": listing}, {"body": []})
    for objects in (None, [name]):
        parts = download(objects, out_directory=str(opened)).data
        assert [part["success"] for part in parts] in ([False], [True])
        assert all(path.startswith("opened/") for path in files(tmp_path).keys() - before.keys())
    assert sorted(os.listdir(tmp_path)) == ["opened", "opened-too"]


def test_file_that_is_there_stays(cloud, download, opened):
    (opened / "a").write_bytes(b"mine")
    cloud.answer("GET", f"{CONTAINER}/a", CONTENT)
    for options in ({"out_directory": str(opened)}, {"out_file": str(opened / "a")}):
        (part,) = download(["a"], **options).data
        assert not part["success"]
        assert "File exists" in part["error"]
    assert files(opened) == {"a": b"mine"}


@pytest.mark.parametrize("option", ["out_file", "out_directory"])
def test_other_folders_are_refused_before_anything_is_asked(cloud, download, tmp_path, option):
    result = download(["a"], **{option: str(tmp_path / "x")})
    assert result.error["code"] == "INVALID_INPUT"
    assert "[openstack_actions] content_folders" in result.error["message"]
    assert "not in a folder" in download(["a"]).error["message"]
    assert (cloud.requests, list(tmp_path.iterdir())) == ([], [])


def test_nothing_is_written_where_nothing_is_to_be(cloud, download, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    cloud.answer("GET", f"{CONTAINER}/a", b"text")
    (part,) = download(["a"], no_download=True).data
    assert (part["success"], part["read_length"]) == (True, 4)
    (part,) = download(["a"], out_file="-").data
    assert part["contents"] == "text"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["/etc/passwd", "secret", "link", "fifo"])
def test_only_opened_files_are_uploaded(cloud, run, opened, tmp_path, name):
    (tmp_path / "secret").write_text("PASSWORD")
    (opened / "link").symlink_to(tmp_path / "secret")
    os.mkfifo(opened / "fifo")
    path = name if name[0] == "/" else str((tmp_path if name == "secret" else opened) / name)
    result = run("swiftservice", "upload", container="c", objects=[path])
    assert result.error["code"] == "INVALID_INPUT"
    assert cloud.requests == []


# -- one object


def test_object_in_a_file_is_never_held_as_a_whole(cloud, run, opened):
    content = CONTENT * 20
    cloud.answer("GET", f"{CONTAINER}/o", content)
    run("swift", "head_account")
    tracemalloc.start()
    try:
        result = run(
            "swift",
            "get_object",
            container="c",
            obj="o",
            action_content=f"file:{opened / 'o'}",
        )
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert result.data[1]["size"] == len(content)
    assert peak < len(content) / 3


@pytest.mark.parametrize("wish", ["base64", "file"])
def test_empty_object_is_empty_content(cloud, run, opened, wish):
    cloud.answer("GET", f"{CONTAINER}/o", b"")
    wish = f"file:{opened / 'o'}" if wish == "file" else wish
    _, content = run("swift", "get_object", container="c", obj="o", action_content=wish).data
    assert content == "" or content["size"] == 0


def test_object_that_is_too_large_for_memory_is_refused(cloud, run):
    cloud.answer("GET", f"{CONTAINER}/o", CONTENT)
    config.CONF.set_override("max_content_size", 1000, group="openstack_actions")
    try:
        result = run("swift", "get_object", container="c", obj="o", action_content="base64")
    finally:
        config.CONF.clear_override("max_content_size", group="openstack_actions")
    assert result.error["code"] == "CONTENT_TOO_LARGE"
    assert "[openstack_actions] max_content_size" in result.error["message"]
    # What is left of the answer is not read, and its connection is not kept: such a socket warns.
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ResourceWarning)
        gc.collect()
    assert [str(warning.message) for warning in caught] == []


# -- modules of a database


def modules(cloud, *names):
    found = [
        {
            "name": name,
            "datastore": "mysql",
            "datastore_version": "8",
            "contents": base64.b64encode(CONTENT).decode(),
        }
        for name in names
    ]
    cloud.answer("GET", "/v1.0/p1/instances/1/modules", {"modules": found})


def test_modules_become_files(cloud, run, opened):
    modules(cloud, "m", "../../n")
    result = run(
        "trove", "instances.module_retrieve", instance="1", directory=str(opened), prefix="p"
    )
    assert result.data == {
        "m": f"{opened}/p_m_mysql_8.dat",
        "../../n": f"{opened}/p_.._.._n_mysql_8.dat",
    }
    assert set(files(opened)) == {"p_m_mysql_8.dat", "p_.._.._n_mysql_8.dat"}
    assert set(files(opened).values()) == {CONTENT}
    asked = cloud.requests[-1].query
    assert asked == "from_guest=True&include_contents=True"


def test_modules_go_nowhere_else(cloud, run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    modules(cloud, "m")
    for params in ({}, {"directory": str(tmp_path / "new")}, {"directory": "/etc"}):
        result = run("trove", "instances.module_retrieve", instance="1", **params)
        assert "[openstack_actions] content_folders" in result.error["message"]
    assert list(tmp_path.iterdir()) == []
