# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A function declared an action: what it stays, what it becomes, how it runs."""

import asyncio
import dataclasses
import datetime
import enum
import functools
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any, Literal, TypedDict

import pytest

from mistral_lib import actions, serialization
from mistral_lib.actions import base
from mistral_lib.exceptions import InvalidDeclaration


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


@dataclasses.dataclass
class Server:
    name: str
    ports: list[int] = dataclasses.field(default_factory=list)


class Limits(TypedDict, total=False):
    cpu: int


@actions.action
def add(a: int, b: int = 1) -> int:
    """Add two numbers."""
    return a + b


@actions.action
async def double_later(value: int) -> int:
    """Double a number, asynchronously."""
    await asyncio.sleep(0)
    return value * 2


@actions.action
def typed(
    server: Server,
    color: Color,
    when: datetime.datetime,
    ident: uuid.UUID,
    raw: bytes,
    kinds: set[str],
    pair: tuple[int, str],
    mode: Literal["on", "off"] = "on",
    limits: Limits | None = None,
    untyped=None,
) -> dict[str, Any]:
    """Say the type of every value that arrived."""
    values = locals()
    return {name: type(value).__name__ for name, value in values.items()}


def run(action, *args, context=None, **params):
    """Run the generated class as a server does, without the runner."""
    return action.action_class(*args, **params).run(context)


def test_a_decorated_function_is_still_called_as_before():
    assert add(1, b=5) == 6
    assert add.__name__ == "add"
    assert asyncio.run(double_later(2)) == 4


def test_its_class_is_an_action_that_runs_the_function():
    assert issubclass(add.action_class, base.Action)
    assert run(add, a=2) == 3
    assert run(add, 2, 5) == 7
    assert run(double_later, value=4) == 8


def test_its_class_can_be_found_under_the_functions_name():
    cls = add.action_class
    assert (cls.__module__, cls.__name__) == (add.__module__, "add")
    assert cls.__doc__ == "Add two numbers."


def test_positional_only_keyword_only_and_extra_parameters_arrive():
    @actions.action
    def mixed(first: int, /, second: int, *, third: int = 3, **rest: int) -> list[Any]:
        return [first, second, third, rest]

    assert run(mixed, first=1, second=2, other=4) == [1, 2, 3, {"other": 4}]


@pytest.mark.parametrize("name", ["run", "test", "is_sync", "self", "context", "name", "cls"])
def test_a_parameter_may_have_any_name(name):
    @actions.action
    def anything(**values: int) -> dict[str, int]:
        return values

    action = anything.action_class(**{name: 1})
    assert action.run(None) == {name: 1}
    assert action.is_sync() is True


def test_injected_parameters_are_filled_in_and_show_nowhere():
    @actions.action
    def who(
        greeting: str,
        context: actions.ActionContext,
        security: actions.SecurityContext,
        execution: actions.ExecutionContext | None,
        upper: Annotated[str, actions.Inject(lambda c: c.security.user_name.upper())],
    ) -> list[str]:
        assert context.security is security
        return [greeting, security.user_name, execution.workflow_name, upper]

    context = actions.ActionContext(
        actions.SecurityContext(user_name="ann"), actions.ExecutionContext(workflow_name="wf")
    )
    assert run(who, greeting="hi", context=context) == ["hi", "ann", "wf", "ANN"]
    descriptor = actions.PythonActionDescriptor("who", who)
    assert descriptor.params_spec == "greeting"
    assert list(descriptor.declaration.contract.input_schema()["properties"]) == ["greeting"]


def test_values_arrive_as_their_types():
    arrived = run(
        typed,
        server={"name": "a", "ports": [1]},
        color="red",
        when="2026-01-02T03:04:05",
        ident="12345678-1234-5678-1234-567812345678",
        raw="aGk=",
        kinds=["x", "y"],
        pair=[1, "z"],
        limits={"cpu": 2},
        untyped=[1],
    )
    assert arrived == {
        "server": "Server",
        "color": "Color",
        "when": "datetime",
        "ident": "UUID",
        "raw": "bytes",
        "kinds": "set",
        "pair": "tuple",
        "mode": "str",
        "limits": "dict",
        "untyped": "list",
    }


def test_typed_values_may_be_passed_too_and_are_kept_json_ready():
    zone = datetime.timezone(datetime.timedelta(hours=2))

    @actions.action
    def echo(server: Server, color: Color, when: datetime.datetime, raw: bytes) -> list[Any]:
        return [server, color, when, raw]

    moment = datetime.datetime(2026, 1, 2, tzinfo=zone)
    action = echo.action_class(Server("a"), Color.BLUE, moment, b"\xff")
    assert vars(action) == {
        "server": {"name": "a", "ports": []},
        "color": "blue",
        "when": "2026-01-02T00:00:00+02:00",
        "raw": "/w==",
    }
    assert action.run(None) == [{"name": "a", "ports": []}, "blue", vars(action)["when"], "/w=="]


def test_a_mutable_default_is_new_for_every_run():
    @actions.action
    def collect(item: int, into: list[int] = []) -> list[int]:  # noqa: B006 - what is tested
        into.append(item)
        return into

    assert run(collect, item=1) == [1]
    assert run(collect, item=2) == [2]


def test_bad_input_is_reported_from_run_and_not_by_the_constructor():
    result = run(add, a="5", z=1)
    assert result.is_error()
    assert result.error["type"] == "InvalidInput"
    assert "parameter 'a' must be int, got str" in result.error["message"]
    assert "there is no parameter 'z'" in result.error["message"]


def test_what_it_returns_becomes_plain_data():
    @actions.action
    def make() -> Server:
        return Server("a", [1])

    assert run(make) == {"name": "a", "ports": [1]}


def test_a_returned_result_is_handed_on():
    @actions.action
    def refuse() -> Any:
        return actions.Result(error="no")

    assert run(refuse) == actions.Result(error="no")


def test_what_has_no_json_form_is_an_error_that_says_where():
    @actions.action
    def odd() -> Any:
        return {"a": [1, {"b": object()}]}

    result = run(odd)
    assert result.error["type"] == "InvalidOutput"
    assert "at $.a[1].b" in result.error["message"]


def test_any_context_will_do():
    class Mock:
        security = None

    assert run(add, a=1, context=Mock()) == 2


def test_it_crosses_the_wire():
    serializer = serialization.get_polymorphic_serializer()
    action = add.action_class(a=1, b=2)
    copy = serializer.deserialize(serializer.serialize(action))
    assert type(copy) is add.action_class
    assert vars(copy) == {"a": 1, "b": 2}


def test_a_dry_run_gets_the_same_values():
    def plan(server: Server) -> str:
        return f"would make {server.name}"

    @actions.action(test=plan)
    def make(server: Server) -> str:
        raise AssertionError("the real thing ran")

    assert make.action_class(server={"name": "x"}).test(None) == "would make x"
    assert not hasattr(add.action_class, "test")


def test_an_action_completed_later_is_not_sync():
    @actions.action(sync=False)
    def start() -> None:
        return None

    assert start.action_class().is_sync() is False


def test_a_deprecated_action_says_so_in_the_log_once(caplog):
    @actions.action(deprecated="use demo.new")
    def old_one() -> None:
        return None

    run(old_one)
    run(old_one)
    assert [r.getMessage() for r in caplog.records] == [
        "Action 'old_one' is deprecated: use demo.new"
    ]


class Opaque:
    pass


def declare(function, **options):
    return actions.action(**options)(function) if options else actions.action(function)


def bad_union(value: str | datetime.datetime): ...


def bad_union_of_dataclasses(value: Server | dataclasses.make_dataclass("Other", ["x"])): ...


def bad_type(value: list[Opaque]): ...


def bad_constraint(value: Annotated[str, actions.Param(ge=1)]): ...


def bad_default(value=object()): ...  # noqa: B008 - what is tested


def bad_mutable_default(value: list = [object()]): ...  # noqa: B006, B008 - what is tested


def bad_nan(value: float = float("nan")): ...


def misfit_default(value: int = "5"): ...


def bad_return() -> Opaque: ...


def bad_varargs(*value: int): ...


def bad_name(value: "NoSuchName"): ...  # noqa: F821 - what is tested


def bad_secret_default(value: actions.Secret[str] = "hunter2"): ...


def bad_context(name, context): ...


def bad_optional_context(name, *, context=None): ...


@pytest.mark.parametrize(
    ("function", "match"),
    [
        (bad_context, "'bad_context', parameter 'context': .*write 'context: ActionContext'"),
        (bad_optional_context, "'bad_optional_context', parameter 'context': .*no annotation"),
        (bad_union, "'bad_union', parameter 'value': .*more than one str-like"),
        (bad_union_of_dataclasses, "'value': .*more than one dataclass"),
        (bad_type, "'bad_type', parameter 'value': .*Opaque have no JSON form"),
        (bad_constraint, "'value': .*ge.*numeric"),
        (bad_default, "'value': its default of type object is not JSON-serializable"),
        (bad_mutable_default, "'value': its default of type list is not JSON-serializable"),
        (bad_nan, "'value': its default of type float is not JSON-serializable"),
        (misfit_default, "'value': its default doesn't fit its type: Expected `int`"),
        (bad_return, "'bad_return', its return value: .*Opaque have no JSON form"),
        (bad_varargs, r"'\*value': .*use a list parameter"),
        (bad_name, "'value': .*'NoSuchName'.* can't be resolved"),
        (bad_secret_default, "'value': a secret can't have a default"),
    ],
)
def test_a_bad_declaration_fails_at_import_naming_function_and_parameter(function, match):
    with pytest.raises(InvalidDeclaration, match=match):
        declare(function)


def test_a_parameter_may_be_called_context_if_it_says_what_it_is():
    def named(context: dict): ...

    def free(context: Any): ...

    def others(ctx, **context): ...

    def spec(function):
        return actions.PythonActionDescriptor("x", declare(function)).params_spec

    assert (spec(named), spec(free)) == ("context", "context")
    assert spec(others) == "ctx, **context"


def good(value: int): ...


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"secrets": ["pasword"]}, "'pasword'.*no such parameter; it takes value"),
        ({"secrets": "value"}, "option 'secrets' must be a list of names"),
        ({"tags": 5}, "option 'tags' must be a list of names, got 5"),
        ({"tags": 0}, "option 'tags' must be a list of names, got 0"),
        ({"secrets": ""}, "option 'secrets' must be a list of names, got ''"),
        ({"timeout": 0}, "option 'timeout' must be a number of seconds above 0"),
        ({"timeout": "5"}, "option 'timeout' must be a number"),
        ({"name": ""}, "option 'name' must be text"),
        ({"idempotent": 1}, "option 'idempotent' must be True or False"),
        ({"retries": 3}, "option 'retries' is unknown; there are .*timeout"),
        ({"test": lambda other: None}, "'test' must take the same parameters"),
    ],
)
def test_a_bad_option_fails_at_import(options, match):
    with pytest.raises(InvalidDeclaration, match=match):
        declare(good, **options)


def test_an_option_of_none_is_none_at_all():
    declaration = declare(good, secrets=None, tags=None).action_class._declaration
    assert (declaration.secrets, declaration.tags) == (frozenset(), frozenset())


def test_only_functions_that_return_can_be_declared():
    def generates():
        yield 1

    with pytest.raises(InvalidDeclaration, match="is a generator function"):
        declare(generates)
    with pytest.raises(InvalidDeclaration, match="can't take a lambda"):
        declare(lambda: 1)
    with pytest.raises(InvalidDeclaration, match="goes on a function, got type"):
        declare(Server)


def test_tuples_leave_as_lists():
    @actions.action
    def pair() -> tuple[int, dict[str, Any]]:
        return 1, {"a": (2, [3])}

    assert run(pair) == [1, {"a": [2, [3]]}]


def test_a_value_of_another_type_is_what_the_wire_makes_of_it():
    @actions.action
    def echo(text: str, untyped=None) -> list[Any]:
        return [text, untyped]

    moment = datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone.utc)
    assert run(echo, text=b"hi", untyped=b"ho") == ["hi", "ho"]
    assert run(echo, text="x", untyped=moment) == ["x", "2026-01-02T00:00:00.000000"]


def test_names_are_resolved_where_a_wrapped_function_was_written():
    namespace = {"functools": functools}
    source = """
def logged(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)
    return wrapper
"""
    exec(source, namespace)

    def measure(server: "Server", context: "actions.ActionContext") -> "Server":
        return server

    wrapped = actions.action(namespace["logged"](measure))
    assert run(wrapped, server={"name": "a"}) == {"name": "a", "ports": []}


def test_a_decorator_above_the_declaration_is_no_action():
    @functools.wraps(add)
    def wrapper(*args, **kwargs):
        return add(*args, **kwargs)

    with pytest.raises(actions.ActionNotFound, match=r"@action \(above all other decorators\)"):
        actions.run(wrapper, {"a": 1})


def test_a_method_is_refused():
    with pytest.raises(InvalidDeclaration, match=r"declared inside class .*Holder"):

        class Holder:
            @actions.action
            def method(self, a: int) -> int:
                return a


def test_text_in_an_annotation_describes_the_parameter():
    @actions.action
    def sized(
        count: Annotated[int, "How many"], context: Annotated[actions.ActionContext, "x"]
    ): ...

    schema = sized.action_class._declaration.contract.input_schema()
    assert schema["properties"] == {"count": {"type": "integer", "description": "How many"}}


class Predicate:
    """As the annotated-types package has it: a check by a function."""

    def __init__(self, func):
        self.func = func


Predicate.__module__ = "annotated_types"


@pytest.mark.parametrize(
    ("annotation", "match"),
    [
        (Annotated[str, Predicate(str.islower)], "the check .* can't be made here"),
        (dict[bool, str], "keys of a JSON object are text: .* bool"),
        (dict[tuple[int, int], str], "keys of a JSON object are text"),
    ],
)
def test_what_could_not_be_enforced_is_refused(annotation, match):
    def take(value): ...

    take.__annotations__["value"] = annotation
    with pytest.raises(InvalidDeclaration, match=f"'take', parameter 'value': .*{match}"):
        actions.action(take)


def test_a_malformed_constraint_is_refused_where_it_is_written():
    with pytest.raises(InvalidDeclaration, match=r"Param: .*unterminated"):
        actions.Param(pattern="(")


def test_a_function_that_would_end_its_process_fails_in_a_thread_of_a_server():
    """An executor runs actions in threads that catch Exception alone."""

    @actions.action
    def leave(code: int) -> None:
        """Do what a script's main function would."""
        raise SystemExit(code)

    action = leave.action_class(code=3)
    with ThreadPoolExecutor(1) as executor:
        result = executor.submit(action.run, actions.ActionContext()).result()
    assert result.error["message"] == "The action raised SystemExit: 3"
    with pytest.raises(SystemExit, match="3"):
        action.run(actions.ActionContext())
