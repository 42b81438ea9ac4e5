# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""mistral_lib.utils._ids."""

import os
import string
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oslo_utils import uuidutils

from mistral_lib import utils

stable = settings(derandomize=True, database=None, deadline=None, max_examples=100)

SOME = "60adbd16-700c-4c24-abe4-fa8e611964da"


def test_new_uuids_are_valid_and_differ():
    first, second = utils.generate_unicode_uuid(), utils.generate_unicode_uuid()
    assert first != second
    assert str(uuid.UUID(first)) == first
    assert utils.is_valid_uuid(first)


@pytest.mark.parametrize(
    "text", [SOME, SOME.upper(), SOME.replace("-", ""), "{" + SOME + "}", "urn:uuid:" + SOME]
)
def test_a_uuid_is_taken_in_every_usual_form(text):
    assert utils.is_valid_uuid(text) is True


@pytest.mark.parametrize(
    "other",
    ["", "x", None, 5, [], SOME + " ", " " + SOME, "g" * 32, "a" * 31, "0x" + "a" * 30, "१" * 32,
     SOME.encode(), uuid.UUID(SOME)],
)  # fmt: skip
def test_anything_else_is_no_uuid(other):
    assert utils.is_valid_uuid(other) is False


@stable
@given(st.text() | st.text(alphabet="0123456789abcdefABCDEF-{}urn:id_+", min_size=28, max_size=40))
def test_validity_is_that_of_oslo_utils(text):
    assert utils.is_valid_uuid(text) == uuidutils.is_uuid_like(text)


def test_generated_strings_have_the_length_asked_for_and_capitals_and_digits_only():
    assert len(utils.generate_string(50)) == 50
    assert utils.generate_string(0) == ""
    assert set(utils.generate_string(5000)) == set(string.ascii_uppercase + string.digits)


def test_the_process_identifier_ends_in_the_process_id():
    host, pid = utils.get_process_identifier().rsplit("_", 1)
    assert host
    assert int(pid) == os.getpid()
