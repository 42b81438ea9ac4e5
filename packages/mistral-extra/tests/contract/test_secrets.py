# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What a service echoes of tokens and passwords reaches neither an error nor the log.

A server calls ``run`` of the action itself, so these tests do.
"""

import json
import logging
import traceback

import pytest

from mistral_extra.actions.openstack import base, catalogue, provider
from mistral_lib import actions
from mistral_lib.cli import facts

TOKEN = "gAAAAABn-CANARY/of+a=token-1"
PASSWORD = "it's a <CANARY> pass&word-1"


def first_listing(service):
    """Return the method of a service's listing that needs no parameters."""
    for _, target in sorted(catalogue.mapping()[service].items()):
        entry = catalogue.entry(service, target)
        if entry and "list" in target and all("default" in p for p in entry._raw.get("params", ())):
            return target
    return None


LISTINGS = {
    service: first_listing(service)
    for service in catalogue.mapping()
    # Theirs ask other servers, or none.
    if service not in ("swiftservice", "baremetal_introspection") and first_listing(service)
}


def shown(error):
    """Return all that a server, a log or a debugger could show of an exception."""
    texts = ["".join(traceback.format_exception(error)), repr(error)]
    waiting, seen = [error], set()
    while waiting:
        part = waiting.pop()
        if id(part) in seen or len(seen) > 5000:
            continue
        seen.add(id(part))
        if isinstance(part, (str, bytes)):
            texts.append(part if isinstance(part, str) else part.decode("latin-1"))
        elif isinstance(part, dict):
            waiting += [*part.keys(), *part.values()]
        elif isinstance(part, (list, tuple)):
            waiting += part
        elif isinstance(part, BaseException):
            waiting += [part.args, vars(part), part.__cause__, part.__context__]
    return "\n".join(texts)


@pytest.mark.parametrize("service", LISTINGS)
def test_a_token_that_a_service_echoes_is_in_no_error(service, cloud, action_of, caplog):
    caplog.set_level(logging.DEBUG)
    text = f"the token {TOKEN} ({json.dumps(TOKEN)}) is refused"
    cloud.answer_all(
        {"error": {"message": text, "title": text}, "faultstring": text, "description": text},
        status=403,
        headers={"X-Echo": TOKEN, "WWW-Authenticate": text},
    )
    with pytest.raises(Exception, match=r".") as caught:
        action_of(service, LISTINGS[service]).run(cloud.context(TOKEN))
    assert any(r.headers.get("x-auth-token") == TOKEN for r in cloud.requests)
    assert "CANARY" not in shown(caught.value)
    assert "CANARY" not in caplog.text


def test_a_token_that_swift_echoes_is_neither_in_outcomes_nor_in_the_log(cloud, action_of, caplog):
    caplog.set_level(logging.DEBUG)
    cloud.answer_all({"refused": TOKEN}, status=403, headers={"X-Echo": TOKEN})
    context = cloud.context(TOKEN)
    with pytest.raises(actions.ActionException, match="403"):
        action_of("swift", "head_object", container="c", obj="o").run(context)
    for method, params in (
        ("stat", {}),
        ("list", {}),
        ("delete", {"container": "c", "objects": ["o"]}),
        ("download", {"container": "c", "objects": ["o"], "options": {"out_file": "-"}}),
    ):
        outcomes = action_of("swiftservice", method, **params).run(context)
        assert "403" in str(outcomes), method
        assert "CANARY" not in str(outcomes), method
    assert any(r.headers.get("x-auth-token") == TOKEN for r in cloud.requests)
    assert "CANARY" not in caplog.text


def test_a_password_that_a_service_echoes_is_in_no_error(cloud, action_of, caplog):
    caplog.set_level(logging.DEBUG)
    cloud.answer("POST", "/v3/users", {"error": {"message": f"weak: {PASSWORD}"}}, status=400)
    action = action_of("keystone", "users.create", name="ann", password=PASSWORD)
    assert "CANARY" not in repr(action)
    with pytest.raises(actions.ActionException, match=r"weak: \*\*\*") as caught:
        action.run(cloud.context(TOKEN))
    assert json.loads(cloud.requests[-1].body)["user"]["password"] == PASSWORD
    assert "CANARY" not in shown(caught.value)
    assert "CANARY" not in caplog.text


def test_a_password_inside_parameters_is_in_no_error(cloud, action_of):
    cloud.answer("POST", "/v1/nodes", {"error_message": f"bad: {PASSWORD}"}, status=400)
    info = {"ipmi_address": "10.0.0.1", "ipmi_password": PASSWORD}
    action = action_of("ironic", "node.create", driver="ipmi", driver_info=info)
    with pytest.raises(actions.ActionException, match=r"bad: \*\*\*") as caught:
        action.run(cloud.context(TOKEN))
    assert "CANARY" not in shown(caught.value)


def test_what_an_action_returns_is_data(cloud, action_of):
    cloud.answer("POST", "/v3/users", {"user": {"id": "u2", "password": PASSWORD}}, status=201)
    action = action_of("keystone", "users.create", name="ann", password=PASSWORD)
    assert action.run(cloud.context(TOKEN))["password"] == PASSWORD


class Session(base.OpenStackAction):
    """Asks as somebody else than the context says, as a trust does."""

    client_method_name = "servers.list"

    def _create_client(self, context):
        import requests

        from mistral_extra.actions.openstack import refusals

        session = requests.Session()

        class Sender:
            def __init__(self):
                self.session = session

        refusals.watch(Sender())

        class Client:
            class servers:
                @staticmethod
                def list():
                    answer = session.get(f"{context.url}/x", headers={"X-Auth-Token": TOKEN})
                    raise ValueError(answer.json()["error"]["message"])

        return Client()


def test_the_token_of_a_trust_is_in_no_error(cloud):
    cloud.answer_all({"error": {"message": f"no {TOKEN}"}}, status=403)
    context = cloud.context("another-token-1")
    context.url = f"{cloud.url}/north/public/nova"
    with pytest.raises(actions.ActionException, match=r"no \*\*\*") as caught:
        Session().run(context)
    assert "CANARY" not in shown(caught.value)


SECRETS = {
    ("barbican.secrets_store", "payload"),
    ("cinder.transfers_accept", "auth_key"),
    ("designate.tsigkeys_create", "secret"),
    ("keystone.application_credentials_create", "secret"),
    ("keystone.credentials_create", "blob"),
    ("keystone.users_create", "password"),
    ("keystone.users_update_password", "original_password"),
    ("manila.security_services_create", "password"),
    ("nova.servers_change_password", "password"),
    ("nova.servers_create", "admin_pass"),
    ("nova.servers_create", "userdata"),
    ("nova.servers_rebuild", "password"),
}


@pytest.mark.parametrize(("action", "parameter"), sorted(SECRETS))
def test_passwords_are_marked_secret(action, parameter, need):
    need(action.partition(".")[0])
    descriptor = provider.OpenStackActionProvider("openstack").find(action)
    assert parameter in facts.secret_names(descriptor)
    assert "name" not in facts.secret_names(descriptor)
