# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
import json

import pytest

from mistral_extra.actions.openstack import actions, descriptors
from mistral_lib import exceptions, serialization


def servers(method, name=None, has_region=True):
    return descriptors.create(
        name or f"nova.servers_{method}", "nova", f"servers.{method}", has_region
    )


def test_a_descriptor_says_what_the_server_asks_for():
    found = servers("delete_meta")
    assert found.name == "nova.servers_delete_meta"
    # A server shows nothing else of an action.
    assert found.description.startswith("Delete metadata from a server\n\n:param server: The ")
    assert "\n:param action_region: Region of the service" in found.description
    assert found.params_spec == 'server, keys, action_region="", action_timeout=null'
    assert found.namespace == ""
    assert found.project_id is None
    assert found.scope is None
    assert found.action_class_name == "mistral_extra.actions.openstack.actions.NovaAction"
    assert found.action_class_attributes == {"client_method_name": "servers.delete_meta"}
    assert repr(found) == (
        "OpenStack action [name=nova.servers_delete_meta, target=servers.delete_meta]"
    )


def test_an_action_without_documentation_says_what_it_calls():
    found = descriptors.create("designate.zones_create", "designate", "zones.create", False)
    said = "Call zones.create of the client of designate, which says no more about it."
    assert found.description.startswith(f"{said}\n\n:param action_")


def test_what_the_server_puts_in_their_place_wins():
    found = servers("delete_meta")
    found._desc, found._params_spec = "Other.", "other"
    assert found.description == "Other."
    found.check_parameters({"other": 1})
    with pytest.raises(exceptions.ActionException, match=r"missing=\['other'\]"):
        found.check_parameters({})


def test_a_wrong_parameter_is_named_with_the_nearest():
    with pytest.raises(exceptions.InvalidInput, match="Invalid input") as caught:
        servers("delete_meta").check_parameters({"server": "s", "keyz": []})
    assert str(caught.value) == (
        "Invalid input [name=nova.servers_delete_meta, "
        "class=mistral_extra.actions.openstack.actions.NovaAction, missing=['keys'], "
        "unexpected=['keyz']]. No parameter 'keyz': did you mean 'keys'?"
    )


def test_a_service_without_regions_takes_none():
    assert "action_region" not in servers("list", has_region=False).params_spec


def test_an_action_is_made_of_its_services_class():
    action = servers("list").instantiate({"detailed": False, "action_region": "north"}, None)
    assert isinstance(action, actions.NovaAction)
    assert type(action).client_method_name == "servers.list"
    assert action.action_region == "north"


def test_its_wire_form_names_the_services_class():
    action = servers("list").instantiate({"detailed": False}, None)
    sent = serialization.get_polymorphic_serializer().serialize(action)
    assert json.loads(json.loads(sent)["__serial_data"]) == {
        "cls": "mistral_extra.actions.openstack.actions.NovaAction",
        "cls_attrs": {"client_method_name": "servers.list"},
        "data": {"_kwargs_for_run": {"detailed": False}, "action_region": None},
    }


@pytest.mark.parametrize("service", ["swiftservice", "baremetal_introspection", "octavia"])
def test_every_service_has_its_class(service):
    assert descriptors.action_class(service)._declared_as == service


def test_binary_content_can_be_asked_for_as_file_or_text():
    found = descriptors.create("glance.images_data", "glance", "images.data", False)
    assert found.params_spec.endswith('action_content="", action_timeout=null')
    assert "base64" in found.documentation.parameters["action_content"].text


def test_documentation_is_the_clients():
    documentation = servers("create").documentation
    assert documentation.parameters["tags"].type == "list"
    assert documentation.parameters["name"].text == "Something to name the server."
    assert documentation.parameters["action_region"].type == "str"
    assert documentation.returns == "dict"
    assert documentation.deprecated is None


def test_a_method_that_the_catalogue_lacks_is_read_from_the_client():
    found = descriptors.create("nova.time", "nova", "get_timings", True)
    assert found.params_spec == 'action_region="", action_timeout=null'
    assert descriptors.create("nova.http", "nova", "servers.client.get", True).params_spec


def test_a_method_that_the_client_lacks_is_an_error_that_says_so():
    found = descriptors.create("nova.servers_fly", "nova", "servers.fly", True)
    with pytest.raises(exceptions.ActionException, match=r"fly"):
        _ = found.params_spec


def test_a_function_is_described_like_a_method():
    target = "mistral_extra.actions.openstack.waiting:servers_wait"
    found = descriptors.create("nova.servers_wait", "nova", target, True)
    assert found.params_spec.startswith('server, state="ACTIVE"')
    assert found.description.startswith("Wait until a server")
    assert found.action_class_name == "mistral_extra.actions.openstack.waiting.servers_wait"
    assert found.declaration.idempotent
    with pytest.raises(exceptions.InvalidInput, match=r"'interval'"):
        found.check_parameters({"server": "s", "interval": "often"})
    assert type(found.instantiate({"server": "s"}, None)) is found.action_class


def test_a_function_that_the_catalogue_lacks_is_read_itself():
    found = descriptors.create("nova.pause", "nova", f"{__name__}:not_there", True)
    with pytest.raises((AttributeError, ModuleNotFoundError), match=r"not_there|test_descriptors"):
        _ = found.params_spec
