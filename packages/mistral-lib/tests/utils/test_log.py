# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""mistral_lib.utils._log."""

import logging

import pytest

from mistral_lib import utils

LOGGER = logging.getLogger("tests.log_exec")


@pytest.fixture(autouse=True)
def _records_of_all_levels(caplog):
    caplog.set_level(1, LOGGER.name)


class Quiet:
    def __repr__(self):
        return "<quiet>"

    @utils.log_exec(LOGGER, level=logging.INFO)
    def log_in(self, user, password, **options):
        """Log in."""
        return user


def test_a_call_is_logged_with_its_arguments(caplog):
    @utils.log_exec(LOGGER)
    def add(a, b=1):
        """Add."""
        return a + b

    assert add(2, b=3) == 5
    assert caplog.messages == [
        "Called method [name=add, doc='Add.', params=[args=(2,), kw={'b': 3}]]"
    ]
    assert caplog.records[0].levelno == logging.DEBUG


def test_a_call_without_arguments_has_none_to_show(caplog):
    @utils.log_exec(LOGGER)
    def nothing():
        pass

    nothing()
    assert caplog.messages == ["Called method [name=nothing, doc='None', params=]"]


def test_secrets_are_masked_by_the_name_of_the_parameter_or_of_the_key(caplog):
    assert (
        Quiet().log_in("me", "s3cr3t", token="t0k3n", rest={"adminPass": "p4ss", "x": "y"}) == "me"
    )
    assert Quiet().log_in("password=s3cr3t", password="s3cr3t") == "password=s3cr3t"
    assert "<quiet>, 'me', '***'" in caplog.text
    assert "'x': 'y'" in caplog.text
    for secret in ("s3cr3t", "t0k3n", "p4ss"):
        assert secret not in caplog.text
    assert caplog.records[0].levelno == logging.INFO


def test_nothing_is_rendered_for_a_level_that_is_off(caplog):
    class Unshown:
        def __repr__(self):
            raise AssertionError("rendered for nobody")

    @utils.log_exec(LOGGER)
    def take(value):
        return value

    caplog.set_level(logging.WARNING, LOGGER.name)
    unshown = Unshown()
    assert take(unshown) is unshown
    assert caplog.messages == []


def test_an_argument_that_contains_itself_does_not_make_the_call_fail(caplog):
    @utils.log_exec(LOGGER)
    def take(value):
        return len(value)

    itself = []
    itself.append(itself)
    assert take(itself) == 1
    assert "nested too deeply to show" in caplog.text


def test_the_call_is_logged_before_it_fails(caplog):
    @utils.log_exec(LOGGER)
    def fail():
        raise LookupError("as asked")

    with pytest.raises(LookupError, match="as asked"):
        fail()
    assert len(caplog.messages) == 1


def test_the_function_keeps_its_name_and_text():
    assert Quiet.log_in.__name__ == "log_in"
    assert Quiet.log_in.__doc__ == "Log in."
