# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What a generator of actions was, before there were action providers.

Kept for code that calls generators itself. New code derives from
:class:`mistral_lib.actions.ActionProvider`.
"""

from __future__ import annotations

from typing import Any

__all__ = ["ActionGenerator"]


class ActionGenerator:
    """Makes the classes of a family of actions.

    :cvar action_namespace: what the names of its actions begin with.
    :cvar base_action_class: what their classes derive from.
    """

    action_namespace: str | None = None
    base_action_class: type | None = None

    @classmethod
    def create_actions(cls) -> list[dict[str, Any]]:
        """Return ``class``, ``name``, ``description`` and ``arg_list`` of each action."""
        raise NotImplementedError(f"{cls.__name__} must define create_actions()")
