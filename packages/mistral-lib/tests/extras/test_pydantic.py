# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""pydantic models in annotations, where pydantic is installed."""

from typing import Annotated

import pydantic
import pytest

from mistral_lib import actions
from mistral_lib.exceptions import InvalidDeclaration, InvalidInput


class Port(pydantic.BaseModel):
    """A port."""

    number: int = pydantic.Field(ge=1, le=65535)


class Host(pydantic.BaseModel):
    """A host."""

    name: str
    ports: list[Port] = []


@actions.action
def describe(host: Host, spare: Host | None = None) -> Host:
    """Return the host as it came.

    :param host: any host.
    """
    assert isinstance(host, Host)
    return host


DESCRIPTOR = actions.PythonActionDescriptor("describe", describe)


def test_models_arrive_as_models_and_leave_as_data():
    data = {"name": "a", "ports": [{"number": 80}]}
    assert actions.run(describe, {"host": data, "spare": {"name": "b"}}) == data
    assert actions.run(describe, {"host": Host(name="b")}) == {"name": "b", "ports": []}


def test_what_does_not_fit_is_said_on_one_line_with_its_path_and_value():
    problem = r"parameter 'host.ports\[0\].number' does not fit Host: .*65535, got int 99999999$"
    with pytest.raises(InvalidInput, match=problem) as e:
        DESCRIPTOR.check_parameters({"host": {"name": "a", "ports": [{"number": 99999999}]}})
    assert "\n" not in str(e.value)


class Login(pydantic.BaseModel):
    """A login, with a check that quotes what it refuses."""

    user: str
    token: pydantic.SecretStr
    port: int = 1

    @pydantic.field_validator("token")
    @classmethod
    def check_token(cls, token):
        if len(token.get_secret_value()) < 20:
            raise ValueError(f"{token.get_secret_value()} is too short")
        return token


@actions.action
def log_in(login: Login, again: list[Login] | None = None) -> None:
    """Log in."""


@pytest.mark.parametrize(
    ("login", "problems"),
    [
        (
            {"user": 5, "token": "hunter2hunter2"},
            [
                "'login.user' does not fit Login: Input should be a valid string, got int",
                "'login.token' does not fit Login: a check of Login refuses it, got str",
            ],
        ),
        (
            {"token": ["hunter2hunter2"], "port": "hunter2hunter2"},
            [
                "'login.user' does not fit Login: Field required",
                "'login.token' does not fit Login: Input should be a valid string, got list",
                "'login.port' does not fit Login: Input should be a valid integer",
            ],
        ),
    ],
)
def test_model_with_a_secret_keeps_fields_and_reasons(login, problems):
    descriptor = actions.PythonActionDescriptor("log_in", log_in)
    for params in ({"login": login}, {"login": {**login, "extra": 1}, "again": [login]}):
        with pytest.raises(InvalidInput, match="Invalid input of action 'log_in'") as e:
            descriptor.check_parameters(params)
        assert "hunter2" not in str(e.value)
        for problem in problems:
            assert problem in str(e.value)


def test_the_schema_is_the_models_own():
    schema = DESCRIPTOR.declaration.contract.input_schema()
    assert schema["properties"]["host"]["description"] == "any host."
    assert schema["$defs"]["Port"]["properties"]["number"]["maximum"] == 65535


def test_two_models_in_a_union_are_refused():
    def either(value: Host | Port): ...

    with pytest.raises(InvalidDeclaration, match="'either', parameter 'value'"):
        actions.action(either)


def test_constraints_of_pydantics_field_hold_on_plain_parameters():
    @actions.action
    def take(count: Annotated[int, pydantic.Field(ge=1)]): ...

    with pytest.raises(InvalidInput, match="parameter 'count' must be int >= 1, got int"):
        actions.PythonActionDescriptor("take", take).check_parameters({"count": 0})


class Account(pydantic.BaseModel):
    """An account."""

    name: str = ""
    password: pydantic.SecretStr
    key: pydantic.SecretBytes = pydantic.SecretBytes(b"")
    old: dict[int, list[pydantic.SecretStr]] = {}
    number: pydantic.Secret[int] | None = None


class Aliased(pydantic.BaseModel):
    """A secret under other names."""

    pw: actions.Secret[str] = pydantic.Field(
        validation_alias=pydantic.AliasChoices("passWord", pydantic.AliasPath("all", 0))
    )


SECRET = "hunter2-Zx9"


@actions.action
def leak(account: Account | None = None, aliased: Aliased | None = None) -> None:
    """Say what should not be said."""
    values = (account and (account.password.get_secret_value(), account.old), aliased)
    raise actions.ActionException(f"got {values}")


@pytest.mark.parametrize(
    "params",
    [
        {"account": {"password": SECRET}},
        {"aliased": {"passWord": SECRET}},
        {"aliased": {"all": [SECRET]}},
    ],
)
def test_secrets_of_models_show_nowhere(params):
    assert "***" in actions.Runner().run(leak, params).error["message"]
    assert SECRET not in str(actions.Runner().run(leak, params).error)
    assert SECRET not in repr(leak.action_class(**params))


def test_a_model_given_as_such_arrives_with_its_secrets():
    arrived = []

    @actions.action
    def take(account: Account) -> None:
        arrived.append(account)

    account = Account(
        password=SECRET, key=b"key-of-mine", old={1: ["old-password"], 2: []}, number=12345678
    )
    actions.run(take, {"account": account})
    assert arrived == [account]
    assert SECRET not in repr(take.action_class(account=account))


class Aliased(pydantic.BaseModel):
    number: int = pydantic.Field(1, alias="Number")


def test_an_alias_is_the_name_outside_and_loses_nothing():
    @actions.action
    def pass_on(port: Aliased) -> Aliased:
        return port

    passed = actions.run(pass_on, {"port": Aliased(Number=7)})
    assert passed == {"Number": 7}
    assert actions.run(pass_on, {"port": passed}) == {"Number": 7}


class Fetch(pydantic.BaseModel, actions.Action):
    """A class action whose other base shows every value in its repr."""

    url: str
    auth: str

    def run(self, context):
        """Do nothing."""


def test_the_repr_of_an_action_that_is_a_model_shows_no_values():
    action = Fetch(url="https://node1/CANARY-1", auth="CANARY-2")
    assert "CANARY" not in f"{action!r} {action} {[action]}"
    assert "Fetch" in repr(action)
