# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Masking finds what careful people did not expect: headers, odd spellings, early readers."""

import base64
import collections
import copy
import dataclasses
import decimal
import functools
import json
import logging
import pathlib
import pickle
import urllib.parse
import uuid
from unittest import mock

import pytest
import urllib3.util

from mistral_lib import actions
from mistral_lib.actions import redaction, secrets
from mistral_lib.actions.context import ActionContextSerializer

TOKEN = "gAAAAABtoken-of-the-context"
SECRET = "correct horse!battery(~staple)/100%&ü"
HEADERS = ["Authorization", "proxy-authorization", "COOKIE", "Set-Cookie", "X-Auth-Token"]
HEADERS += ["X-Subject-Token", "x-service-token"]

#: What JavaScript's functions of these names keep.
COMPONENT = "!'()*~"
WHOLE = COMPONENT + ";/?:@&=+$,#"


def context(security=None, **execution):
    security = {"auth_token": TOKEN} if security is None else security
    return actions.ActionContext(
        actions.SecurityContext(**security), actions.ExecutionContext(**execution)
    )


def test_repr_of_a_context_hides_the_token_in_the_other_part():
    shown = repr(context(workflow_propagated_headers={"X-Custom": f"to {TOKEN}"}))
    assert TOKEN not in shown
    assert "{'X-Custom': 'to ***'}" in shown


def test_repr_of_a_context_hides_a_header_s_token_in_the_other_part():
    headers = {"Authorization": "Bearer 0ther-token"}
    shown = repr(context({"user_name": "0ther-token"}, workflow_propagated_headers=headers))
    assert "0ther-token" not in shown


def test_repr_of_a_context_cuts_no_token_in_two():
    padded = "x" * (190 - len("{'X-Custom': ")) + TOKEN
    assert TOKEN[:8] not in repr(context(workflow_propagated_headers={"X-Custom": padded}))


def test_repr_of_a_context_shows_parts_of_other_classes_as_they_show_themselves():
    assert "execution=<Mock " in repr(actions.ActionContext(None, mock.Mock()))


@pytest.mark.parametrize("name", HEADERS)
def test_repr_hides_headers_that_are_credentials(name):
    headers = {name: "Abcd-efg", "Accept": "text/html"}
    execution = actions.ExecutionContext(workflow_propagated_headers=headers)
    assert "Abcd-efg" not in repr(execution)
    assert "text/html" in repr(execution)

    class Fetch(actions.Action):
        def __init__(self, headers):
            self.options = [{"headers": headers}]

        def run(self, context):
            """Do nothing."""

    assert "Abcd-efg" not in repr(Fetch(headers))


def test_the_secrets_of_a_context_are_its_tokens_wherever_they_stand():
    found = secrets.context_secrets(
        context(
            {"auth_token": TOKEN, "service_token": "t-2", "target_password": "t-3", "roles": "r"},
            workflow_propagated_headers={
                "authorization": "Bearer t-4",
                "Cookie": "theme=dark; session=t-5-of-cookies",
                "Set-Cookie": "id=t-6-of-cookies; Path=/a/long/path",
                "X-Auth-Token": ["t-7", b"t-8"],
                "Accept": "text/html",
            },
        )
    )
    assert set(found) == {
        TOKEN,
        "t-2",
        "t-3",
        "Bearer t-4",
        "t-4",
        "theme=dark; session=t-5-of-cookies",
        "t-5-of-cookies",
        "id=t-6-of-cookies; Path=/a/long/path",
        "t-6-of-cookies",
        "t-7",
        "t-8",
        b"t-8",
    }


@pytest.mark.parametrize(
    "odd",
    [
        None,
        object(),
        mock.Mock(),
        mock.MagicMock(),
        mock.create_autospec(actions.SecurityContext),
        actions.ActionContext(mock.MagicMock(), mock.MagicMock()),
        actions.ActionContext(
            actions.SecurityContext(auth_token=mock.Mock(), api_token=mock.Mock()),
            actions.ExecutionContext(workflow_propagated_headers=[mock.Mock(), {1: 2}]),
        ),
    ],
)
def test_a_context_of_mocks_has_no_secrets(odd):
    assert list(secrets.context_secrets(odd)) == []


def test_a_mock_may_have_a_token():
    odd = mock.Mock(security=mock.Mock(auth_token=TOKEN, api_token="t-2"))
    assert list(secrets.context_secrets(odd)) == [TOKEN, "t-2"]


def test_a_propagated_token_is_masked_in_an_error():
    @actions.action
    def leak(context: actions.ActionContext) -> None:
        raise actions.ActionException("bad t0ken-of-a-header")

    headers = {"Authorization": "Bearer t0ken-of-a-header"}
    given = context({}, workflow_propagated_headers=headers)
    assert actions.Runner().run(leak, context=given).error["message"] == "bad ***"


def test_setting_an_attribute_of_the_flat_context_changes_nothing_and_warns():
    given = context()
    with pytest.warns(DeprecationWarning, match="no effect: set context.security.auth_token"):
        given.auth_token = "x"
    with pytest.warns(DeprecationWarning, match=r"use context\.security\.auth_token"):
        assert given.auth_token == TOKEN
    assert given == context()
    assert ActionContextSerializer().serialize_to_dict(given).keys() == {"security", "execution"}


def test_fields_of_the_flat_context_are_not_read_from_the_wire():
    sent = {"security": {"auth_token": TOKEN}, "execution": {}, "auth_token": "x", "site": 1}
    read = ActionContextSerializer().deserialize_from_dict(sent)
    assert vars(read).keys() == {"security", "execution", "site"}


def test_a_context_refuses_the_fields_of_its_identity():
    with pytest.raises(TypeError, match=r"takes no auth_token: give it to SecurityContext"):
        actions.ActionContext(auth_token="x")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"task_id": "old", "task_execution_id": "new"}, "old"),
        ({"task_id": "", "task_execution_id": "new"}, ""),
        ({"task_id": None, "task_execution_id": "new"}, "new"),
        ({"task_id": "old"}, "old"),
    ],
)
def test_the_old_name_of_the_task_s_id_wins(given, kept):
    assert actions.ExecutionContext(**given).task_execution_id == kept


URLS = {
    "requests.utils.requote_uri": urllib.parse.quote(SECRET, safe="!#$%&'()*+,/:;=?@[]~"),
    "parse_url": urllib3.util.parse_url(f"http://h/a{SECRET}").url,
    "parse_url's query": urllib3.util.parse_url(f"http://h/?q={SECRET}").url,
    "encodeURIComponent": urllib.parse.quote(SECRET, safe=COMPONENT),
    "encodeURI": urllib.parse.quote(SECRET, safe=WHOLE),
    "a form of Java": urllib.parse.quote_plus(SECRET).replace("~", "%7E"),
    "a form": urllib.parse.urlencode({"q": SECRET}),
    "twice": urllib.parse.quote(urllib.parse.quote_plus(SECRET)),
    "small digits": urllib.parse.quote(SECRET).replace("%C3%BC", "%c3%bc"),
}


@pytest.mark.parametrize("kind", URLS)
def test_every_encoder_s_spelling_in_a_url_is_found(kind):
    masked = redaction.Masker([SECRET]).text(f"GET {URLS[kind]} HTTP/1.1")
    assert "***" in masked
    assert "horse" not in masked
    assert "staple" not in masked


def test_a_secret_in_another_s_url_spelling_does_not_uncover_the_rest():
    masker = redaction.Masker(["horse-1", "my horse-1 is!tall"])
    quoted = urllib.parse.quote("my horse-1 is!tall", safe="!")
    assert masker.text(f"q={quoted}&r=horse-1") == "q=***&r=***"


def test_merged_maskers_find_each_other_s_urls():
    merged = redaction.Masker().merged([redaction.Masker([SECRET])])
    assert merged.finds(URLS["encodeURI"])


@pytest.mark.parametrize("prefix", ["", "u:", "us"])
@pytest.mark.parametrize("write", [str, repr, json.dumps])
def test_base64_of_several_lines_is_found(write, prefix):
    secret = "".join(f"{i:03d}-part-of-a-key/" for i in range(20))
    encoded = base64.encodebytes(f"{prefix}{secret}".encode()).decode()
    masked = redaction.Masker([secret]).text(f"Body: {write(encoded)}end")
    assert len(masked) < 30
    assert masked.startswith("Body: ")
    assert masked.endswith("end")


def test_base64_of_bytes_that_are_no_text_is_found():
    raw = bytes(range(120, 220))
    masker = redaction.Masker([raw])
    assert masker.finds(base64.b64encode(raw).decode())
    assert masker.finds(urllib.parse.quote(raw, safe="!"))


def test_a_secret_of_other_letters_is_found_as_python_writes_its_bytes():
    masker = redaction.Masker(["schlüssel-größe"])
    assert masker.text(f"sent {'schlüssel-größe'.encode()!r}") == "sent b'***'"


def test_what_an_action_does_to_its_secrets_does_not_uncover_them():
    kept = {"password": "hunter2-hunter2", "more": ["s3cret-words"]}
    masker = redaction.Masker([kept])
    kept["more"].clear()
    kept.clear()
    assert masker.text("hunter2-hunter2 and s3cret-words") == "*** and ***"


@dataclasses.dataclass
class Login:
    password: str


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        (3.14159265, "3.14159265"),
        (decimal.Decimal("271.828182"), "271.828182"),
        (uuid.UUID(int=2**100 + 7), str(uuid.UUID(int=2**100 + 7))),
        (pathlib.PurePosixPath("/keys/of-the-house"), "/keys/of-the-house"),
        (collections.deque([SECRET]), SECRET),
        (Login(SECRET), SECRET),
        (functools.reduce(lambda inner, _: [inner], range(40), SECRET), SECRET),
    ],
)
def test_a_secret_is_found_in_whatever_keeps_it(kept, shown):
    masker = redaction.Masker([kept])
    assert masker.text(f"it is {shown}.") == "it is ***."
    assert masker.data({"seen": kept if isinstance(kept, float) else shown}) == {"seen": "***"}


def test_what_can_not_be_shown_keeps_no_action_from_running():
    class Shy:
        __slots__ = ()

        def __str__(self):
            raise RuntimeError("no text")

    assert not redaction.Masker([Shy()])


def test_data_that_holds_itself_is_masked_as_far_as_it_goes():
    state = {"text": f"bad {SECRET}"}
    state["again"] = [state]
    assert redaction.Masker([SECRET]).data(state) == {"text": "bad ***", "again": ["***"]}
    loop = []
    loop.append(loop)
    assert not redaction.Masker([loop])


class Early(logging.Handler):
    """Copies a record's fields before anybody asks for its message."""

    def __init__(self, read):
        super().__init__()
        self.read = read
        self.seen = []

    def handle(self, record):
        if record.levelno == logging.WARNING:
            self.seen.append(self.read(record))
        return self.filter(record)


READERS = {
    "vars": lambda r: {k: vars(r)[k] for k in ("header", "nested")},
    "items": lambda r: {k: v for k, v in r.__dict__.items() if k in ("header", "nested")},
    "attributes": lambda r: {"header": r.header, "nested": r.nested},
    "get": lambda r: {k: r.__dict__.get(k) for k in ("header", "nested")},
    "getattr": lambda r: {k: getattr(r, k) for k in ("header", "nested")},
    "a copy": lambda r: {k: vars(copy.copy(r))[k] for k in ("header", "nested")},
    "a pickle": lambda r: {k: vars(pickle.loads(pickle.dumps(r)))[k] for k in ("header", "nested")},
    "fields pickled": lambda r: {
        k: pickle.loads(pickle.dumps(vars(r)))[k] for k in ("header", "nested")
    },
    "fields copied": lambda r: {k: copy.deepcopy(vars(r))[k] for k in ("header", "nested")},
}


@pytest.fixture
def logger():
    logger = logging.Logger("early")
    yield logger
    logger.handlers.clear()


@pytest.mark.parametrize("reader", READERS)
def test_extra_fields_are_masked_for_whoever_reads_them_first(reader, logger):
    handler = Early(READERS[reader])
    logger.addHandler(handler)
    with redaction.masking(redaction.Masker([TOKEN])):
        logger.warning("m", extra={"header": TOKEN, "nested": {"k": [TOKEN]}})
    assert handler.seen == [{"header": "***", "nested": {"k": ["***"]}}]


def test_an_extra_field_is_masked_by_its_name_too(logger):
    seen = []
    logger.addFilter(lambda record: seen.append((record.password, record.user)))
    with redaction.masking(redaction.Masker([], ["password"])):
        logger.warning("m", extra={"password": "everyday", "user": "everyday"})
    assert seen == [("***", "everyday")]


def test_what_filters_add_to_a_record_is_masked(logger):
    def add(record):
        record.one = f"as {TOKEN}"
        setattr(record, "two", TOKEN)  # noqa: B010 - a way to set it
        record.__dict__["three"] = TOKEN
        record.__dict__.update({"four": TOKEN}, five=TOKEN)
        record.__dict__.setdefault("six", TOKEN)
        fields = vars(record)
        fields |= {"seven": TOKEN}
        return True

    handler = Early(lambda r: dict(vars(r)))
    logger.addFilter(add)
    logger.addHandler(handler)
    with redaction.masking(redaction.Masker([TOKEN])):
        logger.warning("m")
    (seen,) = handler.seen
    assert seen["one"] == "as ***"
    assert {seen[k] for k in ("two", "three", "four", "five", "six", "seven")} == {"***"}


def test_a_factory_around_ours_may_add_fields(logger):
    handler = Early(lambda r: r.trace)
    logger.addHandler(handler)
    plain = logging.getLogRecordFactory()
    try:
        with redaction.masking(redaction.Masker([TOKEN])):
            ours = logging.getLogRecordFactory()

            def traced(*args, **kwargs):
                record = ours(*args, **kwargs)
                record.trace = f"t {TOKEN}"
                return record

            logging.setLogRecordFactory(traced)
            logger.warning("m")
    finally:
        logging.setLogRecordFactory(plain)
    assert handler.seen == ["t ***"]


def test_a_record_is_masked_as_long_as_it_lives(logger):
    handler = Early(lambda r: r)
    logger.addHandler(handler)
    with redaction.masking(redaction.Masker([TOKEN])):
        logger.warning("m")
    (record,) = handler.seen
    record.later = TOKEN
    assert record.later == "***"


def test_an_extra_field_without_text_fails_no_log_call(logger):
    class Silent:
        def __str__(self):
            raise RuntimeError(TOKEN)

    handler = Early(lambda r: r.thing)
    logger.addHandler(handler)
    with redaction.masking(redaction.Masker([TOKEN])):
        logger.warning("m", extra={"thing": Silent()})
    assert handler.seen == ["<Silent without text>"]


def test_a_record_made_while_no_secret_is_active_is_untouched(logger):
    handler = Early(lambda r: (type(r), type(vars(r)), r.header))
    logger.addHandler(handler)
    logger.warning("m", extra={"header": TOKEN})
    assert handler.seen == [(logging.LogRecord, dict, TOKEN)]


def test_a_masked_record_keeps_its_own_fields_and_formats_as_ever(logger):
    handler = Early(lambda r: logging.Formatter("%(levelname)s %(message)s %(user)s").format(r))
    logger.addHandler(handler)
    with redaction.masking(redaction.Masker([TOKEN])):
        logger.warning("with %s", TOKEN, extra={"user": f"ann {TOKEN}"})
    assert handler.seen == ["WARNING with *** ann ***"]


def test_a_list_of_very_many_values_is_masked_without_a_look_at_each():
    values = [f"value-{number:06d}" for number in range(5000)]
    masker = redaction.Masker([values, "token-1"])
    assert masker.text("'value-004999' value%2D000001") == "'***' ***"
    for encoded in (b"value-000000", b"token-1"):
        assert masker.text(base64.b64encode(encoded).decode()) == "***"

    class Unlisted(dict):
        def __iter__(self):
            raise AssertionError("each value is looked at")

    for finder in (masker._search._reduced, masker._search._literal):
        finder._spellings = Unlisted(finder._spellings)
    assert masker.text("a line 100% without them") == "a line 100% without them"
    assert masker.text("'value-004999' 100%") == "'***' 100%"
