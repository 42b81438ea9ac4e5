# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The proof that no secret reached a sink: it finds each kind of leak, and says nothing else."""

import base64
import json
import logging
import sys
import threading
import warnings
from dataclasses import dataclass
from urllib.parse import quote

import pytest

from mistral_lib import actions
from mistral_lib.testing import ActionEnvironment

PASSWORD = "correct-horse/battery"
TOKEN = "gAAAAABt0ken-of-the-test"

log = logging.getLogger("tests.secrets")


class Undecorated(actions.Action):
    """Nobody told the library that its password is one."""

    def __init__(self, password):
        self.password = password

    def run(self, context):
        log.info("logging in with %s", self.password)


@actions.hidden("password")
class Decorated(actions.Action):
    """Logs its password, and fails with it."""

    def __init__(self, password):
        self.password = password

    def run(self, context):
        log.info("logging in with %s", self.password, extra={"used": self.password})
        try:
            raise ValueError(self.password)
        except ValueError as e:
            raise RuntimeError(f"no way with {self.password}") from e


@actions.hidden("password")
class Talkative(actions.Action):
    """Has a repr of its own."""

    def __init__(self, password):
        self.password = password

    def __repr__(self):
        return f"Talkative({self.password})"

    def run(self, context):
        return None


@dataclass
class Login:
    user: str
    word: actions.Secret[str]


class Lazy:
    """Shows something else when it is formatted later."""

    def __init__(self):
        self.text = "nothing yet"

    def __str__(self):
        return self.text

    __repr__ = __str__


@actions.action
def careful(password: actions.Secret[str], *, context: actions.ActionContext) -> str:
    """Tell the log everything, which the library masks."""
    log.info("logging in with %s", password)
    log.info("as %s", {"token": context.security.auth_token})
    return password


@actions.action
def failing(password: actions.Secret[str]) -> None:
    """Fail with all that is known."""
    try:
        raise ValueError(password)
    except ValueError as e:
        raise actions.ActionException(f"bad {password}", details={"tried": password}) from e


@actions.action
def pin(code: actions.Secret[str]) -> None:
    """Take something short."""


def leaking(leak):
    """Return an action with a secret password that does what ``leak`` does with it."""

    @actions.action
    def leaky(password: actions.Secret[str], *, context: actions.ActionContext) -> object:
        """Leak."""
        return leak(password, context)

    return leaky


def seen(leak, **options):
    env = ActionEnvironment(wire=False, **options)
    env.run_result(leaking(leak), password=PASSWORD)
    return env.secrets_seen()


# -- clean


def test_what_the_library_masks_is_no_leak():
    env = ActionEnvironment(auth_token=TOKEN)
    # Returned data is the action's own business.
    assert env.run(careful, password=PASSWORD) == PASSWORD
    assert "logging in with ***" in env.log_text
    assert env.secrets_seen() == []


@pytest.mark.parametrize("action", [failing, Decorated])
def test_a_scrubbed_error_is_no_leak(action):
    env = ActionEnvironment()
    result = env.run_result(action, password=PASSWORD)
    assert "***" in result.error["message"]
    assert any(r.exc_info or r.exc_text for r in env.logs)
    assert env.secrets_seen() == []


def test_a_secret_among_parameters_of_any_name_is_masked_by_the_library_too():
    @actions.action(secrets=["key"])
    def open_ended(**kw: str) -> None:
        """Log in with whatever there is."""
        log.info("using %s", kw["key"])

    env = ActionEnvironment(wire=False)
    env.run(open_ended, key=PASSWORD, user="ann")
    assert env.log_text == "using ***"
    assert env.secrets_seen() == []


def test_without_any_run_nothing_is_seen():
    assert ActionEnvironment().secrets_seen() == []


# -- leaks, sink by sink


def test_an_undecorated_class_that_logs_its_password_is_found():
    env = ActionEnvironment()
    env.run(Undecorated, password=PASSWORD)
    assert [(s.sink, s.where, s.secret) for s in env.secrets_seen()] == [
        ("log", "tests.secrets, INFO", "parameter 'password' of Undecorated")
    ]


def test_a_sighting_does_not_show_the_secret():
    env = ActionEnvironment()
    env.run(Undecorated, password=PASSWORD)
    (sighting,) = env.secrets_seen()
    assert sighting.text.startswith("logging in with ***")
    assert PASSWORD not in repr(sighting)


def test_an_undecorated_class_that_fails_with_its_password_is_found():
    class Failing(Undecorated):
        def run(self, context):
            raise ValueError(f"bad {self.password}")

    env = ActionEnvironment(wire=False)
    env.run_result(Failing, password=PASSWORD)
    assert {s.sink for s in env.secrets_seen()} == {"exception", "result error"}


def test_a_secret_in_the_chain_of_an_exception_is_found():
    class Failing(Undecorated):
        def run(self, context):
            try:
                raise ValueError(self.password)
            except ValueError as e:
                raise RuntimeError("something else") from e

    env = ActionEnvironment(wire=False)
    env.run_result(Failing, password=PASSWORD)
    assert {s.sink for s in env.secrets_seen()} == {"exception"}


def test_a_secret_in_a_repr_is_found():
    env = ActionEnvironment()
    env.run(Talkative, password=PASSWORD)
    assert [(s.sink, s.where, s.text) for s in env.secrets_seen()] == [
        ("repr", "Talkative", "Talkative(***)")
    ]


def test_a_secret_in_the_repr_of_the_context_is_found():
    class Open(actions.SecurityContext):
        def __repr__(self):
            return f"Open({self.auth_token})"

    env = ActionEnvironment(Open(auth_token=TOKEN), wire=False)
    env.run(pin, code="long-enough-a-code")
    assert [(s.sink, s.where, s.secret) for s in env.secrets_seen()] == [
        ("repr", "context", "the context's token")
    ]


def test_a_secret_on_standard_output_is_found_even_in_pieces():
    def leak(password, context):
        half = len(password) // 2
        sys.stdout.write(password[:half])
        sys.stdout.writelines([password[half:], "\n"])

    assert [s.sink for s in seen(leak)] == ["stdout"]


def test_a_secret_on_standard_error_is_found():
    assert [s.sink for s in seen(lambda p, c: sys.stderr.write(p))] == ["stderr"]


@pytest.mark.filterwarnings("always:using:UserWarning")
def test_a_secret_in_a_warning_is_found(recwarn):
    found = seen(lambda p, c: warnings.warn(f"using {p}", stacklevel=1))
    assert [(s.sink, s.text) for s in found] == [("warning", "UserWarning: using ***")]
    assert len(recwarn) == 1


def test_a_secret_passed_to_a_child_openly_is_found():
    def leak(password, context):
        context.run(careful, password=password)
        return context.run("custom.enter", word=password)

    env = ActionEnvironment(wire=False)
    env.register("custom.enter", "in")
    env.run(leaking(leak), password=PASSWORD)
    assert {(s.sink, s.where) for s in env.secrets_seen()} == {("child parameters", "custom.enter")}
    assert PASSWORD not in repr([child.params for child in env.children])


def test_a_secret_in_a_childs_error_is_found():
    def answer(word):
        return actions.Result(error=f"{word} is wrong")

    def leak(password, context):
        try:
            context.run("custom.enter", word=password)
        except actions.ActionException:
            return None

    env = ActionEnvironment(wire=False)
    env.register("custom.enter", answer, secrets=["word"])
    env.run(leaking(leak), password=PASSWORD)
    assert {s.sink for s in env.secrets_seen()} == {"child error"}


def test_a_secret_that_an_action_made_for_its_child_is_found_outside_of_it():
    @actions.action
    def parent(*, context: actions.ActionContext) -> None:
        """Invent a password, and log it."""
        context.run(careful, password="made-up-on-the-spot")
        log.info("it is made-up-on-the-spot")

    env = ActionEnvironment(wire=False)
    env.run(parent)
    assert {(s.sink, s.secret) for s in env.secrets_seen()} == {
        ("log", "parameter 'password' of careful")
    }


def test_a_record_that_shows_the_secret_only_when_formatted_later_is_found():
    lazy = Lazy()
    env = ActionEnvironment(wire=False)
    env.run(leaking(lambda p, c: log.info("got %s", lazy)), password=PASSWORD)
    assert env.secrets_seen() == []
    lazy.text = PASSWORD
    assert [s.sink for s in env.secrets_seen()] == ["log"]


def test_a_secret_in_a_records_own_fields_is_found():
    class Extra(Undecorated):
        def run(self, context):
            log.info("in", extra={"user": "ann", "word": self.password})

    env = ActionEnvironment(wire=False)
    env.run(Extra, password=PASSWORD)
    assert [s.sink for s in env.secrets_seen()] == ["log"]


def test_a_record_whose_arguments_do_not_fit_is_searched_too():
    class Misfit(Undecorated):
        def run(self, context):
            logging.raiseExceptions = False
            try:
                log.info("%d %d", self.password)
            finally:
                logging.raiseExceptions = True

    env = ActionEnvironment(wire=False)
    env.run(Misfit, password=PASSWORD)
    assert {s.sink for s in env.secrets_seen()} == {"log"}


def test_a_secret_logged_by_another_thread_is_found():
    class Threaded(Undecorated):
        def run(self, context):
            thread = threading.Thread(target=log.info, args=(self.password,))
            thread.start()
            thread.join()

    env = ActionEnvironment(wire=False)
    env.run(Threaded, password=PASSWORD)
    assert [s.sink for s in env.secrets_seen()] == ["log"]


# -- which secrets, in which spelling


@pytest.mark.parametrize(
    "spell",
    [
        str,
        repr,
        lambda p: json.dumps({"p": p}),
        lambda p: quote(p, safe=""),
        lambda p: base64.b64encode(p.encode()).decode(),
        lambda p: base64.b64encode(f"ann:{p}".encode()).decode(),
    ],
)
def test_a_secret_is_found_in_any_spelling(spell):
    assert [s.sink for s in seen(lambda p, c: sys.stdout.write(spell(p)))] == ["stdout"]


def test_the_contexts_token_is_a_secret():
    found = seen(lambda p, c: sys.stdout.write(c.security.auth_token), auth_token=TOKEN)
    assert [s.secret for s in found] == ["the context's token"]


def test_further_values_may_be_secret_too():
    found = seen(lambda p, c: sys.stdout.write("the-vault-key-42"), secrets=["the-vault-key-42"])
    assert [s.secret for s in found] == ["secrets[0]"]


def test_a_secret_kept_under_another_name_is_looked_for():
    @actions.hidden("pass_word")
    class Kept(actions.Action):
        def __init__(self, word, pass_word=None):
            self.pass_word = word

        def run(self, context):
            sys.stdout.write(self.pass_word)

    env = ActionEnvironment(wire=False)
    env.run(Kept, word=PASSWORD)
    assert [s.sink for s in env.secrets_seen()] == ["stdout"]


def test_a_secret_inside_a_parameter_is_looked_for_and_masked_where_it_belongs():
    @actions.action
    def enter(logins: list[Login]) -> None:
        """Log in, more than once."""

    @actions.action
    def parent(login: Login, *, context: actions.ActionContext) -> None:
        """Log in, and tell."""
        context.run(enter, logins=[login])
        sys.stdout.write(login.word)

    env = ActionEnvironment(wire=False)
    env.run(parent, login=Login("ann", PASSWORD))
    assert [c.params for c in env.children] == [{"logins": [{"user": "ann", "word": "***"}]}]
    assert {(s.sink, s.secret) for s in env.secrets_seen()} == {
        ("stdout", "parameter 'login.word' of parent"),
        ("stdout", "parameter 'logins.*.word' of enter"),
    }


def test_a_name_that_only_sounds_secret_may_be_called_public():
    class Typed(actions.Action):
        def __init__(self, token_type):
            self.token_type = token_type

        def run(self, context):
            log.info(self.token_type)

    env = ActionEnvironment(wire=False)
    env.run(Typed, token_type="fernet-like")
    assert [s.sink for s in env.secrets_seen()] == ["log"]
    env = ActionEnvironment(wire=False, public=["token_type"])
    env.run(Typed, token_type="fernet-like")
    assert env.secrets_seen() == []


@pytest.mark.parametrize("code", ["1234", "admin", "a"])
def test_a_value_that_could_not_be_found_proves_nothing_and_is_refused(code):
    env = ActionEnvironment()
    env.run(pin, code=code)
    with pytest.raises(ValueError, match=r"Too short or too common.*parameter 'code' of pin"):
        env.secrets_seen()


def test_an_empty_secret_is_none():
    env = ActionEnvironment()
    env.run(pin, code="")
    assert env.secrets_seen() == []
