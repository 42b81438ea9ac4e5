# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Whatever a service answers, an action returns plain data or says clearly what is wrong.

All actions that call a client's method are run against answers of each kind. The services answer
nonsense; what matters is that no word of a client's inside reaches a workflow, and that no result
fails to be written.
"""

import copy
import re
from typing import Any, NamedTuple

import pytest

from mistral_extra.actions.openstack import catalogue, descriptors, services
from mistral_lib import serialization
from mistral_lib.actions import Runner

from .test_failures import VERSIONS


class Kind(NamedTuple):
    """An answer of some kind."""

    body: Any
    content_type: str
    status: int = 200


PAGE = b"<!DOCTYPE html>\n<html><head><title>Please log in</title></head></html>"

KINDS = {
    "nothing": Kind(None, "text/html; charset=UTF-8", 204),
    "empty": Kind(b"", "application/json"),
    "object": Kind({}, "application/json"),
    "text": Kind(b"hello", "text/plain"),
    "binary": Kind(bytes(range(256)), "application/octet-stream"),
    "page": Kind(PAGE, "text/html; charset=UTF-8"),
}

#: What Python says of a value that a client did not expect.
INSIDE = re.compile(r"object (has no attribute|is not)|indices must be|^'\w+'$|unpack")

#: Enough for each parameter that must be there.
VALUES = {"list": ["1"], "dict": {"a": "1"}, "int": 1, "bool": True, "float": 1.0}


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    """Clients that try again sleep between attempts: not here."""
    monkeypatch.setattr("swiftclient.client.sleep", lambda seconds: None)


def actions_of(service):
    """Return the actions that call a method of a service's client, with parameters."""
    for name, target in catalogue.mapping().get(service, {}).items():
        entry = catalogue.entry(service, target)
        if ":" in target or entry is None:
            continue
        params = {
            p.name: VALUES.get(p.type.partition("[")[0], "1")
            for p in entry.params
            if p.default is catalogue.REQUIRED
        }
        yield descriptors.create(f"{service}.{name}", service, target, False), params


def answer(cloud, service, kind):
    cloud.forget()
    if service in VERSIONS:
        path, document = copy.deepcopy(VERSIONS[service])
        for version in (document.get("version"), *document.get("versions", ())):
            if isinstance(version, dict) and version.get("version"):
                # As new as can be, or the client has no use for newer methods.
                version["version"] = version["version"].partition(".")[0] + ".99"
        cloud.answer("GET", path, document)
    if service == "glance":
        cloud.answer("GET", "/v2/schemas/image", {"name": "image", "properties": {}})
    cloud.answer_all(kind.body, status=kind.status, headers={"Content-Type": kind.content_type})


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("service", [s.name for s in services.all() if s.name != "swiftservice"])
def test_every_action_returns_data_or_a_clear_error(cloud, need, service, kind):
    need(service)
    wire = serialization.get_polymorphic_serializer()
    context = cloud.context()
    unclear, runs = {}, 0
    for descriptor, params in actions_of(service):
        answer(cloud, service, KINDS[kind])
        result = Runner().run(descriptor.instantiate(params, None), context=context, timeout=60)
        wire.serialize(result)
        runs += 1
        asked = [r for r in cloud.requests if (r.method, r.path.rstrip("/")) not in cloud.laid_out]
        if not asked:
            # It was the parameters that the client stumbled over.
            continue
        code = result.error["code"] if result.is_error() else ""
        text = result.error["message"].partition(" failed: ")[2] if code else ""
        if INSIDE.search(text) or code == "RESULT_NOT_DATA":
            unclear[descriptor.name] = text
        # What a page has in Swift is its content.
        answered = service != "swift" and asked[-1].method != "HEAD"
        wrong = code != "ANSWER_INVALID" or "is the web page 'Please log in'" not in text
        if kind == "page" and answered and wrong:
            unclear[descriptor.name] = text or result.data
    assert runs
    assert unclear == {}


def test_page_where_the_versions_should_be_is_called_so(cloud, action_of):
    cloud.answer_all(PAGE, headers={"Content-Type": "text/html"})
    result = Runner().run(action_of("nova", "servers.list"), context=cloud.context())
    assert result.error["code"] == "ANSWER_INVALID"
    assert "(HTTP 200, text/html) is the web page 'Please log in'" in result.error["message"]


def test_status_that_is_rendered_as_a_page_is_an_answer(cloud, action_of):
    page = b"<html>\n <head>\n  <title>202 Accepted</title>\n </head>\n</html>"
    headers = {"Content-Type": "text/html"}
    cloud.answer("DELETE", "/v3/projects/1", page, status=202, headers=headers)
    action = action_of("keystone", "projects.delete", project="1")
    result = Runner().run(action, context=cloud.context())
    assert result.is_success(), result.error


@pytest.mark.parametrize(
    ("method", "params", "request_"),
    [
        ("images.image_import", {"image_id": "i"}, ("POST", "/v2/images/i/import")),
        (
            "images.stage",
            {"image_id": "i", "image_data": {"text": "x"}},
            ("PUT", "/v2/images/i/stage"),
        ),
        (
            "images.delete_from_store",
            {"store_id": "s", "image_id": "i"},
            ("DELETE", "/v2/stores/s/i"),
        ),
        ("images.data", {"image_id": "i"}, ("GET", "/v2/images/i/file")),
    ],
)
def test_nothing_in_a_proxy_of_glances_is_null(cloud, action_of, method, params, request_):
    cloud.answer("GET", "/v2/schemas/image", {"name": "image", "properties": {}})
    cloud.answer("GET", "/v2/images/i", {"id": "i", "status": "queued"})
    cloud.answer(*request_, status=204, headers={"Content-Type": "text/html"})
    result = Runner(wire=True).run(action_of("glance", method, **params), context=cloud.context())
    assert result.is_success(), result.error
    assert result.data is None


def test_schema_of_glance_is_the_schema(cloud, action_of):
    schema = {"name": "image", "properties": {"id": {"type": "string"}}}
    cloud.answer("GET", "/v2/schemas/image", schema)
    action = action_of("glance", "schemas.get", schema_name="image")
    assert Runner(wire=True).run(action, context=cloud.context()).data == schema
