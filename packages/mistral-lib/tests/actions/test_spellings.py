# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A secret of any characters is found, however text writes it."""

import base64
import html
import json
import random
import re
import shlex
import string
import textwrap
import urllib.parse
from xml.sax import saxutils

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mistral_lib.actions import redaction, sources, spellings


def raw(secret):
    return secret.encode("utf-8", "surrogatepass")


def nested_json(secret, times=3, **options):
    for _ in range(times):
        secret = json.dumps({"k": [secret]}, **options)
    return secret


def base64_behind(secret, shift, wrapped=0, encode=base64.b64encode):
    encoded = encode(b"user:"[:shift] + raw(secret) + b"\0end").decode()
    return "\n".join(textwrap.wrap(encoded, wrapped)) if wrapped else encoded


def percent(secret, which):
    return "".join(f"%{byte:02x}" if which(chr(byte)) else chr(byte) for byte in raw(secret))


def printf_q(secret):
    """Quote as ``printf %q`` of bash does."""
    if secret.isprintable():
        return re.sub(r"([^\w@%+=:,./-])", r"\\\1", secret)
    escapes = {"\n": "\\n", "\t": "\\t", "\r": "\\r", "'": "\\'", "\\": "\\\\"}
    escapes |= {"\a": "\\a", "\b": "\\b", "\x1b": "\\E", "\x7f": "\\177"}
    return "$'" + "".join(escapes.get(c, c) for c in secret) + "'"


def octal(secret):
    """Write all but what is in ASCII's first half as octal numbers: YAML's ``\\0`` is a whole."""
    return "".join(c if c < "@" else "".join(f"\\{b:o}" for b in raw(c)) for c in secret)


SPELLINGS = {
    "as it is": str,
    "repr": repr,
    "ascii": ascii,
    "repr of bytes": lambda s: repr(raw(s)),
    "repr in repr": lambda s: repr(repr(s)),
    "JSON": json.dumps,
    "JSON with other letters": lambda s: json.dumps(s, ensure_ascii=False),
    "JSON in JSON": lambda s: nested_json(s, 2),
    "JSON in JSON in JSON": nested_json,
    "JSON in JSON in JSON, other letters": lambda s: nested_json(s, ensure_ascii=False),
    "JSON of PHP": lambda s: json.dumps(s).replace("/", "\\/"),
    "JSON for HTML": lambda s: re.sub("[<>&']", lambda m: f"\\u{ord(m[0]):04x}", json.dumps(s)),
    "every character as \\u": lambda s: re.sub("(?s).", lambda m: json.dumps(m[0])[1:-1], s),
    "Python's escapes": lambda s: s.encode("unicode_escape").decode(),
    "shell": shlex.quote,
    "shell in shell": lambda s: shlex.quote(f"echo {shlex.quote(s)}"),
    "shell, closed and opened": lambda s: "'" + s.replace("'", "'\\''") + "'",
    "shell, backslashes": printf_q,
    "octal": octal,
    "PowerShell": lambda s: '"' + re.sub(r'([`"$])', r"`\1", s) + '"',
    "doubled quotes": lambda s: "'" + s.replace("'", "''") + "'",
    "CSV": lambda s: '"' + s.replace('"', '""') + '"',
    "HTML": html.escape,
    "HTML, quotes kept": lambda s: html.escape(s, quote=False),
    "HTML, every character": lambda s: "".join(f"&#{ord(c)};" for c in s),
    "HTML, every character, hexadecimal": lambda s: "".join(f"&#x{ord(c):X};" for c in s),
    "HTML twice": lambda s: html.escape(html.escape(s)),
    "XML": lambda s: saxutils.escape(s, {"'": "&apos;", '"': "&quot;"}),
    "XML's attribute": saxutils.quoteattr,
    "JSON in HTML": lambda s: html.escape(json.dumps(s)),
    "HTML in JSON": lambda s: json.dumps(html.escape(s)),
    "YAML": yaml.safe_dump,
    "YAML in single quotes": lambda s: "'" + s.replace("'", "''") + "'",
    "YAML in double quotes": lambda s: yaml.safe_dump(s, default_style='"'),
    "YAML of JSON": lambda s: yaml.safe_dump({"body": json.dumps({"password": s})}),
    "URL": lambda s: urllib.parse.quote(raw(s)),
    "URL, nothing kept": lambda s: urllib.parse.quote(raw(s), safe=""),
    "URL, much kept": lambda s: urllib.parse.quote(raw(s), safe="!#$%&'()*+,/:;=?@[]~"),
    "URL, small digits": lambda s: percent(s, lambda c: not c.isalnum() or not c.isascii()),
    "URL, every byte": lambda s: percent(s, lambda c: True),
    "URL, letters alone": lambda s: percent(s, str.isalpha),
    "URL twice": lambda s: urllib.parse.quote(urllib.parse.quote(raw(s), safe="")),
    "URL three times": lambda s: percent(percent(percent(s, str), str), lambda c: c == "%"),
    "form": lambda s: urllib.parse.quote_plus(raw(s)),
    "form in URL": lambda s: urllib.parse.quote(urllib.parse.quote_plus(raw(s))),
    "URL in JSON": lambda s: json.dumps({"url": f"http://h/?q={urllib.parse.quote(raw(s))}"}),
    "JSON in URL": lambda s: urllib.parse.quote(json.dumps({"k": s})),
    "hexadecimal": lambda s: raw(s).hex(),
    "HEXADECIMAL": lambda s: raw(s).hex().upper(),
    "hexadecimal in groups": lambda s: raw(s).hex(" ", 4),
    "hexadecimal with hyphens": lambda s: raw(s).hex("-"),
    "base64 alone": lambda s: base64.b64encode(raw(s)).decode(),
    "base64 of MIME, alone": lambda s: base64.encodebytes(raw(s)).decode(),
    "base64 of URLs, alone": lambda s: base64.urlsafe_b64encode(raw(s)).decode().rstrip("="),
    "base64 in a URL": lambda s: urllib.parse.quote(base64.b64encode(raw(s)), safe=""),
    "base64 of Basic": lambda s: base64.b64encode(b"ann:" + raw(s)).decode(),
    "MIME in JSON": lambda s: json.dumps(base64.encodebytes(b"u:" + raw(s)).decode()),
    "MIME in repr": lambda s: repr(base64.encodebytes(b"us:" + raw(s))),
    "coloured": lambda s: f"\x1b[31m{s}\x1b[0m",
    "coloured inside": lambda s: f"{s[:3]}\x1b[1;31m{s[3:]}\x1b[0m",
    "coloured inside, in JSON": lambda s: json.dumps(f"{s[:3]}\x1b[1;31m{s[3:]}\x1b[0m"),
    **{
        f"base64 behind {shift} bytes, lines of {width}, {encode.__name__}": (
            lambda s, shift=shift, width=width, encode=encode: base64_behind(
                s, shift, width, encode
            )
        )
        for shift in range(3)
        for width in (0, 1, 64, 76)
        for encode in (base64.b64encode, base64.urlsafe_b64encode)
    },
}

CHARACTERS = {
    "letters and digits": string.ascii_letters + string.digits,
    "printable": string.ascii_letters + string.digits + string.punctuation,
    "punctuation": string.punctuation,
    "quoting": "'\"\\`$ ",
    "escapes": "%&;#\\xu0123abcdef",
    "URLs": "/:@?&=+%#.~",
    "white space": "ab \t\n\r",
    "Latin": "äöüßéèñçÄÖÜ€ab1",
    "Cyrillic": "абвгдежзийклмнопрст",
    "Chinese": "密码是秘密的东西不要告诉",
    "emoji": "😀🔑🗝💥a1",
    "controls": "\x00\x01\x07\x08\x1b\x7fabc1",
    "base64": string.ascii_letters + string.digits + "+/=",
}


def is_searched_for(secret):
    """Tell whether a secret is so long and uncommon that every spelling is looked for."""
    if not redaction.Masker([secret]).finds(secret):
        return False
    return any(spellings.in_reduced(secret)) or len(spellings.collapsed(secret).strip()) > 3


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_secrets_of_every_kind_are_found_in_every_spelling(spelling):
    spell = SPELLINGS[spelling]
    for kind, characters in CHARACTERS.items():
        chance = random.Random(f"{kind} {spelling}")
        secrets = ["".join(chance.choices(characters, k=k)) for k in (8, 9, 10, 40, 300)]
        searched = [secret for secret in secrets if is_searched_for(secret)]
        assert len(searched) > 1, kind
        for secret in searched:
            assert redaction.Masker([secret]).finds(f"before: {spell(secret)} :after"), secret
            # Quotes and white space around one may stay.
            secret = f"x{secret}z"
            masked = redaction.Masker([secret]).text(f"before: {spell(secret)} :after")
            assert masked.startswith("before: "), secret
            assert masked.endswith(" :after"), secret
            assert len(masked) < len(spell("x" * 8)) + 40, (secret, masked)


@pytest.mark.parametrize("length", [4, 5, 6, 7])
@pytest.mark.parametrize("spelling", [name for name in SPELLINGS if "base64" in name])
def test_base64_of_short_secrets_is_found(spelling, length):
    for kind in ("letters and digits", "printable", "URLs"):
        chance = random.Random(f"{kind} {length}")
        secret = "".join(chance.choices(CHARACTERS[kind], k=length - 1)) + "7!"[length % 2]
        masker = redaction.Masker([secret])
        if masker.finds(secret):
            assert masker.finds(f"before: {SPELLINGS[spelling](secret)} :after"), secret


@pytest.mark.parametrize("secret", ["'" * 6, "\"'" * 3, "\\\\\\\\", "  '  '  ", "+ + + +", "a'b"])
@pytest.mark.parametrize("spelling", ["as it is", "repr", "JSON", "JSON in JSON", "URL", "HTML"])
def test_secrets_of_little_but_quotes_are_found_as_usually_written(secret, spelling):
    assert redaction.Masker([f"{secret}-"]).finds(f"before {SPELLINGS[spelling](secret + '-')}!")


ENCODERS = st.sampled_from(
    [json.dumps, repr, shlex.quote, html.escape, urllib.parse.quote, urllib.parse.quote_plus]
)
#: What Python's repr leaves alone: bytes and numbers of characters mixed are too many ways.
TEXTS = st.text(
    st.characters(exclude_categories=["C", "Z"]) | st.just(" "), min_size=6, max_size=60
)


@given(secret=TEXTS, encoders=st.lists(ENCODERS, max_size=4))
@settings(max_examples=300, deadline=None)
def test_any_nesting_of_encoders_is_found(secret, encoders):
    if not is_searched_for(secret):
        return
    spelt = secret
    for encode in encoders:
        spelt = encode(spelt)
    assert redaction.Masker([secret]).finds(f"before: {spelt} :after")


ANY_TEXT = st.text(st.characters() | st.sampled_from("'\"\\ %+&\n\udc80\ud83d"), max_size=300)


@given(secret=ANY_TEXT | st.binary(max_size=300), text=ANY_TEXT)
@settings(max_examples=300, deadline=None)
def test_no_secret_and_no_text_is_too_odd(secret, text):
    masker = redaction.Masker([secret])
    shown = secret if isinstance(secret, str) else secret.decode("utf-8", "surrogateescape")
    masked = masker.text(f"{text}: {shown} :{text}")
    if not sources.is_everyday(shown):
        assert "***" in masked
        assert shown not in masked


@given(
    text=st.text(st.sampled_from("ab1 \n'\"\\+%25&;#xunée\x1b[m\ud83d\ude00\u1234"), max_size=60)
)
@settings(max_examples=500, deadline=None)
def test_what_is_found_in_reduced_text_is_traced_back_to_the_text(text):
    origins = spellings.Origins(text)
    for reduced, (starts, ends) in (
        (spellings.reduced(text), origins.reduced()),
        (spellings.collapsed(text), origins.collapsed()),
    ):
        assert len(reduced) == len(starts) == len(ends)
        assert starts == sorted(starts)
        assert all(start < end for start, end in zip(starts, ends, strict=True))


@pytest.mark.parametrize(
    "bomb",
    ["\\", "%", "%25", "&", "&amp;", "&#1", "\x1b[", "'", '"', " ", "\\\n", "%41", "token-1"],
)
def test_reducing_takes_time_in_proportion_to_the_text(bomb):
    # A pattern that looks at a text's rest from each of its characters would take many minutes.
    text = bomb * (200_000 // len(bomb))
    masker = redaction.Masker(["my token-12 is'ok", "' ' ' '"])
    assert masker.text(text) == text or bomb in "'\" "
