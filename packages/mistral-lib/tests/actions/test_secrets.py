# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Secrets stay out of everything but the data."""

import base64
import builtins
import dataclasses
import json
import logging
import re
import sys
import threading
import traceback
import urllib.parse
from typing import Any

import pytest

from mistral_lib import actions
from mistral_lib.actions import log_masking, redaction
from mistral_lib.exceptions import InvalidDeclaration

SECRET = 'S3cret/"quoted" & wéird+tail'
TOKEN = "gAAAAABtoken-of-the-context"
LOG = logging.getLogger("an.action")

SPELLINGS = {
    "plain": SECRET,
    "inside text": f"before{SECRET}after",
    "base64": base64.b64encode(SECRET.encode()).decode(),
    "base64 of a longer text": base64.b64encode(f"user:{SECRET}!".encode()).decode(),
    "base64 shifted once more": base64.b64encode(f"us:{SECRET}".encode()).decode(),
    "base64 for URLs": base64.urlsafe_b64encode(f"u:{SECRET}".encode()).decode(),
    "URL-quoted": urllib.parse.quote(SECRET, safe=""),
    "URL path": urllib.parse.quote(SECRET),
    "form": urllib.parse.quote_plus(SECRET),
    "form in lower case": re.sub("%..", lambda m: m[0].lower(), urllib.parse.quote_plus(SECRET)),
    "JSON": json.dumps({"x": SECRET}),
    "JSON as UTF-8": json.dumps({"x": SECRET}, ensure_ascii=False),
    "JSON in JSON": json.dumps(json.dumps({"x": SECRET})),
    "repr": repr([SECRET]),
}


class Sink(logging.Handler):
    """Keeps what a handler of an application would write."""

    def __init__(self):
        super().__init__()
        self.setFormatter(logging.Formatter("%(message)s"))
        self.records: list[logging.LogRecord] = []
        self.lines: list[str] = []

    def emit(self, record):
        self.records.append(record)
        try:
            self.lines.append(self.format(record))
        except TypeError:
            self.handleError(record)

    @property
    def text(self):
        return "\n".join(self.lines)


@pytest.fixture
def sink():
    handler = Sink()
    logger = logging.getLogger()
    old = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield handler
    logger.removeHandler(handler)
    logger.setLevel(old)


@actions.action(secrets=["password"])
def log_in(password: str, text: str = "", fail: str = "") -> Any:
    """Do with a password what careless code does."""
    LOG.info("argument %s", password)
    LOG.info(f"formatted {password}")  # noqa: G004 - what careless code does
    LOG.info("given: %s", text)
    if fail == "action":
        raise actions.ActionException(f"no {password}", details={"sent": [password]})
    if fail == "crash":
        try:
            raise OSError(2, f"cause {password}", f"/home/{password}")
        except OSError as e:
            raise RuntimeError(f"crash {password}") from e
    return {"password": password}


def context(token: str | None = None) -> actions.ActionContext:
    return actions.ActionContext(actions.SecurityContext(auth_token=token))


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_is_masked_in_the_log(sink, spelling):
    actions.run(log_in, {"password": SECRET, "text": SPELLINGS[spelling]})
    assert "given: " in sink.text
    assert SPELLINGS[spelling] not in sink.text
    assert redaction.MASK in sink.lines[-1]
    assert not redaction.Masker([SECRET]).finds(sink.text)


def test_returned_data_is_never_altered():
    assert actions.run(log_in, {"password": SECRET}) == {"password": SECRET}


def test_error_results_are_masked_details_included():
    result = actions.Runner().run(log_in, {"password": SECRET, "fail": "action"})
    assert result.error["message"] == "no ***"
    assert result.error["details"] == {"sent": ["***"]}


def test_what_leaves_run_has_its_chain_scrubbed():
    with pytest.raises(RuntimeError, match=r"crash \*\*\*") as caught:
        log_in.action_class(SECRET, fail="crash").run(context())
    shown = "".join(traceback.format_exception(caught.value))
    assert "cause ***" in shown
    assert not redaction.Masker([SECRET]).finds(shown)


class _Stubborn(Exception):
    def __init__(self, secret: str) -> None:
        super().__init__("calm")
        self._hold = lambda: secret

    def __str__(self) -> str:
        return f"stubborn {self._hold()}"


def test_an_exception_that_can_not_be_changed_is_replaced():
    @actions.action
    def stubborn(password: actions.Secret[str]) -> None:
        raise _Stubborn(password)

    with pytest.raises(actions.ActionException.__mro__[1], match=r"stubborn \*\*\*") as caught:
        stubborn.action_class(SECRET).run(None)
    assert caught.value.__context__ is None
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_notes_and_attributes_are_scrubbed():
    @actions.action
    def noted(password: actions.Secret[str]) -> None:
        error = ValueError("plain")
        error.__notes__ = [f"note {password}"]
        raise error

    with pytest.raises(ValueError, match="plain") as caught:
        noted.action_class(SECRET).run(None)
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__notes__ in (["note ***"], [f"note {SECRET}"])


class Response:
    """Like that of requests: what it holds shows in no text of it."""

    def __init__(self, secret):
        self.status_code = 401
        self.body = f"no {secret}".encode()
        self.headers = {"X-Echo": secret}
        self.request = Request(self, secret)

    def json(self):
        return {"code": self.status_code}


class Request:
    __slots__ = ("headers", "response")

    def __init__(self, response, secret):
        self.response, self.headers = response, {"Authorization": f"Basic {secret}"}


class _Refused(Exception):
    def __init__(self, secret):
        super().__init__("refused")
        self.response = Response(secret)
        self.fields = [{"at": 1}, (secret, {secret: [secret]})]
        self.reason = ValueError(f"inner {secret}")
        self.reason.details = {"sent": secret}


def test_what_an_exception_holds_without_showing_it_is_scrubbed():
    error = _Refused(SECRET)
    response = error.response
    assert redaction.Masker([SECRET]).exception(error) is error
    assert error.fields == [{"at": 1}, ("***", {"***": ["***"]})]
    assert str(error.reason) == "inner ***"
    assert error.reason.details == {"sent": "***"}
    clean = error.response
    assert type(clean) is Response
    assert (clean.json(), clean.body, clean.headers) == (
        {"code": 401},
        b"no ***",
        {"X-Echo": "***"},
    )
    assert clean.request.headers == {"Authorization": "Basic ***"}
    assert clean.request.response is clean
    assert response.headers == {"X-Echo": SECRET}


def test_objects_without_a_secret_stay_the_same():
    error = _Refused("other")
    held = vars(error).copy()
    redaction.Masker([SECRET]).exception(error)
    assert all(vars(error)[name] is value for name, value in held.items())


def test_details_of_a_class_s_error_are_masked_though_its_text_is_clean():
    @actions.hidden("password")
    class Quiet(actions.Action):
        def __init__(self, password):
            self.password = password

        def run(self, context):
            held = {"sent": self.password, "token": [context.security.auth_token]}
            raise actions.ActionException("refused", details=held)

    with pytest.raises(actions.ActionException, match="refused") as caught:
        Quiet(SECRET).run(context(TOKEN))
    assert caught.value.details == {"sent": "***", "token": ["***"]}
    result = actions.Runner().run(Quiet, {"password": SECRET}, context(TOKEN))
    assert result.error["details"] == {"sent": "***", "token": ["***"]}


@pytest.mark.skipif(sys.version_info < (3, 11), reason="Python 3.10 has no exception groups")
def test_members_of_groups_are_scrubbed_those_that_can_not_be_changed_too():
    group_of = getattr(builtins, "ExceptionGroup")  # noqa: B009 - Python 3.10 lacks it
    members = [
        _Stubborn(SECRET),
        ValueError(SECRET),
        group_of(f"in {SECRET}", [OSError(SECRET)]),
    ]
    group = group_of("all failed", members)
    group.add_note(f"note {SECRET}")
    clean = redaction.Masker([SECRET]).exception(group)
    assert isinstance(clean, group_of)
    assert [type(e).__name__ for e in clean.exceptions] == [
        "MistralException",
        "ValueError",
        "ExceptionGroup",
    ]
    shown = "".join(traceback.format_exception(clean))
    assert "stubborn ***" in shown
    assert "note ***" in shown
    assert not redaction.Masker([SECRET]).finds(shown)


def test_causes_survive_in_the_log_masked_and_not_in_the_result(sink):
    @actions.action
    def chained(password: actions.Secret[str]) -> None:
        try:
            raise KeyError(f"deep {password}")
        except KeyError as e:
            raise actions.ActionException("shallow", error_code="X") from e

    result = actions.Runner().run(chained, {"password": SECRET})
    assert result.error["message"] == "shallow"
    assert "deep" not in json.dumps(result.error)
    assert "deep ***" in sink.text
    assert SECRET not in sink.text


def test_tokens_of_the_context_are_secrets_for_every_action(sink):
    @actions.action
    def leak(context: actions.ActionContext) -> None:
        LOG.info("using %s", context.security.auth_token)
        raise actions.ActionException(f"bad {context.security.auth_token}")

    class Leak(actions.Action):
        def run(self, context):
            leak(context)

    for action in (leak, Leak):
        result = actions.Runner().run(action, context=context(TOKEN))
        assert result.error["message"] == "bad ***"
    assert TOKEN not in sink.text
    assert sink.text.count("using ***") == 2


def test_repr_hides_marked_parameters_and_sensitive_names():
    action = log_in.action_class(SECRET, text=f"pw {SECRET}")
    assert repr(action) == "log_in(password='***', text='pw ***')"
    security = actions.SecurityContext(auth_token=TOKEN, user_name="ann", api_token="abcdef12")
    assert TOKEN not in repr(actions.ActionContext(security))
    assert "abcdef12" not in repr(security)
    assert "user_name='ann'" in repr(security)


@pytest.mark.parametrize("value", ["a", "true", "1", "12345", "admin", "password", ""])
def test_everyday_values_are_masked_under_their_own_name_only(sink, value):
    actions.run(log_in, {"password": value, "text": "a true password of 12345 by admin"})
    assert "given: a true password of 12345 by admin" in sink.text
    assert "password='***'" in repr(log_in.action_class(value))
    result = actions.Runner().run(log_in, {"password": value, "fail": "action"})
    assert result.error["type"] == "ActionException"


def test_a_secret_may_be_a_structure():
    @actions.action
    def connect(login: actions.Secret[dict[str, str]]) -> None:
        raise actions.ActionException(f"failed with {login['key']}")

    result = actions.Runner().run(connect, {"login": {"key": "hunter22"}})
    assert result.error["message"] == "failed with ***"


def test_masking_ends_with_the_run_and_takes_its_hook_along(sink):
    before = logging.getLogRecordFactory()
    actions.run(log_in, {"password": SECRET})
    assert logging.getLogRecordFactory() is before
    LOG.info("now %s", SECRET)
    assert f"now {SECRET}" in sink.text


def test_a_process_without_secrets_has_no_hook(sink):
    before = logging.getLogRecordFactory()
    seen = []

    @actions.action
    def plain() -> None:
        seen.append(logging.getLogRecordFactory())

    actions.run(plain)
    assert seen == [before]


def test_parallel_runs_mask_until_each_ends(sink):
    go, started = threading.Event(), threading.Event()

    @actions.action
    def wait(password: actions.Secret[str]) -> None:
        started.set()
        assert go.wait(10)

    thread = threading.Thread(target=actions.run, args=(wait, {"password": "f1rst-secret"}))
    thread.start()
    assert started.wait(10)
    actions.run(log_in, {"password": "s3cond-secret", "text": "f1rst-secret s3cond-secret"})
    LOG.info("between: f1rst-secret s3cond-secret")
    go.set()
    thread.join()
    LOG.info("after: f1rst-secret s3cond-secret")
    assert "given: *** ***" in sink.lines
    assert "between: *** s3cond-secret" in sink.lines
    assert "after: f1rst-secret s3cond-secret" in sink.lines


def test_extra_fields_and_tracebacks_are_masked(sink):
    @actions.action
    def careless(password: actions.Secret[str]) -> None:
        LOG.info("extra", extra={"header": password, "nested": {"k": [password]}})
        try:
            raise ValueError(password)
        except ValueError:
            LOG.exception("failed")

    actions.run(careless, {"password": SECRET})
    extra = sink.records[0]
    assert (extra.header, extra.nested) == ("***", {"k": ["***"]})
    assert "ValueError: ***" in sink.text
    assert SECRET not in sink.text


def test_a_format_that_does_not_fit_leaks_nothing_to_stderr(sink, capsys):
    logger = logging.getLogger("alone")
    logger.propagate = False
    logger.addHandler(sink)
    with redaction.masking(redaction.Masker([SECRET])):
        logger.info(f"%d{SECRET}", SECRET)  # noqa: G004 - what careless code does
    shown = capsys.readouterr().err
    assert "Arguments: ('***',)" in shown
    assert not redaction.Masker([SECRET]).finds(shown)


def test_records_can_be_copied_and_pickled_while_masking():
    import copy
    import pickle

    with redaction.masking(redaction.Masker([SECRET])):
        record = LOG.makeRecord("x", 20, "f", 1, "m %s", (SECRET,), None, extra={"e": SECRET})
        assert record.getMessage() == "m ***"
        assert copy.copy(record).e == "***"
        assert pickle.loads(pickle.dumps(record)).getMessage() == "m ***"


def test_another_factory_put_around_ours_keeps_working():
    plain = logging.getLogRecordFactory()
    masker = redaction.Masker([SECRET])
    try:
        with redaction.masking(masker):
            ours = logging.getLogRecordFactory()
            logging.setLogRecordFactory(lambda *a, **k: ours(*a, **k))
            theirs = logging.getLogRecordFactory()
        assert logging.getLogRecordFactory() is theirs
        assert LOG.makeRecord("x", 20, "f", 1, SECRET, (), None).getMessage() == SECRET
        with redaction.masking(masker):
            assert LOG.makeRecord("x", 20, "f", 1, SECRET, (), None).getMessage() == "***"
        assert logging.getLogRecordFactory() is theirs
    finally:
        logging.setLogRecordFactory(plain)


def test_uninstalling_twice_is_a_defect_and_loud():
    with pytest.raises(IndexError, match="pop from empty list"):
        log_masking.uninstall()


@actions.hidden("password")
class Login(actions.Action):
    """Log in."""

    def __init__(self, user, password):
        self.user = user
        self.password = password

    def run(self, context):
        LOG.info("%s with %s", self.user, self.password)
        raise ValueError(f"no {self.password}")


class LaterLogin(Login):
    def run(self, context):
        LOG.info("later with %s", self.password)
        return super().run(context)


@pytest.mark.parametrize("cls", [Login, LaterLogin])
def test_hidden_covers_a_class_and_its_subclasses(sink, cls):
    action = cls("ann", SECRET)
    assert "password='***'" in repr(action)
    with pytest.raises(ValueError, match=r"no \*\*\*"):
        action.run(context())
    assert "ann with ***" in sink.text
    assert SECRET not in sink.text


def test_hidden_survives_class_attributes_from_a_descriptor(sink):
    descriptor = actions.PythonActionDescriptor("login", Login, {"region": "r"})
    result = actions.Runner().run(descriptor, {"user": "ann", "password": SECRET})
    assert result.error["message"] == "no ***"
    assert SECRET not in sink.text


def test_hidden_refuses_unknown_names():
    with pytest.raises(InvalidDeclaration, match="no parameter of that name; it takes a"):

        @actions.hidden("pasword")
        class Bad(actions.Action):
            def __init__(self, a):
                self.a = a

    with pytest.raises(InvalidDeclaration, match="needs the names of parameters"):
        actions.hidden()(Login)


def test_an_undecorated_class_shows_no_values_in_its_repr():
    class Plain(actions.Action):
        def __init__(self, admin_pass, url):
            self.admin_pass = admin_pass
            self.url = url

    assert repr(Plain("hunter22", "http://ann:hunter22@host")) == "Plain(admin_pass, url)"


@dataclasses.dataclass
class Account:
    """Who logs in, and by what."""

    user: str
    password: actions.Secret[str]
    older: list[actions.Secret[str]] | None = None


@actions.action
def connect(
    account: Account,
    key: actions.Secret[str] | None = None,
    keys: list[actions.Secret[str]] | None = None,
) -> None:
    """Fail, quoting everything."""
    raise actions.ActionException(f"{account} {key} {keys}")


def test_secrets_are_found_at_any_depth_of_an_annotation(sink):
    params = {
        "account": {"user": "ann", "password": "hunter22", "older": ["hunter21"]},
        "key": "a-long-key",
        "keys": ["another-key"],
    }
    result = actions.Runner().run(connect, params)
    assert result.error["message"] == (
        "Account(user='ann', password='***', older=['***']) *** ['***']"
    )
    assert repr(connect.action_class(**params)) == (
        "connect(account={'user': 'ann', 'password': '***', 'older': ['***']}, "
        "key='***', keys=['***'])"
    )


def test_a_secret_can_not_hide_among_extra_parameters():
    with pytest.raises(InvalidDeclaration, match=r"'\*\*more': a secret needs a parameter"):

        @actions.action
        def bad(**more: actions.Secret[str]): ...


@pytest.mark.parametrize(
    ("secret", "spelling"),
    [
        (8675309, "%d"),
        (b"\x00binary-secret\xff", "%r"),
        (b"\x00binary-secret\xff", "%s"),
        ("p\u00e4ssw\u00f6rd", "%a"),
        ("lone \ud800 surrogate", "%r"),
    ],
)
def test_secrets_of_every_type_are_found_in_python_s_own_spellings(sink, secret, spelling):
    def spell(secret):
        LOG.info(f"shown: {spelling}", secret)  # noqa: G004 - the spelling is what is tested

    spell.__annotations__["secret"] = actions.Secret[type(secret)]
    actions.run(actions.action(spell), {"secret": secret})
    assert "shown: " in sink.text
    assert str(secret) not in sink.text
    assert "shown: ***" in sink.text.replace("b'", "").replace("'", "")
