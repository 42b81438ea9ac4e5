# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What ``repr`` of an action shows: a server puts it into the text of every failure."""

import collections
import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mistral_lib import actions, serialization
from mistral_lib.exceptions import ActionNotFound

CANARY = "c4n4ry-S3CRET"


class Fetch(actions.Action):
    """As the server's own actions are: nothing is declared, and there is no ``__repr__``."""

    def __init__(self, url, auth=None, *more, headers=None, **others):
        super().__init__()
        self.url, self._auth, self.more, self.headers = url, auth, more, headers
        self.others = others
        vars(self).update(others)

    def run(self, context):
        """Do nothing."""


@dataclasses.dataclass
class Data(actions.Action):
    """``@dataclass`` writes a ``__repr__``, unless there is one."""

    url: Any = None
    auth: Any = None

    def run(self, context):
        """Do nothing."""


@dataclasses.dataclass(slots=True)
class Slotted(actions.Action):
    """The decorator makes this one anew."""

    url: Any = None
    auth: Any = None

    def run(self, context):
        """Do nothing."""


@dataclasses.dataclass
class Below(Fetch):
    """Derived from a class that is none."""

    url: Any = None
    auth: Any = None


@dataclasses.dataclass
class Parameters:
    """As plug-ins share between actions."""

    url: Any = None
    auth: Any = None


class WithDataclass(Parameters, actions.Action):
    def run(self, context):
        """Do nothing."""


class WithDictionary(dict, actions.Action):
    def run(self, context):
        """Do nothing."""


class WithText(collections.UserString, actions.Action):
    def run(self, context):
        """Do nothing."""


@actions.hidden("auth")
class Marked(actions.Action):
    def __init__(self, url, auth=None):
        self.url, self._auth = url, auth

    async def run(self, context):
        """Do nothing."""


class Taking(actions.Action):
    def __init__(self, **kwargs):
        self._kwargs_for_run = kwargs

    def run(self, context):
        """Do nothing."""


@actions.action
def typed(
    secret: actions.Secret[Any] = None,
    secrets: list[actions.Secret[Any]] | None = None,
    number: int = 0,
    **more: str,
) -> None:
    """Do nothing."""


def with_class_fields(url, auth):
    return actions.PythonActionDescriptor("fetch", Fetch, {"region": auth}).instantiate(
        {"url": url, "auth": auth}, {}
    )


#: Every kind of action, each made of two values of a tenant's.
KINDS = {
    "class": lambda a, b: Fetch(a, b, b, headers=a, body=b),
    "class of a server": with_class_fields,
    "dataclass": Data,
    "dataclass with slots": Slotted,
    "dataclass below a class": Below,
    "class with a dataclass": WithDataclass,
    "class below one with a dataclass": lambda a, b: type("Below", (WithDataclass,), {})(a, b),
    "class with a dictionary": lambda a, b: WithDictionary(url=a, auth=b),
    "class with a text": lambda a, b: WithText(f"{a} {b}"),
    "class with hidden parameters": Marked,
    "class of any parameters": lambda a, b: Taking(url=a, auth=b),
    "function's secrets": lambda a, b: typed.action_class(secret=a, secrets=[a, b]),
    "function's misfits": lambda a, b: typed.action_class(number=[a, b]),
    "function's other parameters": lambda a, b: typed.action_class(url=f"{a}", auth=f"{b}"),
    "function's unknown shapes": lambda a, b: typed.action_class(secrets={"pin": [a], "x": b}),
}


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_what_a_tenant_gives_shows_nowhere(kind, data):
    scalars = st.sampled_from([CANARY, f"ftp://u:{CANARY}@h", f"a {CANARY}"]) | st.none()
    values = st.recursive(
        scalars,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["url", "auth", "x", CANARY]), inner, max_size=3)
        ),
    )
    action = KINDS[kind](data.draw(values), data.draw(values))
    for shown in (repr(action), str(action), f"{action}"):
        assert CANARY not in shown
        assert type(action).__name__ in shown


@pytest.mark.parametrize("kind", ["class", "class of a server", "class of any parameters"])
def test_an_action_that_was_sent_shows_no_more(kind):
    serializer = serialization.get_polymorphic_serializer()
    made = KINDS[kind](CANARY, CANARY)
    text = serializer.serialize(made).replace("url", f"url_{CANARY}")
    assert CANARY in text
    assert repr(serializer.deserialize(text)) == repr(made)


def test_the_names_of_a_class_s_parameters_are_shown():
    assert repr(Fetch(CANARY)) == "Fetch(url, auth, headers, *more, **others)"
    assert repr(Data(CANARY)) == "Data(url, auth)"
    assert repr(Marked(CANARY)) == "Marked(url, auth='***')"
    assert repr(typed.action_class(number=CANARY, url=CANARY)) == "typed(number)"


def test_a_repr_of_an_author_s_own_is_theirs():
    class Telling(actions.Action):
        def __repr__(self):
            return "mine"

    class Silent(actions.Action):
        pass

    class Both(Silent, Telling):
        pass

    @dataclasses.dataclass
    class Derived(Telling):
        value: int = 1

    assert [repr(cls()) for cls in (Telling, Both, Derived)] == ["mine"] * 3


@actions.action
def call(url: Any = None, text: str = "", number: int = 0, rows: list[Any] | None = None) -> None:
    """Do nothing."""


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (f"ftp://u:{CANARY}@h/path", "ftp://***@h/path"),
        (f"https://{CANARY}@h:1/path", "https://***@h:1/path"),
        (f"https://u:{CANARY}/?#@{CANARY} '\"@h/", "https://***@h/"),
        (f"http://h/p?{CANARY}", "http://h/p?***"),
        (f"http://h/p?q=1&token={CANARY}#x", "http://h/p?***"),
        (f"http://h/p#access_token={CANARY}", "http://h/p#***"),
        (f"/v2/servers?token={CANARY}", "/v2/servers?***"),
        (f"u:{CANARY}@proxy:3128", "***@proxy:3128"),
        (f"see http://a/b then amqp://u:{CANARY}@h/v?x", "see http://***@h/v?***"),
        ("http://h:80/path", "http://h:80/path"),
        ("ann@h:22", "ann@h:22"),
        ("is it? #1", "is it? #1"),
    ],
)
def test_credentials_in_a_url_do_not_show(url, shown):
    assert repr(call.action_class(url=url)).startswith(f"call(url={shown!r}")
    assert repr(call.action_class(url={"at": [url]})).startswith(f"call(url={{'at': [{shown!r}]}}")
    assert CANARY not in repr(call.action_class(rows=[{url: f"{url} and {url}"}]))


@pytest.mark.parametrize(
    "value",
    [
        ["Authorization", f"Bearer {CANARY}"],
        {"name": "Authorization", "value": f"basic  {CANARY}"},
        f"curl -H 'Authorization: Bearer {CANARY}' http://h",
        {"cookies": {"sid": CANARY}},
        {"cookies": [f"sid={CANARY}"]},
    ],
)
def test_credentials_of_a_header_do_not_show(value):
    assert CANARY not in repr(call.action_class(url=value, rows=[value]))


def test_cookies_do_not_show():
    @actions.action
    def get(cookies: dict[str, str]) -> None:
        """Do nothing."""

    assert repr(get.action_class(cookies={"sid": CANARY})) == "get(cookies='***')"


def test_long_values_are_cut():
    shown = repr(call.action_class(url="u" * 100, text="t" * 100))
    assert shown == "call(url='" + "u" * 76 + "..., text='" + "t" * 76 + "...)"
    names = [f"parameter_{number}" for number in range(20)]
    many = dict.fromkeys(names, "v" * 100)
    written = ", ".join(f"{name}: str" for name in names)
    space: dict[str, Any] = {}
    exec(f"def wide({written}): pass", space)
    whole = repr(actions.action(space["wide"]).action_class(**many))
    assert len(whole) == 400
    assert whole.endswith("...)")


def test_a_repr_raises_nothing():
    deep: list[Any] = []
    for _ in range(5000):
        deep = [deep]
    for value in (10**5000, deep, "\ud800", float("nan")):
        action = call.action_class()
        # As a message may bring it.
        vars(action)["url"] = value
        assert repr(action).startswith("call(url")


def test_what_is_no_action_is_shown_without_its_secrets():
    wrong = {"password": CANARY, "url": f"http://u:{CANARY}@h"}
    result = actions.Runner().run(wrong)
    assert CANARY not in json.dumps(result.error)
    with pytest.raises(ActionNotFound, match=r"Not an action: \{'password': '\*\*\*'"):
        actions.run(wrong)
