# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""An action in a workflow of Mistral's language, version 2, to be pasted and adapted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mistral_lib.cli.facts import Facts, Parameter

__all__ = ["workflow"]


def workflow(facts: Facts) -> str:
    """Return the YAML of a workflow with one task that runs the action.

    Required parameters come from the workflow's input; optional ones stand in comments with their
    defaults.
    """
    action = facts.name
    note = ""
    if ":" in action:
        action = facts.input_schema["title"].partition(":")[2]
        note = "  # the name that your entry point will give it"
    task = re.sub(r"\W", "_", action.rpartition(".")[2]) or "task"
    required = [p for p in facts.parameters if p.required]
    lines = ["version: '2.0'", "", f"{_workflow_name(action)}:"]
    if required:
        lines += ["  input:", *(f"    - {p.name}" for p in required)]
    lines += ["  tasks:", f"    {task}:", f"      action: {action}{note}"]
    lines += _input(facts)
    if facts.timeout:
        lines.append(f"      # stops by itself after {facts.timeout:g} s; 'timeout:' may say less")
    if facts.idempotent:
        lines.append("      safe-rerun: true")
    lines += ["      publish:", f"        {task}: <% task({task}).result %>"]
    return "\n".join(lines)


def _workflow_name(action: str) -> str:
    return re.sub(r"\W", "_", action) + "_workflow"


def _input(facts: Facts) -> list[str]:
    if not facts.parameters:
        return []
    lines = [_passed(p) if p.required else _left_out(p) for p in facts.parameters]
    # A mapping of comments alone would be null.
    head = "      input:" if any(p.required for p in facts.parameters) else "      # input:"
    return [head, *lines]


def _passed(parameter: Parameter) -> str:
    return f"        {parameter.name}: <% $.{parameter.name} %>"


def _left_out(parameter: Parameter) -> str:
    import json

    return f"        # {parameter.name}: {json.dumps(parameter.default)}"
