# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""`mistral-action run`: input, output, errors and their exit codes."""

import json

import pytest
import yaml


def data(result):
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def failure(result, code):
    assert (result.exit_code, result.stdout) == (code, ""), result.stdout
    return result.stderr


# -- input


def test_values_are_read_by_the_declared_types(probe, invoke):
    words = [
        "text=5",
        "count=5",
        "ratio=0.5",
        "flag=true",
        "color=blue",
        "mode=b",
        "note=null",
        "when=2026-01-01T00:00:00Z",
        "raw=aGk=",
        'size={"path": "p", "size": 1}',
        "either=[1, 2]",
    ]
    assert data(invoke("run", "probe.echo", *words)) == {
        "text": "5",
        "count": 5,
        "ratio": 0.5,
        "flag": True,
        "color": "blue",
        "mode": "b",
        "note": "null",
        "when": "2026-01-01T00:00:00Z",
        "raw": "aGk=",
        "size": {"path": "p", "size": 1},
        "either": [1, 2],
    }


def test_undeclared_parameters_are_json_or_else_text(probe, invoke):
    result = invoke("run", "probe.untyped", "a=[1]", "b=[1", "c=5", 'd:="5"')
    assert data(result) == {"a": [1], "b": "[1", "c": 5, "d": "5"}


def test_class_with_annotations_gets_text_where_it_says_so(probe, invoke):
    assert data(invoke("run", "probe.legacy", "name=5", "count=7")) == {"name": "5", "count": 7}


def test_input_comes_from_a_file_and_words_win_over_it(probe, invoke):
    (probe.path / "input.json").write_text('{"text": "file", "count": 1}')
    result = invoke("run", "probe.echo", "--input", "input.json", "count=2")
    assert data(result) == {"text": "file", "count": 2, "color": "red", "mode": "a"}


def test_input_comes_from_standard_input(probe, invoke):
    result = invoke("run", "probe.greet", "--input", "-", stdin='{"name": "Ann"}')
    assert data(result) == "Grüß Gott Ann"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[1]", "--input input.json must hold a JSON object, not a list"),
        ("5", "--input input.json must hold a JSON object, not one value"),
        ("{", "--input input.json is not valid JSON: Expecting property name"),
    ],
)
def test_input_that_is_no_json_object_is_wrong_usage(probe, invoke, text, message):
    (probe.path / "input.json").write_text(text)
    assert message in failure(invoke("run", "probe.echo", "--input", "input.json"), 2)


def test_input_file_that_is_not_there_is_wrong_usage(probe, invoke):
    assert "No such file" in failure(invoke("run", "probe.echo", "--input", "nope.json"), 2)


def test_bad_parameters_are_wrong_usage_and_the_signature_is_shown(probe, invoke):
    message = failure(invoke("run", "probe.measure_all", "paths=a,b"), 2)
    assert message == (
        "Error: Invalid input of action 'probe.measure_all': parameter 'paths' must be list[str], "
        "got str 'a,b'\n"
        "It takes: probe.measure_all(paths: list[str], limit: int | null = null) -> list[Size]\n"
    )


def test_misspelt_parameter_gets_the_nearest(probe, invoke):
    message = failure(invoke("run", "probe.measure", "pth=x"), 2)
    assert "'pth': did you mean 'path'?" in message


def test_bad_input_of_an_action_that_an_action_runs_is_no_wrong_usage(site, invoke):
    site.module(
        "nested",
        """
        from mistral_lib import actions

        @actions.action
        def inner(number: int): ...

        @actions.action
        def outer(*, context: actions.ActionContext):
            context.run(inner, number="x")
        """,
    )
    assert "parameter 'number' must be int" in failure(invoke("run", "nested:outer"), 1)


# -- which action


def test_unknown_action_is_wrong_usage_with_the_nearest_name(probe, invoke):
    message = failure(invoke("run", "probe.mesure"), 2)
    assert message == "Error: No action is named 'probe.mesure': did you mean 'probe.measure'?\n"


def test_action_that_does_not_load_fails_with_reason_and_remedy(site, invoke):
    site.module("broken_plugin", "import surely_not_there")
    site.distribution("broken-plugin", {"mistral.actions": {"broken.one": "broken_plugin:one"}})
    message = failure(invoke("run", "broken.one"), 1)
    assert message.startswith("Error: Action 'broken.one' (broken_plugin:one): ModuleNotFoundError")
    assert "pip install surely_not_there" in message
    assert len(message.splitlines()) == 1


def test_action_that_no_package_announces_runs_by_module_and_attribute(site, invoke):
    site.module(
        "mine",
        """
        from mistral_lib import actions

        @actions.action
        def twice(text: str) -> str:
            return text * 2
        """,
    )
    assert data(invoke("run", "mine:twice", "text=ab")) == "abab"


@pytest.mark.parametrize(
    ("reference", "code", "message"),
    [
        ("mine:twise", 2, "Module 'mine' has no 'twise': did you mean 'twice'?"),
        ("mine:plain", 2, "'mine:plain': Not an action: <function plain"),
        ("mine.py:twice", 2, "not of the form module:attribute"),
        ("./mine.py:twice", 2, "(a module's name, not its file's)"),
        ("mine:", 2, "not of the form module:attribute"),
        ("no_such_module:x", 2, "there is no module 'no_such_module'"),
        ("failing:x", 1, "can't be imported: ZeroDivisionError: division by zero. 'python -c"),
        ("leaving:x", 1, "can't be imported: SystemExit: 3"),
        ("lacking:x", 1, "can't be imported: ModuleNotFoundError: No module named 'surely_not"),
    ],
)
def test_reference_that_leads_nowhere_says_why(site, invoke, reference, code, message):
    site.module("mine", "def twice(): ...\ndef plain(): ...")
    site.module("failing", "1 / 0")
    site.module("leaving", "raise SystemExit(3)")
    site.module("lacking", "import surely_not_there")
    assert message in failure(invoke("run", reference), code)


# -- output


@pytest.mark.parametrize(
    ("format_", "expected"),
    [
        ("table", "FIELD  VALUE\npath   ab\nsize   2\n"),
        ("value", "path\tab\nsize\t2\n"),
        ("yaml", "path: ab\nsize: 2\n"),
        ("json", '{\n  "path": "ab",\n  "size": 2\n}\n'),
    ],
)
def test_object_is_printed_in_each_format(probe, invoke, format_, expected):
    assert invoke("run", "probe.measure", "path=ab", "-f", format_).stdout == expected


def test_list_of_objects_is_a_table_with_a_column_for_each_field(probe, invoke):
    result = invoke("run", "probe.measure_all", 'paths=["a", "long/path"]', "-f", "table")
    assert result.stdout == "PATH       SIZE\na          1\nlong/path  9\n"


def test_text_as_value_is_printed_as_it_is(probe, invoke):
    result = invoke("run", "probe.greet", "name=a\tb", "-f", "value")
    assert result.stdout == "Grüß Gott a\tb\n"


def test_result_of_a_class_that_is_no_json_is_printed_as_the_wire_has_it(probe, invoke):
    assert data(invoke("run", "probe.legacy", "name=x", "count=2")) == [3]


def test_what_an_action_prints_goes_to_standard_error(probe, invoke):
    # The action's child process writes to the descriptor: see test_process.
    result = invoke("run", "probe.noisy")
    assert result.stdout == '"quiet"\n'
    assert "printed\n" in result.stderr


# -- errors


def test_error_is_one_line_with_its_code_and_whether_to_retry(probe, invoke):
    message = failure(invoke("run", "probe.login", "user=ann", "password=hunter22"), 1)
    assert message.splitlines()[-1] == (
        "Error: Action 'probe.login' failed: no such password: *** "
        "[code AUTH, may succeed after 5 s]"
    )


@pytest.mark.parametrize(("format_", "load"), [("json", json.loads), ("yaml", yaml.safe_load)])
def test_error_is_an_object_on_standard_error_for_scripts(probe, invoke, format_, load):
    result = invoke("run", "probe.login", "user=ann", "password=hunter22", "-f", format_)
    text = "\n".join(x for x in failure(result, 1).splitlines() if not x.startswith("WARNING"))
    assert load(text) == {
        "type": "ActionException",
        "message": "no such password: ***",
        "code": "AUTH",
        "retryable": True,
        "retry_after": 5,
        "details": {"user": "ann"},
    }


def test_secret_shows_in_no_stream_at_any_verbosity(probe, invoke):
    result = invoke("run", "probe.login", "user=ann", "password=hunter22", "-vv")
    assert "the password is ***" in result.stderr
    assert "hunter22" not in result.output


def test_crash_names_its_type_and_shows_the_traceback_only_when_asked(probe, invoke):
    message = failure(invoke("run", "probe.crash"), 1)
    assert message == "Error: Action 'probe.crash' failed: KeyError: 'nothing' (-v shows where)\n"
    detailed = failure(invoke("run", "probe.crash", "-v"), 1)
    assert 'return {}["nothing"]' in detailed
    assert detailed.endswith("Error: Action 'probe.crash' failed: KeyError: 'nothing'\n")


def test_error_of_a_class_that_is_plain_text_is_said_as_it_is(probe, invoke):
    message = failure(invoke("run", "probe.legacy", "name=x", "count=0"), 1)
    assert message == "Error: Action 'probe.legacy' failed: zero is too few\n"


def test_action_that_cancels_itself_fails(probe, invoke):
    message = failure(invoke("run", "probe.legacy", "name=x", "count=1"), 1)
    assert message == "Error: Action 'probe.legacy' was cancelled\n"


def test_deprecation_is_told_on_standard_error(probe):
    # Once a process, so in one of its own.
    done = probe.process("run", "probe.login", "user=ann", "password=x", "--dry-run")
    assert (done.returncode, done.stdout) == (0, '"would log in"\n')
    assert "is deprecated: use probe.measure" in done.stderr


# -- dry run, deadline


def test_dry_run_calls_test_instead_of_run(probe, invoke):
    words = ("run", "probe.login", "user=ann", "password=x", "--dry-run")
    assert data(invoke(*words)) == "would log in"
    assert data(invoke("run", "probe.legacy", "name=x", "--dry-run")) == "tested"


def test_dry_run_of_an_action_without_one_is_wrong_usage(probe, invoke):
    message = failure(invoke("run", "probe.measure", "path=x", "--dry-run"), 2)
    assert "offers no dry run" in message


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "inf", "soon"])
def test_timeout_must_be_a_number_of_seconds_above_zero(probe, invoke, seconds):
    assert "--timeout" in failure(invoke("run", "probe.wait", "--timeout", seconds), 2)


def test_deadline_of_an_action_that_obeys_is_124(probe, invoke):
    from mistral_lib.cli import outcomes

    result = invoke("run", "probe.wait", "seconds=60", "--timeout", "0.01", "-f", "json")
    assert isinstance(result.exception, outcomes.Unfinished)
    assert result.exception.exit_code == 124
    assert json.loads(result.stderr)["code"] == "TIMEOUT"


# -- context


def test_context_comes_from_a_file_as_a_server_sends_it(probe, invoke):
    context = {
        "security": {"project_id": "p1", "auth_token": "token-of-ann"},
        "execution": {"workflow_name": "w"},
    }
    (probe.path / "context.json").write_text(json.dumps(context))
    result = invoke("run", "probe.whoami", "--context", "context.json", "-vv")
    assert data(result) == "p1"
    assert "the token is ***" in result.stderr
    assert "probe.whoami: the token is ***" in result.stderr
    assert "token-of-ann" not in result.output


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '{"auth_token": "token-of-ann"}',
            "a JSON object with 'security' or 'execution'",
        ),
        ('{"security": "token-of-ann"}', "'security' of an action context must be a JSON object"),
        ('{"security": {"auth_token": token-of-ann}}', "is not valid JSON"),
        ('["token-of-ann"]', "must hold a JSON object, not a list"),
    ],
)
def test_context_of_the_wrong_form_is_wrong_usage_and_not_quoted(probe, invoke, text, message):
    (probe.path / "context.json").write_text(text)
    said = failure(invoke("run", "probe.whoami", "--context", "context.json"), 2)
    assert message in said
    assert "token-of-ann" not in said
