# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The API as a stranger uses it: mypy reads this file, and nothing runs it."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, assert_type

from mistral_lib import actions, exceptions, serialization


@dataclasses.dataclass
class Report:
    """What came of it."""

    name: str
    size: int


@actions.action
def measure(path: str, *, limit: Annotated[int, actions.Param("Bytes", ge=1)] = 10) -> Report:
    return Report(path, limit)


@actions.action(secrets=["password"], timeout=5, tags=["demo"], deprecated="use demo.measure")
async def log_in(
    user: str, password: actions.Secret[str], context: actions.ActionContext
) -> dict[str, str]:
    context.check_cancelled()
    answer: Any = context.run("demo.measure", path=user)
    return {"user": user, "answer": str(answer)}


# A declared function is called with its own types, and carries its class.
assert_type(measure("x", limit=2), Report)
action: actions.Action = measure.action_class("x")
name: str = measure.__name__

# A wrong call is an error where it is written.
measure(5)  # type: ignore[arg-type]
measure("x", 2)  # type: ignore[call-arg]


@actions.hidden("password")
class Login(actions.Action):
    """An action as they were always written."""

    def __init__(self, user: str, password: str) -> None:
        super().__init__()
        self.user = user
        self.password = password

    def run(self, context: actions.ActionContext) -> actions.Result:
        return actions.Result(data={"project": context.security.project_id})


login: Login = Login("ann", "hunter2")

result = actions.Runner(wire=True, on_progress=print).run(measure, {"path": "x"}, timeout=1.5)
assert_type(result, actions.Result)
assert_type(result.is_success(), bool)

try:
    data: Any = actions.run(Login, {"user": "a", "password": "b"})
except exceptions.ActionException as error:
    assert_type(error.retryable, bool)
    assert_type(error.retry_after, "float | None")


class Provider(actions.ActionProvider):
    """Finds one action."""

    def find(
        self, action_name: str, namespace: str | None = None
    ) -> actions.ActionDescriptor | None:
        return next((d for d in self.find_all() if d.name == action_name), None)

    def find_all(
        self,
        namespace: str | None = None,
        limit: int | None = None,
        sort_fields: list[str] | None = None,
        sort_dirs: list[str] | None = None,
        filters: dict[str, Any] | None = None,
    ) -> list[actions.ActionDescriptor]:
        return [actions.PythonActionDescriptor("demo.measure", measure, namespace="")]


text: str | None = serialization.get_polymorphic_serializer().serialize(action)
provider = actions.CompositeActionProvider("all", [Provider("one")])
installed = actions.EntryPointActionProvider(allow=["demo.*"], deny=["*.secret_*"])
