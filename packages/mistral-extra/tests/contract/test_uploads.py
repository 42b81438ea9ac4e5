# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Content on its way to a service: what is sent is what was meant, or nothing is."""

import base64
import contextlib
import hashlib
import io
import json

import pytest

from mistral_extra import openstack
from mistral_extra.actions.openstack import transport
from mistral_lib.actions import Runner

CONTENT = bytes(range(256)) * 1000
MD5 = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()
SHA256 = hashlib.sha256(CONTENT).hexdigest()
OBJECT = "/v1/AUTH_p1/c/o"
IMAGE = "/v2/images/1"

#: The actions that stream bytes: service, method, the parameter, its others, and where it goes.
STREAMS = {
    "images.upload": ("glance", "image_data", {"image_id": "1"}, f"{IMAGE}/file"),
    "images.stage": ("glance", "image_data", {"image_id": "1"}, f"{IMAGE}/stage"),
    "put_object": ("swift", "contents", {"container": "c", "obj": "o"}, OBJECT),
}


@pytest.fixture
def run(action_of, cloud):
    def run_(service, method, **params):
        return Runner(wire=True).run(action_of(service, method, **params), context=cloud.context())

    return run_


@pytest.fixture(params=STREAMS)
def upload(request, cloud, run):
    """Upload a value; return the result, and what the service got."""
    service, name, others, path = STREAMS[request.param]
    cloud.answer("PUT", path, b"", status=201, headers={"Etag": MD5})
    cloud.answer("GET", IMAGE, {"id": "1", "checksum": MD5})
    cloud.answer("GET", "/v2/schemas/image", {"name": "image", "properties": {}})

    def upload_(value, **more):
        cloud.requests.clear()
        result = run(service, request.param, **others, **{name: value}, **more)
        return result, [r.body for r in cloud.requests if (r.method, r.path) == ("PUT", path)]

    return upload_


@pytest.fixture(params=["base64", "text", "file", "url"])
def source(request, cloud, opened, permit):
    """Return content in one of its forms, and its bytes."""
    if request.param == "base64":
        return {"base64": base64.b64encode(CONTENT).decode()}, CONTENT
    if request.param == "text":
        return {"text": "grün" * 50_000}, ("grün" * 50_000).encode()
    if request.param == "file":
        (opened / "image").write_bytes(CONTENT)
        return {"file": str(opened / "image")}, CONTENT
    permit("127.0.0.1/32", "::1/128")
    cloud.answer("GET", "/image", CONTENT)
    return {"url": f"{cloud.url}/north/public/web/image"}, CONTENT


def facts(content):
    return {
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest().upper(),
        "md5": hashlib.md5(content, usedforsecurity=False).hexdigest(),
    }


def test_bytes_arrive_as_they_are(upload, source, cloud):
    value, content = source
    etag = {"Etag": facts(content)["md5"]}
    for path in (OBJECT, f"{IMAGE}/file"):
        cloud.answer("PUT", path, b"", status=201, headers=etag)
    cloud.answer("GET", IMAGE, {"id": "1", "checksum": facts(content)["md5"]})
    result, sent = upload(value | facts(content))
    assert result.is_success(), result.error
    assert sent == [content]


@pytest.mark.parametrize("name", ["size", "sha256", "md5"])
def test_something_else_is_not_stored(upload, source, cloud, name):
    value, _ = source
    result, sent = upload(value | {name: facts(b"other")[name]})
    assert result.error["code"] == "INVALID_INPUT"
    assert f"its {name} is" in result.error["message"]
    # Neither the whole, nor an end that a service takes for one.
    assert sent == []


@pytest.mark.parametrize("length", [5, 10**9, -1, "x"])
def test_beginning_alone_is_not_stored(run, cloud, source, length):
    value, content = source
    for service, method, params in (
        ("swift", "put_object", {"container": "c", "obj": "o", "contents": value}),
        ("glance", "images.upload", {"image_id": "1", "image_data": value}),
    ):
        name = "content_length" if service == "swift" else "image_size"
        result = run(service, method, **params, **{name: length})
        assert result.error["code"] == "INVALID_INPUT"
        assert f"'{name}' is {length!r}, expected {len(content)}" in result.error["message"]
    assert [r for r in cloud.requests if r.method == "PUT"] == []


def test_length_of_what_says_none_is_checked_too(run, cloud, monkeypatch):
    @contextlib.contextmanager
    def fetched(url, what):
        yield io.BytesIO(CONTENT), None

    monkeypatch.setattr(transport, "fetched", fetched)
    value = {"url": "http://h/image"}
    result = run("swift", "put_object", container="c", obj="o", contents=value, content_length=5)
    assert f"its size is {len(CONTENT)}, expected 5" in result.error["message"]
    assert cloud.requests == []


@pytest.mark.parametrize("text", ["/srv/image", "file:/srv/image", "http://h/image"])
def test_place_is_not_taken_for_content(upload, text):
    result, sent = upload(text)
    assert result.error["code"] == "INVALID_INPUT"
    assert "takes bytes, not a text" in result.error["message"]
    assert "expected an object with 'base64', 'text', 'file' or 'url'" in result.error["message"]
    assert sent == []


def test_text_is_no_image(run, cloud):
    for method in ("images.upload", "images.stage"):
        result = run("glance", method, image_id="1", image_data="x" * 1000)
        assert "'image_data' takes bytes, not a text" in result.error["message"]
    assert cloud.requests == []


@pytest.mark.parametrize("text", ["hello", "", "/a path\nand more", "{}", "see http://h/ for more"])
def test_text_is_an_objects_content(run, cloud, text):
    cloud.answer("PUT", OBJECT, status=201)
    result = run("swift", "put_object", container="c", obj="o", contents=text)
    assert result.is_success(), result.error
    assert [r.body for r in cloud.requests] == [text.encode()]


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ({}, "has the keys"),
        ({"a": "b"}, "has the keys 'a'"),
        ({"text": "a", "base64": "YQ=="}, "has the keys 'text', 'base64'"),
        ({"text": "a", "sha": "b"}, "has the keys 'text', 'sha'"),
        ({"text": 5}, "has the keys 'text'"),
        (5, "is 5"),
        (["a"], "is ['a']"),
        ({"base64": "a/path"}, "'base64' is not base64"),
        ({"base64": "YQ"}, "'base64' is not base64"),
        ({"text": "\ud800"}, "half of a surrogate pair"),
        ({"text": "a", "size": "1"}, "'size' is '1'"),
        ({"text": "a", "size": True}, "'size' is True"),
        ({"text": "a", "md5": "1"}, "'md5' is '1'"),
        ({"text": "a", "sha256": MD5}, "expected 64 hexadecimal digits"),
        ({"file": "/etc/passwd"}, "[openstack_actions] content_folders"),
        ({"url": "http://169.254.169.254/latest"}, "no action connect to"),
        ({"url": "file:///etc/passwd"}, "can't be fetched"),
    ],
)
def test_what_is_no_content_is_refused_by_name(upload, value, why):
    result, sent = upload(value)
    assert result.error["code"] in ("INVALID_INPUT", "ADDRESS_BLOCKED")
    assert why in result.error["message"]
    assert sent == []


def test_service_that_stored_something_else_is_found_out(run, cloud):
    cloud.answer("PUT", OBJECT, status=201, headers={"Etag": "0" * 32})
    cloud.answer("PUT", f"{IMAGE}/file", b"", status=201)
    cloud.answer("GET", IMAGE, {"id": "1", "checksum": "0" * 32})
    cloud.answer("GET", "/v2/schemas/image", {"name": "image", "properties": {}})
    value = {"text": "a"}
    for result in (
        run("swift", "put_object", container="c", obj="o", contents=value),
        run("glance", "images.upload", image_id="1", image_data=value),
    ):
        assert result.error["code"] == "CONTENT_DIFFERS"
        assert "0" * 32 in result.error["message"]


def test_manifest_has_an_etag_of_its_own(run, cloud):
    cloud.answer("PUT", OBJECT, status=201, headers={"Etag": "0" * 32})
    params = {"container": "c", "obj": "o", "contents": {"text": "[]"}}
    result = run("swift", "put_object", query_string="multipart-manifest=put", **params)
    assert result.is_success(), result.error


def test_object_is_sent_again_from_its_beginning(run, cloud, opened, monkeypatch):
    monkeypatch.setattr("swiftclient.client.sleep", lambda seconds: None)
    (opened / "f").write_bytes(CONTENT)
    cloud.answer_in_turn("PUT", OBJECT, {"status": 503}, {"status": 201, "headers": {"Etag": MD5}})
    value = {"file": str(opened / "f"), "sha256": SHA256}
    result = run("swift", "put_object", container="c", obj="o", contents=value)
    assert result.is_success(), result.error
    assert [r.body for r in cloud.requests] == [CONTENT, CONTENT]


@pytest.mark.parametrize("method", ["images.upload", "images.stage"])
def test_stream_that_is_redirected_is_no_success(run, cloud, method):
    cloud.answer_all(b"", status=307, headers={"Location": f"{cloud.url}/north/public/glance/x"})
    result = run("glance", method, image_id="1", image_data={"text": "a"})
    assert result.error["code"] == "CONTENT_NOT_SENT"
    assert len(cloud.requests) == 1


def test_object_of_a_known_size_says_it(run, cloud):
    cloud.answer("PUT", OBJECT, status=201)
    run("swift", "put_object", container="c", obj="o", contents={"text": "four"})
    (request,) = cloud.requests
    assert request.headers["content-length"] == "4"


# -- content within JSON


def body_of(cloud):
    return json.loads(cloud.requests[-1].body)


@pytest.fixture
def nova(cloud):
    version = {"id": "v2.1", "status": "CURRENT", "version": "2.90", "min_version": "2.1"}
    cloud.answer("GET", "/v2.1", {"version": version})


@pytest.mark.usefixtures("nova")
def test_content_within_json_is_base64_there(run, cloud):
    cloud.answer_all({"server": {"id": "1"}, "module": {"id": "1"}})
    encoded = base64.b64encode(CONTENT).decode()
    run("trove", "modules.create", name="n", module_type="t", contents={"base64": encoded})
    assert body_of(cloud)["module"]["contents"] == encoded
    params = {"name": "n", "image": "i", "flavor": "f", "nics": "none"}
    run("nova", "servers.create", userdata={"base64": encoded}, **params)
    assert body_of(cloud)["server"]["user_data"] == encoded
    run("nova", "servers.create", userdata="#!/bin/sh\n", **params)
    user_data = body_of(cloud)["server"]["user_data"]
    assert base64.b64decode(user_data) == b"#!/bin/sh\n"


def test_archive_of_a_container_is_bytes(run, cloud):
    versions = {"versions": [{"id": "v", "status": "CURRENT", "max_version": "1.40"}]}
    versions["versions"][0]["min_version"] = "1.1"
    cloud.answer("GET", "", versions, headers={"openstack-api-version": "container 1.40"})
    cloud.answer("POST", "/v1/containers/1/put_archive", {})
    encoded = base64.b64encode(CONTENT).decode()
    result = run("zun", "containers.put_archive", id="1", path="/x", data={"base64": encoded})
    assert result.is_success(), result.error
    assert body_of(cloud)["data"] == encoded
    refused = run("zun", "containers.put_archive", id="1", path="/x", data="/srv/archive.tar")
    assert "'data' takes bytes, not a text" in refused.error["message"]


def test_package_of_tacker_is_bytes(run, cloud):
    cloud.answer_all({})
    encoded = base64.b64encode(CONTENT).decode()
    run("tacker", "upload_vnf_package", vnf_package="1", file_data={"base64": encoded})
    assert cloud.requests[-1].body == CONTENT


@pytest.mark.parametrize("drive", ["/srv/drive", "QUJ", "drive.iso", "file:///srv/drive", "{}"])
def test_configuration_drive_is_never_a_path(run, cloud, drive):
    result = run(
        "ironic", "node.set_provision_state", node_uuid="n", state="active", configdrive=drive
    )
    assert "'configdrive' is not base64" in result.error["message"]
    assert cloud.requests == []


@pytest.mark.parametrize(
    ("drive", "sent"),
    [
        ("QUJD", "QUJD"),
        ("QU\nJD\n", "QUJD"),
        ({"base64": "QUJD"}, "QUJD"),
        ({"meta_data": {"a": 1}}, {"meta_data": {"a": 1}}),
    ],
)
def test_configuration_drive_is_handed_over(run, cloud, drive, sent, tmp_path, monkeypatch):
    # A file of that name is none of its business.
    monkeypatch.chdir(tmp_path)
    (tmp_path / "QUJD").write_text("PASSWORD")
    cloud.answer("PUT", "/v1/nodes/n/states/provision", status=202)
    result = run(
        "ironic", "node.set_provision_state", node_uuid="n", state="active", configdrive=drive
    )
    assert result.is_success(), result.error
    assert body_of(cloud)["configdrive"] == sent


@pytest.mark.parametrize("text", ["/etc/passwd", "file:///etc/passwd", "x.yaml"])
def test_definitions_are_sent_as_they_are(run, cloud, text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.yaml").write_text("PASSWORD")
    cloud.answer_all({"workflows": [], "actions": []})
    for method, name in (
        ("workflows.create", "definition"),
        ("workflows.update", "definition"),
        ("workflows.validate", "definition"),
        ("workbooks.create", "definition"),
        ("workbooks.update", "definition"),
        ("workbooks.validate", "definition"),
        ("actions.create", "definition"),
        ("actions.update", "definition"),
        ("actions.validate", "definition"),
    ):
        run("mistral", method, **{name: text})
        assert cloud.requests.pop().body == text.encode()
    for method in ("environments.create", "environments.update"):
        result = run("mistral", method, file=text)
        assert "a path is never opened" in result.error["message"]
    assert cloud.requests == []


def test_environment_comes_as_its_text(run, cloud):
    cloud.answer_all({"name": "n"}, status=201)
    result = run("mistral", "environments.create", file="name: n\nvariables: {a: 1}\n")
    assert result.is_success(), result.error
    assert body_of(cloud)["name"] == "n"


def test_borrowed_mistralclient_opens_nothing_either(cloud, opened):
    (opened / "x.yaml").write_text("PASSWORD")
    cloud.answer_all({"workflows": []}, status=201)
    openstack.client("mistral", cloud.context()).workflows.create(str(opened / "x.yaml"))
    assert cloud.requests[-1].body == str(opened / "x.yaml").encode()


def test_template_of_vitrage_is_text_or_in_an_opened_folder(run, cloud, opened, tmp_path):
    cloud.answer_all({})
    (opened / "t.yaml").write_text("metadata: {name: t}\n")
    (tmp_path / "secret").write_text("password: p\n")
    assert run("vitrage", "template.add", path=str(opened / "t.yaml")).is_success()
    assert body_of(cloud)["templates"] == [[None, {"metadata": {"name": "t"}}]]
    cloud.requests.clear()
    for path in (tmp_path / "secret", tmp_path, opened):
        for method in ("template.add", "template.validate"):
            assert run("vitrage", method, path=str(path)).error["code"] == "INVALID_INPUT"
    assert cloud.requests == []


@pytest.mark.usefixtures("nova")
def test_private_key_is_a_key_and_no_path(run, cloud, opened, monkeypatch):
    cloud.answer_all({"password": "QUJD"})
    (opened / "key").write_text("-----BEGIN PRIVATE KEY-----\n")
    result = run("nova", "servers.get_password", server="1", private_key=str(opened / "key"))
    assert "'private_key' is not a private key in PEM" in result.error["message"]
    seen = []

    def decrypt(path, password):
        with open(path, encoding="utf-8") as file:
            seen.append((path, file.read(), password))
        return "clear"

    monkeypatch.setattr("novaclient.crypto.decrypt_password", decrypt)
    key = "-----BEGIN PRIVATE KEY-----\nkey\n"
    result = run("nova", "servers.get_password", server="1", private_key=key)
    assert result.data == "clear"
    ((path, content, _),) = seen
    assert content == key
    with pytest.raises(FileNotFoundError, match="key-"):
        open(path, encoding="utf-8").close()
