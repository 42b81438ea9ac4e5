# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
import collections
import datetime
import decimal
import enum
import functools
import itertools
import json
import types
import uuid
from unittest import mock

import pytest
from oslo_config import cfg

from mistral_extra.actions.openstack import results
from mistral_lib import exceptions

NOON = datetime.datetime(2026, 11, 25, 12, tzinfo=datetime.UTC)


def of_client(name, bases=(), package="novaclient", **members):
    """Return a class that a client's package could have defined."""
    return type(name, bases, {"__module__": f"{package}.base", **members})


Resource = of_client("Resource", to_dict=lambda self: {"id": "1", "created": NOON})
Listing = of_client("ListWithMeta", (list,))
Dictionary = of_client("DictWithMeta", (dict,))
Text = of_client("StrWithMeta", (str,))
Pair = of_client("TupleWithMeta", (tuple,))
Color = enum.Enum("Color", {"RED": "red"})
Level = enum.IntEnum("Level", {"LOW": 1})


class Response:
    """requests' own, as far as it matters."""

    __module__ = "requests.models"

    def __init__(self, content):
        self.content = content

    def json(self):
        return json.loads(self.content)


SAYABLE = {
    "nothing": (None, None),
    "plain data": ({"a": [1, 2.5, "x", None, True]}, {"a": [1, 2.5, "x", None, True]}),
    "resource": (Resource(), {"id": "1", "created": "2026-11-25T12:00:00+00:00"}),
    "resources": (Listing([Resource()]), [{"id": "1", "created": "2026-11-25T12:00:00+00:00"}]),
    "dictionary": (Dictionary(a=1), {"a": 1}),
    "dictionary of resources": (
        Dictionary(a=Resource()),
        {"a": {"id": "1", "created": "2026-11-25T12:00:00+00:00"}},
    ),
    "keys": ({1: "a", None: "b"}, {"1": "a", "None": "b"}),
    "text": (Text("hi"), "hi"),
    "generator": ((i for i in range(3)), [0, 1, 2]),
    "empty generator": (iter(()), []),
    "map": (map(str, [1, 2]), ["1", "2"]),
    "chain": (itertools.chain([1], [2]), [1, 2]),
    "sets": ([{1}, frozenset({2})], [[1], [2]]),
    "deque": (collections.deque([1]), [1]),
    "views": ([{"a": 1}.keys(), {"a": 1}.values()], [["a"], [1]]),
    "date and time": (NOON, "2026-11-25T12:00:00+00:00"),
    "date": (NOON.date(), "2026-11-25"),
    "duration": (datetime.timedelta(minutes=1), 60.0),
    "uuid": (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    "decimal": (decimal.Decimal("1.50"), "1.50"),
    "enumerations": ([Color.RED, Level.LOW], ["red", 1]),
    "text in bytes": ("grüße".encode(), "grüße"),
    "text in pieces": (iter(["grü".encode()[:3], "grü".encode()[3:]]), "grü"),
    "error": (ValueError("no"), "ValueError: no"),
    "answer in a pair": (Pair([Response(b""), {"a": 1}]), {"a": 1}),
    "answer without a body": (Pair([Response(b""), None]), None),
    "response": (Response(b'{"a": 1}'), {"a": 1}),
    "response that is no JSON": (Response(b"hello"), "hello"),
    "response without a body": (Response(b""), None),
}


@pytest.mark.parametrize(("value", "data"), SAYABLE.values(), ids=SAYABLE)
def test_value_becomes_plain_data(value, data):
    got = results.plain(value)
    assert got == data
    assert json.loads(json.dumps(got)) == got


def test_plain_data_is_returned_itself():
    value = {"a": [1]}
    assert results.plain(value) is value


def test_resource_without_a_to_dict_tells_what_it_was_made_of():
    resource = of_client("Old")()
    resource._info = {"id": "1"}
    resource.manager = object()
    assert results.plain(resource) == {"id": "1"}


def test_iterator_of_a_clients_own_is_drained():
    pages = of_client("Pages", __iter__=lambda self: iter([Resource(), Resource()]))
    assert [part["id"] for part in results.plain(pages())] == ["1", "1"]


@pytest.mark.parametrize(
    "value", [mock.Mock(), mock.MagicMock(), types.SimpleNamespace(a=1), object()]
)
def test_object_that_no_client_made_is_left_alone(value):
    assert results.plain(value) is value
    assert results.plain([NOON, value])[1] is value


UNSAYABLE = {
    "client": (of_client("Client")(), "result is a novaclient.base.Client"),
    "manager inside": (
        {"a": [0, {"b": of_client("Manager")()}]},
        r"result\.a\[1\]\.b is a novaclient",
    ),
    "session": (of_client("Session", package="keystoneauth1")(), "result is a keystoneauth1"),
    "function": (functools.partial(print), "result is code"),
    "binary": ([b"\xff"], r"result\[0\] is binary.*action_content='base64'"),
}


@pytest.mark.parametrize(("value", "text"), UNSAYABLE.values(), ids=UNSAYABLE)
def test_what_can_not_be_said_is_an_error_that_names_the_place(value, text):
    with pytest.raises(exceptions.ActionException, match=text):
        results.plain(value)


def test_cycle_is_an_error():
    value = [NOON]
    value.append(value)
    with pytest.raises(exceptions.ActionException, match="nested too deeply, or contains itself"):
        results.plain(value)


@pytest.fixture
def limit():
    cfg.CONF.set_override("max_results", 3, group="openstack_actions")
    yield
    cfg.CONF.clear_override("max_results", group="openstack_actions")


def test_generator_is_drained_as_far_as_the_operator_allows(limit):
    assert results.plain(iter([1, 2, 3])) == [1, 2, 3]
    endless = itertools.count()
    with pytest.raises(exceptions.ActionException, match="more than 3 items") as caught:
        results.plain(endless)
    assert caught.value.error_code == "RESULT_TOO_LARGE"
    assert "[openstack_actions] max_results" in str(caught.value)
    assert next(endless) == 4


def test_limit_of_nothing_is_no_limit(limit):
    cfg.CONF.set_override("max_results", 0, group="openstack_actions")
    assert len(results.plain(iter(range(10)))) == 10


def test_lists_that_came_whole_are_not_limited(limit):
    assert len(results.plain(Listing(range(10)))) == 10


def test_proxy_of_a_client_is_seen_through():
    wrapt = pytest.importorskip("wrapt")
    proxy = of_client("RequestIdProxy", (wrapt.ObjectProxy,), package="glanceclient")
    assert results.plain(proxy({"id": "1"})) == {"id": "1"}
    assert results.plain(proxy([Resource()]))[0]["id"] == "1"
    assert results.plain(proxy(i for i in range(2))) == [0, 1]
