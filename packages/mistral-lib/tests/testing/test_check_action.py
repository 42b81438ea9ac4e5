# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The conformance test: each check finds what it is for, and nothing else."""

import functools
import itertools
import logging
import sys
import threading
from dataclasses import dataclass
from typing import Annotated, Any

import pytest

from mistral_lib import actions
from mistral_lib.actions import server_errors
from mistral_lib.actions.providers.base import ActionDescriptorBase
from mistral_lib.testing import ActionEnvironment, ConformanceError, check_action

log = logging.getLogger("tests.conformance")

STOP = threading.Event()

FormedKey = Annotated[str, actions.Param(pattern="^key:")]
Pin = Annotated[str, actions.Param(pattern="^[0-9]{4}$")]


@dataclass
class Report:
    name: str
    sizes: list[int]


@actions.action(test=lambda server, sizes=(), *, password, context: Report(server, list(sizes)))
def good(
    server: str,
    sizes: list[int] | None = None,
    *,
    password: actions.Secret[str],
    context: actions.ActionContext,
) -> Report:
    """Resize a server.

    :param server: its name.
    :param sizes: the sizes to try.
    :param password: of the administrator.
    """
    log.info("resizing %s with %s", server, password)
    context.sleep(600)
    context.run("nova.resize", server=server)
    if server == "gone":
        raise actions.ActionException(f"no server {server}, not even with {password}")
    return Report(server, sizes or [])


GOOD_EXAMPLES = [
    {"server": "web", "password": "correct-horse"},
    (
        {"server": "web", "sizes": [1], "password": "correct-horse"},
        {"name": "web", "sizes": [1]},
    ),
    ({"server": "gone", "password": "correct-horse"}, actions.ActionException),
]


def with_nova():
    environment = ActionEnvironment()
    environment.register("nova.resize", None)
    return environment


class Clean(actions.Action):
    """Join words."""

    def __init__(self, words, glue=" "):
        self.words = words
        self.glue = glue

    def run(self, context):
        return self.glue.join(self.words)

    def test(self, context):
        return self.run(context)


class Undocumented(actions.Action):
    def run(self, context):
        return None


class Derived(Undocumented):
    pass


class KeepsTuple(actions.Action):
    """Keep what doesn't arrive as it was sent."""

    def __init__(self, words):
        self.words = tuple(words)

    def run(self, context):
        return len(self.words)


class ReturnsObject(actions.Action):
    """Return what is no JSON."""

    def run(self, context):
        return {"at": [object()]}


class ReturnsTuple(actions.Action):
    """Return what arrives as something else."""

    def run(self, context):
        return (1, 2)


class FailsWithSet(actions.Action):
    """Fail with an error that is no JSON."""

    def run(self, context):
        return actions.Result(error={"missing": {"a"}})


class SoundsSecret(actions.Action):
    """Take a password without saying that it is one."""

    def __init__(self, password):
        self.password = password

    def run(self, context):
        return None


@actions.hidden("password")
class Printing(actions.Action):
    """Print its password."""

    def __init__(self, password):
        self.password = password

    def run(self, context):
        sys.stdout.write(self.password)


class BadRepr(actions.Action):
    """Have a repr that fails."""

    def __repr__(self):
        raise KeyError("lost")

    def run(self, context):
        return None


@actions.action
def no_docstring(a: int) -> int:
    return a


@actions.action
def half_documented(a: int, b: int = 1, *, context: actions.ActionContext) -> int:
    """Do something.

    :param a: described.
    :param bb: misspelt.
    :param context: may be described.
    """
    return a + b


@actions.action
def unannotated(a, b: Any = None) -> None:
    """Take anything.

    :param a: whatever.
    :param b: whatever.
    """


@actions.action
def wrong_type(number: int) -> int:
    """Return something else than it says.

    :param number: whatever.
    """
    return "one"


@actions.action
def failing(name: str) -> None:
    """Fail.

    :param name: for the message.
    """
    raise actions.ActionException(f"no {name}")


@actions.action
def prints(password: actions.Secret[str]) -> None:
    """Print a secret.

    :param password: the secret.
    """
    sys.stdout.write(f"using {password}")


@actions.action
def swallows(seconds: float, *, context: actions.ActionContext) -> str:
    """Take a cancellation for a failure.

    :param seconds: how long to wait.
    """
    try:
        context.sleep(seconds)
    except Exception as e:
        raise actions.ActionException("could not wait") from e
    return "rested"


@actions.action
def deaf(*, context: actions.ActionContext) -> str:
    """Never look whether to stop."""
    if context.cancelled:
        STOP.wait(30)
    return "done"


@actions.action(timeout=60)
def deaf_with_timeout(*, context: actions.ActionContext) -> str:
    """Never look whether to stop, and have a deadline of its own."""
    if context.cancelled:
        STOP.wait(30)
    return "done"


def check(action, *examples, **options):
    """Return what a check finds, as (check, problem)."""
    with pytest.raises(ConformanceError, match="does not conform") as caught:
        check_action(action, examples, **options)
    assert all(f.remedy for f in caught.value.findings)
    return [(f.check, f.problem) for f in caught.value.findings]


def left_out(report, check):
    return [text for text in report.left_out if text.startswith(f"{check}: ")]


# -- clean


def test_a_good_function_passes_every_check():
    report = check_action(good, GOOD_EXAMPLES, environment=with_nova)
    assert report.action == "good"
    assert report.findings == ()
    assert report.left_out == ()
    assert report.checks == (
        "examples",
        "documented",
        "schema",
        "input",
        "wire",
        "result",
        "secrets",
        "cancel",
        "test",
    )


def test_a_good_class_passes_what_can_be_checked():
    report = check_action(Clean, [({"words": ["a", "b"]}, "a b")])
    assert report.findings == ()
    assert len(report.left_out) == 4
    assert left_out(report, "schema") == ["schema: a class has no types to make a schema of"]


def test_an_action_without_required_parameters_needs_no_example():
    assert check_action(ReturnsNothing).findings == ()


class ReturnsNothing(actions.Action):
    """Return nothing."""

    def run(self, context):
        return None


def test_an_async_action_passes():
    assert check_action(asynchronous, [({"name": "a"}, "A")]).findings == ()


@actions.action
async def asynchronous(name: str) -> str:
    """Shout.

    :param name: what.
    """
    return name.upper()


def test_a_descriptor_may_be_checked():
    descriptor = actions.PythonActionDescriptor("demo.clean", Clean, namespace="")
    assert check_action(descriptor, [{"words": []}]).action == "demo.clean"


# -- what can't be checked at all


@pytest.mark.parametrize("thing", [42, "demo.nothing", Clean(["a"])])
def test_what_is_no_action_to_check_is_refused(thing):
    with pytest.raises(actions.ActionNotFound, match="There is no action to check in"):
        check_action(thing)


def test_an_example_of_an_odd_form_is_refused():
    with pytest.raises(TypeError, match=r"Example 2 must be a dictionary.*got str"):
        check_action(Clean, [{"words": []}, "words"])


def test_examples_that_the_action_refuses_are_found():
    assert check(Clean, {"wrds": []}, {"words": []}) == [
        (
            "examples",
            "example 1 is refused: Invalid input [name=Clean, class="
            f"{__name__}.Clean, missing=['words'], unexpected=['wrds']]. No parameter 'wrds': did "
            "you mean 'words'?",
        )
    ]


def test_the_lack_of_examples_is_found():
    assert check(Clean) == [
        ("examples", "there is no usable example, so hardly anything could be checked")
    ]


def test_the_error_lists_each_finding_with_its_remedy():
    with pytest.raises(ConformanceError) as caught:  # noqa: PT011 - the whole text follows
        check_action(half_documented, [{"a": 1}])
    assert str(caught.value) == (
        "Action 'half_documented' does not conform (2 findings):\n"
        "  documented: parameter 'b' is not described\n"
        '    remedy: add ":param b: ..." to the docstring\n'
        "  documented: the docstring describes 'bb', which is no parameter: did you mean 'b'?\n"
        "    remedy: describe the parameters that there are"
    )
    assert caught.value.report.findings == caught.value.findings


# -- documented


@pytest.mark.parametrize("cls", [Undocumented, Derived])
def test_a_class_without_a_docstring_is_found(cls):
    assert check(cls) == [("documented", "there is no docstring")]


def test_a_function_without_a_docstring_is_found():
    assert check(no_docstring, {"a": 1}) == [
        ("documented", "there is no docstring"),
        ("documented", "parameter 'a' is not described"),
    ]


# -- schema


class Odd:
    """Looks like a pydantic model, and makes a schema that is none."""

    @classmethod
    def model_validate(cls, value):
        if not isinstance(value, dict):
            raise ValueError("no object")
        return cls()

    def model_dump(self, mode):
        return {}

    @classmethod
    def model_json_schema(cls):
        return {"type": "strin", "properties": {"x": {"$ref": "#/$defs/Nowhere"}}}


def test_an_invalid_schema_is_found():
    @actions.action
    def odd(thing: Odd) -> None:
        """Take something odd.

        :param thing: it.
        """

    found = check(odd, {"thing": {}})
    assert [problem for name, problem in found if name == "schema"] == [
        "the input schema is invalid at #/properties/thing/type: expected one or several of "
        "array, boolean, integer, null, number, object, string, got 'strin'",
        "the input schema is invalid at #/properties/thing/properties/x/$ref: "
        "'#/$defs/Nowhere' refers to nothing in this schema",
    ]
    # It is made inside this test.
    assert {name for name, _ in found} == {"schema", "wire"}


# -- input


class LaxDescriptor(ActionDescriptorBase):
    """Makes the action of what it gets, without a look at it."""

    def check_parameters(self, params):
        pass

    def instantiate(self, input_dict, wf_ctx):
        return ReturnsNothing()


class VagueDescriptor(LaxDescriptor):
    """Refuses without a word about what is wrong."""

    def check_parameters(self, params):
        if params != {"a": 1}:
            raise actions.InvalidInput("no")


class CrashingDescriptor(LaxDescriptor):
    """Refuses with the first error that comes."""

    def check_parameters(self, params):
        if params.keys() - {"a"}:
            raise TypeError("no_such_parameter")
        params["a"]


def test_input_that_is_accepted_though_wrong_is_found():
    assert check(LaxDescriptor("demo.lax", "Lax.", "a, b=1"), {"a": 1}) == [
        ("input", "parameter 'no_such_parameter': an unknown parameter is accepted"),
        ("input", "parameter 'a': its absence is accepted"),
    ]


def test_a_refusal_that_does_not_name_the_parameter_is_found():
    assert check(VagueDescriptor("demo.vague", "Vague.", "a, b=1"), {"a": 1}) == [
        (
            "input",
            "parameter 'no_such_parameter': an unknown parameter is refused without naming it: no",
        ),
        ("input", "parameter 'a': its absence is refused without naming it: no"),
    ]


def test_a_refusal_by_an_odd_error_is_found():
    assert check(CrashingDescriptor("demo.crash", "Crash.", "a"), {"a": 1}) == [
        (
            "input",
            "parameter 'no_such_parameter': an unknown parameter ends in TypeError: "
            "no_such_parameter",
        ),
        ("input", "parameter 'a': its absence ends in KeyError: 'a'"),
    ]


def test_a_parameter_without_annotation_is_found():
    assert check(unannotated, {"a": 1}) == [
        ("input", "parameter 'a' has no annotation, so any value is accepted")
    ]


def test_a_descriptor_that_does_not_say_its_parameters_is_left_out():
    report = check_action(LaxDescriptor("demo.lax", "Lax.", None))
    assert left_out(report, "input") == [
        "input: the descriptor does not say which parameters there are"
    ]


def test_parameters_of_any_name_are_not_tried():
    @actions.action
    def open_ended(**kw: int) -> None:
        """Take anything."""

    assert {name for name, _ in check(open_ended)} == {"wire"}


# -- wire


def test_an_attribute_that_does_not_arrive_equal_is_found():
    assert check(KeepsTuple, {"words": ["a"]}) == [
        ("wire", "example 1: the action changes: $.words: tuple ('a',) arrives as list ['a']")
    ]


def test_an_action_that_can_not_be_named_on_the_wire_is_found():
    @actions.action
    def local() -> None:
        """Be local."""

    ((name, problem),) = check(local)
    assert name == "wire"
    assert "can't be named on the wire" in problem


def test_a_local_class_that_would_arrive_as_another_is_found():
    class Local(Clean):
        """Join words, otherwise."""

        def __init__(self, words):
            super().__init__(words, "-")

    assert check(Local, {"words": []}) == [
        (
            "wire",
            "example 1: test_a_local_class_that_would_arrive_as_another_is_found.<locals>.Local "
            "arrives as Clean",
        )
    ]


def test_a_context_that_does_not_arrive_equal_is_found():
    def environment():
        return ActionEnvironment(actions.SecurityContext(roles=("admin",)))

    assert check(ReturnsNothing, environment=environment) == [
        (
            "wire",
            "the context changes: $.security.roles: tuple ('admin',) arrives as list ['admin']",
        )
    ]


# -- result


def test_an_unexpected_answer_is_found():
    assert check(Clean, ({"words": ["a"]}, "b")) == [("result", "example 1: expected 'b', got 'a'")]


def test_an_unexpected_failure_is_found():
    ((name, problem),) = check(failing, {"name": "disk"})
    assert name == "result"
    assert problem.startswith("example 1 fails: ")
    assert "no disk" in problem


def test_an_expected_failure_conforms():
    assert check_action(failing, [({"name": "a"}, actions.ActionException)]).findings == ()


def test_a_failure_of_another_kind_than_expected_is_found():
    ((name, problem),) = check(failing, ({"name": "a"}, actions.ActionTimeout))
    assert name == "result"
    assert problem.startswith("example 1: expected ActionTimeout, got Result")


def test_a_failure_that_was_renamed_for_a_server_does_not_change_what_is_expected():
    @server_errors.facing_the_server
    def late():
        raise actions.ActionTimeout("late")

    with pytest.raises(actions.ActionTimeout, match="late") as caught:
        late()
    # From now on, there is a class of that name derived from ActionTimeout.
    assert type(caught.value).__name__ == "ActionException"
    ((name, _),) = check(failing, ({"name": "a"}, actions.ActionTimeout))
    assert name == "result"


def test_success_where_a_failure_was_expected_is_found():
    ((name, problem),) = check(Clean, ({"words": []}, ValueError))
    assert name == "result"
    assert problem.startswith("example 1: expected ValueError, got Result")


def test_data_that_does_not_fit_the_annotation_is_found():
    ((name, problem),) = check(wrong_type, {"number": 1})
    assert name == "result"
    assert problem.startswith("example 1: its data does not fit int: ")


@pytest.mark.parametrize(
    ("cls", "problem"),
    [
        (ReturnsTuple, "example 1: its data is not JSON-ready: $: tuple (1, 2) arrives as list"),
        (
            ReturnsObject,
            "example 1: its data is not JSON-ready: A value of type dict can't be",
        ),
    ],
)
def test_data_that_is_not_json_ready_is_found(cls, problem):
    ((name, found),) = check(cls)
    assert name == "result"
    assert found.startswith(problem)


def test_an_error_that_is_not_json_ready_is_found():
    found = check(FailsWithSet)
    assert [name for name, _ in found] == ["result", "result"]
    assert found[1][1].startswith("example 1: its error is not JSON-ready: $.missing: set")


def test_the_result_of_a_late_answer_is_not_compared():
    assert check_action(late).findings == ()


@actions.action(sync=False)
def late() -> int:
    """Answer later."""
    return None


# -- secrets


def test_a_leak_is_found_with_the_examples_value_and_an_invented_one(capsys):
    ((name, problem),) = check(prints, {"password": "correct-horse"})
    assert name == "secrets"
    assert problem == (
        "example 1: parameter 'password' of prints shows in stdout (written): using ***"
    )
    assert "using canary-password-" in capsys.readouterr().out


def test_a_leak_of_a_class_is_found():
    ((name, problem),) = check(Printing, {"password": "correct-horse"})
    assert name == "secrets"
    assert "shows in stdout" in problem


def test_a_secret_of_a_form_that_no_invented_value_has_is_tried_as_it_is(capsys):
    @actions.action
    def formed(key: actions.Secret[FormedKey]) -> None:
        """Print a key.

        :param key: it.
        """
        sys.stdout.write(key)

    found = check(formed, {"key": "key:abc-123-xyz"})
    assert ("secrets", "example 1: parameter 'key' of formed shows in stdout (written): ***") in (
        found
    )
    assert "canary" not in capsys.readouterr().out


def test_a_parameter_that_only_sounds_secret_is_found_unless_called_public():
    examples = [{"password": "correct-horse"}]
    assert check(SoundsSecret, *examples) == [
        ("secrets", "parameter 'password' sounds secret and is not declared so")
    ]
    public = functools.partial(ActionEnvironment, public=["password"])
    assert check_action(SoundsSecret, examples, environment=public).findings == ()


def test_a_secret_that_could_not_be_seen_is_found():
    @actions.action
    def formed(pin: actions.Secret[Pin]) -> None:
        """Take a PIN.

        :param pin: it.
        """

    found = dict(check(formed, {"pin": "1234"}))
    assert found["secrets"].startswith("example 1: Too short or too common to be found in text")


def test_the_context_of_the_environment_is_watched():
    @actions.action
    def tell(*, context: actions.ActionContext) -> None:
        """Print the token."""
        sys.stdout.write(context.security.auth_token)

    found = check(tell, environment=functools.partial(ActionEnvironment, auth_token="t0k-en-999"))
    assert ("secrets", "example 1: the context's token shows in stdout (written): ***") in found


def test_the_error_text_shows_no_secret_of_an_example():
    with pytest.raises(ConformanceError) as caught:  # noqa: PT011 - any text but the secret
        check_action(echo, [({"password": "correct-horse"}, "something else")])
    assert "correct-horse" not in str(caught.value)
    assert "got '***'" in str(caught.value)


@actions.action
def echo(password: actions.Secret[str]) -> str:
    """Return a secret.

    :param password: it.
    """
    return password


def test_a_secret_among_parameters_of_any_name_is_tried():
    @actions.action(secrets=["key"])
    def open_ended(**kw: str) -> None:
        """Take anything."""
        sys.stdout.write(kw["key"])

    assert (
        "secrets",
        "example 1: parameter 'key' of open_ended shows in stdout (written): ***",
    ) in check(open_ended, {"key": "correct-horse"})


def test_an_action_that_changes_its_input_spoils_no_example():
    class Emptying(actions.Action):
        """Empty a list."""

        def __init__(self, items):
            self.items = items

        def run(self, context):
            return [self.items.pop() for _ in range(len(self.items))]

    assert {name for name, _ in check(Emptying, ({"items": [1, 2]}, [2, 1]))} == {"wire"}


# -- cancel


@pytest.fixture
def let_go():
    """Let deaf actions end with the test."""
    STOP.clear()
    yield
    STOP.set()
    for thread in threading.enumerate():
        if thread.name.startswith("action-"):
            thread.join()


@pytest.mark.usefixtures("let_go")
@pytest.mark.parametrize("action", [deaf, deaf_with_timeout])
def test_an_action_that_goes_on_though_asked_to_stop_is_found(action):
    assert check(action, patience=0.05) == [
        ("cancel", "example 1, cancelled before it starts: it still runs after 0.05 seconds"),
        ("cancel", "example 1, past its deadline: it still runs after 0.05 seconds"),
    ]


def test_an_action_that_takes_a_cancellation_for_a_failure_is_found():
    ((check_name, problem),) = check(swallows, {"seconds": 5})
    assert check_name == "cancel"
    told = (
        "example 1, cancelled before it starts: it answers with the error ActionException: Result ["
    )
    assert problem.startswith(told)
    assert "'message': 'could not wait'" in problem


def test_a_failure_that_the_action_has_anyway_is_no_answer_to_a_cancellation():
    assert check_action(failing, [({"name": "a"}, actions.ActionException)]).findings == ()


# -- test


def dry(test):
    """Return an action whose run counts the things that its dry run added."""
    things = []

    def dry_run(context):
        return test(things, context)

    @actions.action(test=dry_run)
    def counting(*, context: actions.ActionContext) -> int:
        """Count."""
        return len(things)

    return counting


def found_in_test(action):
    return [problem for name, problem in check(action) if name == "test"]


def test_a_dry_run_that_leaves_a_trace_is_found():
    assert found_in_test(dry(lambda things, context: things.append(1))) == [
        "example 1: after test(), run() answers differently"
    ]


def test_a_dry_run_that_fails_where_the_run_succeeds_is_found():
    def test(things, context):
        raise actions.ActionException("not today")

    (problem,) = found_in_test(dry(test))
    assert problem.startswith("example 1: test() fails where run() succeeds: ")
    assert "not today" in problem


def test_a_dry_run_that_changes_the_context_is_found():
    def test(things, context):
        context.security.project_id = "other"

    assert found_in_test(dry(test)) == ["example 1: test() changes the context"]


def test_a_dry_run_that_shows_a_secret_is_found():
    (problem,) = found_in_test(
        dry(lambda things, context: sys.stdout.write(context.security.auth_token))
    )
    assert problem.startswith("example 1, test(): the context's token shows in stdout")


def test_a_dry_run_is_not_compared_where_each_run_answers_differently():
    numbers = itertools.count()

    class Counting(actions.Action):
        """Count its runs."""

        def run(self, context):
            return next(numbers)

        def test(self, context):
            return None

    with pytest.raises(ConformanceError, match="can't be named on the wire") as caught:
        check_action(Counting)
    assert left_out(caught.value.report, "test") == [
        "test: example 1: run() answers differently each time, so a trace would not be seen"
    ]


def test_without_a_dry_run_there_is_nothing_to_check():
    assert left_out(check_action(ReturnsNothing), "test") == ["test: the action offers no test()"]


# -- actions that break the checks


def test_an_action_that_breaks_the_checks_is_found():
    found = dict(check(BadRepr))
    told = "the check ended in KeyError: 'lost' (raised at "
    assert found["secrets"].startswith(told)
    assert "test_check_action.py:" in found["secrets"]


# -- evidence and remedies


class Wordy(actions.Action):
    """Answer at length."""

    def run(self, context):
        return actions.Result(error={"message": "x" * 500 + " the end", "password": "hunter2"})


class Runless(actions.Action):
    """Forgets to run."""


class Holder(actions.Action):
    """Keeps what has no JSON form."""

    def __init__(self):
        self.held = object()

    def run(self, context):
        return 1


class Opaque(ActionDescriptorBase):
    """Breaks while it checks."""

    def __init__(self):
        super().__init__("opaque", "Breaks.", "a", namespace="")

    def check_parameters(self, params):
        raise KeyError("no check")

    def instantiate(self, input_dict, wf_ctx):
        return Wordy()


class Boundless(actions.Action):
    """Return what JSON cannot represent."""

    def __init__(self, value=float("nan")):
        self.value = value

    def run(self, context):
        return {"a": [1, self.value]}


@actions.action
def mistaken() -> Any:
    """Return what has no JSON form."""
    return {"a": object()}


def findings_of(action, examples=({},)):
    with pytest.raises(ConformanceError, match="does not conform") as e:
        check_action(action, list(examples))
    return {(f.check, f.remedy): f.problem for f in e.value.findings}


def test_evidence_is_shown_whole_and_without_secrets():
    (problem,) = [p for (check, _), p in findings_of(Wordy).items() if check == "result"]
    assert "x" * 500 + " the end" in problem
    assert "hunter2" not in problem


@pytest.mark.parametrize(
    ("action", "check", "remedy", "evidence"),
    [
        (Runless, "result", "define run(self, context) in the class", "does not define run"),
        (
            Holder,
            "wire",
            "keep JSON-ready values in attributes, and convert them in run()",
            "the part at $['data']['held'] is of type object",
        ),
        (
            Boundless,
            "result",
            "return text, numbers, booleans, lists, objects with text keys, or None",
            "its data is not JSON-ready: $.a[1] is NaN, which JSON cannot represent",
        ),
        (
            mistaken,
            "result",
            "return text, numbers, booleans, lists, objects with text keys, or None",
            "at $.a: an object of builtins.object",
        ),
    ],
)
def test_remedy_is_for_what_was_found(action, check, remedy, evidence):
    assert evidence in findings_of(action)[check, remedy]


def test_broken_descriptor_is_told_with_the_place():
    found = findings_of(Opaque(), [{"a": 1}])
    problem = found["examples", "raise InvalidInput from check_parameters()"]
    assert "check_parameters() ends in KeyError: 'no check' (raised at" in problem
