# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""mistral_lib.utils._masking_text: what oslo.utils' mask_password makes of a text, sooner."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oslo_utils import strutils

from mistral_lib.utils import _masking_text
from mistral_lib.utils._masking_text import mask_text

stable = settings(derandomize=True, database=None, deadline=None, max_examples=250)

WORDS = [
    "password", "adminPass", "AUTH_TOKEN", "token", "secret", "chapsecret", "sslkey", "new_pass",
    # Letters that a pattern takes for s and k, and lower() does not, or does.
    "pa\u017f\u017fword", "to\u212aen", "\u017fecret",
]  # fmt: skip
#: What patterns ask for around a key word, and what might be in their way.
AROUND = [
    "=", " = ", '"', "'", '": "', "': u'", "' , '--x' , '", "<", ">", "</", "--", " -", "\n", "\t",
    " ", "7", "abc", "\u0130", "\xe9", "\0", ",", ":", "^", "***",
]  # fmt: skip
TEXTS = st.lists(
    st.sampled_from(WORDS) | st.sampled_from(AROUND) | st.text(max_size=2), max_size=14
).map("".join)
#: The shapes that oslo.utils looks for, whole.
SHAPES = st.sampled_from(
    [
        "{k}=v", "{k} = 'v'", '{k}2="v"', "{k} 'v'", "--{k} v ", "<{k}>v</{k}>", "'{k}': 'v'",
        '"my_{k}" : u"v"', "['x_{k}', '--opt', 'v']", "{k} --opt v", "{{'{k}': 'a\"b'}}",
        "'{k}' : 'v\", 'x': 'y'", "the {k} is v", "{k}", "{k}{k}=v", "x=1 {k}: v",
    ]
)  # fmt: skip
WRITTEN = st.lists(
    st.builds(lambda shape, word: shape.format(k=word), SHAPES, st.sampled_from(WORDS))
    | st.sampled_from(AROUND),
    max_size=6,
).map("".join)


@stable
@given(TEXTS | WRITTEN)
def test_a_text_is_masked_as_oslo_utils_does_it(text):
    assert mask_text(text) == strutils.mask_password(text)


@stable
@given(TEXTS | WRITTEN, TEXTS | WRITTEN)
def test_a_long_text_is_masked_as_oslo_utils_does_it(first, second):
    text = f"{first} went well. " * 5 + second + f" and {first}" * 5
    assert mask_text(text) == strutils.mask_password(text)


@pytest.mark.parametrize("word", strutils._SANITIZE_KEYS)
def test_every_pattern_is_tried_only_where_it_may_match(word):
    tails = [rule.tail for rule in _masking_text._rules(word)]
    assert tails
    assert [tail for tail in tails if tail.match(word)] == []


@pytest.mark.parametrize(
    ("source", "tail"),
    [
        (r"(token\s*=)\S+", r"(token\s*=)\S+"),
        (r"""(['"][^'"]*token['"]:)\S+""", r"""(token['"]:)\S+"""),
        (r"(<token>)[^<]*(</token>)", r"(token>)[^<]*(</token>)"),
        # What can't be taken apart.
        (r"(token|pin)=\S+", ""),
        (r"(pin|token)=\S+", ""),
        (r"(token=)(a|b)", ""),
        (r"(tokens?|pin)", ""),
        (r"(token?=)\S+", ""),
        (r"(token{2}=)\S+", ""),
        (r"((a)token=)\S+", ""),
        (r"((?:my_)?token=)\S+", ""),
        (r"(?:token=)\S+", ""),
        (r"([^token]=)\S+", ""),
        (r"(token=)(['\"]).*\2", ""),
        (r"(token=(?!x))\S+", ""),
        (r"token=\S+", ""),
    ],
)
def test_a_pattern_is_cut_where_that_is_safe(source, tail):
    assert _masking_text._tail(re.compile(source), "token").pattern == tail


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("--password 5 --x", "--password *** --x"),
        ("token='a' and secret=\"b\"", "token='***' and secret=\"***\""),
        ("the password is not here", "the password is not here"),
        ("", ""),
    ],
)
def test_what_is_masked(text, masked):
    assert mask_text(text) == masked
