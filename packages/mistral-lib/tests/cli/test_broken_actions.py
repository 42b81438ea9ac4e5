# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Whatever an action does and a command line says: no traceback, and the right exit code."""

import codecs
import io
import itertools
import json
import os
import subprocess
import sys
import threading

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mistral_lib.cli import files
from mistral_lib.cli.command import main

ODD = """
import decimal
from typing import Any
from mistral_lib import actions

class Mute(Exception):
    def __str__(self):
        raise RuntimeError("no text")
    __repr__ = __str__

class Unknown(Exception):
    @property
    def __class__(self):
        raise RuntimeError("no class")

class Broken:
    def to_dict(self):
        raise KeyError("to_dict")
    def __iter__(self):
        raise KeyError("iter")
    def __repr__(self):
        raise KeyError("repr")

class Lazy:
    def __getattr__(self, name):
        raise RuntimeError(name)

def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value

def endless():
    value = {}
    value["a"] = value
    return value

def generate():
    yield 1
    raise KeyError("generator")

VALUES = {
    "object": object, "huge": lambda: 10**5000, "deep": lambda: nested(400),
    "deeper": lambda: nested(100_000), "endless": endless, "surrogate": lambda: "a\\ud800",
    "bytes": lambda: b"\\xff", "broken": Broken, "generator": generate, "lazy": Lazy,
    "nan": lambda: {"r": [float("nan")]}, "infinity": lambda: -float("inf"),
    "decimal": lambda: decimal.Decimal("NaN"), "keys": lambda: {(1, 2): 3, None: 1},
    "type": lambda: int, "module": lambda: decimal, "escapes": lambda: "\\x1b[2J\\x00",
}
ERRORS = {
    "text": "boom", "list": [1], "none": "", "nan": float("nan"), "huge": 10**5000,
    "object": object(), "broken": Broken(),
    "facts": {"message": 5, "retry_after": "soon", "retryable": True, "code": [1]},
    "wait": {"message": "full", "retry_after": 10**400, "retryable": True},
}

@actions.action
def returns(key: str) -> Any:
    "Return something."
    return VALUES[key]()

class Returns(actions.Action):
    "Return something."
    def __init__(self, key):
        self.key = key
    def run(self, context):
        return VALUES[self.key]()

class Answers(Returns):
    "Answer with an error."
    def run(self, context):
        return actions.Result(error=ERRORS[self.key], cancel=self.key == "none")

class Raises(actions.Action):
    "Raise."
    def run(self, context):
        raise Mute()

class RaisesUnknown(actions.Action):
    "Raise what nobody can look at."
    def run(self, context):
        raise Unknown()

class Reports(actions.Action):
    "Report."
    def run(self, context):
        context.progress(50)
        context.progress(Broken())
        return 1

class Unsure(actions.Action):
    "Does not know whether it is done."
    def run(self, context):
        return 1
    def is_sync(self):
        raise ValueError("unsure")

class Later(actions.Action):
    "Completes later."
    def __init__(self, answer=None):
        self.answer = answer
    def run(self, context):
        return self.answer
    def is_sync(self):
        return False

@actions.action(sync=False)
def later() -> None:
    "Complete later."

@actions.action
def take(count: int, free: Any = None, text: str = "") -> Any:
    "Return what came."
    return free if free is not None else count
"""

RESULTS = [
    "object", "huge", "deep", "deeper", "endless", "surrogate", "bytes", "broken", "generator",
    "lazy", "nan", "infinity", "decimal", "keys", "type", "module", "escapes",
]  # fmt: skip
ANSWERS = ["text", "list", "none", "nan", "huge", "object", "broken", "facts", "wait"]
FORMATS = ["json", "yaml", "table", "value"]
FIELDS = {"type", "message", "code", "retryable", "retry_after", "details"}


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """Put the module above on the path."""
    path = tmp_path_factory.mktemp("odd")
    (path / "odd_actions.py").write_text(ODD, encoding="utf-8")
    sys.path.insert(0, str(path))
    yield path
    sys.path.remove(str(path))
    sys.modules.pop("odd_actions", None)


@pytest.fixture
def run(odd, capsys):
    """Run a command line in this process; return exit code, output and errors."""

    def call(*words):
        code = main(words)
        return code, *capsys.readouterr()

    return call


def strict(text):
    """Read JSON as RFC 8259 has it."""

    def refuse(name):
        raise ValueError(f"{name} is not JSON")

    return json.loads(text, parse_constant=refuse)


LOADS = {"json": strict, "yaml": yaml.safe_load}


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("action", ["returns", "Returns"])
def test_any_result_is_printed_or_an_error(run, action, format_):
    for key in RESULTS:
        code, out, err = run("run", f"odd_actions:{action}", f"key={key}", "-f", format_)
        assert "Traceback" not in err
        assert (code == 0) == bool(out)
        if format_ == "json" and code == 0:
            strict(out)
        elif format_ in LOADS and code == 1 and "nested too deeply" not in err:
            assert LOADS[format_](err).keys() == FIELDS


@pytest.mark.parametrize("format_", FORMATS)
def test_any_error_is_printed(run, format_):
    for key in ANSWERS:
        code, out, err = run("run", "odd_actions:Answers", f"key={key}", "-f", format_)
        assert (code, out) == (1, "")
        assert "Traceback" not in err
        if format_ in LOADS:
            assert "message" in LOADS[format_](err)


@pytest.mark.parametrize(
    ("key", "what"),
    [
        ("nan", "data.r[0] is NaN, which JSON cannot represent"),
        ("infinity", "data is -Infinity, which JSON cannot represent"),
        ("huge", "data is an int of 16610 bits, too large to be written"),
        ("object", "is of type object"),
    ],
)
def test_result_of_a_class_that_is_not_json_is_named(run, key, what):
    code, out, err = run("run", "odd_actions:Returns", f"key={key}", "-f", "json")
    assert (code, out) == (1, "")
    assert json.loads(err)["code"] == "INVALID_OUTPUT"
    assert what in json.loads(err)["message"]


@pytest.mark.parametrize(
    ("action", "code", "text"),
    [
        ("Raises", 1, "Mute (its text can't be read: RuntimeError)"),
        ("RaisesUnknown", 1, "RuntimeError: no class"),
        ("Reports", 0, ""),
        ("Unsure", 1, "ValueError: unsure"),
    ],
)
def test_action_that_is_broken_inside(run, action, code, text):
    ended, _, err = run("run", f"odd_actions:{action}")
    assert ended == code
    assert text in err
    assert "Traceback" not in err


@pytest.mark.parametrize("action", ["later", "Later"])
@pytest.mark.parametrize("more", [[], ["-f", "json"]])
def test_action_that_completes_later_is_told_of_and_has_no_result_null(run, action, more):
    code, out, err = run("run", f"odd_actions:{action}", *more)
    assert (code, out) == (0, "")
    assert f"Action 'odd_actions:{action}' is not done: its result comes later" in err


def test_what_an_action_returns_before_it_completes_is_printed(run):
    code, out, err = run("run", "odd_actions:Later", "answer=5")
    assert (code, out) == (0, "5\n")
    assert "is not done" in err


# -- exit 2


WRONG = [
    (["run", "odd_actions:take", "count=x"], "InvalidInput", "INVALID_INPUT"),
    (["run", "odd_actions:take", "cuont=1"], "InvalidInput", "INVALID_INPUT"),
    (["run", "no.such.action"], "ActionNotFound", "ACTION_NOT_FOUND"),
    (["run", "no_such_module:x"], "UsageError", "USAGE"),
    (["run", "odd_actions:nothing"], "UsageError", "USAGE"),
    (["run", "odd_actions:take", "--bad"], "UsageError", "USAGE"),
    (["run", "odd_actions:take", "count=1", "--timeout", "soon"], "UsageError", "USAGE"),
    (["run", "odd_actions:take", "--input", "/no/such/file"], "UsageError", "USAGE"),
    (["run", "odd_actions:take", "count=1", "--context", os.sep], "UsageError", "USAGE"),
    (["run", "odd_actions:take", "count@=/no/such/file"], "UsageError", "USAGE"),
    (["run", "odd_actions:take", "count@=\0"], "UsageError", "USAGE"),
    (["run", "odd_actions:take", "count:=["], "UsageError", "USAGE"),
    (["run", "odd_actions:take", "count"], "UsageError", "USAGE"),
    (["run"], "UsageError", "USAGE"),
    (["bad"], "UsageError", "USAGE"),
]


@pytest.mark.parametrize(("words", "type_", "code"), WRONG)
def test_wrong_usage_is_an_object_where_one_is_wanted(run, words, type_, code):
    for format_, load in LOADS.items():
        short = ["-f", format_], [f"-f{format_}"]
        for option in (*short, ["--format", format_], [f"--format={format_}"]):
            ended, out, err = run(*words, *option)
            assert (ended, out) == (2, "")
            error = load(err)
            assert error.keys() == FIELDS
            assert (error["type"], error["code"]) == (type_, code)
            assert error["message"]
    ended, out, err = run(*words)
    assert (ended, out) == (2, "")
    assert "Error: " in err


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("free=1e400", "Parameter 'free' is Infinity, which JSON cannot represent"),
        ("free:=NaN", "Parameter 'free' is NaN, which JSON cannot represent"),
        ('free:=[{"a b": -1e999}]', "Parameter 'free[0]['a b']' is -Infinity, which JSON"),
        ("count=NaN", "parameter 'count' must be int, got str 'NaN'"),
        ('free:={"a": {"b": 1, "b": 2}}', "an object has the key 'b' more than once"),
    ],
)
def test_number_that_json_lacks_and_repeated_key_are_refused(run, word, message):
    code, out, err = run("run", "odd_actions:take", "count=1", word)
    assert (code, out) == (2, "")
    assert message in err or "is given more than once" in err


# -- files


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"count": 1, "count": 2}', "an object has the key 'count' more than once"),
        (b'{"count": 1, "free": [NaN]}', "$.free[0] is NaN, which JSON cannot represent"),
        (b'{"count": 1, "free": 1e400}', "$.free is Infinity, which JSON cannot represent"),
        (b"\xff\xfe\x00", "is not valid UTF-16-LE"),
        (b"\x00\xff", "is not valid UTF-8"),
        (b"", "is not valid JSON: Expecting value"),
        (b'{"count":' + b"[" * 100_000, "is not valid JSON: maximum recursion depth"),
        (b'{"count": ' + b"9" * 5000 + b"}", "is not valid JSON: Exceeds the limit"),
    ],
)
def test_input_that_cannot_be_used_is_refused(run, tmp_path, content, message):
    path = tmp_path / "input.json"
    path.write_bytes(content)
    for words in (["--input"], ["count=1", "--context"]):
        code, out, err = run("run", "odd_actions:take", *words, str(path))
        assert (code, out) == (2, "")
        assert message in err


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_byte_order_mark_says_the_encoding(run, tmp_path, mark, encoding):
    path = tmp_path / "input.json"
    path.write_bytes(mark + '{"count": 1, "free": "ü€"}'.encode(encoding))
    assert run("run", "odd_actions:take", "--input", str(path))[:2] == (0, '"ü€"\n')
    path.write_bytes(mark + "ü€\n".encode(encoding))
    assert run("run", "odd_actions:take", "count=1", f"free@={path}")[:2] == (0, '"ü€"\n')


@pytest.mark.parametrize("words", [["--input", "{}"], ["--context", "{}"], ["free@={}"]])
def test_what_has_no_end_is_read_no_further_than_the_limit(run, tmp_path, monkeypatch, words):
    monkeypatch.setattr(files, "LARGEST", 1 << 20)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    def write():
        with open(pipe, "wb", buffering=0) as file:
            try:
                for _ in itertools.count():
                    file.write(bytes(1 << 16))
            except BrokenPipeError:
                return

    writer = threading.Thread(target=write)
    writer.start()
    words = [word.format(pipe) for word in words]
    code, out, err = run("run", "odd_actions:take", "count=1", *words)
    writer.join()
    assert (code, out) == (2, "")
    assert "holds more than 1 MiB, the most that is read" in err


USUAL = (
    "run show odd_actions:take count=1 free:= --input - -f json -v --timeout 1 --dry-run -- text@= "
    "count = := @= --context"
)

#: Any but NUL, which no system passes in an argument.
CHARACTERS = st.characters(codec=None, exclude_characters="\0")
WORDS = st.one_of(
    st.sampled_from(USUAL.split()),
    st.text(CHARACTERS, max_size=6),
    st.text(CHARACTERS, max_size=6).map(lambda text: f"free={text}"),
    st.text(st.sampled_from('[]{}",:019eE.-+naNIf'), max_size=12).map(lambda t: f"free:={t}"),
)


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(words=st.lists(WORDS, max_size=5))
def test_any_command_line_ends_with_a_documented_code(odd, monkeypatch, words):
    out, err = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'{"count": 1}')))
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    code = main(["run", "odd_actions:take", *words])
    assert code in (0, 1, 2, 124)
    assert "Traceback" not in err.getvalue()
    assert "Something is broken" not in err.getvalue()


# -- streams that are closed or full


STREAMS = [
    ("run odd_actions:take count=1 <&-", 0, "1\n", ""),
    ("run odd_actions:take --input - <&-", 2, "", "standard input is closed"),
    ("run odd_actions:take count=1 >&-", 1, "", "Standard output is closed"),
    ("run odd_actions:take count=1 2>&-", 0, "1\n", ""),
    ("run odd_actions:Raises 2>&-", 1, "", ""),
    ("run odd_actions:Raises -f json 2>&-", 1, "", ""),
    ("run odd_actions:take -f json 2>&-", 2, "", ""),
    ("run odd_actions:Raises -f json <&- >&- 2>&-", 1, "", ""),
    ("run odd_actions:take count=1 >/dev/full", 1, "", "can't be written: No space left"),
    ("run odd_actions:Raises -f json 2>/dev/full", 1, "", ""),
    ("run odd_actions:take 2>/dev/full", 2, "", ""),
    ("run odd_actions:Reports -v 2>/dev/full", 0, "1\n", ""),
    ("run odd_actions:take --input /dev/zero", 2, "", "holds more than 64 MiB"),
    ("run odd_actions:take count@=/dev/zero", 2, "", "holds more than 64 MiB"),
]


@pytest.mark.slow
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="the system has no /dev/full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(("line", "code", "out", "err"), STREAMS)
def test_streams_that_are_closed_full_or_endless(site, line, code, out, err, unbuffered):
    site.module("odd_actions", ODD)
    done = subprocess.run(
        ["sh", "-c", f"exec {sys.executable} -m mistral_lib.cli {line}"],
        cwd=site.path,
        env=site.environment(PYTHONUNBUFFERED=unbuffered),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert (done.returncode, done.stdout) == (code, out)
    assert err in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("word", ["free=ü€", b"free=\xff", b"\xff=1", "--ü"])
@pytest.mark.parametrize("format_", FORMATS)
def test_locale_without_the_characters(site, word, format_):
    site.module("odd_actions", ODD)
    plain = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    words = ["run", "odd_actions:take", "count=1", word, "-f", format_]
    done = site.process(*words, variables=plain)
    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 2)
    assert (done.stdout + done.stderr).isascii()
