# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What three parsers read in a mail is what was written in it.

The standard library's two, of which the older one is what most programs in Python use, and one that
shares nothing with them.
"""

import email.header
import email.policy
import email.utils
import re

import fast_mail_parser
import pytest
from hypothesis import assume, example, given, settings, strategies

from mistral_extra.actions.email import folding, message
from mistral_extra.actions.email.parameters import Attachment
from mistral_lib import actions

#: Half of a pair and control characters are refused; see test_send.
TEXT = strategies.text(
    strategies.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"))
    | strategies.sampled_from(list("\"\\,.;:<>()[]@'=?_ -")),
    max_size=150,
).filter(lambda text: not re.search(r"=\?.*\?=", text))

#: Blanks at the ends of a name, and several in it, are not part of it for all parsers.
NAMES = TEXT.map(lambda text: re.sub(r"\s+", " ", text).strip()).filter(bool)

SPECS = strategies.from_regex(
    r"[a-z0-9][a-z0-9.+_-]{0,50}[a-z0-9]@[a-z0-9]{1,50}(\.[a-z0-9]{1,30}){1,3}", fullmatch=True
).filter(lambda spec: ".." not in spec)

BODIES = strategies.text(
    strategies.characters(exclude_categories=("Cs",)) | strategies.sampled_from("\r\n.\0 ="),
    max_size=400,
)


def compose(**parts):
    usual = {
        "sender": "ann@example.org",
        "to": ["bob@example.org"],
        "subject": "s",
        "text": "t",
        "html": None,
        "cc": [],
        "bcc": [],
        "reply_to": None,
        "headers": {},
        "attachments": [],
    }
    raw = message.compose(message.Letter(**{**usual, **parts})).as_bytes()
    # Nothing that an older server, or one with other ideas of a line's end, could misread.
    assert raw.isascii()
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n|\0", raw)
    assert max(map(len, raw.split(b"\r\n"))) <= folding.LONGEST_LINE
    head = raw.partition(b"\r\n\r\n")[0]
    assert not re.search(rb"\n[ \t]*\r", head + b"\r")
    return raw


def mailbox(name, spec):
    escaped = re.sub(r'(["\\])', r"\\\1", name)
    return f'"{escaped}" <{spec}>' if name else spec


def decoded(value):
    return str(email.header.make_header(email.header.decode_header(value)))


def unfolded(raw, name):
    """Return a header as the older parser of the standard library has it."""
    value = email.message_from_bytes(raw, policy=email.policy.compat32)[name]
    return re.sub(r"\r?\n(?=[ \t])", "", value)


def addresses_by_parser(raw, name):
    default = email.message_from_bytes(raw, policy=email.policy.default)[name].addresses
    pairs = email.utils.getaddresses([unfolded(raw, name)])
    third = getattr(fast_mail_parser.parse_email(raw), name.lower())
    return {
        "default": [(each.display_name, each.addr_spec) for each in default],
        "compat32": [(decoded(called), spec) for called, spec in pairs],
        "third": [(each.display_name or "", each.address) for each in third],
    }


def text_by_parser(raw, name):
    third = fast_mail_parser.parse_email(raw).headers[name][0]
    return {
        "default": str(email.message_from_bytes(raw, policy=email.policy.default)[name]),
        "compat32": decoded(unfolded(raw, name)),
        "third": third,
    }


# -- addresses


def without_blanks(pairs):
    return [("".join(name.split()), spec) for name, spec in pairs]


@settings(deadline=None)
@given(
    strategies.lists(strategies.tuples(NAMES | strategies.just(""), SPECS), min_size=1, max_size=6)
)
@example(
    [("", "database-operations-northern-region".ljust(62, "x") + "@example.org"), ("Ä", "a@b.c")]
)
@example(
    [("Operations Center, Data Base, Backup and Recovery Team of the Company", "ops@example.org")]
)
@example(
    [("mallory@evil.example, Operations Center and Data Base Administration", "ops@example.org")]
)
@example([("Ann B. Smith", "a@b.c"), ('Bob "the builder"', "a@b.c"), ("back\\slash", "a@b.c")])
@example([("x" * 150, "a@b.c"), ("ä" * 150, "a@b.c"), ("=?utf-8?q?x", "a@b.c")])
def test_addresses_are_read_as_they_were_written(pairs):
    raw = compose(to=[mailbox(*pair) for pair in pairs])
    for parser, found in addresses_by_parser(raw, "To").items():
        expected = pairs
        if parser == "default" and b"?=\r\n =?" in raw:
            # It reads a blank between two pieces of one name, where RFC 2047, 6.2, has none.
            found, expected = map(without_blanks, (found, expected))
        assert found == expected, parser


@pytest.mark.parametrize(
    "name",
    [
        "Ärztekammer Nordrhein-Westfalen Abteilung für Öffentlichkeitsarbeit und Veranstaltungen",
        "Société Générale des Télécommunications, Département Réseaux et Sécurité (Île-de-France)",
        "x" * 100 + " ä " + "y" * 100,
        "ä" + " of the department" * 60,
    ],
)
def test_long_names_are_the_same_to_every_parser(name):
    raw = compose(to=[mailbox(name, "a@b.c"), "d@e.f"])
    for parser, found in addresses_by_parser(raw, "To").items():
        assert found == [(name, "a@b.c"), ("", "d@e.f")], parser


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ann B. Smith <a@example.org>", "Ann B. Smith"),
        ("ACME Inc. <a@example.org>", "ACME Inc."),
        ("Dr. Bob <a@example.org>", "Dr. Bob"),
        ("J. <a@example.org>", "J."),
        ("Änn B. <a@example.org>", "Änn B."),
        ('"ACME Inc." <a@example.org>', "ACME Inc."),
        ('"Ann" Smith <a@example.org>', "Ann Smith"),
        ("O'Brien <a@example.org>", "O'Brien"),
        ("a@example.org", ""),
        ("<a@example.org>", ""),
        (" Ann <a@example.org> ", "Ann"),
    ],
)
def test_names_that_need_no_quotes(text, name):
    raw = compose(sender=text, to=[text], cc=[text], reply_to=text)
    for header in ("From", "To", "Cc"):
        message = email.message_from_bytes(raw, policy=email.policy.default)
        (address,) = message[header].addresses
        assert (address.display_name, address.addr_spec) == (name, "a@example.org")
    for parser, found in addresses_by_parser(raw, "To").items():
        assert found == [(name, "a@example.org")], parser


@pytest.mark.parametrize(
    "text",
    [
        "Smith, Ann <a@example.org>",
        "Ann <x@example.org> <a@example.org>",
        'Ann" <a@example.org>',
        "x@example.org <a@example.org>",
        "Ann: a@example.org;",
        "B. <a@example.org>, c@example.org",
        "B. <a@example.org, c@example.org>",
        "B. <>",
        "a" * 400 + "@example.org",
    ],
)
def test_what_is_not_one_address_is_refused_with_the_remedy(text):
    with pytest.raises(actions.InvalidInput, match=r"in quotes|at most 320 characters") as caught:
        compose(to=[text])
    assert len(str(caught.value)) < 400


# -- text


@settings(deadline=None)
@given(TEXT)
@example("")
@example(" blanks  in   it ")
@example("word " * 100)
@example("x" * 150)
@example("grün " * 30)
@example("a" * 990)
@example("a" * 3000)
@example("=?utf-8?q?half")
def test_subject_is_read_as_it_was_written(subject):
    raw = compose(subject=subject)
    for parser, found in text_by_parser(raw, "Subject").items():
        if parser == "third":
            # That one lets blanks of text beyond ASCII be.
            found, subject = found.strip(), subject.strip()
        assert found == subject, parser


@settings(deadline=None)
@given(TEXT.map(str.strip).filter(lambda text: len(text) < 900))
@example(", ".join(f"<https://lists.example.org/{number}?a=b>" for number in range(20)))
@example("a  b   c" * 40)
def test_further_header_is_read_as_it_was_written(value):
    raw = compose(headers={"X-Test": value})
    for parser, found in text_by_parser(raw, "X-Test").items():
        assert found == value, parser


@pytest.mark.parametrize("name", ["References", "In-Reply-To", "List-Unsubscribe", "X-Trace"])
def test_identifiers_are_not_encoded_however_long(name):
    identifiers = " ".join(f"<{'x' * length}@example.org>" for length in (5, 70, 90, 300, 600))
    raw = compose(headers={name: identifiers})
    assert b"=?" not in raw
    for parser, found in text_by_parser(raw, name).items():
        assert found == identifiers, parser


def test_identifier_that_no_line_has_room_for_is_refused():
    with pytest.raises(
        actions.InvalidInput, match=r"'headers\.References' has a word that is longer"
    ):
        compose(headers={"References": f"<{'x' * 1000}@example.org>"})


def test_identifier_of_the_mail_is_not_encoded_where_the_domain_is_long():
    sender = f"a@{'.'.join(['x' * 60] * 4)}"
    raw = compose(sender=sender)
    (identifier,) = set(text_by_parser(raw, "Message-ID").values())
    assert identifier.endswith(f"@{sender[2:]}>")


# -- bodies


def lines(text):
    return re.split(r"\r\n|\r|\n", text.rstrip("\r\n"))


@settings(deadline=None)
@given(BODIES, BODIES)
@example(".\n..\nFrom here\n.", "grün")
@example("x" * 2000, "\0")
@example("ä" * 2000, "a\rb\r\nc\nd")
@example("", "")
def test_bodies_are_read_as_they_were_written(text, html):
    raw = compose(text=text, html=html)
    default = email.message_from_bytes(raw, policy=email.policy.default)
    older = email.message_from_bytes(raw, policy=email.policy.compat32)
    third = fast_mail_parser.parse_email(raw)
    found = [part.get_content() for part in default.iter_parts()]
    assert list(map(lines, found)) == [lines(text), lines(html)]
    found = [part.get_payload(decode=True).decode() for part in older.get_payload()]
    assert list(map(lines, found)) == [lines(text), lines(html)]
    assert lines("".join(third.text_plain)) == lines(text)
    assert lines("".join(third.text_html)) == lines(html)


@settings(deadline=None)
@given(NAMES, strategies.binary(max_size=300))
@example('a "quoted" name; x=y.txt', b"\r\n.\r\n")
@example("back\\slash.txt", b"")
@example("ä" * 100 + ".txt", bytes(range(256)))
@example("long name " * 12 + ".txt", b"x")
def test_attachments_are_read_as_they_were_written(filename, data):
    # Python's own parser takes such marks off a name that was decoded (email.utils.unquote).
    assume((filename[:1], filename[-1:]) not in (("<", ">"), ('"', '"')))
    raw = compose(attachments=[Attachment(filename, data=data)])
    default = email.message_from_bytes(raw, policy=email.policy.default)
    (part,) = default.iter_attachments()
    assert (part.get_filename(), part.get_content()) == (filename, data)
    older = email.message_from_bytes(raw, policy=email.policy.compat32).get_payload()[1]
    assert email.utils.collapse_rfc2231_value(older.get_filename()) == filename
    assert older.get_payload(decode=True) == data
    (third,) = fast_mail_parser.parse_email(raw).attachments
    assert (third.filename, third.content) == (filename, data)
