# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""An invented identity and workflow run, the same in every test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mistral_lib.actions import context as contexts
from mistral_lib.actions import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["make_context", "make_execution", "make_security"]

_PROJECT_ID = "10000000000040008000000000000001"
_USER_ID = "20000000000040008000000000000002"


def make_security() -> contexts.SecurityContext:
    """Return an identity that opens no door; its token is unlike any other text."""
    expires_at = "2099-12-31T23:59:59.000000Z"
    return contexts.SecurityContext(
        # Reserved for tests: nothing answers there (RFC 2606).
        auth_uri="https://keystone.test/v3",
        insecure=False,
        service_catalog={
            "catalog": [],
            "expires_at": expires_at,
            "project": {"id": _PROJECT_ID, "name": "demo"},
            "user": {"id": _USER_ID, "name": "demo"},
        },
        region_name="RegionOne",
        is_trust_scoped=False,
        redelivered=False,
        expires_at=expires_at,
        is_target=False,
        project_id=_PROJECT_ID,
        project_name="demo",
        user_name="demo",
        auth_token="gAAAAABm0ckT0ken-of-mistral_lib.testing-4eCx7Rw2",
    )


def make_execution() -> contexts.ExecutionContext:
    """Return a workflow's run with ids in the form that servers give."""
    action_execution_id = "a0000000-0000-4000-8000-00000000000a"
    return contexts.ExecutionContext(
        workflow_execution_id="e0000000-0000-4000-8000-00000000000e",
        task_execution_id="f0000000-0000-4000-8000-00000000000f",
        action_execution_id=action_execution_id,
        workflow_name="test_workflow",
        callback_url=f"/v2/action_executions/{action_execution_id}",
    )


def make_context(
    security: contexts.SecurityContext | None,
    execution: contexts.ExecutionContext | None,
    fields: Mapping[str, Any],
) -> contexts.ActionContext:
    """Return a context of the parts given, or invented ones, with ``fields`` set in them.

    :raises TypeError: neither part has a field of that name.
    """
    parts = (security or make_security(), execution or make_execution())
    known = {name: part for part in reversed(parts) for name in part.to_dict()}
    for name, value in fields.items():
        if name not in known:
            raise TypeError(
                f"ActionEnvironment() has no option '{name}', nor has a context such a field"
                f"{nearest.hint(name, known)}. A site's own fields go into "
                "security=SecurityContext(...)"
            )
        setattr(known[name], name, value)
    return contexts.ActionContext(*parts)
