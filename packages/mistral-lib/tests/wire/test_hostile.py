# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A message that is damaged or meant to harm is refused, and nothing else happens.

Refused means a ``DeserializationError`` with a text of sensible length; nothing else: no module
imported, no object made, no function called. Which modules a message may import is the subject of
``test_admission.py``.
"""

import copy
import importlib.util
import json
import sys
import types

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mistral_lib import actions, exceptions, serialization

WIRE = serialization.get_polymorphic_serializer()
ACTION = "mistral_lib.actions.base.Action"
RESULT = "mistral_lib.actions.types.Result"
CONTEXT = "mistral_lib.actions.context.ActionContext"

LONGEST_REFUSAL = 1000

stable = settings(derandomize=True, database=None, deadline=None, max_examples=200)


@pytest.fixture(scope="module", autouse=True)
def _loaded(harbour, message):
    """Have everything loaded that reading needs, so that what a message loads shows."""
    for text in ("{", "[NaN]", message("action", {"cls": "nowhere.Action"})):
        try:
            WIRE.deserialize(text)
        except exceptions.DeserializationError:
            continue


@pytest.fixture
def refuse(harbour):
    """Read a message that must be refused without any effect; return the refusal's text."""

    def read(text, match):
        before = dict(sys.modules)
        for recorder in (harbour.Recorder, harbour.NoAction):
            recorder.made.clear()
        harbour._Proxy.touched.clear()
        with pytest.raises(exceptions.DeserializationError, match=match) as caught:
            WIRE.deserialize(text)
        assert dict(sys.modules) == before
        assert (harbour.Recorder.made, harbour.NoAction.made) == ([], [])
        assert harbour._Proxy.touched == []
        assert len(str(caught.value)) <= LONGEST_REFUSAL
        return str(caught.value)

    return read


# ---------------------------------------------------------------------------------------------
# The name of the class
# ---------------------------------------------------------------------------------------------

NO_ACTION = r"is no action: nothing was instantiated$"
NOT_LOADED = r"is not loaded here, and its package has no 'mistral\.\*' entry point"
NO_SUCH_NAME = r"the module '.*' that is installed here has no"
MALFORMED = r"^An action's class is named as 'module\.Class', got "

CLASSES = {
    "os.system": NO_ACTION,
    "builtins.eval": NO_ACTION,
    "builtins.object": NO_ACTION,
    "builtins.type": NO_ACTION,
    "subprocess.Popen": NO_ACTION,
    "sys.exit": NO_ACTION,
    "sys.modules": NO_ACTION,
    "harbour.Berth.run": NO_ACTION,
    "harbour.Berth.__init__": NO_ACTION,
    "harbour.Berth.__dict__": NO_SUCH_NAME,
    "harbour.Berth.__class__": NO_SUCH_NAME,
    "harbour.Berth.__subclasses__": NO_SUCH_NAME,
    "harbour.Berth.__mro__": NO_SUCH_NAME,
    "harbour.Berth.run.__globals__": NO_SUCH_NAME,
    "harbour.weigh.action_class": NO_SUCH_NAME,
    "harbour.weigh.__wrapped__": NO_SUCH_NAME,
    "harbour.plain_function": NO_ACTION,
    "harbour.NoAction": NO_ACTION,
    "harbour.Quay": NO_ACTION,
    "harbour.actions": NO_ACTION,
    "harbour.proxy": NO_ACTION,
    "harbour.proxy.Action": NO_SUCH_NAME,
    "harbour.proxy.__class__": NO_SUCH_NAME,
    "harbour.Missing": NO_SUCH_NAME,
    "harbour.Berth.Missing": NO_SUCH_NAME,
    "harbour.berth": NO_SUCH_NAME,
    "mistral_lib.actions.types.Result": NO_ACTION,
    "mistral_lib.actions.context.ActionContext": NO_ACTION,
    "mistral_lib.serialization.MistralSerializable": NO_ACTION,
    "mistral_lib.actions.base.serialization": NO_ACTION,
    "antigravity.Action": NOT_LOADED,
    "turtle.Turtle": NOT_LOADED,
    "turtledemo.clock.Action": NOT_LOADED,
    "no_such_package.module.Action": NOT_LOADED,
    "harbour .Berth": NOT_LOADED,
    "harbour.Berth\x00": NO_SUCH_NAME,
    "harbour\n.Berth": NOT_LOADED,
    "ｈarbour.Berth": NOT_LOADED,  # full-width h: equal after Python's own normalization
    "hаrbour.Berth": NOT_LOADED,  # Cyrillic a
    "harbour.Berth\u200b": NO_SUCH_NAME,
    "harbour.\u202eBerth": NO_SUCH_NAME,
    "\ud800.Berth": NOT_LOADED,
    "__main__.__builtins__": NO_ACTION,
    "__import__('os').system": NOT_LOADED,
    "/etc/passwd.Action": NOT_LOADED,
    "../harbour.Berth": MALFORMED,
    "": MALFORMED,
    ".": MALFORMED,
    "harbour": MALFORMED,
    ".harbour.Berth": MALFORMED,
    "harbour..Berth": MALFORMED,
    "harbour.Berth.": MALFORMED,
    "harbour:Berth": MALFORMED,
    "a." * 400 + "B": MALFORMED,
    "x" * 10_000_000: MALFORMED,
}


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: ascii(cls)[1:40])
def test_a_class_that_is_no_action_is_refused(cls, refuse, message):
    assert refuse(
        message("action", {"cls": cls, "cls_attrs": {}, "data": {"command": "true"}}), CLASSES[cls]
    )


@pytest.mark.parametrize("cls", [None, True, 5, 1.5, ["harbour.Berth"], {"name": "harbour.Berth"}])
def test_a_class_that_is_no_text_is_refused_by_its_type(cls, refuse, message):
    text = refuse(message("action", {"cls": cls, "cls_attrs": {}, "data": {}}), MALFORMED)
    assert text.endswith(f"got {type(cls).__name__}")


def test_data_that_would_take_the_place_of_the_work_is_refused(refuse, message):
    assert refuse(
        message("action", {"cls": "harbour.Berth", "data": {"run": 5}}),
        "'data' of action Berth must not replace its method 'run'",
    )


def test_an_action_without_a_class_is_refused(refuse, message):
    assert refuse(message("action", {"cls_attrs": {}, "data": {}}), MALFORMED)


def test_the_refusal_of_a_missing_name_names_module_and_name(refuse, message):
    text = refuse(message("action", {"cls": "harbour.Quay.Boom"}), NO_SUCH_NAME)
    assert "'harbour.Quay.Boom': the module 'harbour' that" in text
    assert "has no 'Quay.Boom'" in text


def test_a_module_that_loads_its_attributes_lazily_is_not_asked(refuse, message, monkeypatch):
    asked = []
    lazy = types.ModuleType("lazy_harbour")
    lazy.__getattr__ = asked.append
    monkeypatch.setitem(sys.modules, "lazy_harbour", lazy)
    assert refuse(message("action", {"cls": "lazy_harbour.Berth"}), NO_SUCH_NAME)
    assert asked == []


def test_a_module_that_loads_itself_lazily_stays_unloaded(refuse, message, monkeypatch, tmp_path):
    (tmp_path / "sleeper.py").write_text("raise AssertionError('woken')\n", encoding="utf-8")
    spec = importlib.util.spec_from_file_location("sleeper", tmp_path / "sleeper.py")
    spec.loader = importlib.util.LazyLoader(spec.loader)
    sleeper = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "sleeper", sleeper)
    spec.loader.exec_module(sleeper)
    assert refuse(message("action", {"cls": "sleeper.Berth"}), NO_SUCH_NAME)


def test_a_metaclass_is_not_asked(refuse, message, harbour, monkeypatch):
    asked = []

    class Curious(type):
        def __getattribute__(cls, name):
            asked.append(name)
            return type.__getattribute__(cls, name)

        def __subclasscheck__(cls, other):
            asked.append("__subclasscheck__")
            return True

    trap = Curious("Trap", (), {})
    monkeypatch.setattr(harbour, "Trap", trap, raising=False)
    asked.clear()
    assert refuse(message("action", {"cls": "harbour.Trap"}), NO_ACTION)
    assert refuse(message("action", {"cls": "harbour.Trap.Inner"}), NO_SUCH_NAME)
    assert asked == []


# ---------------------------------------------------------------------------------------------
# The other fields of an action
# ---------------------------------------------------------------------------------------------

NO_OBJECTS = [True, False, 0, 5, "", "text", [], [["a", 1]], 1.5]


@pytest.mark.parametrize("part", ["data", "cls_attrs"])
@pytest.mark.parametrize("value", NO_OBJECTS, ids=repr)
def test_parts_of_an_action_must_be_objects(part, value, refuse, message):
    inner = {"cls": "harbour.Recorder", "cls_attrs": {}, "data": {}, part: value}
    text = refuse(message("action", inner), f"^'{part}' of action Recorder must be a JSON object")
    assert text.endswith(f"got {type(value).__name__}")


@pytest.mark.parametrize(
    "name",
    [
        "__class__",
        "__init__",
        "__new__",
        "__dict__",
        "__slots__",
        "__module__",
        "__init_subclass__",
        "__proto__",
        "_hidden_parameters",
        "_declaration",
        "",
        "two words",
        "constructor.prototype",
        "a" * 10_000_000 + "!",
        "\u202e",
    ],
    ids=lambda name: ascii(name)[1:40],
)
def test_class_fields_with_names_of_pythons_own_are_refused(name, refuse, message):
    inner = {"cls": "harbour.Recorder", "cls_attrs": {name: 1}, "data": {}}
    assert refuse(
        message("action", inner), "^Class attributes of action Recorder must have public names"
    )


@pytest.mark.parametrize("name", ["run", "is_sync", "get_serialization_key"])
def test_class_fields_that_would_replace_a_method_are_refused(name, refuse, message):
    inner = {"cls": "harbour.Recorder", "cls_attrs": {"field": 2, name: 1}, "data": {}}
    assert refuse(message("action", inner), f"^'{name}' of action Recorder is a method or property")


def test_class_fields_that_would_replace_a_property_are_refused(refuse, message):
    inner = {"cls": "harbour.Tariff", "cls_attrs": {"total": 1}}
    assert refuse(message("action", inner), "^'total' of action Tariff is a method or property")


def test_an_action_that_cannot_be_made_without_parameters_is_refused(refuse, message):
    text = refuse(message("action", {"cls": "harbour.Needy"}), "^Action Needy can't be made from a")
    assert "'ship'" in text


def test_attributes_that_came_with_a_message_do_not_uncover_secrets(harbour, message):
    data = {"key": "hunter2-hunter2", "_hidden_parameters": []}
    read = WIRE.deserialize(message("action", {"cls": "harbour.Lock", "data": data}))
    assert repr(read).startswith("Lock(key='***'")
    with pytest.raises(actions.ActionException, match=r"^\*\*\* does not fit$"):
        read.run(actions.ActionContext())


def test_attributes_with_names_of_pythons_own_do_not_reach_the_class(harbour, message):
    data = {"__class__": "x", "__dict__": {"a": 1}, "__proto__": {"run": 1}, "__init__": 5}
    read = WIRE.deserialize(message("action", {"cls": "harbour.Berth", "data": data}))
    assert type(read) is harbour.Berth
    assert read.__class__ is harbour.Berth
    assert vars(read) == data
    assert harbour.Berth("Ann").ship == "Ann"


# ---------------------------------------------------------------------------------------------
# Results and contexts
# ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["", "false", [], {}, 1.5], ids=repr)
def test_a_result_whose_cancel_is_no_truth_value_is_refused(value, refuse, message):
    inner = {"data": 1, "error": None, "cancel": value}
    text = refuse(message("result", inner), "^'cancel' of a result must be true or false")
    assert text.endswith(f"got {type(value).__name__}")


@pytest.mark.parametrize("part", ["security", "execution"])
@pytest.mark.parametrize("value", NO_OBJECTS, ids=repr)
def test_parts_of_a_context_must_be_objects(part, value, refuse, message):
    text = refuse(message("context", {part: value}), f"^'{part}' of an action context must be a")
    assert text.endswith(f"got {type(value).__name__}")


HOSTILE_NAMES = [
    "self",
    "cls",
    "extra",
    "security_ctx",
    "execution_ctx",
    "__class__",
    "__dict__",
    "__proto__",
    "_control",
    "",
    "to_dict",
    "run",
    "sleep",
    "progress",
    "cancelled",
    "time_left",
    "with_control",
    "check_cancelled",
    "get_serialization_key",
    "two words",
    "\ud800",
]


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=ascii)
def test_a_context_works_whatever_its_unknown_fields_are_called(name, message):
    inner = {"security": {name: 1}, "execution": {name: 2}, name: 3}
    read = WIRE.deserialize(message("context", inner))
    assert type(read) is actions.ActionContext
    assert read.security.to_dict().get(name, 1) == 1
    assert (read.cancelled, read.time_left, read.check_cancelled()) == (False, None, None)
    assert repr(read).startswith("ActionContext(security=SecurityContext(")
    assert WIRE.deserialize(WIRE.serialize(read)) == read


# ---------------------------------------------------------------------------------------------
# The envelope
# ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["action", "result", "context"])
@pytest.mark.parametrize("inner", ["[]", "[1]", "5", '"text"', "true", "1e5"])
def test_what_an_object_is_made_of_must_be_an_object(kind, inner, refuse, message):
    assert refuse(
        message(kind, inner), r"^(Action|Result|ActionContext)Serializer reads a JSON object, got "
    )


@pytest.mark.parametrize("inner", [{}, {"cls": "harbour.Berth"}, [], 5, True, 1.5])
def test_what_an_object_is_made_of_must_come_as_text(inner, refuse):
    text = json.dumps({"__serial_key": ACTION, "__serial_data": inner})
    assert refuse(text, f"needs '__serial_data' as a string, got {type(inner).__name__}$")


def test_an_object_without_content_is_refused(refuse):
    assert refuse(
        json.dumps({"__serial_key": ACTION}), "needs '__serial_data' as a string, got nothing$"
    )


@pytest.mark.parametrize(
    "key",
    [
        "",
        "os.system",
        "mistral_lib.actions.base.ActionSerializer",
        "harbour.Berth",
        ACTION + " ",
        "x" * 10_000_000,
        None,
        5,
        ["a"],
        {"a": 1},
    ],
    ids=lambda key: ascii(key)[:40],
)
def test_an_unknown_key_is_refused_and_the_known_ones_are_named(key, refuse):
    text = json.dumps({"__serial_key": key, "__serial_data": "{}"})
    said = refuse(text, "^No serializer is registered for the key ")
    # Beside those of other packages that this process has loaded.
    assert ACTION in said.partition("known: ")[2]


@pytest.mark.parametrize("value", [5, 1.5, True, [], {}, object()], ids=lambda v: type(v).__name__)
def test_a_message_that_is_no_text_is_refused(value, refuse):
    assert refuse(value, "^Not the JSON of a serialized object: ")


NO_JSON = [
    "",
    " ",
    "{",
    "nul",
    "'a'",
    "{'a': 1}",
    '{"a" 1}',
    "[1,]",
    "[1 2]",
    "01",
    "1.",
    "+1",
    ".5",
    "0x10",
    "1_000",
    "\ufeff{}",
    '"\x00"',
    '"\\x41"',
    '"\\ud8"',
    "{} {}",
    "// a comment\n1",
    "undefined",
    '{1: "a"}',
    "\ud800",
    "9" * 5000,
]


@pytest.mark.parametrize("text", NO_JSON, ids=lambda text: ascii(text)[:30])
def test_what_is_no_json_is_refused(text, refuse, message):
    assert refuse(text, "^Not the JSON of a serialized object: ")
    assert refuse(message("action", text), "^Not the JSON of an object for ActionSerializer: ")


def test_bytes_that_are_no_text_are_refused(refuse):
    assert refuse(b'"\xff\xfe\xfd"', "^Not the JSON of a serialized object: ")


ENVELOPES = [
    ("action", {"cls": "harbour.Recorder", "cls_attrs": {"field": 2}, "data": {"a": [1, "é"]}}),
    ("result", {"data": {"a": [True, None]}, "error": None, "cancel": False}),
    ("context", {"security": {"auth_token": "t"}, "execution": {"workflow_name": "w"}}),
]


@pytest.mark.parametrize(
    ("kind", "inner"), ENVELOPES, ids=lambda v: v if isinstance(v, str) else ""
)
def test_a_message_is_refused_wherever_it_was_cut(kind, inner, refuse, message):
    whole = message(kind, inner)
    for length in range(len(whole)):
        refuse(whole[:length], "^Not the JSON of a serialized object: ")
    content = json.dumps(inner)
    for length in range(len(content)):
        refuse(message(kind, content[:length]), "^Not the JSON of an object for ")


# ---------------------------------------------------------------------------------------------
# Size
# ---------------------------------------------------------------------------------------------

MEGABYTES = 10 * 2**20
DEPTH = 100_000


@pytest.mark.parametrize(
    "text",
    ["[" * DEPTH, "[" * DEPTH + "]" * DEPTH, '{"a":' * DEPTH + "1" + "}" * DEPTH, '[{"":' * DEPTH],
    ids=["open lists", "lists", "objects", "open mixture"],
)
def test_deep_nesting_is_refused(text, refuse, message):
    # Where it is not even complete, either reason will do.
    expected = "nested too deeply to be read|Not the JSON of"
    assert refuse(text, expected)
    assert refuse(message("action", text), expected)
    assert refuse(message("result", f'{{"data": {text}}}'), expected)
    assert refuse(message("context", f'{{"security": {{"service_catalog": {text}}}}}'), expected)


def test_deep_nesting_that_is_complete_is_refused_as_such(refuse):
    assert refuse(
        "[" * DEPTH + "]" * DEPTH, "^Not the JSON of a serialized object: JSON of 200000 characters"
    )


def test_ten_megabytes_cut_short_are_refused(refuse, message):
    text = message("result", {"data": "x" * MEGABYTES})
    assert refuse(text[:-10], "^Not the JSON of a serialized object: ")


def test_ten_megabytes_of_quotes_are_refused(refuse, message):
    assert refuse(
        message("action", '"' * MEGABYTES), "^Not the JSON of an object for ActionSerializer: "
    )


def test_ten_megabytes_of_digits_are_refused(refuse):
    assert refuse("9" * MEGABYTES, "^Not the JSON of a serialized object: ")


def test_ten_megabytes_of_parameters_for_what_is_no_action_are_refused(refuse, message):
    data = {f"parameter_{i}": "x" * 100 for i in range(MEGABYTES // 120)}
    assert refuse(message("action", {"cls": "os.system", "data": data}), NO_ACTION)


def test_ten_megabytes_that_are_in_order_are_read(message):
    data = ["x" * 1000] * (MEGABYTES // 1003)
    assert WIRE.deserialize(message("result", {"data": data})).data == data


def test_envelopes_within_envelopes_are_not_opened(harbour, message):
    harbour.Recorder.made.clear()
    inner = message("action", {"cls": "harbour.Recorder"})
    for _ in range(12):
        inner = message("result", {"data": json.loads(inner)})
    read = WIRE.deserialize(inner)
    assert read.data.keys() == {"__serial_key", "__serial_data"}
    assert harbour.Recorder.made == []


# ---------------------------------------------------------------------------------------------
# Anything at all
# ---------------------------------------------------------------------------------------------

words = st.sampled_from(
    (
        *("__serial_key", "__serial_data", "cls", "cls_attrs", "data", "error", "cancel"),
        *("security", "execution", "task_id", "self", "_control", "run", "__class__"),
        *(ACTION, RESULT, CONTEXT, "harbour.Recorder", "harbour.Needy", "harbour.weigh"),
        *("os.system", ""),
    )
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4) | words,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(words | st.text(max_size=3), inner, max_size=5)
        | inner.map(json.dumps)
    ),
    max_leaves=10,
)
KNOWN = (actions.Action, actions.Result, actions.ActionContext)


def is_read_or_refused(text):
    before = dict(sys.modules)
    refusal, read = "", None
    try:
        read = WIRE.deserialize(text)
    except exceptions.DeserializationError as e:
        refusal = str(e)
    assert refusal or read is None or isinstance(read, KNOWN)
    assert len(refusal) <= LONGEST_REFUSAL
    assert dict(sys.modules) == before


@stable
@given(st.sampled_from([ACTION, RESULT, CONTEXT]), anything)
def test_any_content_is_read_or_refused(key, content):
    is_read_or_refused(json.dumps({"__serial_key": key, "__serial_data": json.dumps(content)}))


@stable
@given(st.sampled_from(ENVELOPES), anything, st.data())
def test_a_message_with_any_part_replaced_is_read_or_refused(envelope, replacement, data):
    kind, inner = copy.deepcopy(envelope)
    part = inner
    # Down to any place in the message.
    while True:
        name = data.draw(st.sampled_from(sorted(part)) if isinstance(part, dict) else st.just(0))
        if not isinstance(part[name], (dict, list)) or data.draw(st.booleans()):
            break
        part = part[name]
    part[name] = replacement
    key = {"action": ACTION, "result": RESULT, "context": CONTEXT}[kind]
    is_read_or_refused(json.dumps({"__serial_key": key, "__serial_data": json.dumps(inner)}))


@stable
@given(st.text() | st.text('[]{}":,\\ 0e-.nulltrue'))
def test_any_text_is_read_as_the_standard_library_reads_it_or_refused(text):
    try:
        expected = repr(json.loads(text))
    except ValueError:
        with pytest.raises(exceptions.DeserializationError, match=r"^Not the JSON of"):
            WIRE.deserialize(text)
    else:
        assert repr(WIRE.deserialize(text)) == expected
