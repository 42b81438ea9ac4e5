# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The server's API, as much of it as running workflows takes, by the standard library alone."""

from __future__ import annotations

import http.client
import json
import time
import urllib.parse
from typing import Any

from tools.supervision.errors import SupervisionError

__all__ = ["Api", "ApiError"]

_PAUSE = 0.05
_FINAL = ("SUCCESS", "ERROR", "CANCELLED")


class ApiError(Exception):
    """An answer that is no success.

    :param status: of HTTP.
    :param text: what the server said.
    """

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status}: {text}")
        self.status = status
        self.text = text


class Api:
    """A client.

    :param url: as ``http://127.0.0.1:18989/v2``.
    :param token: sent with each request where the server asks for one.
    """

    def __init__(self, url: str, token: str | None = None) -> None:
        self._url = urllib.parse.urlsplit(url)
        self._token = token

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        kind: str = "application/json",
        **query: Any,
    ) -> Any:
        """Send a request and return what the answer's JSON says, or None.

        :param body: JSON-ready, or text where ``kind`` says another type.
        :raises ApiError: the answer's status is 400 or more.
        """
        headers = {"Content-Type": kind}
        if self._token:
            headers["X-Auth-Token"] = self._token
        text = json.dumps(body) if kind == "application/json" and body is not None else body
        target = f"{self._url.path}/{path}"
        if query:
            target += "?" + urllib.parse.urlencode(query)
        connection = http.client.HTTPConnection(self._url.netloc, timeout=120)
        try:
            connection.request(method, target, text.encode() if text else None, headers)
            answer = connection.getresponse()
            said = answer.read().decode()
        finally:
            connection.close()
        if answer.status >= 400:
            raise ApiError(answer.status, said)
        return json.loads(said) if said else None

    def get(self, path: str, **query: Any) -> Any:
        """Return what is at a path below ``/v2``."""
        return self.request("GET", path, **query)

    def add_workflows(self, text: str, namespace: str = "") -> None:
        """Upload workflow definitions; those of the same names are replaced."""
        self.request(
            "POST" if self._none_known(text, namespace) else "PUT",
            "workflows",
            text,
            kind="text/plain",
            namespace=namespace,
        )

    def _none_known(self, text: str, namespace: str) -> bool:
        answer = self.get("workflows", namespace=f"eq:{namespace}", fields="name")
        known = {workflow["name"] for workflow in answer["workflows"]}
        return not any(f"\n{name}:" in text for name in known)

    def execute(self, workflow: str, given: Any = None, **details: Any) -> str:
        """Start a workflow; return the id of its execution.

        :param given: the workflow's input.
        :param details: further fields of the execution, as ``workflow_namespace``, ``params``.
        """
        body = {"workflow_name": workflow, "input": given or {}, **details}
        started: str = self.request("POST", "executions", body)["id"]
        return started

    def wait(self, execution: str, seconds: float = 60) -> dict[str, Any]:
        """Return an execution when it is done, with ``output`` read.

        :raises SupervisionError: when it is not done in time.
        """
        begin = time.monotonic()
        while True:
            found: dict[str, Any] = self.get(f"executions/{execution}")
            if found["state"] in _FINAL:
                return found | {"output": json.loads(found["output"])}
            waited = time.monotonic() - begin
            if waited > seconds:
                raise SupervisionError(
                    f"execution {execution} of {found['workflow_name']} is {found['state']} after "
                    f"{seconds:.0f} s"
                )
            # An answer costs the server more than many an action.
            time.sleep(min(max(waited / 10, _PAUSE), 1.0))

    def run(
        self, workflow: str, given: Any = None, *, seconds: float = 60, **details: Any
    ) -> dict[str, Any]:
        """Run a workflow to its end; see :meth:`execute` and :meth:`wait`."""
        return self.wait(self.execute(workflow, given, **details), seconds)

    def tasks(self, execution: str) -> dict[str, dict[str, Any]]:
        """Return the tasks of a workflow execution by name, each with ``result`` read."""
        listed = self.get(f"executions/{execution}/tasks")["tasks"]
        found = [self.get(f"tasks/{task['id']}") for task in listed]
        return {task["name"]: task | {"result": json.loads(task["result"])} for task in found}

    def run_action(self, name: str, params: Any = None, **details: Any) -> dict[str, Any]:
        """Run a single action; return its execution, with ``output`` read."""
        body = {"name": name, "input": json.dumps(params or {}), "params": {"save_result": True}}
        made = self.request("POST", "action_executions", body | details)
        end = time.monotonic() + 60
        while made["state"] not in _FINAL and time.monotonic() < end:
            time.sleep(_PAUSE)
            made = self.get(f"action_executions/{made['id']}")
        read: dict[str, Any] = made | {"output": json.loads(made["output"])}
        return read

    def all_actions(self, page: int = 100, **filters: Any) -> list[dict[str, Any]]:
        """Return every action, page by page."""
        found: list[dict[str, Any]] = []
        marker: dict[str, str] = {}
        while True:
            answer = self.get("actions", limit=page, **filters, **marker)
            # The page after an action begins with it once more.
            found += answer["actions"][1 if marker else 0 :]
            following = urllib.parse.urlsplit(answer.get("next", "")).query
            if not following or len(answer["actions"]) < 2:
                return found
            marker = {"marker": urllib.parse.parse_qs(following)["marker"][0]}
