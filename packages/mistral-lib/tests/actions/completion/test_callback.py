# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Where a late result goes, and the handle that carries this to another process."""

import json
import pickle

import pytest

from mistral_lib.actions import completion, context
from mistral_lib.actions.callback import join

TOKEN = "gAAAAABnotarealtoken0123456789"
PATH = "/v2/action_executions/1f3c"


@pytest.fixture(autouse=True)
def _no_base_url_from_outside(monkeypatch):
    monkeypatch.delenv("OS_MISTRAL_URL", raising=False)


def make_context(callback_url=PATH, **security):
    return context.ActionContext(
        context.SecurityContext(auth_token=TOKEN, **security),
        context.ExecutionContext(callback_url=callback_url),
    )


def catalog(*endpoints):
    services = [
        {
            "type": service_type,
            "name": "some service",
            "endpoints": [{"interface": interface, "region": region, "url": url}],
        }
        for service_type, interface, region, url in endpoints
    ]
    return {"catalog": services, "user": {"name": "ann"}}


@pytest.mark.parametrize(
    ("base", "path", "expected"),
    [
        ("http://h:8989", PATH, "http://h:8989/v2/action_executions/1f3c"),
        ("http://h:8989/", PATH, "http://h:8989/v2/action_executions/1f3c"),
        ("http://h:8989/v2", PATH, "http://h:8989/v2/action_executions/1f3c"),
        ("http://h:8989/v2/", PATH, "http://h:8989/v2/action_executions/1f3c"),
        ("https://h/workflow/v2", PATH, "https://h/workflow/v2/action_executions/1f3c"),
        ("https://h/workflow", PATH, "https://h/workflow/v2/action_executions/1f3c"),
        ("https://h/a/b/v2", PATH, "https://h/a/b/v2/action_executions/1f3c"),
        (
            "https://h/workflow/v2",
            f"/workflow{PATH}",
            "https://h/workflow/v2/action_executions/1f3c",
        ),
        ("https://h/workflow/v1", PATH, "https://h/workflow/v2/action_executions/1f3c"),
        ("https://h/v2", "/action_executions/1", "https://h/v2/action_executions/1"),
        ("https://h/v2", "v2/action_executions/1", "https://h/v2/action_executions/1"),
        ("https://h/v2beta", PATH, "https://h/v2beta/v2/action_executions/1f3c"),
        ("http://[::1]:8989/v2", PATH, "http://[::1]:8989/v2/action_executions/1f3c"),
    ],
)
def test_path_is_joined_without_doubling_or_dropping_anything(base, path, expected):
    assert join(base, path) == expected


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("//evil.example/v2/x", "would leave"),
        ("/v2/../../admin", "would leave"),
        ("/v2/%2e%2e/x", "would leave"),
        ("/\\evil.example/x", "backslash"),
        ("/v2/a b", "space"),
        ("/v2/a\r\nX-Other: 1", "control"),
    ],
)
def test_path_that_could_lead_elsewhere_is_refused(path, message):
    with pytest.raises(completion.CompletionError, match=message) as caught:
        completion.handle(make_context(path), "https://cloud.example/v2")
    assert caught.value.error_code == "BAD_URL"


@pytest.mark.parametrize(
    "base",
    [
        "cloud.example/v2",
        "ftp://cloud.example",
        "http://",
        "http://h:port/",
        "http://h:0/",
        "http://h/v2?a=1",
        "http://h/v2#a",
        "http://h /v2",
    ],
)
def test_base_url_that_is_no_place_is_refused_by_name(base):
    with pytest.raises(completion.CompletionError, match="The base URL") as caught:
        completion.handle(make_context(), base)
    assert caught.value.error_code == "BAD_URL"


@pytest.mark.parametrize("base", ["http://ann:hunter2@h/v2", "http://ann:hunter2@h /v2"])
def test_password_in_a_url_is_refused_and_not_shown(base):
    with pytest.raises(completion.CompletionError, match="The base URL") as caught:
        completion.handle(make_context(), base)
    assert "hunter2" not in str(caught.value)


def test_base_url_argument_wins_over_environment_and_this_over_catalogue(monkeypatch):
    ctx = make_context(
        service_catalog=catalog(("workflowv2", "public", "one", "http://catalogue/v2")),
        region_name="one",
    )
    assert completion.handle(ctx).url == f"http://catalogue{PATH}"
    monkeypatch.setenv("OS_MISTRAL_URL", "http://environment/v2")
    assert completion.handle(ctx).url == f"http://environment{PATH}"
    assert completion.handle(ctx, "http://argument/v2").url == f"http://argument{PATH}"


ENDPOINTS = catalog(
    ("compute", "public", "one", "http://nova"),
    ("workflow", "public", "one", "http://plain-one/v1"),
    ("workflowv2", "internal", "one", "http://internal-one/v2"),
    ("workflowv2", "public", "one", "http://public-one/v2"),
    ("workflow", "public", "two", "http://plain-two/workflow/v2"),
)


@pytest.mark.parametrize(
    ("region", "interface", "expected"),
    [
        ("one", "public", f"http://public-one{PATH}"),
        ("one", "internal", f"http://internal-one{PATH}"),
        ("two", "public", f"http://plain-two/workflow{PATH}"),
        (None, "public", f"http://public-one{PATH}"),
    ],
)
@pytest.mark.parametrize("body", [ENDPOINTS, ENDPOINTS["catalog"]])
def test_catalogue_endpoint_is_of_the_region_interface_and_better_type(
    body, region, interface, expected
):
    ctx = make_context(service_catalog=body, region_name=region)
    assert completion.handle(ctx, interface=interface).url == expected


@pytest.mark.parametrize("body", [None, {}, [], "", ENDPOINTS])
def test_missing_endpoint_error_names_what_was_looked_for(body):
    ctx = make_context(service_catalog=body, region_name="three")
    match = "OS_MISTRAL_URL.*public endpoint of type workflowv2 or workflow in region 'three'"
    with pytest.raises(completion.CompletionError, match=match) as caught:
        completion.handle(ctx)
    assert caught.value.error_code == "NO_BASE_URL"


def test_target_clouds_catalogue_and_token_are_not_used():
    ctx = make_context(service_catalog=ENDPOINTS, is_target=True, auth_cacert="/ca", insecure=True)
    with pytest.raises(completion.CompletionError, match="target cloud"):
        completion.handle(ctx)
    handle = completion.handle(ctx, "http://own/v2")
    assert handle == completion.CompletionHandle(f"http://own{PATH}")


@pytest.mark.parametrize(
    "ctx", [context.ActionContext(), make_context(None), make_context(""), None]
)
def test_context_without_callback_url_is_refused_with_the_reason(ctx):
    with pytest.raises(completion.CompletionError, match="no callback_url") as caught:
        completion.handle(ctx, "http://h/v2")
    assert caught.value.error_code == "NO_CALLBACK_URL"
    assert caught.value.retryable is False


def test_complete_callback_url_is_used_as_it_is_where_no_base_is_known():
    url = f"https://mistral.example/deep/er{PATH}"
    assert completion.handle(make_context(url)).url == url


@pytest.mark.parametrize(
    ("base", "callback"),
    [
        ("https://cloud.example/v2", f"https://cloud.example:443{PATH}"),
        ("https://cloud.example:443/workflow/v2", f"https://CLOUD.example/other{PATH}"),
        ("http://cloud.example:80", f"http://cloud.example{PATH}"),
    ],
)
def test_complete_callback_url_of_the_bases_origin_is_used_as_it_is(base, callback):
    assert completion.handle(make_context(callback), base).url == callback


@pytest.mark.parametrize(
    "callback",
    [
        f"https://evil.example{PATH}",
        f"http://cloud.example{PATH}",
        f"https://cloud.example:8989{PATH}",
        f"https://cloud.example.evil.example{PATH}",
    ],
)
def test_complete_callback_url_of_another_origin_is_refused(callback):
    with pytest.raises(completion.CompletionError, match=r"leads to http.*base_url") as caught:
        completion.handle(make_context(callback), "https://cloud.example/v2")
    assert caught.value.error_code == "BAD_URL"


@pytest.mark.parametrize("callback", ["file:///etc/passwd", "https:/v2/x", "HTTPS:evil.example/x"])
def test_callback_url_of_another_kind_is_refused(callback):
    with pytest.raises(completion.CompletionError, match="The callback URL is"):
        completion.handle(make_context(callback))


def test_handle_carries_identity_and_trust_through_json():
    ctx = make_context(auth_cacert="/etc/ca.pem", insecure=False)
    handle = completion.handle(ctx, "https://h/v2")
    assert handle.to_dict() == {
        "url": f"https://h{PATH}",
        "token": TOKEN,
        "cacert": "/etc/ca.pem",
        "insecure": False,
    }
    assert json.loads(handle.to_json()) == handle.to_dict()
    assert completion.CompletionHandle.from_json(handle.to_json()) == handle
    assert completion.CompletionHandle.from_dict({**handle.to_dict(), "newer": 1}) == handle
    assert pickle.loads(pickle.dumps(handle)) == handle


def test_handle_without_security_says_so():
    handle = completion.handle(
        context.ActionContext(None, context.ExecutionContext(callback_url=PATH)), "http://h"
    )
    assert handle == completion.CompletionHandle(f"http://h{PATH}", None, None, False)
    assert "token=None" in repr(handle)


def test_repr_of_a_handle_masks_the_token():
    handle = completion.handle(make_context(), "http://h")
    assert repr(handle) == (
        f"CompletionHandle(url='http://h{PATH}', token='***', cacert=None, insecure=False)"
    )
    assert TOKEN not in str(handle)


def test_handle_takes_a_fresh_token_and_stays_as_it_was():
    handle = completion.handle(make_context(), "http://h")
    assert handle.with_token("fresh").token == "fresh"
    assert handle.token == TOKEN
    with pytest.raises(AttributeError, match="token"):
        handle.token = "other"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f'{{"token": "{TOKEN}"', "no JSON object"),
        (f'["{TOKEN}"]', "no JSON object"),
        (f'{{"token": "{TOKEN}"}}', "no 'url'"),
        (f'{{"url": 5, "token": "{TOKEN}"}}', "url is of type int"),
        (f'{{"url": "http://h/x", "token": ["{TOKEN}"]}}', "token is of type list"),
        (f'{{"url": "http://h/x", "token": "{TOKEN}\\r\\n"}}', "a header can't carry"),
        (f'{{"url": "http://h/x", "insecure": "{TOKEN}"}}', "insecure is of type str"),
    ],
)
def test_unusable_handle_is_refused_without_showing_the_token(text, message):
    with pytest.raises(completion.CompletionError, match=message) as caught:
        completion.CompletionHandle.from_json(text)
    assert caught.value.error_code == "BAD_HANDLE"
    assert TOKEN not in repr(caught.value)
    assert caught.value.__context__ is None
