# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
import subprocess
import sys
from typing import Annotated, Any

import pytest

from mistral_extra import openstack
from mistral_extra.actions.openstack import clients
from mistral_lib import actions
from mistral_lib import exceptions as lib_exceptions


@pytest.fixture
def context(keystone):
    return keystone.context()


def test_client_is_the_one_that_the_actions_use(context):
    client = openstack.client("keystone", context)
    assert openstack.client("keystone", context) is client
    assert openstack.KeystoneAction.get_client(context) is client
    assert client.session is openstack.session(context)
    assert type(client).__module__ == "keystoneclient.v3.client"


def test_client_of_another_region_or_microversion_is_another(context):
    nova = openstack.client("nova", context, microversion="2.1")
    assert openstack.client("nova", context, microversion="2.1") is nova
    south = openstack.client("nova", context, region="South", microversion="2.1")
    assert "/South/" in south.client.endpoint_override
    assert "/North/" in nova.client.endpoint_override


def test_unknown_service_is_told_with_the_nearest(context):
    with pytest.raises(lib_exceptions.ActionException, match="did you mean 'nova'"):
        openstack.client("nvoa", context)
    with pytest.raises(lib_exceptions.ActionException, match="did you mean 'nova'"):
        openstack.Client("nvoa")


def test_injected_client_is_of_the_runs_context_and_no_parameter(context):
    @actions.action
    def whose(*, keystone: Annotated[Any, openstack.Client("keystone", region="North")]) -> str:
        """Tell whose token the client has."""
        return keystone.session.get_user_id()

    assert actions.run(whose, {}, context) == "id-of-ann"
    assert actions.PythonActionDescriptor("x", whose).params_spec == ""
    assert whose(keystone=type("K", (), {"session": openstack.session(context)})) == "id-of-ann"


def test_session_reaches_any_service_of_the_catalogue(context, keystone):
    answer = openstack.session(context).get(
        "/servers", endpoint_filter={"service_type": "compute", "region_name": "South"}
    )
    assert answer.json() == {"user": "ann"}
    assert keystone.asked() == ["GET /compute/South/public/servers"]


@pytest.mark.slow
def test_connection_is_on_the_same_session(context):
    pytest.importorskip("openstack")
    connection = openstack.connection(context, region="South")
    assert connection.session is openstack.session(context)
    assert connection.config.get_region_name() == "South"
    assert openstack.connection(context, region="South") is connection


def test_connection_without_openstacksdk_says_what_to_install(context, monkeypatch):
    monkeypatch.setitem(sys.modules, "openstack.connection", None)
    with pytest.raises(
        lib_exceptions.ActionException, match=r"pip install 'mistral-extra\[sdk\]'"
    ) as caught:
        openstack.connection(context)
    assert caught.value.error_code == "CLIENT_MISSING"


def test_statistics_and_clearing_are_those_of_the_process(context):
    before = openstack.statistics()
    openstack.client("keystone", context)
    openstack.client("keystone", context)
    after = openstack.statistics()
    assert (after.hits - before.hits, after.misses - before.misses) == (1, 1)
    openstack.forget(context)
    assert openstack.statistics().sessions == 0
    openstack.session(context)
    openstack.clear_cache()
    assert openstack.statistics().sessions == 0


def test_face_has_all_that_there_is_to_borrow():
    assert set(clients.__all__) < set(openstack.__all__)


def test_importing_the_face_imports_neither_a_client_nor_plumbing():
    heavy = ("keystoneauth1", "keystoneclient", "novaclient", "oslo_config", "requests", "click")
    code = (
        "import sys; from mistral_extra import openstack; openstack.Client('nova'); "
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
