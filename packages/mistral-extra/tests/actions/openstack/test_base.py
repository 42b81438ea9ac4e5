# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
import json
from unittest import mock

import pytest

from mistral_extra.actions.openstack import actions as openstack_actions
from mistral_extra.actions.openstack import base
from mistral_extra.actions.openstack.utils import context as thread_context
from mistral_lib import exceptions, serialization, testing
from mistral_lib.actions import Runner

GOLDEN = {
    "__serial_key": "mistral_extra.actions.openstack.base.OpenStackAction",
    "__serial_data": {
        "cls": "mistral_extra.actions.openstack.actions.NovaAction",
        "cls_attrs": {"client_method_name": "servers.list"},
        "data": {"_kwargs_for_run": {"limit": 5}, "action_region": None},
    },
}


class Client:
    """A client of one service."""

    class servers:
        @staticmethod
        def list(limit=None):
            return [{"id": str(i)} for i in range(limit or 1)]

        @staticmethod
        def get(server):
            return {"id": server}

        @staticmethod
        def stumble():
            raise TypeError("it is the method's own")


class OwnService(base.OpenStackAction):
    """What a plug-in for a service of its own looks like."""

    client_method_name = "servers.list"
    asked = ()

    def _create_client(self, context):
        type(self).asked += (context,)
        return Client()


class Names(OwnService):
    """A plug-in's action with an __init__ and a run of its own."""

    def __init__(self, limit):
        self.limit = limit

    def run(self, context):
        return [server["id"] for server in self._get_client().servers.list(self.limit)]


@pytest.fixture
def serializer():
    return serialization.get_polymorphic_serializer()


@pytest.fixture(autouse=True)
def nobody_asked():
    OwnService.asked = Names.asked = ()


def generated(cls=openstack_actions.NovaAction, method="servers.list"):
    return type(method, (cls,), {"client_method_name": method})


def test_wire_form_is_upstreams(serializer):
    written = json.loads(serializer.serialize(generated()(limit=5)))
    written["__serial_data"] = json.loads(written["__serial_data"])
    assert written == GOLDEN


def test_message_of_upstream_becomes_an_action(serializer):
    message = {**GOLDEN, "__serial_data": json.dumps(GOLDEN["__serial_data"])}
    action = serializer.deserialize(json.dumps(message))
    assert isinstance(action, openstack_actions.NovaAction)
    assert action.client_method_name == "servers.list"
    assert vars(action) == {"_kwargs_for_run": {"limit": 5}, "action_region": None}


def test_plug_ins_subclass_is_named_itself(serializer):
    read = serializer.deserialize(serializer.serialize(Names(3)))
    assert isinstance(read, Names)
    assert read.run("context") == ["0", "1", "2"]


@pytest.mark.parametrize(
    "cls", ["mistral_extra.actions.openstack.base.serialization", "os.system", "json.JSONDecoder"]
)
def test_message_that_names_no_action_is_refused(serializer, cls):
    data = json.dumps({"cls": cls, "cls_attrs": {}, "data": {}})
    message = json.dumps({**GOLDEN, "__serial_data": data})
    with pytest.raises(
        exceptions.DeserializationError, match=r"is no action|not installed here|may not import"
    ):
        serializer.deserialize(message)


def test_region_and_wish_for_content_are_no_parameters_of_the_method():
    action = OwnService(limit=1, action_region="north", action_content="base64")
    assert action._kwargs_for_run == {"limit": 1}
    assert (action.action_region, action.action_content) == ("north", "base64")


def test_wish_for_content_is_an_attribute_only_where_it_is_given():
    assert vars(OwnService(limit=1)) == {"_kwargs_for_run": {"limit": 1}, "action_region": None}


def test_overridden_creation_of_the_client_is_used():
    assert OwnService(limit=2).run("context") == [{"id": "0"}, {"id": "1"}]
    assert OwnService.asked == ("context",)


def test_client_without_an_argument_is_that_of_the_run_in_progress():
    assert Names(2).run("context") == ["0", "1"]
    assert Names.asked == ("context",)


@pytest.mark.parametrize("call", [lambda a: a.run("c", 2), lambda a: a.run(ctx="c", times=2)])
def test_run_is_called_as_its_author_wrote_it(call):
    class Retried(OwnService):
        def run(self, ctx=None, times=1):
            return [type(self._get_client()).__name__] * times

    assert call(Retried()) == ["Client", "Client"]
    assert Retried.asked == ("c",)
    assert Retried().run() == ["Client"]


def test_client_with_an_argument_is_that_contexts():
    Names(1)._get_client("other")
    assert Names.asked == ("other",)


def test_context_of_an_outer_run_comes_back_after_an_inner_one():
    class Outer(OwnService):
        def run(self, context):
            Names(1).run("inner")
            return self._get_client()

    Outer().run("outer")
    assert OwnService.asked == ()
    assert Outer.asked == ("outer",)


def test_context_is_forgotten_when_the_run_ends():
    Names(1).run("context")
    Names(1)._get_client()
    assert Names.asked == ("context", None)


def test_parameters_that_do_not_fit_are_named():
    with pytest.raises(exceptions.ActionException, match="there is no parameter 'limt'") as caught:
        OwnService(limt=1).run("context")
    assert str(caught.value) == (
        "OwnService.servers.list failed: there is no parameter 'limt': did you mean 'limit'? "
        "(it takes limit)"
    )
    assert caught.value.error_code == "INVALID_INPUT"
    assert isinstance(caught.value.__cause__, TypeError)


def test_missing_parameter_is_named():
    action = generated(OwnService, "servers.get")()
    with pytest.raises(exceptions.ActionException, match="parameter 'server' is missing"):
        action.run("context")


def test_type_error_of_the_methods_own_is_not_taken_for_bad_parameters():
    action = generated(OwnService, "servers.stumble")()
    with pytest.raises(exceptions.ActionException, match="it is the method's own") as caught:
        action.run("context")
    assert caught.value.error_code == "CLIENT_FAILED"


@pytest.mark.parametrize("method", ["servers.lst", "servers.__class__", "_secret"])
def test_unknown_method_is_told(method):
    with pytest.raises(exceptions.ActionException, match="has no '") as caught:
        generated(OwnService, method)().run("context")
    assert caught.value.error_code == "METHOD_UNKNOWN"
    assert caught.value.method == method


@pytest.mark.parametrize("run", ["get_client", "run"])
def test_service_without_a_client_of_its_own_is_told(run):
    class Undeclared(base.OpenStackAction):
        client_method_name = "servers.list"

    call = Undeclared.get_client if run == "get_client" else Undeclared().run
    with pytest.raises(exceptions.ActionException, match="must define _create_client"):
        call("context")


def test_action_without_a_method_is_told():
    with pytest.raises(exceptions.ActionException, match="NovaAction names no client method"):
        openstack_actions.NovaAction._get_client_method(Client())


def test_mock_in_place_of_the_client_passes_through_untouched():
    with mock.patch.object(openstack_actions.NovaAction, "_get_client") as get_client:
        result = generated()(limit=5).run(mock.Mock())
    get_client().servers.list.assert_called_once_with(limit=5)
    assert result is get_client().servers.list()


@pytest.mark.parametrize("context", [mock.Mock(), mock.MagicMock()])
def test_context_without_a_token_is_refused(context):
    with pytest.raises(exceptions.ActionException, match="has no token") as caught:
        generated()(limit=5).run(context)
    assert caught.value.error_code == "UNAUTHORIZED"
    assert (caught.value.service, caught.value.method) == ("nova", "servers.list")


def test_without_any_context_the_threads_own_is_taken():
    thread_context.set_ctx(mock.Mock(spec_set=[]))
    try:
        with pytest.raises(exceptions.ActionException, match="has no token"):
            openstack_actions.NovaAction.get_client()
    finally:
        thread_context.set_ctx(None)
    with pytest.raises(exceptions.ActionException, match="no application context"):
        openstack_actions.NovaAction.get_client()


def test_error_that_an_action_raised_itself_stays_as_it_is():
    class Cancelled(OwnService):
        def _create_client(self, context):
            raise exceptions.ActionCancelled

    with pytest.raises(exceptions.ActionCancelled, match="was cancelled") as caught:
        Cancelled().run("context")
    assert caught.value.__cause__ is None


@pytest.fixture
def without_neutron(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "neutronclient", None)
    monkeypatch.delitem(__import__("sys").modules, "neutronclient.v2_0.client", raising=False)


def test_dry_run_of_a_client_that_is_not_installed_says_what_to_install(without_neutron):
    from mistral_extra.actions.openstack.services import offline

    offline.client.cache_clear()
    action = generated(openstack_actions.NeutronAction, "list_networks")()
    with pytest.raises(exceptions.ActionException, match="is not installed") as caught:
        action.test(None)
    assert str(caught.value) == (
        "NeutronAction.list_networks failed: python-neutronclient, the client of the Networking "
        "service (Neutron), is not installed: pip install 'mistral-extra[neutron]'"
    )
    assert caught.value.error_code == "CLIENT_MISSING"


def test_dry_run_asks_no_service_and_checks_the_parameters():
    pytest.importorskip("keystoneclient")
    cls = generated(openstack_actions.KeystoneAction, "projects.get")
    assert cls(project="1").test(None) == {"project": "test"}
    with pytest.raises(exceptions.ActionException, match="parameter 'project' is missing"):
        cls().test(None)
    with pytest.raises(exceptions.ActionException, match="no 'gett': did you mean 'get'"):
        generated(openstack_actions.KeystoneAction, "projects.gett")().test(None)


def test_method_beyond_the_client_shows_its_parameters_without_the_client():
    import inspect

    pytest.importorskip("zaqarclient")
    cls = generated(openstack_actions.ZaqarAction, "queue_pop")
    assert str(inspect.signature(cls.get_fake_client_method())) == (
        "(queue_name: 'str', count: 'int' = 1) -> 'Any'"
    )
    assert cls.get_fake_client_method().__doc__.startswith("Take messages off a queue.")
    assert cls(queue_name="q").test(None) == {"queue_name": "test"}


class OwnRun(openstack_actions.NovaAction):
    """List the names of servers, as the documentation shows it: its run calls the client itself.

    :param limit: how many at most.
    """

    def __init__(self, limit):
        self.limit = limit

    def run(self, context):
        return [s.name for s in self._get_client().servers.list(limit=self.limit)]


def test_a_dry_run_of_an_action_with_a_run_of_its_own_looks_for_the_client():
    assert OwnRun(5).test(None) == {}
    result = Runner().run(OwnRun, {"limit": 5}, dry_run=True)
    assert result.is_success(), result.error


def test_an_action_with_a_run_of_its_own_conforms(monkeypatch):
    servers = mock.Mock(**{"list.return_value": [mock.Mock()]})
    servers.list.return_value[0].name = "web"
    monkeypatch.setattr(OwnRun, "_get_client", lambda self: mock.Mock(servers=servers))
    testing.check_action(OwnRun, examples=[({"limit": 1}, ["web"])])


def test_a_dry_run_of_an_action_that_names_nothing_to_do_fails():
    with pytest.raises(exceptions.ActionException, match="NovaAction names no client method"):
        openstack_actions.NovaAction().test(None)
