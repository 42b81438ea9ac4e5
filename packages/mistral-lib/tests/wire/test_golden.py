# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Each form of a message, as recorded in ``golden/``: written so, and read from there.

The files say what every server, executor and plug-in of other versions expects. They were written
from the description of the wire, and what mistral-lib 3.6.0 writes was recorded in
``golden/version_3_6/``: none of them is ever made by the code under test, or changed to suit it.
"""

import datetime
import json
import uuid
from pathlib import Path

import pytest

from mistral_lib import actions, exceptions

GOLDEN = Path(__file__).parent / "golden"
VERSION_3_6 = GOLDEN / "version_3_6"

SECURITY = {
    "auth_uri": "https://keystone.example/v3",
    "auth_cacert": "ca.pem",
    "insecure": False,
    "service_catalog": {
        "catalog": [
            {
                "type": "compute",
                "name": "nova",
                "endpoints": [{"interface": "public", "url": "https://nova.example"}],
            }
        ],
        "user": {"name": "ann"},
        "expires_at": "2030-01-01T00:00:00Z",
    },
    "region_name": "west",
    "is_trust_scoped": True,
    "redelivered": False,
    "expires_at": "2030-01-01T00:00:00Z",
    "trust_id": "t-1",
    "is_target": False,
    "project_id": "p-1",
    "project_name": "port",
    "user_name": "ann",
    "auth_token": "tok-1",
}
EXECUTION = {
    "workflow_execution_id": "w-1",
    "task_execution_id": "k-1",
    "action_execution_id": "a-1",
    "workflow_name": "unload",
    "callback_url": "/v2/action_executions/a-1",
    "with_items_index": 3,
    "task_rerun_no": 2,
    "task_rerun_id": "k-0",
    "workflow_propagated_headers": {"X-Trace": "7"},
}
NO_SECURITY = dict.fromkeys(SECURITY)
NO_EXECUTION = {**dict.fromkeys(EXECUTION), "with_items_index": 0, "task_rerun_no": 0}


def described(harbour, cls, attributes):
    return actions.PythonActionDescriptor("harbour.berth", cls, attributes)


def odd_berth(harbour):
    return harbour.Berth(
        [
            datetime.datetime(2024, 2, 29, 23, 59, 58, 7),
            datetime.date(2024, 2, 29),
            uuid.UUID("2f1d3a52-6f55-4c4e-9a0f-0a7f6c1b2d3e"),
            (1, 2),
        ],
        {1: {"x"}, None: b"b", False: Box("inner", 2)},
    )


class Box:
    def __init__(self, ship, length):
        self.ship = ship
        self.length = length


def patched_context(harbour):
    context = actions.ActionContext(actions.SecurityContext(), actions.ExecutionContext())
    context.security.user_id = "u-1"
    context.security.system_scope = ["all"]
    context.execution.attempt = {"no": 2}
    return context


def newer_context(harbour):
    context = patched_context(harbour)
    context.trace = {"id": "x"}
    return context


#: File -> what is written so. Every one of them also reads back as that.
FORMS = {
    "action_plain": lambda harbour: harbour.Berth("Zoë"),
    "action_json_values": lambda harbour: harbour.Berth(
        {"name": "Ann", "decks": [1, 2.5, True, None, {"a": []}], "": ""}, -12345678901234567890
    ),
    "action_class_fields": lambda harbour: harbour.Tariff(),
    "action_attributes": lambda harbour: described(
        harbour, harbour.Berth, {"pier": "north", "depth": [4, 5]}
    ).instantiate({"ship": "Ann", "length": 80}, None),
    "action_function": lambda harbour: described(harbour, harbour.weigh, None).instantiate(
        {"ship": "Ann", "tonnes": 2}, None
    ),
    "action_nested": lambda harbour: harbour.Quay.Crane(),
    "action_generated": lambda harbour: harbour.generate("servers.list")(limit=5),
    "action_third_party_subclass": lambda harbour: harbour.Pilot(),
    "result_data": lambda harbour: actions.Result({"ids": ["a", "b"], "n": 2}),
    "result_error": lambda harbour: actions.Result(
        error={"type": "ActionException", "message": "no berth", "code": None}
    ),
    "result_cancel": lambda harbour: actions.Result(cancel=True),
    "result_empty": lambda harbour: actions.Result(),
    "context_full": lambda harbour: actions.ActionContext(
        actions.SecurityContext(**SECURITY), actions.ExecutionContext(**EXECUTION)
    ),
    "context_default": lambda harbour: actions.ActionContext(),
    "context_site_patch": patched_context,
    "context_newer_server": newer_context,
    "plain_dict": lambda harbour: {"a": [1, 2.5, None, True], "ü": {}},
    "plain_list": lambda harbour: [],
    "plain_string": lambda harbour: "text",
    "plain_number": lambda harbour: -12,
    "plain_bool": lambda harbour: False,
}
#: Written so, but what is read is JSON: the types that JSON lacks are lost by design.
WRITTEN_ONLY = {"action_odd_values": odd_berth}
#: Read, but never written by this version.
READ_ONLY = {
    "read_result_without_cancel": lambda harbour: actions.Result([1]),
    "read_context_missing_fields": lambda harbour: actions.ActionContext(
        actions.SecurityContext(auth_token="tok-1"),
        actions.ExecutionContext(workflow_name="unload"),
    ),
    "read_context_task_id": lambda harbour: actions.ActionContext(
        execution_ctx=actions.ExecutionContext(task_execution_id="k-1")
    ),
    "read_context_empty": lambda harbour: actions.ActionContext(),
}
#: What mistral-lib 3.6.0 writes, where it writes something that can be read.
WRITTEN_BY_3_6 = {
    name: FORMS[name]
    for name in (
        "action_plain",
        "action_class_fields",
        "action_third_party_subclass",
        "result_data",
        "result_error",
        "result_cancel",
        "context_full",
        "context_default",
        "context_site_patch",
        "plain_dict",
    )
}


def text_of(name, folder=GOLDEN):
    return (folder / f"{name}.json").read_text(encoding="utf-8").strip()


def decoded(text):
    """Both layers of a message as values: white space and order are nobody's business."""
    outer = json.loads(text)
    if not isinstance(outer, dict) or "__serial_key" not in outer:
        return outer
    assert isinstance(outer["__serial_data"], str)
    return {**outer, "__serial_data": json.loads(outer["__serial_data"])}


def facts(value):
    """What an object is, for comparison; actions have no equality of their own."""
    if not isinstance(value, actions.Action):
        return type(value), value
    cls = type(value)
    names = ("pier", "depth", "currency", "steps", "method_name")
    fields = {name: getattr(cls, name) for name in names if hasattr(cls, name)}
    return cls.__name__, cls.__module__, vars(value), fields


@pytest.mark.parametrize("name", [*FORMS, *WRITTEN_ONLY])
def test_an_object_is_written_as_recorded(name, harbour, wire):
    value = (FORMS | WRITTEN_ONLY)[name](harbour)
    assert decoded(wire.serialize(value)) == decoded(text_of(name))


@pytest.mark.parametrize("name", [n for n in FORMS if n != "action_generated"] + [*READ_ONLY])
def test_a_recorded_message_reads_as_the_object(name, harbour, wire):
    expected = (FORMS | READ_ONLY)[name](harbour)
    assert facts(wire.deserialize(text_of(name))) == facts(expected)


@pytest.mark.parametrize("name", WRITTEN_BY_3_6)
def test_a_message_of_version_3_6_reads_as_the_object(name, harbour, wire):
    expected = WRITTEN_BY_3_6[name](harbour)
    assert facts(wire.deserialize(text_of(name, VERSION_3_6))) == facts(expected)


@pytest.mark.parametrize("name", WRITTEN_BY_3_6)
def test_version_3_6_writes_what_is_written_here(name, harbour, wire):
    written = wire.serialize(WRITTEN_BY_3_6[name](harbour))
    assert decoded(written) == decoded(text_of(name, VERSION_3_6))


@pytest.mark.parametrize("name", [*FORMS, *WRITTEN_ONLY])
def test_a_message_is_the_same_after_it_was_read_and_written_again(name, harbour, wire):
    again = wire.serialize(wire.deserialize(text_of(name)))
    assert decoded(again) == decoded(text_of(name))


def test_a_generated_action_is_read_as_its_service_with_the_attributes(harbour, wire):
    read = wire.deserialize(text_of("action_generated"))
    assert type(read).__mro__[1] is harbour.Service
    assert vars(read) == {"_params": {"limit": 5}}
    assert read.run(None) == "servers.list"


def test_an_action_with_attributes_is_read_as_a_subclass_that_leaves_its_base_alone(harbour, wire):
    read = wire.deserialize(text_of("action_attributes"))
    assert type(read).__mro__[1] is harbour.Berth
    assert (read.pier, read.depth) == ("north", [4, 5])
    assert not hasattr(harbour.Berth, "pier")


def test_a_function_is_read_as_its_action_and_runs(harbour, wire):
    read = wire.deserialize(text_of("action_function"))
    assert type(read) is harbour.weigh.action_class
    assert read.run(actions.ActionContext()) == 2.0


def test_an_action_is_read_without_calling_its_init(harbour, wire, message):
    harbour.Recorder.made.clear()
    read = wire.deserialize(
        message("action", {"cls": "harbour.Recorder", "cls_attrs": {}, "data": {"a": 1}})
    )
    assert (vars(read), harbour.Recorder.made) == ({"a": 1}, ["__new__"])


def local_class(harbour):
    class Local(actions.Action):
        """Known to nobody."""

    return Local()


def local_subclass(harbour):
    class Berth(harbour.Berth):
        """Must not be taken for its parent: it does something else."""

        def run(self, context):
            return "elsewhere"

    return Berth("Ann")


def local_function(harbour):
    @actions.action
    def sink(ship: str) -> None:
        """Known to nobody either."""

    return sink.action_class(ship="Ann")


@pytest.mark.parametrize("make", [local_class, local_subclass, local_function])
def test_an_action_that_no_reader_could_import_is_not_sent(make, harbour, wire):
    with pytest.raises(
        exceptions.SerializationError, match=r"<locals>\.\w+ can't be named on the wire"
    ):
        wire.serialize(make(harbour))


def test_unknown_fields_of_a_context_are_attributes_at_every_level(harbour, wire):
    read = wire.deserialize(text_of("context_newer_server"))
    assert read.security.user_id == "u-1"
    assert read.execution.attempt == {"no": 2}
    assert read.trace == {"id": "x"}


def test_fields_that_an_older_sender_leaves_out_have_their_defaults(wire):
    read = wire.deserialize(text_of("read_context_missing_fields"))
    assert vars(read.security) == {**NO_SECURITY, "auth_token": "tok-1"}
    assert vars(read.execution) == {**NO_EXECUTION, "workflow_name": "unload"}


def test_the_task_id_of_an_old_sender_becomes_the_task_execution_id(wire):
    read = wire.deserialize(text_of("read_context_task_id"))
    assert read.execution.task_execution_id == "k-1"
    with pytest.warns(DeprecationWarning, match="task_execution_id"):
        assert read.execution.task_id == "k-1"
    again = decoded(wire.serialize(read))["__serial_data"]["execution"]
    assert again == {**NO_EXECUTION, "task_execution_id": "k-1"}


def test_none_is_none_in_both_directions(wire):
    assert wire.serialize(None) is None
    assert wire.deserialize(None) is None
    assert wire.deserialize("null") is None


@pytest.mark.parametrize("name", ["context_full", "context_default"])
def test_version_3_6_finds_no_field_that_it_does_not_know(name):
    inner = decoded(text_of(name))["__serial_data"]
    assert inner.keys() == {"security", "execution"}
    assert list(inner["security"]) == list(SECURITY)
    assert list(inner["execution"]) == list(EXECUTION)


def test_text_on_the_wire_is_ascii_as_any_database_can_keep_it(harbour, wire):
    text = wire.serialize(harbour.Berth("Zoë \N{SHIP}"))
    assert text.isascii()
    assert wire.deserialize(text).ship == "Zoë \N{SHIP}"


def test_every_recorded_message_is_read_here():
    used = FORMS.keys() | WRITTEN_ONLY.keys() | READ_ONLY.keys()
    assert {p.stem for p in GOLDEN.glob("*.json")} == used
    assert {p.stem for p in VERSION_3_6.glob("*.json")} == WRITTEN_BY_3_6.keys()
